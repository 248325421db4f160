"""MoCo v3 on a ViT, written plainly in PyTorch over a dictionary of parameters.

The names and layouts are twinview's: linear weights are [in, out], images are bytes [B, S, S, 3], and the rows of the patch
weight are ordered (py, px, channel). Nothing here is fast. The recipe is the one of the official code of arXiv 2104.02057
(facebookresearch/moco-v3: vits.py, moco/builder.py, main_moco.py).
"""
import math

import torch
import torch.nn.functional as F

CONFIG = {"dim": 48, "depth": 2, "heads": 3, "patch": 4, "size": 16, "batch": 8, "hidden": 64, "out": 32, "tau": 0.2}
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def sincos_position(dim, rows, columns, temperature=10000.0, span=None):
    """[1 + rows * columns, dim] in float64, the token's row of zeros first.

    In the official code a meshgrid of matrix indexing makes the first half of the channels follow the row of the patch
    (it calls that grid_w) and the second half its column. With a span, the grid covers the area of that many full patches a side.
    """
    place = lambda n: (torch.arange(n, dtype=torch.float64) + 0.5) * ((span or n) / n) - 0.5
    omega = 1.0 / temperature ** (torch.arange(dim // 4, dtype=torch.float64) / (dim // 4))
    row, column = torch.meshgrid(place(rows), place(columns), indexing="ij")
    a, b = row.flatten()[:, None] * omega, column.flatten()[:, None] * omega
    table = torch.cat([a.sin(), a.cos(), b.sin(), b.cos()], dim=1)
    return torch.cat([torch.zeros(1, dim, dtype=torch.float64), table])


def initial(config, seed):
    """Every parameter of encoder and heads by its path, float64.

    Weights are of the published sizes (Xavier-uniform); offsets, scales and the token, which the recipe starts at 0, 1 and
    nearly 0, get noise here, so that a wrong gradient or a swapped pair cannot hide.
    """
    rng = torch.Generator().manual_seed(seed)
    dim, hidden, out = config["dim"], config["hidden"], config["out"]
    p = {}

    def weight(path, rows, columns, fan_out=None):
        bound = math.sqrt(6 / (rows + (fan_out or columns)))
        p[path] = (torch.rand(rows, columns, generator=rng, dtype=torch.float64) * 2 - 1) * bound

    def around(path, length, centre, spread):
        p[path] = centre + spread * torch.randn(length, generator=rng, dtype=torch.float64)

    def norm(path, length):
        around(f"{path}/scale", length, 1.0, 0.1)
        around(f"{path}/shift", length, 0.0, 0.1)

    weight("encoder/patch/w", config["patch"] ** 2 * 3, dim)
    around("encoder/patch/b", dim, 0.0, 0.1)
    around("encoder/token", dim, 0.0, 0.1)
    for i in range(config["depth"]):
        block = f"encoder/blocks/block{i:02d}"
        norm(f"{block}/norm1", dim)
        weight(f"{block}/attention/qkv/w", dim, 3 * dim, fan_out=dim)  # q, k and v are three matrices
        around(f"{block}/attention/qkv/b", 3 * dim, 0.0, 0.1)
        weight(f"{block}/attention/out/w", dim, dim)
        around(f"{block}/attention/out/b", dim, 0.0, 0.1)
        norm(f"{block}/norm2", dim)
        weight(f"{block}/mlp/fc1/w", dim, 4 * dim)
        around(f"{block}/mlp/fc1/b", 4 * dim, 0.0, 0.1)
        weight(f"{block}/mlp/fc2/w", 4 * dim, dim)
        around(f"{block}/mlp/fc2/b", dim, 0.0, 0.1)
    norm("encoder/norm", dim)
    for name, widths in (("projector", [dim, hidden, hidden, out]), ("predictor", [out, hidden, out])):
        for i, (a, b) in enumerate(zip(widths, widths[1:]), start=1):
            weight(f"heads/{name}/fc{i}/w", a, b)
            if i < len(widths) - 1:
                norm(f"heads/{name}/bn{i}", b)
    return {path: values.float().double() for path, values in p.items()}  # what a float32 file can hold


def of_target(p):
    """What the target has: the encoder and the projector."""
    return {path: values for path, values in p.items() if not path.startswith("heads/predictor/")}


def encoder(p, images, config):
    """Bytes [B, S, S, 3] to the features of the class token, [B, D]."""
    dtype = p["encoder/patch/w"].dtype
    dim, heads, patch = config["dim"], config["heads"], config["patch"]
    b, size = images.shape[0], images.shape[1]
    grid, width = size // patch, dim // heads
    x = (images.to(dtype) / 255 - torch.tensor(MEAN, dtype=dtype)) / torch.tensor(STD, dtype=dtype)
    x = x.reshape(b, grid, patch, grid, patch, 3).permute(0, 1, 3, 2, 4, 5).reshape(b, grid * grid, patch * patch * 3)
    x = x @ p["encoder/patch/w"] + p["encoder/patch/b"]
    x = torch.cat([p["encoder/token"].expand(b, 1, dim), x], dim=1) + sincos_position(dim, grid, grid, span=config["size"] // patch).to(dtype)

    def norm(x, path):
        return F.layer_norm(x, (dim,), p[f"{path}/scale"], p[f"{path}/shift"], eps=1e-6)

    def linear(x, path):
        return x @ p[f"{path}/w"] + p[f"{path}/b"]

    for i in range(config["depth"]):
        block = f"encoder/blocks/block{i:02d}"
        qkv = linear(norm(x, f"{block}/norm1"), f"{block}/attention/qkv")  # [B, T, 3 D]
        q, k, v = (part.reshape(b, -1, heads, width).transpose(1, 2) for part in qkv.split(dim, dim=-1))  # [B, H, T, D / H]
        scores = (q @ k.transpose(-2, -1)) / math.sqrt(width)
        mixed = (scores.softmax(dim=-1) @ v).transpose(1, 2).reshape(b, -1, dim)
        x = x + linear(mixed, f"{block}/attention/out")
        hidden = F.gelu(linear(norm(x, f"{block}/norm2"), f"{block}/mlp/fc1"), approximate="none")
        x = x + linear(hidden, f"{block}/mlp/fc2")
    return norm(x, "encoder/norm")[:, 0]


def head(p, x, name, layers):
    """Linear layers without offset, each followed by batch norm with the batch's statistics; ReLU between; the last norm plain."""
    for i in range(1, layers + 1):
        x = x @ p[f"heads/{name}/fc{i}/w"]
        last = i == layers
        scale, shift = (None, None) if last else (p[f"heads/{name}/bn{i}/scale"], p[f"heads/{name}/bn{i}/shift"])
        x = F.batch_norm(x, None, None, scale, shift, training=True, eps=1e-5)
        x = x if last else x.relu()
    return x


def info_nce(q, k, tau):
    """2 tau * cross-entropy of q k^T / tau against the diagonal, mean over the queries; q and k are normalised here."""
    logits = F.normalize(q, dim=1) @ F.normalize(k, dim=1).T / tau
    return 2 * tau * F.cross_entropy(logits, torch.arange(len(q)))


def loss_of(online, target, images1, images2, config):
    def query(images):
        return head(online, head(online, encoder(online, images, config), "projector", 3), "predictor", 2)

    with torch.no_grad():
        k1, k2 = (head(target, encoder(target, images, config), "projector", 3) for images in (images1, images2))
    return info_nce(query(images1), k2, config["tau"]) + info_nce(query(images2), k1, config["tau"])


class Trainer:
    """Online and target parameters with AdamW, advanced one step at a time."""

    def __init__(self, online, target, config, dtype):
        self.config = config
        self.online = {path: values.detach().to(dtype, copy=True).requires_grad_() for path, values in online.items()}
        self.target = {path: values.to(dtype, copy=True) for path, values in target.items()}
        self.optimizer = torch.optim.AdamW(self.online.values(), lr=1.0, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1)

    def step(self, images1, images2, lr, momentum):
        """The loss, with the moving average before the keys and the update after; gradients stay readable until the next step."""
        with torch.no_grad():
            for path, values in self.target.items():
                values.mul_(momentum).add_(self.online[path], alpha=1 - momentum)
        self.optimizer.param_groups[0]["lr"] = lr
        self.optimizer.zero_grad()
        loss = loss_of(self.online, self.target, torch.from_numpy(images1), torch.from_numpy(images2), self.config)
        loss.backward()
        self.optimizer.step()
        return loss.item()


def learning_rate(step, base, warmup, total):
    """Linear from 0 over the warm-up, then cosine to 0 (main_moco.py adjust_learning_rate, in steps)."""
    if step < warmup:
        return base * step / warmup
    return base * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))


def target_momentum(step, base, total):
    """Cosine from base to 1 over the run (main_moco.py adjust_moco_momentum, in steps)."""
    return 1 - 0.5 * (1 + math.cos(math.pi * step / total)) * (1 - base)
