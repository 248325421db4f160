"""Judges safetensors files by the reference implementation: reads each as its length (4 bytes, little-endian) and its bytes from standard
input, writes "a" for accepted or "r" for refused, and with --say the reason behind it on a line.

Run by tooling/fuzz/dist/safetensors.js. Needs: pip install safetensors
"""

import sys
from importlib.metadata import version

from safetensors import SafetensorError, deserialize

say = "--say" in sys.argv
source, sink = sys.stdin.buffer, sys.stdout.buffer
sink.write(version("safetensors").encode() + b"\n")
sink.flush()
while head := source.read(4):
    raw = source.read(int.from_bytes(head, "little"))
    try:
        deserialize(raw)
        verdict = "a"
    except SafetensorError as error:
        verdict = f"r{error}" if say else "r"
    sink.write(verdict.encode() + (b"\n" if say else b""))
    sink.flush()
