"""One whole step and twenty steps of SimCLR, BYOL and SwAV: methods.safetensors and methods.json. See README.md."""
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

from methods import METHODS, Trainer, initial, of_target, unit_prototypes
from moco_v3 import learning_rate, target_momentum
from pixels import view

HERE = Path(__file__).parent
MOMENTUM = 0.97
STEPS, TOTAL, WARMUP = 20, 40, 5
PERTURBATIONS = 12


def pictures(method, step):
    return [view(step, which, method.config["batch"], size) for which, size in enumerate(method.views)]


def start(method, seed):
    return unit_prototypes(initial(method.config, method.heads(), seed))


def queue_of(method):
    """Embeddings of past batches: rows of unit length."""
    rng = torch.Generator().manual_seed(77)
    if "queue" not in method.config:
        return None
    rows = torch.randn(2, method.config["queue"], method.config["out"], generator=rng, dtype=torch.float64)
    return F.normalize(rows, dim=2).float().double()


def one_step(method, dtype):
    online = start(method, 2)
    target = of_target(start(method, 1)) if method.has_target else None
    trainer = Trainer(method, online, target, dtype, queue_of(method))
    loss = trainer.step(pictures(method, 0), method.lr, MOMENTUM)
    found = {}
    for path, values in unit_prototypes(trainer.online).items():
        found[f"after/online/{path}"] = values
        found[f"gradient/{path}"] = trainer.gradients[path]
    found |= {f"after/target/{path}": values for path, values in trainer.target.items()}
    if "queue" in trainer.state:
        found |= {f"after/queue/crop{a}": rows for a, rows in enumerate(trainer.state["queue"])}
    return loss, {path: values.detach().double().numpy() for path, values in found.items()}


def hyper_at(method, step):
    return {"trainPrototypes": int(step >= getattr(method, "freeze", 0)), "useQueue": int(step >= getattr(method, "queue_from", 0))}


def curve(method, online, dtype):
    trainer = Trainer(method, online, of_target(online) if method.has_target else None, dtype)
    rates = [learning_rate(s, method.curve_lr, WARMUP, TOTAL) for s in range(STEPS)]
    momenta = [target_momentum(s, MOMENTUM, TOTAL) for s in range(STEPS)]
    return [trainer.step(pictures(method, s), rates[s], momenta[s], hyper_at(method, s)) for s in range(STEPS)]


def perturbed(online, seed):
    rng = torch.Generator().manual_seed(seed)
    return {path: x * (1 + 1e-7 * torch.randn(x.shape, generator=rng, dtype=torch.float64)) for path, x in online.items()}


def golden(name, method, tensors):
    loss, exact = one_step(method, torch.float64)
    loss32, rounded = one_step(method, torch.float32)
    before = {f"before/online/{path}": x.numpy() for path, x in start(method, 2).items()}
    if method.has_target:
        before |= {f"before/target/{path}": x.numpy() for path, x in of_target(start(method, 1)).items()}
    queue = queue_of(method)
    if queue is not None:
        before |= {f"before/queue/crop{a}": rows.numpy() for a, rows in enumerate(queue)}
    for path, values in (before | exact).items():
        tensors[f"{name}/{path}"] = np.ascontiguousarray(values.astype(np.float32))
    online = start(method, 2)
    losses = {dtype: curve(method, online, dtype) for dtype in (torch.float64, torch.float32)}
    others = [curve(method, perturbed(online, 100 + i), torch.float32) for i in range(PERTURBATIONS)]
    spread = [max(abs(run[s] - losses[torch.float32][s]) for run in others) for s in range(STEPS)]

    def worst(prefix):
        gaps = [float(np.abs(exact[path] - rounded[path]).max()) for path in exact if path.startswith(prefix)]
        return max(gaps, default=0.0)

    print(name, loss, loss32, "spread", f"{spread[0]:.1e} {spread[-1]:.1e}", "curve", f"{losses[torch.float64][0]:.4f} {losses[torch.float64][-1]:.4f}")
    return {
        "config": method.config, "views": list(method.views), "lr": method.lr, "targetMomentum": MOMENTUM,
        "loss": loss, "lossFloat32": loss32,
        "float32Difference": {kind: worst(kind) for kind in ("gradient/", "after/online/", "after/target/", "after/queue/")},
        "curve": {
            "lr": [learning_rate(s, method.curve_lr, WARMUP, TOTAL) for s in range(STEPS)],
            "targetMomentum": [target_momentum(s, MOMENTUM, TOTAL) for s in range(STEPS)],
            "trainPrototypes": [hyper_at(method, s)["trainPrototypes"] for s in range(STEPS)],
            "useQueue": [hyper_at(method, s)["useQueue"] for s in range(STEPS)],
            "float64": losses[torch.float64], "float32": losses[torch.float32], "spread": spread,
        },
    }


def main():
    tensors = {}
    text = {"torch": torch.__version__, "perturbation": {"relative": 1e-7, "runs": PERTURBATIONS}}
    text |= {name: golden(name, method, tensors) for name, method in METHODS.items()}
    save_file(tensors, HERE / "methods.safetensors")
    (HERE / "methods.json").write_text(json.dumps(text, indent=1) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
