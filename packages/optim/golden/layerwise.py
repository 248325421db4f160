"""Six steps of each layer-wise optimizer and of the clippings, with a rate that changes: layerwise.json.

Written in numpy (float64) from the update rules of the sources named at each function, tensor by tensor; where a Python package
has the same variant (lightly's LARS for tensors that decay, timm's Lamb and adaptive clipping, torch's norm clipping) the script
refuses to write numbers that differ from it. Run: python layerwise.py
"""
import json
from pathlib import Path

import numpy as np
import torch
from lightly.utils.lars import LARS
from timm.optim.lamb import Lamb
from timm.utils.agc import adaptive_clip_grad

HERE = Path(__file__).parent
RNG = np.random.default_rng(11)
RATES = [0.5, 1.0, 0.25, 2.0, 0.0, 0.75]
WD = 0.05
TRUST = 0.02
MOMENTUM = 0.9


def single(values):
    return values.astype(np.float32).astype(np.float64)


SHAPES = {"fc/w": (3, 4), "fc/b": (4,), "norm/scale": (4,), "conv/w": (2, 3, 2, 2), "token": (5,)}  # token: told apart by rank and by name
START = {path: single(RNG.standard_normal(shape)) for path, shape in SHAPES.items()}
START["fc/b"][:] = 0  # a tensor of norm 0: its ratio is 1
GRADIENTS = [{path: single(RNG.standard_normal(shape)) for path, shape in SHAPES.items()} for _ in RATES]
GRADIENTS[2]["conv/w"][:] = 0  # a tensor without gradient
GRADIENTS[3]["fc/w"] *= 1e-3
GRADIENTS[5]["norm/scale"] *= 100


def norm(x):
    return float(np.sqrt((x * x).sum()))


def rank_above_one(path):
    return len(SHAPES[path]) > 1


def not_bias_or_norm(path):
    return path.split("/")[-1] not in ("b", "scale", "shift")


def lars_after(path, p, g, v, lr):
    """moco-v3 moco/optimizer.py, class LARS, step."""
    if rank_above_one(path):
        g = g + WD * p
        if norm(p) > 0 and norm(g) > 0:
            g = g * (TRUST * norm(p) / norm(g))
    v = MOMENTUM * v + g
    return p - lr * v, v


def byol_after(path, p, g, v, lr):
    """byol utils/optimizers.py: weight decay, scale_by_lars, momentum and rate; offsets and norms left out of decay and ratio."""
    if not_bias_or_norm(path):
        g = g + WD * p
        ratio = TRUST * norm(p) / norm(g) if norm(p) > 0 and norm(g) > 0 else 1.0
        g = g * ratio
    v = MOMENTUM * v + g
    return p - lr * v, v


def simclr_after(path, p, g, v, lr, nesterov=False):
    """simclr lars_optimizer.py, apply_gradients with classic_momentum: the scaled rate enters the momentum."""
    ratio = 1.0
    if not_bias_or_norm(path):
        g = g + WD * p
        ratio = TRUST * norm(p) / norm(g) if norm(p) > 0 and norm(g) > 0 else 1.0
    v = MOMENTUM * v + lr * ratio * g
    return p - (MOMENTUM * v + lr * ratio * g if nesterov else v), v


def simclr_nesterov_after(*args):
    return simclr_after(*args, nesterov=True)


def larc_after(path, p, g, v, lr):
    """apex parallel/LARC.py with clip=False around torch.optim.SGD, as in swav main_swav.py: every tensor, decay inside."""
    if norm(p) != 0 and norm(g) != 0:
        rate = TRUST * norm(p) / (norm(g) + WD * norm(p) + 1e-8)
        g = (g + WD * p) * rate
    v = MOMENTUM * v + g
    return p - lr * v, v


def momentum_run(after):
    p = {path: values.copy() for path, values in START.items()}
    v = {path: np.zeros_like(values) for path, values in START.items()}
    found = []
    for lr, gradients in zip(RATES, GRADIENTS):
        for path in p:
            p[path], v[path] = after(path, p[path], gradients[path], v[path], lr)
        found.append({path: values.copy() for path, values in p.items()})
    return found


def lamb_run(adapts):
    """arXiv 1904.00962 algorithm 2 with bias correction, ratio |p| / |u|, tensors where `adapts` is false by Adam alone."""
    p = {path: values.copy() for path, values in START.items()}
    m = {path: np.zeros_like(values) for path, values in START.items()}
    s = {path: np.zeros_like(values) for path, values in START.items()}
    found = []
    for t, (lr, gradients) in enumerate(zip(RATES, GRADIENTS), start=1):
        for path, g in gradients.items():
            m[path] = 0.9 * m[path] + 0.1 * g
            s[path] = 0.999 * s[path] + 0.001 * g * g
            u = (m[path] / (1 - 0.9**t)) / (np.sqrt(s[path] / (1 - 0.999**t)) + 1e-6)
            if adapts(path):
                u = u + WD * p[path]
                if norm(p[path]) > 0 and norm(u) > 0:
                    u = u * (norm(p[path]) / norm(u))
            p[path] = p[path] - 0.1 * lr * u
        found.append({path: values.copy() for path, values in p.items()})
    return found


def torch_run(build, scale=1.0, only=None):
    """The same steps by a torch optimizer over the tensors where `only` holds."""
    parameters = {path: torch.tensor(values, requires_grad=True) for path, values in START.items() if only is None or only(path)}
    optimizer = build(parameters)
    found = []
    for lr, gradients in zip(RATES, GRADIENTS):
        for group in optimizer.param_groups:
            group["lr"] = scale * lr
        for path, parameter in parameters.items():
            parameter.grad = torch.tensor(gradients[path])
        optimizer.step()
        found.append({path: parameter.detach().numpy().copy() for path, parameter in parameters.items()})
    return found


def assert_same(ours, theirs, what):
    for step, (a, b) in enumerate(zip(ours, theirs)):
        for path, values in b.items():
            gap = np.abs(a[path] - values).max()
            assert gap < 1e-12, (what, step, path, gap)


def check_peers(larc, lamb_masked):
    # lightly leaves a tensor without gradient undecayed, as apex does; its first velocity is the first gradient
    assert_same(larc, torch_run(lambda p: LARS(p.values(), lr=1, momentum=MOMENTUM, weight_decay=WD, trust_coefficient=TRUST)), "lightly LARS")

    def build(p):
        groups = [
            {"params": [v for k, v in p.items() if rank_above_one(k)], "weight_decay": WD},
            {"params": [v for k, v in p.items() if not rank_above_one(k)], "weight_decay": 0.0},
        ]
        return Lamb(groups, lr=1, eps=1e-6, max_grad_norm=None)

    assert_same(lamb_masked, torch_run(build, scale=0.1), "timm Lamb")


def clip_norms():
    """torch.nn.utils.clip_grad_norm_ on each step's gradients, for a norm that binds at some steps only."""
    most = 6.0
    found = []
    for gradients in GRADIENTS:
        parameters = [torch.zeros(g.shape, dtype=torch.float64, requires_grad=True) for g in gradients.values()]
        for parameter, g in zip(parameters, gradients.values()):
            parameter.grad = torch.tensor(g)
        torch.nn.utils.clip_grad_norm_(parameters, most)
        found.append({path: parameter.grad.numpy() for path, parameter in zip(gradients, parameters)})
    return {"norm": most, "clipped": found}


def clip_adaptively():
    """timm's adaptive_clip_grad against START; linear weights are [in, out] here and [out, in] there."""
    ratio, floor = 0.5, 1e-3

    def turned(path, x):
        return x.T.copy() if path == "fc/w" else x

    found = []
    for gradients in GRADIENTS:
        parameters = {path: torch.tensor(turned(path, START[path]), requires_grad=True) for path in SHAPES}
        for path, parameter in parameters.items():
            parameter.grad = torch.tensor(turned(path, gradients[path]))
        adaptive_clip_grad(parameters.values(), clip_factor=ratio, eps=floor)
        found.append({path: turned(path, parameter.grad.numpy()) for path, parameter in parameters.items()})
    return {"ratio": ratio, "floor": floor, "clipped": found}


def array(values):
    return {"shape": list(values.shape), "data": [float(f"{x:.9g}") for x in np.asarray(values).flatten().tolist()]}


def arrays(tree):
    return {path: array(values) for path, values in tree.items()}


def main():
    larc, lamb, lamb_masked = momentum_run(larc_after), lamb_run(lambda path: True), lamb_run(rank_above_one)
    check_peers(larc, lamb_masked)
    norms, adaptive = clip_norms(), clip_adaptively()
    cases = {
        "lars": momentum_run(lars_after),
        "larsByol": momentum_run(byol_after),
        "larsClassic": momentum_run(simclr_after),
        "larsClassicNesterov": momentum_run(simclr_nesterov_after),
        "larc": larc,
        "lamb": lamb,
        "lambMatrices": lamb_masked,
    }
    text = {
        "numpy": np.__version__, "torch": torch.__version__,
        "lr": RATES, "lambRate": 0.1, "wd": WD, "trust": TRUST, "momentum": MOMENTUM,
        "start": arrays(START), "gradients": [arrays(g) for g in GRADIENTS],
        "cases": {name: [arrays(step) for step in steps] for name, steps in cases.items()},
        "clipByGlobalNorm": norms | {"clipped": [arrays(step) for step in norms["clipped"]]},
        "clipAdaptively": adaptive | {"clipped": [arrays(step) for step in adaptive["clipped"]]},
    }
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}" for name, value in text.items())
    (HERE / "layerwise.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
