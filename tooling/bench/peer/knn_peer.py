"""kNN in torch: unit rows, products of 500 queries with the whole bank, topk.

Usage: python knn_peer.py QUERIES BANK WIDTH K THREADS. One JSON line for each line it reads: the seconds of a search over everything.
"""
import json
import sys
import time

import torch

queries, bank, width, k, threads = map(int, sys.argv[1:])
torch.set_num_threads(threads)
torch.manual_seed(0)
q, b = torch.randn(queries, width), torch.randn(bank, width)


def search():
    unit_q = torch.nn.functional.normalize(q, dim=1)
    unit_b = torch.nn.functional.normalize(b, dim=1).T.contiguous()
    return torch.cat([(unit_q[i : i + 500] @ unit_b).topk(k, dim=1).indices for i in range(0, queries, 500)])


with torch.no_grad():
    for _ in sys.stdin:
        start = time.perf_counter()
        search()
        print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)
