"""Small values of single operations, optimizers, schedules and tables: oracles.json. See README.md.

Every array is {"shape": [..], "data": [..]} in row-major order, computed in float64 and written with 9 significant digits.
"""
import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from moco_v3 import info_nce, learning_rate, sincos_position, target_momentum

HERE = Path(__file__).parent
RNG = torch.Generator().manual_seed(7)


def normal(*shape, scale=1.0, grad=False):
    values = (scale * torch.randn(*shape, generator=RNG, dtype=torch.float64)).float().double()
    return values.requires_grad_(grad)


def array(values):
    values = values.detach() if isinstance(values, torch.Tensor) else torch.as_tensor(values, dtype=torch.float64)
    flat = [float(f"{x:.9g}") for x in values.double().flatten().tolist()]
    return {"shape": list(values.shape), "data": [int(x) if x == int(x) and abs(x) < 2**53 else x for x in flat]}


def arrays(**values):
    return {name: array(value) for name, value in values.items()}


def with_gradients(f, **inputs):
    """Inputs, output, a fixed cotangent `outGrad` and the gradient of sum(out * outGrad) by each input."""
    out = f(**inputs)
    seed = normal(*out.shape)
    found = torch.autograd.grad((out * seed).sum(), list(inputs.values()))
    return arrays(**inputs, out=out, outGrad=seed, **{f"{name}Grad": g for name, g in zip(inputs, found)})


def layer_norm():
    inputs = {"x": normal(3, 8, scale=2.0, grad=True), "scale": normal(8, grad=True), "shift": normal(8, grad=True)}
    return {"eps": 1e-6} | with_gradients(lambda x, scale, shift: F.layer_norm(x, (8,), scale, shift, eps=1e-6), **inputs)


def gelu():
    x = torch.cat([torch.linspace(-6, 6, 25, dtype=torch.float64), torch.tensor([-30.0, -1e-3, 1e-6, 30.0], dtype=torch.float64)])
    return with_gradients(lambda x: F.gelu(x, approximate="none"), x=x.requires_grad_())


def attention():
    """Softmax attention over heads: q, k, v [B, H, T, W], scores divided by sqrt(W)."""
    inputs = {name: normal(2, 3, 5, 4, grad=True) for name in ("q", "k", "v")}
    return with_gradients(lambda q, k, v: ((q @ k.transpose(-2, -1)) / 2.0).softmax(-1) @ v, **inputs)


def self_attention():
    """The whole module on x [B, T, D], D 12, 3 heads: qkv [D, 3 D] (q then k then v, head-major inside each), then out [D, D]."""
    inputs = {
        "x": normal(2, 5, 12, grad=True), "qkvW": normal(12, 36, scale=0.3, grad=True), "qkvB": normal(36, scale=0.1, grad=True),
        "outW": normal(12, 12, scale=0.3, grad=True), "outB": normal(12, scale=0.1, grad=True),
    }

    def apply(x, qkvW, qkvB, outW, outB):
        module = torch.nn.MultiheadAttention(12, 3, batch_first=True, dtype=torch.float64)
        weights = {"in_proj_weight": qkvW.T, "in_proj_bias": qkvB, "out_proj.weight": outW.T, "out_proj.bias": outB}
        return torch.func.functional_call(module, weights, (x, x, x), {"need_weights": False})[0]

    return {"heads": 3} | with_gradients(apply, **inputs)


def batch_norm():
    norm = torch.nn.BatchNorm1d(4, dtype=torch.float64)
    scale, shift = normal(4), normal(4)
    norm.load_state_dict({"weight": scale, "bias": shift}, strict=False)
    batches, outs, running = [normal(6, 4, scale=2.0) + 1 for _ in range(2)], [], []
    for x in batches:
        outs.append(norm(x).detach())
        running.append({"mean": array(norm.running_mean.clone()), "variance": array(norm.running_var.clone())})
    norm.eval()
    train = with_gradients(
        lambda x, scale, shift: F.batch_norm(x, None, None, scale, shift, training=True, eps=1e-5),
        x=batches[0].clone().requires_grad_(), scale=scale.clone().requires_grad_(), shift=shift.clone().requires_grad_(),
    )
    plain = with_gradients(lambda x: F.batch_norm(x, None, None, training=True, eps=1e-5), x=batches[0].clone().requires_grad_())
    return {
        "eps": 1e-5, "momentum": 0.1, "batches": [array(x) for x in batches], **arrays(scale=scale, shift=shift),
        "trainOut": [array(x) for x in outs], "runningAfter": running,
        "evalOut": array(norm(batches[0])), "trainGradients": train, "plainGradients": plain,
    }


def l2_normalize():
    x = normal(4, 6)
    x[1] = 0
    x[2] *= 1e-3
    return {"eps": 1e-12} | with_gradients(lambda x: F.normalize(x, dim=1), x=x.requires_grad_())


def info_nces():
    q, k, tau = normal(6, 5, grad=True), normal(6, 5), 0.2
    loss = info_nce(q, k, tau)
    unit_q, unit_k = F.normalize(q, dim=1).detach().requires_grad_(), F.normalize(k, dim=1)
    (by_unit,) = torch.autograd.grad(info_nce_of_units(unit_q, unit_k, tau), unit_q)
    return {"tau": tau, "loss": loss.item()} | arrays(
        q=q, k=k, unitQ=unit_q, unitK=unit_k, qGrad=torch.autograd.grad(loss, q)[0], unitQGrad=by_unit
    )


def info_nce_of_units(q, k, tau):
    return 2 * tau * F.cross_entropy(q @ k.T / tau, torch.arange(len(q)))


def cross_entropy():
    logits, labels = normal(5, 7, scale=3.0, grad=True), torch.tensor([0, 6, 3, 3, 1])
    loss = F.cross_entropy(logits, labels)
    smooth = F.cross_entropy(logits, labels, label_smoothing=0.1)
    return {"labels": labels.tolist(), "loss": loss.item(), "smoothLoss": smooth.item(), "smoothing": 0.1} | arrays(
        logits=logits, logitsGrad=torch.autograd.grad(loss, logits)[0], smoothGrad=torch.autograd.grad(smooth, logits)[0]
    )


RATES = [1e-2, 2e-2, 5e-3, 1e-2, 3e-2]


def optimizer(build, start, gradients):
    """Values of two parameters after each of five steps with a learning rate of its own."""
    parameters = [values.clone().requires_grad_() for values in start]
    torch_optimizer = build(parameters)
    after = []
    for rate, step in zip(RATES, gradients):
        torch_optimizer.param_groups[0]["lr"] = rate
        for parameter, gradient in zip(parameters, step):
            parameter.grad = gradient.clone()
        torch_optimizer.step()
        after.append(arrays(w=parameters[0], b=parameters[1]))
    return after


def optimizers():
    start, gradients = [normal(2, 3), normal(3)], [[normal(2, 3), normal(3)] for _ in RATES]
    gradients[2][1][0] = 0
    gradients[3][0] *= 1e-9
    o = torch.optim
    return {
        "lr": RATES, "start": arrays(w=start[0], b=start[1]), "gradients": [arrays(w=w, b=b) for w, b in gradients],
        "adamw": optimizer(lambda p: o.AdamW(p, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1), start, gradients),
        "adam": optimizer(lambda p: o.Adam(p, betas=(0.9, 0.999), eps=1e-8), start, gradients),
        "sgd": optimizer(lambda p: o.SGD(p), start, gradients),
        "sgdMomentum": optimizer(lambda p: o.SGD(p, momentum=0.9), start, gradients),
        "sgdMomentumDecay": optimizer(lambda p: o.SGD(p, momentum=0.9, weight_decay=0.1), start, gradients),
        "sgdNesterovDecay": optimizer(lambda p: o.SGD(p, momentum=0.9, weight_decay=0.1, nesterov=True), start, gradients),
    }


def schedules():
    steps = [0, 1, 5, 39, 40, 41, 100, 150, 270, 299, 300]
    return {
        "base": 1.5e-4, "warmupSteps": 40, "totalSteps": 300, "steps": steps,
        "lr": [learning_rate(s, 1.5e-4, 40, 300) for s in steps],
        "momentumBase": 0.99, "momentum": [target_momentum(s, 0.99, 300) for s in steps],
    }


def initialisation():
    """Bounds b of uniform(-b, b) and their standard deviation b / sqrt(3), by the formulas of vits.py and torch's nn.Linear."""
    found = {}
    for name, dim, patch in (("mini", 96, 7), ("ti", 192, 16), ("s", 384, 16), ("b", 768, 16)):
        bounds = {
            "patch": math.sqrt(6 / (3 * patch * patch + dim)),
            "qkv": math.sqrt(6 / (dim + dim)),
            "attentionOut": math.sqrt(6 / (dim + dim)),
            "fc1": math.sqrt(6 / (dim + 4 * dim)),
            "fc2": math.sqrt(6 / (4 * dim + dim)),
            "projectorFc1": 1 / math.sqrt(dim),
        }
        found[name] = {"dim": dim, "patch": patch} | {k: {"bound": b, "std": b / math.sqrt(3)} for k, b in bounds.items()}
    return {"tokenStd": 1e-6, "sizes": found}


def positions():
    return {"4x4x48": array(sincos_position(48, 4, 4)), "7x7x96": array(sincos_position(96, 7, 7)), "2x3x8": array(sincos_position(8, 2, 3))}


def main():
    text = {
        "torch": torch.__version__, "numpy": np.__version__,
        "layerNorm": layer_norm(), "gelu": gelu(), "attention": attention(), "selfAttention": self_attention(),
        "batchNorm": batch_norm(), "l2Normalize": l2_normalize(), "infoNce": info_nces(), "crossEntropy": cross_entropy(),
        "optimizers": optimizers(), "schedules": schedules(), "initialisation": initialisation(), "positions": positions(),
    }
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}" for name, value in text.items())
    (HERE / "oracles.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
