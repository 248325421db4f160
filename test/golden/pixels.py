"""Pictures from a hash of integers, so that TypeScript can make the same bytes without a file.

All arithmetic is on unsigned 32-bit words:
  mix(x):  x ^= x >> 16;  x *= 0x7feb352d;  x ^= x >> 15;  x *= 0x846ca68b;  x ^= x >> 16        (mod 2^32)
  word(stream, i) = mix(i + stream * 0x9e3779b9)                                                  (mod 2^32)
  byte at image b, row y, column x, channel c of view v (0 or 1) of step s, size S, B images:
    coarse = word(2 * s,         ((b * (S / 4) + floor(y / 4)) * (S / 4) + floor(x / 4)) * 3 + c) % 192   shared by both views
    fine   = word(2 * s + 1 + v * 4096, ((b * S + y) * S + x) * 3 + c) % 64                             of its own in each view
    byte   = coarse + fine
Both views of an image share its coarse squares of 4x4 pixels, so that there is something to learn.
"""
import numpy as np


def mix(x):
    x = x.astype(np.uint32)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def word(stream, index):
    return mix(((index.astype(np.uint64) + np.uint64(stream * 0x9E3779B9)) & np.uint64(0xFFFFFFFF)).astype(np.uint32))


def view(step, which, batch, size):
    """Bytes [B, S, S, 3] of view `which` (0 or 1) of a step."""
    b, y, x, c = np.meshgrid(np.arange(batch), np.arange(size), np.arange(size), np.arange(3), indexing="ij")
    grid = size // 4
    coarse = word(2 * step, ((b * grid + y // 4) * grid + x // 4) * 3 + c) % 192
    fine = word(2 * step + 1 + which * 4096, ((b * size + y) * size + x) * 3 + c) % 64
    return (coarse + fine).astype(np.uint8)
