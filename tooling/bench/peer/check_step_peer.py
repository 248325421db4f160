"""Checks that step_peer.py does the steps of test/golden/moco_v3.py and methods.py: the same losses over three steps from the same
weights, and for BYOL from the same target; and counts the floating-point operations of each case's first step.

Usage: python check_step_peer.py. Prints the largest differences and fails above 1e-5.
"""
import sys
from pathlib import Path

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "test/golden"))
import methods as golden  # noqa: E402
import moco_v3  # noqa: E402
from step_peer import Step  # noqa: E402

SIZES = moco_v3.CONFIG | {"batch": 16, "prototypes": 10, "queue": 0}


def of_encoder(encoder):
    """The ViT's parameters by twinview's paths and layouts."""
    found = {"patch/w": encoder.patch.weight.T, "patch/b": encoder.patch.bias, "token": encoder.token.flatten()}
    for i, block in enumerate(encoder.blocks):
        layers = {"attention/qkv": block.attention.qkv, "attention/out": block.attention.out, "mlp/fc1": block.fc1, "mlp/fc2": block.fc2}
        for path, layer in layers.items():
            found |= {f"blocks/block{i:02d}/{path}/w": layer.weight.T, f"blocks/block{i:02d}/{path}/b": layer.bias}
        for path, norm in (("norm1", block.norm1), ("norm2", block.norm2)):
            found |= {f"blocks/block{i:02d}/{path}/scale": norm.weight, f"blocks/block{i:02d}/{path}/shift": norm.bias}
    return {f"encoder/{path}": values for path, values in (found | {"norm/scale": encoder.norm.weight, "norm/shift": encoder.norm.bias}).items()}


def of_head(name, layers):
    found, i = {}, 0
    for layer in layers:
        if isinstance(layer, nn.Linear):
            i += 1
            found |= {f"fc{i}/w": layer.weight.T} | ({} if layer.bias is None else {f"fc{i}/b": layer.bias})
        elif isinstance(layer, nn.BatchNorm1d) and layer.weight is not None:
            found |= {f"bn{i}/scale": layer.weight} | ({} if layer.bias is None else {f"bn{i}/shift": layer.bias})
    return {f"heads/{name}/{path}": values for path, values in found.items()}


def named(networks, method=None):
    found = of_encoder(networks[0]) | of_head("projector", networks[1])
    if hasattr(method, "predictor"):
        found |= of_head("predictor", method.predictor)
    if hasattr(method, "prototypes"):
        found |= {"heads/prototypes/w": nn.functional.normalize(method.prototypes.weight, dim=1).T}
    return {path: values.detach().clone() for path, values in found.items()}


class Twin:
    """A method of golden/methods.py with AdamW, and its target moved after the update."""

    def __init__(self, name, online, target):
        self.method = golden.METHODS[name]
        self.method.config = self.method.config | SIZES | {"tau": 0.1}
        self.online = {path: values.requires_grad_() for path, values in online.items()}
        self.target = target
        self.optimizer = torch.optim.AdamW(self.online.values(), weight_decay=0.1)

    def step(self, images, lr, momentum):
        self.optimizer.param_groups[0]["lr"] = lr
        if "heads/prototypes/w" in self.online:
            prototypes = self.online["heads/prototypes/w"]
            prototypes.data = nn.functional.normalize(prototypes.data, dim=0)
        loss = self.method.loss(self.online, self.target, images, {}, {"useQueue": 0})
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        with torch.no_grad():
            for path, values in self.target.items():
                values.mul_(momentum).add_(self.online[path], alpha=1 - momentum)
        return loss.item()


def check(name):
    step = Step({"method": name, "fused": True} | SIZES)
    method = step.method
    online = named(method.online, method)
    target = named(method.target) if hasattr(method, "target") else {}
    if name == "moco-v3":
        trainer = moco_v3.Trainer(online, target, SIZES, torch.float32)
        twin = lambda views, lr, momentum: trainer.step(*(view.numpy() for view in views), lr, momentum)
    else:
        twin = Twin(name, online, target).step
    worst = 0.0
    for i in range(3):
        views = step.data[i].chunk(2)
        worst = max(worst, abs(step() - twin(views, moco_v3.learning_rate(i, 1.5e-4, 0, 10000), moco_v3.target_momentum(i, 0.99, 10000))))
    print(f"{name}: largest difference of the loss over three steps {worst:.1e}")
    assert worst < 1e-5, worst


VIT = {"dim": 96, "depth": 4, "heads": 3, "patch": 4, "size": 32, "batch": 32}
RESNET = {"resnet": "18", "dim": 512, "size": 32, "batch": 64}


def count(name, sizes):
    step = Step({"method": name, "hidden": 1024, "out": 256, "prototypes": 512} | sizes)
    with FlopCounterMode(display=False) as counter:
        loss = step()
    print(f"{name} {'resnet' if 'resnet' in sizes else 'vit'}: {counter.get_total_flops() / 1e9:.1f} GFLOP, first loss {loss:.3f}")


if __name__ == "__main__":
    torch.manual_seed(0)
    for each in ("moco-v3", "simclr", "byol", "swav"):
        check(each)
    for sizes in (VIT, RESNET):
        for each in ("moco-v3", "simclr", "byol", "swav"):
            count(each, sizes)
