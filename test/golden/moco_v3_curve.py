"""Twenty MoCo v3 steps with schedules: moco_v3_curve.json. See README.md."""
import json
from pathlib import Path

import torch

from moco_v3 import CONFIG as SMALL
from moco_v3 import Trainer, initial, learning_rate, of_target, target_momentum
from pixels import view

HERE = Path(__file__).parent
CONFIG = SMALL | {"batch": 16}
STEPS, TOTAL, WARMUP, LR, MOMENTUM = 20, 40, 10, 5e-4, 0.99
PERTURBATIONS = 12


def curve(online, dtype, warmup=WARMUP):
    """The losses of the steps; the target starts as a copy of the online side."""
    trainer = Trainer(online, of_target(online), CONFIG, dtype)
    losses = []
    for step in range(STEPS):
        images = [view(step, which, CONFIG["batch"], CONFIG["size"]) for which in (0, 1)]
        losses.append(trainer.step(*images, learning_rate(step, LR, warmup, TOTAL), target_momentum(step, MOMENTUM, TOTAL)))
    return losses


def perturbed(online, noise, seed):
    rng = torch.Generator().manual_seed(seed)
    return {
        path: values * (1 + noise * torch.randn(values.shape, generator=rng, dtype=torch.float64)) for path, values in online.items()
    }


def main():
    online = initial(CONFIG, 2)
    exact, rounded = curve(online, torch.float64), curve(online, torch.float32)

    def spread(noise, warmup=WARMUP):
        """Per step, the largest deviation of the float32 loss when every initial weight is multiplied by 1 + noise * normal."""
        plain = curve(online, torch.float32, warmup)
        others = [curve(perturbed(online, noise, 100 + i), torch.float32, warmup) for i in range(PERTURBATIONS)]
        return [max(abs(losses[s] - plain[s]) for losses in others) for s in range(STEPS)]

    check = view(3, 1, CONFIG["batch"], CONFIG["size"]).flatten().astype(int)
    text = {
        "config": CONFIG | {"lr": LR, "momentum": MOMENTUM, "weightDecay": 0.1, "warmupSteps": WARMUP, "totalSteps": TOTAL},
        "torch": torch.__version__,
        "perturbation": {"relative": 1e-7, "coarse": 1e-6, "runs": PERTURBATIONS},
        "lr": [learning_rate(step, LR, WARMUP, TOTAL) for step in range(STEPS)],
        "targetMomentum": [target_momentum(step, MOMENTUM, TOTAL) for step in range(STEPS)],
        "float64": exact,
        "float32": rounded,
        "spread": spread(1e-7),
        "spreadCoarse": spread(1e-6),
        "spreadWithoutWarmup": spread(1e-7, warmup=0),
        "float32Difference": [abs(a - b) for a, b in zip(exact, rounded)],
        "checkPixels": {"step": 3, "view": 1, "first": check[:24].tolist(), "sum": int(check.sum())},
    }
    (HERE / "moco_v3_curve.json").write_text(json.dumps(text, indent=1) + "\n")
    for s in range(STEPS):
        print(s, f"{exact[s]:.6f} {rounded[s]:.6f} spread {text['spread'][s]:.1e} {text['spreadCoarse'][s]:.1e} no warm-up {text['spreadWithoutWarmup'][s]:.1e} |f32-f64| {text['float32Difference'][s]:.1e}")


if __name__ == "__main__":
    main()
