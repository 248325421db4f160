"""Values and gradients of the losses in float64: losses.json. Run: python losses.py

Formulas are those of the papers and official codes, written here in torch; where lightly has the same loss, the script refuses to
write numbers that differ from lightly's.
"""
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from lightly.loss import NegativeCosineSimilarity, NTXentLoss, SwaVLoss

HERE = Path(__file__).parent
RNG = torch.Generator().manual_seed(5)


def normal(*shape):
    """Numbers that float32 holds exactly."""
    return torch.randn(*shape, generator=RNG, dtype=torch.float64).float().double()


def unit(*shape):
    return F.normalize(normal(*shape), dim=1).float().double()


def array(values):
    return {"shape": list(values.shape), "data": [float(f"{x:.9g}") for x in values.detach().flatten().tolist()]}


def with_gradients(loss_of, inputs):
    inputs = [x.clone().requires_grad_() for x in inputs]
    loss = loss_of(inputs)
    return {
        "inputs": [array(x) for x in inputs],
        "loss": loss.item(),
        "gradients": [array(g) for g in torch.autograd.grad(loss, inputs)],
    }


def assert_equal(a, b, what):
    assert abs(float(a) - float(b)) <= 1e-12 * max(1.0, abs(float(a))), (what, float(a), float(b))


def nt_xent(views, tau):
    """arXiv 2002.05709 eq. 1 over all V B anchors; with V > 2 the positives of an anchor are averaged (arXiv 2004.11362 eq. 2)."""
    z = torch.cat(views)
    n, batch = len(z), len(views[0])
    itself = torch.eye(n, dtype=torch.bool)
    log_p = (z @ z.T / tau).masked_fill(itself, -torch.inf).log_softmax(dim=1)
    image = torch.arange(n) % batch
    positive = (image[:, None] == image[None, :]) & ~itself
    return -(log_p.masked_fill(~positive, 0).sum(dim=1) / positive.sum(dim=1)).mean()


def official_simclr(z1, z2, tau):
    """simclr objective.py: four blocks of logits, the diagonals of two masked by -1e9; there loss_a + loss_b is the SUM of two means."""
    labels, mask = torch.arange(len(z1)), torch.eye(len(z1), dtype=z1.dtype) * 1e9
    ab, ba = z1 @ z2.T / tau, z2 @ z1.T / tau
    aa, bb = z1 @ z1.T / tau - mask, z2 @ z2.T / tau - mask
    return F.cross_entropy(torch.cat([ab, aa], 1), labels), F.cross_entropy(torch.cat([ba, bb], 1), labels)


def cosine_regression(p, z):
    """byol utils/helpers.py, regression_loss: squared distance of unit vectors, summed over the width; mean over the batch."""
    return (F.normalize(p, dim=1) - F.normalize(z, dim=1)).square().sum(dim=1).mean()


def sinkhorn(scores, epsilon, iterations):
    """swav main_swav.py, distributed_sinkhorn, on one process: the matrix is [K, B] inside."""
    q = torch.exp(scores / epsilon).T
    q = q / q.sum()
    for _ in range(iterations):
        q = q / q.sum(dim=1, keepdim=True) / q.shape[0]
        q = q / q.sum(dim=0, keepdim=True) / q.shape[1]
    return (q * q.shape[1]).T


def sinkhorn_in_logs(scores, epsilon, iterations):
    """The same loop on logarithms, for epsilons at which exp overflows float64."""
    q = (scores / epsilon).T
    for _ in range(iterations):
        q = q - q.logsumexp(dim=1, keepdim=True)
        q = q - q.logsumexp(dim=0, keepdim=True)
    return q.exp().T


def swapped(scores, codes, tau):
    """swav main_swav.py, train: mean over crops with codes of the mean over all other crops."""
    total = 0
    for a, q in enumerate(codes):
        others = [x for v, x in enumerate(scores) if v != a]
        total = total + sum(-(q * F.log_softmax(x / tau, dim=1)).sum(dim=1).mean() for x in others) / len(others)
    return total / len(codes)


def nt_xents():
    cases = []
    for views, tau in ((2, 0.5), (2, 0.1), (2, 0.05), (3, 0.2), (4, 0.5)):
        z = [unit(6, 5) for _ in range(views)]
        if views == 2:
            a, b = official_simclr(*z, tau)
            assert_equal((a + b) / 2, nt_xent(z, tau), "simclr")
            exact = [F.normalize(x, dim=1) for x in z]  # rows rounded to float32 are not quite of unit length; lightly scales them again
            assert_equal(NTXentLoss(temperature=tau)(*z), nt_xent(exact, tau), "lightly NTXentLoss")
        cases.append({"tau": tau} | with_gradients(lambda inputs: nt_xent(inputs, tau), z))
    return cases


def cosine_regressions():
    p, z = normal(6, 5), normal(6, 5)
    assert_equal(2 + 2 * NegativeCosineSimilarity()(p, z), cosine_regression(p, z), "lightly NegativeCosineSimilarity")
    return [with_gradients(lambda inputs: cosine_regression(*inputs), [p, z])]


def sinkhorns():
    cases = []
    for epsilon, iterations in ((0.05, 3), (0.05, 1), (0.3, 20), (1e-3, 3)):
        scores = (unit(10, 8) @ unit(6, 8).T).float().double()
        codes = sinkhorn_in_logs(scores, epsilon, iterations)
        if epsilon >= 0.05:
            assert (codes - sinkhorn(scores, epsilon, iterations)).abs().max() < 1e-13
        cases.append({"epsilon": epsilon, "iterations": iterations, "scores": array(scores), "codes": array(codes)})
    return cases


def swaps():
    cases = []
    for crops, large in ((2, 2), (5, 2)):
        tau, epsilon = 0.1, 0.05
        scores = [(unit(8, 6) @ unit(5, 6).T).float().double() for _ in range(crops)]
        codes = [sinkhorn(x, epsilon, 3) for x in scores[:large]]
        ours = swapped(scores, codes, tau)
        theirs = SwaVLoss(temperature=tau, sinkhorn_iterations=3, sinkhorn_epsilon=epsilon)(scores[:large], scores[large:])
        assert_equal(theirs, ours, "lightly SwaVLoss")
        rounded = [q.float().double() for q in codes]
        cases.append({"tau": tau, "codes": [array(q) for q in rounded]} | with_gradients(lambda inputs: swapped(inputs, rounded, tau), scores))
    return cases


def main():
    text = {
        "torch": torch.__version__,
        "ntXent": nt_xents(),
        "cosineRegression": cosine_regressions(),
        "sinkhorn": sinkhorns(),
        "swappedPrediction": swaps(),
    }
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}" for name, value in text.items())
    (HERE / "losses.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
