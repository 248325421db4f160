"""Checks that step_peer.py does the step of test/golden/moco_v3.py: same losses over three steps from the same weights.

Usage: python check_step_peer.py. Prints the largest difference and fails above 1e-5.
"""
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "test/golden"))
from moco_v3 import CONFIG, Trainer, target_momentum, learning_rate  # noqa: E402
from step_peer import Step  # noqa: E402


def named(online, predictor):
    """The peer's parameters by twinview's paths and layouts."""
    encoder, projector = online
    found = {"encoder/patch/w": encoder.patch.weight.T, "encoder/patch/b": encoder.patch.bias, "encoder/token": encoder.token.flatten()}
    for i, block in enumerate(encoder.blocks):
        layers = {"attention/qkv": block.attention.qkv, "attention/out": block.attention.out, "mlp/fc1": block.fc1, "mlp/fc2": block.fc2}
        for path, layer in layers.items():
            found[f"encoder/blocks/block{i:02d}/{path}/w"] = layer.weight.T
            found[f"encoder/blocks/block{i:02d}/{path}/b"] = layer.bias
        for path, norm in (("norm1", block.norm1), ("norm2", block.norm2)):
            found[f"encoder/blocks/block{i:02d}/{path}/scale"] = norm.weight
            found[f"encoder/blocks/block{i:02d}/{path}/shift"] = norm.bias
    found |= {"encoder/norm/scale": encoder.norm.weight, "encoder/norm/shift": encoder.norm.bias}
    for name, layers in (("projector", projector), ("predictor", predictor)):
        for i, layer in enumerate(layers[::3], start=1):
            found[f"heads/{name}/fc{i}/w"] = layer.weight.T
        for i, norm in enumerate(layers[1:-1:3], start=1):
            found[f"heads/{name}/bn{i}/scale"] = norm.weight
            found[f"heads/{name}/bn{i}/shift"] = norm.bias
    return {path: values.detach().clone() for path, values in found.items()}


def main():
    config = CONFIG | {"batch": 16}
    step = Step(config)
    online = named(step.online, step.predictor)
    target = {path: values for path, values in named(step.target, step.predictor).items() if "predictor" not in path}
    twin = Trainer(online, target, config, torch.float32)
    worst = 0.0
    for i in range(3):
        first, second = step.data[i].numpy().reshape(2, config["batch"], config["size"], config["size"], 3)
        expected = twin.step(first, second, learning_rate(i, 1.5e-4, 0, 10000), target_momentum(i, 0.99, 10000))
        worst = max(worst, abs(step() - expected))
    print(f"largest difference of the loss over three steps: {worst:.1e}")
    assert worst < 1e-5, worst


if __name__ == "__main__":
    main()
