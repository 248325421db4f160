"""A method's step on a ViT or a ResNet in eager PyTorch: the peer that the benchmark's step cases are held against.

Usage: python step_peer.py '{"method": "moco-v3", "dim": 96, "depth": 4, "heads": 3, "patch": 4, "size": 32, "batch": 32,
"hidden": 1024, "out": 256, "prototypes": 512, "threads": 2, "compile": false}'
       with "resnet": "18" in place of depth, heads and patch for a ResNet

Reads one JSON command a line and answers with one JSON line:
  {"cmd": "run", "steps": n}  ->  {"seconds": s, "loss": l, "peakRssBytes": b}
  {"cmd": "close"}            ->  ends
The first line written is {"name": ...}. Between commands it waits on stdin and uses no CPU.

What is timed is a whole step as the recipe has it: two batches of bytes [B, S, S, 3] normalised in the step, moving average
of the target where there is one, the loss, gradients, AdamW with decay on every parameter, and the loss read back.
Both views go through the ViT and through the linear layers of the heads as one batch of 2B, which is faster and exact; batch norm,
and a ResNet, see one view at a time for MoCo v3 and BYOL, and both together for SimCLR and SwAV.
"""
import json
import math
import resource
import sys
import time

import torch

from methods_peer import METHODS


class Step:
    def __init__(self, c):
        torch.manual_seed(0)
        self.method = METHODS[c["method"]](c)
        self.optimizer = torch.optim.AdamW(self.method.trained, lr=1.5e-4, weight_decay=0.1, fused=c.get("fused", True))
        self.compute = torch.compile(self.method.loss) if c.get("compile") else self.method.loss
        shape = (2 * c["batch"], c["size"], c["size"], 3)
        self.data = [torch.randint(0, 256, shape, dtype=torch.uint8) for _ in range(4)]
        self.done = 0

    def follow(self, momentum, moment):
        if self.method.pairs is not None and self.method.moves_before == moment:
            torch._foreach_lerp_(*self.method.pairs, 1 - momentum)

    def __call__(self):
        images = self.data[self.done % len(self.data)]
        falling = 0.5 * (1 + math.cos(math.pi * self.done / 10000))
        self.optimizer.param_groups[0]["lr"] = 1.5e-4 * falling
        momentum = 1 - 0.01 * falling
        self.follow(momentum, True)
        loss = self.compute(images)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.follow(momentum, False)
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
