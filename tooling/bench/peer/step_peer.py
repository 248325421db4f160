"""The MoCo v3 step on a ViT or a ResNet in eager PyTorch: the peer that the benchmark's step cases are held against.

Usage: python step_peer.py '{"dim": 96, "depth": 4, "heads": 3, "patch": 4, "size": 32, "batch": 32, "hidden": 1024,
"out": 256, "threads": 2, "compile": false}'
       with "resnet": "18" in place of dim, depth, heads and patch for a ResNet

Reads one JSON command a line and answers with one JSON line:
  {"cmd": "run", "steps": n}  ->  {"seconds": s, "loss": l, "peakRssBytes": b}
  {"cmd": "close"}            ->  ends
The first line written is {"name": ...}. Between commands it waits on stdin and uses no CPU.

What is timed is a whole step as the recipe has it: two batches of bytes [B, S, S, 3] normalised in the step, moving average
of the target before its keys, both symmetrised losses, gradients, AdamW with decay on every parameter, and the loss read back.
Both views go through the ViT and through the linear layers of the heads as one batch of 2B, which is faster and exact;
batch norm sees one view at a time, and so does a ResNet.
"""
import json
import math
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

from resnet_encoder import ResNetEncoder

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


class PerViewNorm(nn.BatchNorm1d):
    """Batch norm with the statistics of one view at a time; x [2B, C]."""

    def forward(self, x):
        return torch.cat([super(PerViewNorm, self).forward(view) for view in x.chunk(2)])


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(x).reshape(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        return self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, t, d))


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.attention = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.fc1 = nn.Linear(dim, 4 * dim)
        self.fc2 = nn.Linear(4 * dim, dim)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x))))


def sincos_position(dim, grid):
    """[1, 1 + grid * grid, dim]: fixed 2-D sine and cosine position embedding, zeros for the class token."""
    omega = 1.0 / 10000 ** (torch.arange(dim // 4, dtype=torch.float64) / (dim // 4))
    w, h = torch.meshgrid(torch.arange(grid, dtype=torch.float64), torch.arange(grid, dtype=torch.float64), indexing="ij")
    a, b = w.flatten()[:, None] * omega, h.flatten()[:, None] * omega
    table = torch.cat([a.sin(), a.cos(), b.sin(), b.cos()], dim=1)
    return torch.cat([torch.zeros(1, dim, dtype=torch.float64), table])[None].float()


class Encoder(nn.Module):
    """Bytes [2B, S, S, 3] to the class token's features [2B, dim]."""

    def __init__(self, c):
        super().__init__()
        dim, self.p, self.grid = c["dim"], c["patch"], c["size"] // c["patch"]
        self.patch = nn.Linear(self.p * self.p * 3, dim)
        self.token = nn.Parameter(torch.randn(1, 1, dim) * 1e-6)
        self.blocks = nn.Sequential(*[Block(dim, c["heads"]) for _ in range(c["depth"])])
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.register_buffer("position", sincos_position(dim, self.grid))
        self.register_buffer("scale", 1 / (255 * torch.tensor(STD)))
        self.register_buffer("shift", -torch.tensor(MEAN) / torch.tensor(STD))
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.xavier_uniform_(m.weight)
                nn.init.zeros_(m.bias)
        for block in self.blocks:  # q, k and v are three matrices
            bound = math.sqrt(6 / (2 * dim))
            nn.init.uniform_(block.attention.qkv.weight, -bound, bound)

    def forward(self, images):
        n = images.shape[0]
        x = torch.addcmul(self.shift, images.float(), self.scale)
        x = x.view(n, self.grid, self.p, self.grid, self.p, 3).permute(0, 1, 3, 2, 4, 5).reshape(n, self.grid**2, -1)
        x = torch.cat([self.token.expand(n, -1, -1), self.patch(x)], dim=1) + self.position
        return self.norm(self.blocks(x)[:, 0])  # only the token is read: normalising it alone is exact


def head(widths):
    layers = []
    for i, (a, b) in enumerate(zip(widths, widths[1:])):
        last = i == len(widths) - 2
        layers += [nn.Linear(a, b, bias=False), PerViewNorm(b, affine=not last)]
        if not last:
            layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


class Step:
    def __init__(self, c):
        torch.manual_seed(0)
        self.tau, self.batch = 0.2, c["batch"]
        hidden, out = c["hidden"], c["out"]

        def online():
            if "resnet" in c:
                return nn.Sequential(ResNetEncoder(c, MEAN, STD), head([c["dim"], hidden, hidden, out]))
            return nn.Sequential(Encoder(c), head([c["dim"], hidden, hidden, out]))

        self.online, self.target, self.predictor = online(), online(), head([out, hidden, out])
        self.target.load_state_dict(self.online.state_dict())
        self.target.requires_grad_(False)
        self.pairs = list(self.target.parameters()), [p.data for p in self.online.parameters()]
        self.parameters = [*self.online.parameters(), *self.predictor.parameters()]
        self.optimizer = torch.optim.AdamW(self.parameters, lr=1.5e-4, weight_decay=0.1, fused=c.get("fused", True))
        self.labels = torch.arange(c["batch"])
        self.compute = torch.compile(self.losses) if c.get("compile") else self.losses
        shape = (2 * c["batch"], c["size"], c["size"], 3)
        self.data = [torch.randint(0, 256, shape, dtype=torch.uint8) for _ in range(4)]
        self.done = 0

    def contrast(self, q, k):
        logits = F.normalize(q, dim=1) @ F.normalize(k, dim=1).T / self.tau
        return F.cross_entropy(logits, self.labels) * (2 * self.tau)

    def losses(self, images):
        with torch.no_grad():
            k1, k2 = self.target(images).chunk(2)
        q1, q2 = self.predictor(self.online(images)).chunk(2)
        return self.contrast(q1, k2) + self.contrast(q2, k1)

    def __call__(self):
        images = self.data[self.done % len(self.data)]
        progress = self.done / 10000
        self.optimizer.param_groups[0]["lr"] = 1.5e-4 * 0.5 * (1 + math.cos(math.pi * progress))
        momentum = 1 - 0.5 * (1 + math.cos(math.pi * progress)) * 0.01
        torch._foreach_lerp_(*self.pairs, 1 - momentum)
        loss = self.compute(images)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.done += 1
        return loss.item()


def main():
    config = json.loads(sys.argv[1])
    torch.set_num_threads(config["threads"])
    torch.set_flush_denormal(True)
    step = Step(config)
    kind = "torch.compile" if config.get("compile") else "eager"
    print(json.dumps({"name": f"PyTorch {torch.__version__} {kind}"}), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        if command["cmd"] == "close":
            return
        start = time.perf_counter()
        for _ in range(command["steps"]):
            loss = step()
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"seconds": seconds, "loss": loss, "peakRssBytes": peak}), flush=True)


if __name__ == "__main__":
    main()
