"""SimCLR, BYOL and SwAV on the ViT of moco_v3.py, plainly in PyTorch over a dictionary of parameters with twinview's names.

Each method is written from its official code (simclr: objective.py, model_util.py, lars_optimizer.py; byol: byol_experiment.py,
utils/networks.py, utils/optimizers.py; swav: main_swav.py, src/resnet50.py, apex LARC) as facts about what is computed in which order.
"""
import math

import torch
import torch.nn.functional as F

from moco_v3 import encoder
from moco_v3 import initial as moco_initial

SMALL = {"dim": 24, "depth": 1, "heads": 2, "patch": 4, "size": 16, "batch": 8, "hidden": 32, "out": 16, "trust": 0.02, "momentum": 0.9}


def initial(config, heads, seed):
    """The encoder of moco_v3.py, and heads as {path: shape} with weights of published sizes and the rest shaken off its start."""
    rng = torch.Generator().manual_seed(1000 + seed)
    p = {path: x for path, x in moco_initial(config, seed).items() if path.startswith("encoder/")}
    for path, shape in heads.items():
        noise = torch.randn(*shape, generator=rng, dtype=torch.float64)
        name = path.rsplit("/", 1)[1]
        p[f"heads/{path}"] = noise / math.sqrt(shape[0]) if name == "w" else (name == "scale") + 0.1 * noise
    return {path: values.float().double() for path, values in p.items()}


def mlp(p, name, x, norms):
    """Linear layers (offset where there is one), batch norm with the batch's statistics where `norms` says so, ReLU between."""
    for i, has_norm in enumerate(norms, start=1):
        x = x @ p[f"heads/{name}/fc{i}/w"] + p.get(f"heads/{name}/fc{i}/b", 0)
        if has_norm:
            scale, shift = p.get(f"heads/{name}/bn{i}/scale"), p.get(f"heads/{name}/bn{i}/shift")
            x = F.batch_norm(x, None, None, scale, shift, training=True, eps=1e-5)
        x = x if i == len(norms) else x.relu()
    return x


def layer(name, i, rows, columns, bias=False, scale=False, shift=False):
    shapes = {f"{name}/fc{i}/w": (rows, columns)}
    shapes |= {f"{name}/fc{i}/b": (columns,)} if bias else {}
    shapes |= {f"{name}/bn{i}/scale": (columns,)} if scale else {}
    return shapes | ({f"{name}/bn{i}/shift": (columns,)} if shift else {})


def is_weight(path, p):
    """Neither an offset nor a norm's scale or shift, by twinview's names or, in an encoder of torchvision's, by rank."""
    return p.ndim > 1 if "." in path else path.rsplit("/", 1)[1] not in ("b", "scale", "shift")


class Method:
    """`encode` gives the features of each view; `state` holds what goes from step to step: a queue, running statistics of a side."""

    moves_first = False  # whether the target moves before its keys are computed

    def encode(self, p, images, statistics=None):
        return [encoder(p, x, self.config) for x in images]


class SimCLR(Method):
    """Three layers, norms everywhere, the last without shift; both views through the head together; lr inside LARS's momentum."""

    config = SMALL | {"tau": 0.1, "weightDecay": 1e-4, "trust": 0.2}
    views = (16, 16)
    lr, curve_lr = 0.03, 0.01
    has_target = False

    def heads(self):
        c = self.config
        first = layer("projector", 1, c["dim"], c["hidden"], scale=True, shift=True)
        return first | layer("projector", 2, c["hidden"], c["hidden"], scale=True, shift=True) | layer("projector", 3, c["hidden"], c["out"], scale=True)

    def loss(self, online, target, images, state, hyper):
        c = self.config
        features = torch.cat(self.encode(online, images, state.get("online")))
        z1, z2 = F.normalize(mlp(online, "projector", features, (True, True, True)), dim=1).chunk(2)
        labels, itself = torch.arange(len(z1)), torch.eye(len(z1), dtype=torch.bool)
        ab = z1 @ z2.T / c["tau"]
        aa, bb = ((z @ z.T / c["tau"]).masked_fill(itself, -torch.inf) for z in (z1, z2))
        return (F.cross_entropy(torch.cat([ab, aa], 1), labels) + F.cross_entropy(torch.cat([ab.T, bb], 1), labels)) / 2

    def update(self, path, p, g, v, lr):
        c = self.config
        ratio = 1.0
        if is_weight(path, p):
            g = g + c["weightDecay"] * p
            ratio = c["trust"] * p.norm() / g.norm()
        v = c["momentum"] * v + lr * ratio * g
        return p - v, v


class BYOL(Method):
    """Linear (offset), norm, ReLU, linear; each view by itself; the target from another seed, moved after the online update."""

    config = SMALL | {"weightDecay": 1e-3}
    views = (16, 16)
    lr, curve_lr = 0.3, 0.1
    has_target = True

    def heads(self):
        c = self.config
        shapes = {}
        for name, width in (("projector", c["dim"]), ("predictor", c["out"])):
            shapes |= layer(name, 1, width, c["hidden"], bias=True, scale=True, shift=True) | layer(name, 2, c["hidden"], c["out"])
        return shapes

    def loss(self, online, target, images, state, hyper):
        project = lambda side, p: [mlp(p, "projector", x, (True, False)) for x in self.encode(p, images, state.get(side))]
        p1, p2 = (F.normalize(mlp(online, "predictor", z, (True, False)), dim=1) for z in project("online", online))
        with torch.no_grad():
            z1, z2 = (F.normalize(z, dim=1) for z in project("target", target))
        return (p1 - z2).square().sum(dim=1).mean() + (p2 - z1).square().sum(dim=1).mean()

    def update(self, path, p, g, v, lr):
        c = self.config
        if is_weight(path, p):
            g = g + c["weightDecay"] * p
            g = g * (c["trust"] * p.norm() / g.norm())
        v = c["momentum"] * v + g
        return p - lr * v, v


class SwAV(Method):
    """Two large and two small crops, a queue, prototypes of unit length that keep still at first, SGD in LARC over all tensors."""

    config = SMALL | {"tau": 0.1, "epsilon": 0.05, "iterations": 3, "prototypes": 10, "queue": 16, "weightDecay": 1e-4}
    views = (16, 16, 8, 8)
    lr, curve_lr = 0.3, 0.1
    has_target = False
    freeze, queue_from = 4, 8  # steps of the curve

    def heads(self):
        c = self.config
        projector = layer("projector", 1, c["dim"], c["hidden"], bias=True, scale=True, shift=True) | layer("projector", 2, c["hidden"], c["out"], bias=True)
        return projector | {"prototypes/w": (c["out"], c["prototypes"])}

    def sinkhorn(self, scores):
        c = self.config
        q = torch.exp(scores / c["epsilon"]).T
        q = q / q.sum()
        for _ in range(c["iterations"]):
            q = q / q.sum(dim=1, keepdim=True) / q.shape[0]
            q = q / q.sum(dim=0, keepdim=True) / q.shape[1]
        return (q * q.shape[1]).T

    def loss(self, online, target, images, state, hyper):
        c, b = self.config, self.config["batch"]
        features = torch.cat(self.encode(online, images, state.get("online")))
        z = F.normalize(mlp(online, "projector", features, (True, False)), dim=1)
        prototypes = online["heads/prototypes/w"]
        scores = z @ prototypes
        if hyper["useQueue"] and state.get("queue") is None:
            state["queue"] = torch.zeros(2, c["queue"], c["out"], dtype=z.dtype)
        queue = state.get("queue") if hyper["useQueue"] else None
        total = 0
        for a in range(2):
            with torch.no_grad():
                out = scores[a * b : (a + 1) * b].detach()
                if queue is not None:
                    if not torch.all(queue[a, -1] == 0):
                        out = torch.cat([queue[a] @ prototypes, out])
                    queue[a, b:] = queue[a, :-b].clone()
                    queue[a, :b] = z[a * b : (a + 1) * b].detach()
                q = self.sinkhorn(out)[-b:]
            others = [v for v in range(len(images)) if v != a]
            total = total + sum(
                -(q * F.log_softmax(scores[v * b : (v + 1) * b] / c["tau"], dim=1)).sum(dim=1).mean() for v in others
            ) / len(others)
        return total / 2

    def update(self, path, p, g, v, lr):
        c = self.config
        if p.norm() != 0 and g.norm() != 0:
            rate = c["trust"] * p.norm() / (g.norm() + c["weightDecay"] * p.norm() + 1e-8)
            g = (g + c["weightDecay"] * p) * rate
        v = c["momentum"] * v + g
        return p - lr * v, v


METHODS = {"simclr": SimCLR(), "byol": BYOL(), "swav": SwAV()}


def unit_prototypes(p):
    path = "heads/prototypes/w"
    return p | {path: F.normalize(p[path], dim=0)} if path in p else p


def of_target(p):
    return {path: values for path, values in p.items() if not path.startswith("heads/predictor/")}


class Trainer:
    """One method's parameters, velocities and queue, advanced one step at a time."""

    def __init__(self, method, online, target, dtype, queue=None, statistics=None):
        self.method = method
        self.online = {path: values.to(dtype, copy=True) for path, values in online.items()}
        self.target = {path: values.to(dtype, copy=True) for path, values in (target or {}).items()}
        self.velocity = {path: torch.zeros_like(values) for path, values in self.online.items()}
        self.state = {} if queue is None else {"queue": queue.to(dtype, copy=True)}
        self.state |= {side: {name: x.to(dtype, copy=True) for name, x in values.items()} for side, values in (statistics or {}).items()}
        self.gradients = {}

    def step(self, images, lr, momentum=0.0, hyper=None):
        hyper = hyper or {"trainPrototypes": 1, "useQueue": 1}
        if self.method.moves_first:
            self.follow(momentum)
        leaves = {path: values.detach().requires_grad_() for path, values in unit_prototypes(self.online).items()}
        loss = self.method.loss(leaves, self.target, [torch.from_numpy(x) for x in images], self.state, hyper)
        gradients = torch.autograd.grad(loss, list(leaves.values()))
        self.gradients = dict(zip(leaves, gradients))
        with torch.no_grad():
            for path, p in leaves.items():
                if path == "heads/prototypes/w" and not hyper["trainPrototypes"]:
                    self.online[path] = p.detach()
                    continue  # its gradient is set to None: neither velocity nor decay
                self.online[path], self.velocity[path] = self.method.update(path, p, self.gradients[path], self.velocity[path], lr)
        if not self.method.moves_first:
            self.follow(momentum)
        return loss.item()

    def follow(self, momentum):
        for path, values in self.target.items():
            values.mul_(momentum).add_(self.online[path], alpha=1 - momentum)
