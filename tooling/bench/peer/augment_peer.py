"""MoCo v3's first view in torchvision on PIL images, on one core: the peer of the augmentation cases.

Usage: python augment_peer.py '{"from": 256, "to": 224}'

Speaks the protocol of step_peer.py; a step is one view. Bytes go in and bytes come out: the picture is decoded beforehand, and
conversion to float and normalisation, which twinview does inside the training step, are left out here as well.
"""
import json
import random
import resource
import sys
import time

import numpy as np
import PIL
import torch
import torchvision
from PIL import Image, ImageFilter
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


def main():
    config = json.loads(sys.argv[1])
    torch.set_num_threads(1)
    torch.manual_seed(0)
    random.seed(0)
    view = transforms.Compose([
        transforms.RandomResizedCrop(config["to"], scale=(0.08, 1.0)),
        transforms.RandomApply([transforms.ColorJitter(0.4, 0.4, 0.2, 0.1)], p=0.8),
        transforms.RandomGrayscale(p=0.2),
        GaussianBlur(0.1, 2.0),
        transforms.RandomHorizontalFlip(),
    ])
    sources = [Image.fromarray(picture(i, config["from"])) for i in range(SOURCES)]
    name = f"torchvision {torchvision.__version__} on Pillow {PIL.__version__}"
    print(json.dumps({"name": name}), flush=True)
    done = 0
    for line in sys.stdin:
        command = json.loads(line)
        if command["cmd"] == "close":
            return
        start = time.perf_counter()
        for _ in range(command["steps"]):
            np.asarray(view(sources[done % SOURCES]))
            done += 1
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"seconds": seconds, "peakRssBytes": peak}), flush=True)


if __name__ == "__main__":
    main()
