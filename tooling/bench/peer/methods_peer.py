"""Heads and losses of the four methods for step_peer.py. Images are both views, [2B, S, S, 3]; so are features and embeddings.

`Method(config)` is a module whose `online` networks are trained; `loss(images)` is what a step minimises. Where there is a target,
`target` follows `online`, before the keys are computed or after the update.
"""
import torch
import torch.nn.functional as F
from torch import nn

from resnet_encoder import ResNetEncoder
from vit_encoder import MEAN, STD, ViTEncoder


class PerViewNorm(nn.BatchNorm1d):
    """Batch norm with the statistics of one view at a time; x [2B, C]."""

    def forward(self, x):
        return torch.cat([super(PerViewNorm, self).forward(view) for view in x.chunk(2)])


class ScaleNorm(nn.BatchNorm1d):
    """Batch norm over both views with a scale and no shift."""

    def __init__(self, width):
        super().__init__(width)
        self.bias = None


def head(widths, norm, last=None, bias=False, last_bias=False):
    """Linear layers with `norm` and ReLU between them; `last` makes the norm behind the last one."""
    layers = []
    for i, (a, b) in enumerate(zip(widths, widths[1:])):
        if i < len(widths) - 2:
            layers += [nn.Linear(a, b, bias=bias), norm(b), nn.ReLU(inplace=True)]
        else:
            layers += [nn.Linear(a, b, bias=last_bias)] + ([] if last is None else [last(b)])
    return nn.Sequential(*layers)


def encoder(c, joined):
    return ResNetEncoder(c, MEAN, STD, joined) if "resnet" in c else ViTEncoder(c)


class WithTarget(nn.Module):
    """The networks of MoCo v3 and BYOL: online encoder and projector, a predictor, and the target."""

    def __init__(self, networks, predictor, copied):
        super().__init__()
        self.online, self.target, self.predictor = networks(), networks(), predictor
        if copied:
            self.target.load_state_dict(self.online.state_dict())
        self.target.requires_grad_(False)
        self.trained = [*self.online.parameters(), *self.predictor.parameters()]
        self.pairs = list(self.target.parameters()), [p.data for p in self.online.parameters()]

    def loss(self, images):
        with torch.no_grad():
            k1, k2 = self.target(images).chunk(2)
        q1, q2 = self.predictor(self.online(images)).chunk(2)
        return self.compare(q1, k2) + self.compare(q2, k1)


class MoCoV3(WithTarget):
    moves_before = True

    def __init__(self, c):
        plain = lambda width: PerViewNorm(width, affine=False)
        hidden, out = c["hidden"], c["out"]
        networks = lambda: nn.Sequential(encoder(c, joined=False), head([c["dim"], hidden, hidden, out], PerViewNorm, plain))
        super().__init__(networks, head([out, hidden, out], PerViewNorm, plain), copied=True)
        self.labels, self.tau = torch.arange(c["batch"]), 0.2

    def compare(self, q, k):
        logits = F.normalize(q, dim=1) @ F.normalize(k, dim=1).T / self.tau
        return F.cross_entropy(logits, self.labels) * (2 * self.tau)


class BYOL(WithTarget):
    moves_before = False

    def __init__(self, c):
        hidden, out = c["hidden"], c["out"]
        networks = lambda: nn.Sequential(encoder(c, joined=False), head([c["dim"], hidden, out], PerViewNorm, bias=True))
        super().__init__(networks, head([out, hidden, out], PerViewNorm, bias=True), copied=False)

    def compare(self, p, z):
        return (2 - 2 * F.cosine_similarity(p, z, dim=1)).mean()


class SimCLR(nn.Module):
    pairs = None

    def __init__(self, c):
        super().__init__()
        hidden, out = c["hidden"], c["out"]
        projector = head([c["dim"], hidden, hidden, out], nn.BatchNorm1d, ScaleNorm)
        self.online = nn.Sequential(encoder(c, joined=True), projector)
        self.trained, self.tau = list(self.online.parameters()), 0.1
        both = 2 * c["batch"]
        self.itself = torch.eye(both, dtype=torch.bool)
        self.partner = torch.arange(both).roll(c["batch"])

    def loss(self, images):
        z = F.normalize(self.online(images), dim=1)
        return F.cross_entropy((z @ z.T / self.tau).masked_fill(self.itself, -torch.inf), self.partner)


class SwAV(nn.Module):
    pairs = None

    def __init__(self, c):
        super().__init__()
        projector = head([c["dim"], c["hidden"], c["out"]], nn.BatchNorm1d, bias=True, last_bias=True)
        self.online = nn.Sequential(encoder(c, joined=True), projector)
        self.prototypes = nn.Linear(c["out"], c["prototypes"], bias=False)
        self.trained = [*self.online.parameters(), *self.prototypes.parameters()]
        self.tau, self.epsilon, self.iterations = 0.1, 0.05, 3

    @torch.no_grad()
    def codes(self, scores):
        q = torch.exp(scores / self.epsilon)
        for _ in range(self.iterations):
            q = q / q.sum(dim=0, keepdim=True)
            q = q / q.sum(dim=1, keepdim=True)
        return q

    def loss(self, images):
        with torch.no_grad():
            self.prototypes.weight.copy_(F.normalize(self.prototypes.weight, dim=1))
        s1, s2 = self.prototypes(F.normalize(self.online(images), dim=1)).chunk(2)
        predict = lambda scores, codes: F.cross_entropy(scores / self.tau, codes)
        return (predict(s1, self.codes(s2)) + predict(s2, self.codes(s1))) / 2


METHODS = {"moco-v3": MoCoV3, "simclr": SimCLR, "byol": BYOL, "swav": SwAV}
