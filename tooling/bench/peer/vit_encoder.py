"""The ViT of step_peer.py: bytes in, features of the class token out."""
import math

import torch
import torch.nn.functional as F
from torch import nn

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


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


class ViTEncoder(nn.Module):
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
