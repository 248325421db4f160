"""A vision transformer with the convolutional stem and batch norms in front of its MLPs, in float64, for test/src/vit-variants.test.ts.

Usage: python vit_variants.py    writes vit_variants.json beside this file.

Written plainly over torch's own layers after moco-v3's vits.py (ConvStem: 3 x 3 convolutions of stride 2 with BatchNorm2d and
ReLU, then a 1 x 1 convolution; one block fewer). Weights and images are drawn by name as in resnet.py; names and layouts are
twinview's.
"""
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from moco_v3 import sincos_position
from resnet import drawn, gradient, numbers

HERE = Path(__file__).parent
CONFIG = {"dim": 16, "depth": 3, "heads": 2, "patch": 4, "image": 16, "batch": 6}


def build(config, conv, batch_norm):
    """Parameters by path and batch norms by path, float64."""
    dim, params, norms = config["dim"], {}, {}

    def put(path, *shape, low=-0.3, high=0.3):
        params[path] = torch.from_numpy(drawn(path, shape, low, high)).double().requires_grad_()

    def norm(path, width, kind=None):
        put(f"{path}/scale", width, low=0.5, high=1.5)
        put(f"{path}/shift", width)
        if kind is not None:
            norms[path] = kind(width).double()

    if conv:
        widths = [3, dim // 2, dim]
        for i in (1, 2):
            put(f"patch/conv{i}/w", widths[i], widths[i - 1], 3, 3)
            norm(f"patch/bn{i}", widths[i], nn.BatchNorm2d)
        put("patch/project/w", dim, dim)
        put("patch/project/b", dim)
    else:
        put("patch/w", config["patch"] ** 2 * 3, dim)
        put("patch/b", dim)
    put("token", dim)
    for i in range(config["depth"] - conv):
        block = f"blocks/block{i:02d}"
        norm(f"{block}/norm1", dim)
        put(f"{block}/attention/qkv/w", dim, 3 * dim)
        put(f"{block}/attention/qkv/b", 3 * dim)
        put(f"{block}/attention/out/w", dim, dim)
        put(f"{block}/attention/out/b", dim)
        norm(f"{block}/norm2", dim, nn.BatchNorm1d if batch_norm else None)
        for name, rows, columns in (("fc1", dim, 4 * dim), ("fc2", 4 * dim, dim)):
            put(f"{block}/mlp/{name}/w", rows, columns)
            put(f"{block}/mlp/{name}/b", columns)
    norm("norm", dim)
    return params, norms


def features(p, norms, x, config, conv, train):
    dim, heads, patch = config["dim"], config["heads"], config["patch"]
    b, grid, width = len(x), config["image"] // patch, dim // heads

    def normal(x, path):
        if path in norms:
            n = norms[path]
            n.train(train)
            with torch.no_grad():
                n.weight.copy_(p[f"{path}/scale"])
                n.bias.copy_(p[f"{path}/shift"])
            return torch.func.functional_call(n, {"weight": p[f"{path}/scale"], "bias": p[f"{path}/shift"]}, (x,))
        return F.layer_norm(x, (dim,), p[f"{path}/scale"], p[f"{path}/shift"], eps=1e-6)

    if conv:
        x = x.permute(0, 3, 1, 2)
        for i in (1, 2):
            x = F.relu(normal(F.conv2d(x, p[f"patch/conv{i}/w"], stride=2, padding=1), f"patch/bn{i}"))
        x = F.conv2d(x, p["patch/project/w"].T[:, :, None, None], p["patch/project/b"]).flatten(2).transpose(1, 2)
    else:
        x = x.reshape(b, grid, patch, grid, patch, 3).permute(0, 1, 3, 2, 4, 5).reshape(b, grid * grid, patch * patch * 3)
        x = x @ p["patch/w"] + p["patch/b"]
    x = torch.cat([p["token"].expand(b, 1, dim), x], dim=1) + sincos_position(dim, grid, grid)
    for i in range(config["depth"] - conv):
        block = f"blocks/block{i:02d}"

        def linear(x, path):
            return x @ p[f"{block}/{path}/w"] + p[f"{block}/{path}/b"]

        q, k, v = (part.reshape(b, -1, heads, width).transpose(1, 2) for part in linear(normal(x, f"{block}/norm1"), "attention/qkv").split(dim, -1))
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, -1, dim)
        x = x + linear(mixed, "attention/out")
        rows = normal(x.reshape(-1, dim), f"{block}/norm2")
        x = x + linear(F.gelu(linear(rows, "mlp/fc1")), "mlp/fc2").reshape(x.shape)
    return normal(x[:, 0], "norm")


def case(conv, batch_norm):
    p, norms = build(CONFIG, conv, batch_norm)
    shape = (CONFIG["batch"], CONFIG["image"], CONFIG["image"], 3)
    images = [torch.from_numpy(drawn(f"images{i}", shape, -1.5, 1.5)).double() for i in (0, 1)]
    first = features(p, norms, images[0], CONFIG, conv, True)
    weights = torch.from_numpy(drawn("weights", tuple(first.shape), -1, 1)).double()
    (first * weights).sum().backward()
    gradients = {path: gradient(values.grad) for path, values in p.items()}
    second = features(p, norms, images[1], CONFIG, conv, True)
    evaluated = features(p, norms, images[0], CONFIG, conv, False)
    statistics = {f"{path}/{ours}": numbers(getattr(n, theirs)) for path, n in norms.items() for ours, theirs in (("mean", "running_mean"), ("variance", "running_var"))}
    return {"first": numbers(first), "second": numbers(second), "evaluated": numbers(evaluated), "gradients": gradients, "statistics": statistics}


def main():
    torch.set_num_threads(1)
    text = {"torch": torch.__version__, "config": CONFIG, "conv": case(1, False), "bn": case(0, True), "both": case(1, True)}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}" for name, value in text.items())
    (HERE / "vit_variants.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
