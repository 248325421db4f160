"""MoCo v3's views in torchvision on PIL images, on one core: the peer of the augmentation cases.

Usage: python augment_peer.py '{"from": 32, "to": 32, "blur": 1}'   the first view of pictures decoded beforehand; blur 0: never blurred
       python augment_peer.py '{"folder": "/tmp/x", "to": 224}'     both views of all JPEG files, decoding included

Speaks the protocol of step_peer.py; a step is one view, or both views of every file. Bytes come out: conversion to float and
normalisation, which twinview does inside the training step, are left out here as well. `seconds` is the processor's time, so that
what else runs on the machine does not count.
"""
import json
import random
import resource
import sys
import time
from pathlib import Path

import numpy as np
import PIL
import torch
import torchvision
from PIL import Image, ImageFilter, ImageOps
from torchvision import transforms

SOURCES = 16


def mix(x):
    x = x.astype(np.uint32)
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def picture(index, size):
    """The same bytes as pictures.ts makes."""
    y, x, c = np.meshgrid(np.arange(size), np.arange(size), np.arange(3), indexing="ij")
    stream = np.uint32((index * 0x9E3779B9) % 2**32)
    coarse = mix(stream + (((y >> 3) * 4096 + (x >> 3)) * 3 + c).astype(np.uint32)) % 192
    fine = mix(~(stream + ((y * 4096 + x) * 3 + c).astype(np.uint32))) % 64
    return (coarse + fine).astype(np.uint8)


class GaussianBlur:
    """Blur of a radius drawn from a range, by PIL, as in the recipe."""

    def __init__(self, low, high):
        self.low, self.high = low, high

    def __call__(self, image):
        return image.filter(ImageFilter.GaussianBlur(radius=random.uniform(self.low, self.high)))


def pair(size, blurred=True):
    """The two views of the recipe; without blur as for small images."""
    first = [
        transforms.RandomResizedCrop(size, scale=(0.08, 1.0)),
        transforms.RandomApply([transforms.ColorJitter(0.4, 0.4, 0.2, 0.1)], p=0.8),
        transforms.RandomGrayscale(p=0.2),
    ]
    blur, flip = GaussianBlur(0.1, 2.0), transforms.RandomHorizontalFlip()
    solarize = transforms.RandomApply([ImageOps.solarize], p=0.2)
    return (
        transforms.Compose([*first, *([blur] if blurred else []), flip]),
        transforms.Compose([*first, *([transforms.RandomApply([blur], p=0.1)] if blurred else []), solarize, flip]),
    )


def one_view(config):
    """A function that makes the n-th view."""
    view, _ = pair(config["to"], config["blur"] > 0)
    sources = [Image.fromarray(picture(i, config["from"])) for i in range(SOURCES)]
    return lambda n: np.asarray(view(sources[n % SOURCES]))


def both_views(config):
    """A function that decodes every file and makes both views of each."""
    views = pair(config["to"])
    files = sorted(Path(config["folder"]).iterdir())

    def make(_):
        for path in files:
            with Image.open(path) as file:
                image = file.convert("RGB")
            for view in views:
                np.asarray(view(image))

    return make


def main():
    config = json.loads(sys.argv[1])
    torch.set_num_threads(1)
    torch.manual_seed(0)
    random.seed(0)
    make = both_views(config) if "folder" in config else one_view(config)
    name = f"torchvision {torchvision.__version__} on Pillow {PIL.__version__}"
    print(json.dumps({"name": name}), flush=True)
    done = 0
    for line in sys.stdin:
        command = json.loads(line)
        if command["cmd"] == "close":
            return
        start = time.process_time()
        for _ in range(command["steps"]):
            make(done)
            done += 1
        seconds = time.process_time() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"seconds": seconds, "peakRssBytes": peak}), flush=True)


if __name__ == "__main__":
    main()
