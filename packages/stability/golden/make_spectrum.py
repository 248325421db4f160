"""Eigenvalues and RankMe by numpy: python make_spectrum.py > spectrum.json

Matrices of small whole numbers over 16, exact in float32; RankMe from the singular values of numpy.linalg.svd.
"""

import json

import numpy as np

rng = np.random.default_rng(31)


def rank_me(z):
    s = np.linalg.svd(z, compute_uv=False)
    p = s / s.sum() + 1e-7
    return float(np.exp(-(p * np.log(p)).sum()))


cases = []
for name, rows, width, scale in [("tall", 60, 9, 1), ("wide", 7, 40, 1), ("square", 12, 12, 1), ("decaying", 80, 10, 3)]:
    z = rng.integers(-20, 21, size=(rows, width))
    if scale > 1:
        z = z // (np.arange(width) ** 2 + 1) + 3
    cases.append({"name": name, "rows": rows, "width": width, "sixteenths": z.ravel().tolist(), "rankMe": rank_me(z / 16)})

symmetric = []
for n in (1, 2, 5, 24):
    a = rng.integers(-9, 10, size=(n, n))
    a = a + a.T
    symmetric.append({"n": n, "matrix": a.ravel().tolist(), "eigenvalues": np.linalg.eigvalsh(a)[::-1].tolist()})

print(json.dumps({"numpy": np.__version__, "cases": cases, "symmetric": symmetric}))
