"""What torchvision's residual networks make of given weights and images, in float64, for test/src/resnet.test.ts.

Usage: python resnet.py    writes resnet.json beside this file.

Weights and images are not stored: both sides draw them from the same hash of a name and an index (`drawn`). The networks are
narrow; their blocks and layers are torchvision's own. Of large gradients the file holds some numbers and the norm.
"""
import json
from pathlib import Path

import numpy as np
import torch
import torchvision
from torch import nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

HERE = Path(__file__).parent
SAMPLES = 48


def seed_of(name):
    seed = 0x811C9DC5
    for char in name:
        seed = (seed ^ ord(char)) * 0x01000193 & 0xFFFFFFFF
    return seed


def drawn(name, shape, low, high):
    """Numbers in [low, high), rounded to float32."""
    x = np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(seed_of(name))
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x &= np.uint64(0xFFFFFFFF)
        x = ((x ^ (x >> np.uint64(shift))) * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
    x ^= x >> np.uint64(16)
    return (low + (high - low) * (x.astype(np.float64) / 2**32)).astype(np.float32).reshape(shape)


class Narrow(ResNet):
    """torchvision's ResNet with `width` channels in its first stage, and its fully connected layer left out."""

    def __init__(self, block, depths, width, small):
        super().__init__(block, depths)
        self.inplanes = width
        self.conv1 = nn.Conv2d(3, width, 3, 1, 1, bias=False) if small else nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.layer1 = self._make_layer(block, width, depths[0])
        self.layer2 = self._make_layer(block, 2 * width, depths[1], stride=2)
        self.layer3 = self._make_layer(block, 4 * width, depths[2], stride=2)
        self.layer4 = self._make_layer(block, 8 * width, depths[3], stride=2)
        self.fc = nn.Identity()
        if small:
            self.maxpool = nn.Identity()


def fill(model):
    """Weights within sqrt(6 / fan in), shifts around 0, scales around 1, smaller at the end of a block, as zero-initialised ones are.

    With those around 1 too, float32 loses a hundred times as much on its way through fifty layers, in torch as here.
    """
    last = "bn3.weight" if any("bn3" in name for name, _ in model.named_parameters()) else "bn2.weight"
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.ndim == 4:
                bound = (6 / (p.shape[1] * p.shape[2] * p.shape[3])) ** 0.5
                values = drawn(name, p.shape, -bound, bound)
            elif name.endswith("weight"):
                values = drawn(name, p.shape, 0.1, 0.3) if name.endswith(last) else drawn(name, p.shape, 0.5, 1.5)
            else:
                values = drawn(name, p.shape, -0.3, 0.3)
            p.copy_(torch.from_numpy(values))


def numbers(x):
    return [float(f"{value:.9g}") for value in x.detach().flatten().tolist()]


def gradient(g, samples=SAMPLES):
    flat = g.flatten()
    step = max(1, flat.numel() // samples)
    return {"norm": float(f"{flat.norm().item():.9g}"), "step": step, "samples": numbers(flat[::step])}


def case(block, depths, width, small, side, batch):
    torch.manual_seed(0)
    model = Narrow(block, depths, width, small).double()
    fill(model)
    images = [torch.from_numpy(drawn(f"images{i}", (batch, side, side, 3), -1.5, 1.5)).double().permute(0, 3, 1, 2) for i in (0, 1)]
    model.train()
    first = model(images[0])
    weights = torch.from_numpy(drawn("weights", tuple(first.shape), -1, 1)).double()
    (first * weights).sum().backward()
    second = model(images[1])
    statistics = {name: numbers(b) for name, b in model.named_buffers() if not name.endswith("num_batches_tracked")}
    model.eval()
    return {
        "width": width, "side": side, "batch": batch,
        "first": numbers(first), "second": numbers(second), "evaluated": numbers(model(images[0])),
        "gradients": {name: gradient(p.grad) for name, p in model.named_parameters()},
        "statistics": statistics,
    }


def names(model):
    """Parameters with their shapes and running statistics, in torchvision's order, without the fully connected layer."""
    parameters = [f"{n} {list(p.shape)}" for n, p in model.named_parameters() if not n.startswith("fc.")]
    buffers = [f"{n} {list(b.shape)}" for n, b in model.named_buffers() if not n.endswith("num_batches_tracked")]
    return {"parameters": parameters, "buffers": buffers}


def main():
    torch.set_num_threads(1)
    models = torchvision.models
    text = {
        "torch": torch.__version__, "torchvision": torchvision.__version__,
        "names": {"18": names(models.resnet18()), "34": names(models.resnet34()), "50": names(models.resnet50())},
        "small18": case(BasicBlock, [2, 2, 2, 2], width=12, small=True, side=32, batch=4),
        "large50": case(Bottleneck, [3, 4, 6, 3], width=4, small=False, side=64, batch=4),
    }
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}" for name, value in text.items())
    (HERE / "resnet.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
