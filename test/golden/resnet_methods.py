"""One whole step of all four methods on a narrow ResNet: resnet_methods.json. See README.md.

The encoder is torchvision's (`Narrow` of resnet.py), the methods those of methods.py, and MoCo v3 as its official code trains a
ResNet: heads of two layers, no norm behind the predictor, temperature 1, LARS. Views pass the encoder one by one in MoCo v3 and
BYOL, and those of one size together in SimCLR and SwAV. Weights are not stored: both sides draw them from their names (`drawn`).
"""
import json
from pathlib import Path

import torch
from torch.func import functional_call
from torchvision.models.resnet import BasicBlock

from methods import BYOL, Method, SimCLR, SwAV, Trainer, layer, mlp, of_target, unit_prototypes
from moco_v3 import MEAN, STD, info_nce
from pixels import view
from resnet import Narrow, drawn, gradient, numbers

HERE = Path(__file__).parent
DEPTHS, WIDTH = [1, 1, 1, 1], 4
SIZES = {"dim": 8 * WIDTH, "size": 16, "batch": 8, "hidden": 32, "out": 16}
MOMENTUM = 0.97
SAMPLES = 16


class OnResNet:
    """A method whose encoder is a ResNet: its parameters are `encoder/` and torchvision's names."""

    joined = True

    def encode(self, p, images, statistics=None):
        model = narrow()
        weights = {path.removeprefix("encoder/"): x for path, x in p.items() if path.startswith("encoder/")}
        sides = list(dict.fromkeys(x.shape[1] for x in images))
        groups = [[x for x in images if x.shape[1] == side] for side in sides] if self.joined else [[x] for x in images]
        found = []
        for group in groups:
            dtype = next(iter(weights.values())).dtype
            x = (torch.cat(group).to(dtype) / 255 - torch.tensor(MEAN, dtype=dtype)) / torch.tensor(STD, dtype=dtype)
            found += functional_call(model, weights | statistics, (x.permute(0, 3, 1, 2),)).chunk(len(group))
        return found


class SimCLROnResNet(OnResNet, SimCLR):
    config = SimCLR.config | SIZES


class BYOLOnResNet(OnResNet, BYOL):
    config = BYOL.config | SIZES
    joined = False


class SwAVOnResNet(OnResNet, SwAV):
    config = SwAV.config | SIZES | {"queue": 0}


class MoCoV3OnResNet(OnResNet, Method):
    """moco-v3: builder.py's MoCo_ResNet and main_moco.py; LARS of optimizer.py leaves tensors of rank 1 alone."""

    config = SIZES | {"tau": 1.0, "weightDecay": 1e-3, "trust": 0.02, "momentum": 0.9}
    views = (16, 16)
    lr = 0.3
    has_target = True
    joined = False
    moves_first = True

    def heads(self):
        c = self.config
        shapes = {}
        for name, width in (("projector", c["dim"]), ("predictor", c["out"])):
            shapes |= layer(name, 1, width, c["hidden"], scale=True, shift=True) | layer(name, 2, c["hidden"], c["out"])
        return shapes

    def loss(self, online, target, images, state, hyper):
        project = lambda side, p: [mlp(p, "projector", x, (True, True)) for x in self.encode(p, images, state[side])]
        q1, q2 = (mlp(online, "predictor", z, (True, False)) for z in project("online", online))
        with torch.no_grad():
            k1, k2 = project("target", target)
        return info_nce(q1, k2, self.config["tau"]) + info_nce(q2, k1, self.config["tau"])

    def update(self, path, p, g, v, lr):
        c = self.config
        if p.ndim > 1:
            g = g + c["weightDecay"] * p
            g = g * (c["trust"] * p.norm() / g.norm())
        v = c["momentum"] * v + g
        return p - lr * v, v


METHODS = {"moco-v3": MoCoV3OnResNet(), "simclr": SimCLROnResNet(), "byol": BYOLOnResNet(), "swav": SwAVOnResNet()}


def narrow():
    return Narrow(BasicBlock, DEPTHS, WIDTH, small=True).double()


def start(method, side):
    """Parameters drawn by name; those of the ends of blocks small, as zero-initialised ones are (resnet.py says why)."""
    p = {}
    for name, x in narrow().named_parameters():
        if x.ndim == 4:
            bound = (6 / (x.shape[1] * x.shape[2] * x.shape[3])) ** 0.5
            low, high = -bound, bound
        elif name.endswith("weight"):
            low, high = (0.1, 0.3) if name.endswith("bn2.weight") else (0.5, 1.5)
        else:
            low, high = -0.3, 0.3
        p[f"encoder/{name}"] = drawn(f"{side}/{name}", x.shape, low, high)
    for path, shape in method.heads().items():
        kind = path.rsplit("/", 1)[1]
        bound = (3 / shape[0]) ** 0.5
        low, high = {"w": (-bound, bound), "scale": (0.5, 1.5)}.get(kind, (-0.3, 0.3))
        p[f"heads/{path}"] = drawn(f"{side}/heads/{path}", shape, low, high)
    found = {path: torch.from_numpy(x).double() for path, x in p.items()}
    return {path: x.float().double() for path, x in unit_prototypes(found).items()}


def one_step(method, dtype):
    online = start(method, "online")
    target = of_target(start(method, "target")) if method.has_target else None
    statistics = {name: x for name, x in narrow().named_buffers() if not name.endswith("num_batches_tracked")}
    trainer = Trainer(method, online, target, dtype, statistics={"online": statistics, "target": statistics})
    pictures = [view(0, which, method.config["batch"], size) for which, size in enumerate(method.views)]
    loss = trainer.step(pictures, method.lr, MOMENTUM, {"trainPrototypes": 1, "useQueue": 0})
    return loss, {
        "gradients": trainer.gradients,
        "online": unit_prototypes(trainer.online),
        "target": trainer.target,
        "onlineStatistics": trainer.state["online"],
        "targetStatistics": trainer.state["target"] if method.has_target else {},
    }


def golden(name, method):
    loss, exact = one_step(method, torch.float64)
    loss32, rounded = one_step(method, torch.float32)
    gap = lambda kind: max((float((exact[kind][path] - x.double()).abs().max()) for path, x in rounded[kind].items()), default=0.0)
    norms = {path: float(g.norm()) for path, g in exact["gradients"].items()}
    errors = {path: float((exact["gradients"][path] - g.double()).norm()) for path, g in rounded["gradients"].items()}
    of_norm = max(errors[path] / norm for path, norm in norms.items() if norm > 1e-9)  # an offset before a norm has a gradient of 0
    print(f"{name}: loss {loss:.6f}, float32 off by {abs(loss - loss32):.1e}; gradients by {of_norm:.1e} of their norm")
    text = {"config": method.config, "views": list(method.views), "lr": method.lr, "targetMomentum": MOMENTUM, "loss": loss, "lossFloat32": loss32}
    text["float32Difference"] = {kind: gap(kind) for kind in ("online", "target")}
    for kind in ("gradients", "online", "target"):
        text[kind] = {path: gradient(x.detach(), SAMPLES) for path, x in exact[kind].items()}
    for kind in ("onlineStatistics", "targetStatistics"):
        text[kind] = {path: numbers(x) for path, x in exact[kind].items()}
    return text


def main():
    torch.set_num_threads(1)
    text = {"torch": torch.__version__, "depths": DEPTHS, "width": WIDTH}
    text |= {name: golden(name, method) for name, method in METHODS.items()}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}" for name, value in text.items())
    (HERE / "resnet_methods.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
