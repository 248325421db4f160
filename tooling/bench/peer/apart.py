"""How far the outputs of two runtimes are apart: of most numbers, and of the worst, where a ReLU's input is zero to rounding."""
import numpy as np


def report(expected, found):
    """Prints, over all outputs, errors relative to the largest number of their output; both are dicts of arrays by name."""
    errors, rows = [], []
    for name, want in expected.items():
        error = np.abs(want - found[name]).ravel() / (np.abs(want).max() or 1.0)
        errors.append(error)
        rows.append((float(error.max()), float((error > 1e-3).mean()), name))
    errors = np.concatenate(errors)
    print(f"of {errors.size:,} numbers: median error {np.median(errors):.1e}, {(errors > 1e-3).mean():.1e} of them above 1e-3")
    for worst, share, name in sorted(rows, reverse=True)[:5]:
        print(f"  {worst:.1e}, {share:.1e} of them above 1e-3: {name}")
