#!/usr/bin/env python3
"""Our scattering of a batch with all gradients against NumPy's batched inverse of the full matrices.

usage: scattering_numpy.py PROGRAM [--threads N] [--rounds N]

The network is the same, 128-80-10 resonators with a batch of 200 samples: NumPy inverts the 218 x
218 matrices of all samples (linalg.inv of a stack) and takes loss and gradients of detunings and
couplings from the inverse's columns. Rounds alternate in one run, and both get as many threads.
Prints one JSON object: samples per second of both, and the ratio round by round (median).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


def main():
    arguments = parse()
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(arguments.threads)
    import numpy as np

    sizes, kappa, batch = (128, 80, 10), 0.5, 200
    total, out = sum(sizes), slice(208, 218)
    random = np.random.default_rng(1)
    pixels = np.maximum(0, np.floor(random.uniform(-16, 17, (batch, 64)))) / 16
    inputs = 5 - 5 * np.repeat(pixels, 2, axis=1)
    alternating = np.where(np.arange(128) % 2 == 0, 4.0, -4.0)
    couplings = [1 + 0.1 * random.random((a, b)) for a, b in zip(sizes, sizes[1:])]
    labels = np.arange(batch) % 10

    def step(kind):
        base = np.zeros((total, total), dtype=kind)
        first = 0
        for a, b, strength in zip(sizes, sizes[1:], couplings):
            base[first:first + a, first + a:first + a + b] = -strength
            base[first + a:first + a + b, first:first + a] = -strength.T
            first += a
        diagonal = np.full((batch, total), 0.5j * kappa, dtype=kind)
        diagonal[:, :128] -= inputs + alternating
        matrices = np.repeat(base[None], batch, axis=0)
        index = np.arange(total)
        matrices[:, index, index] = diagonal
        green = np.linalg.inv(matrices)[:, :, out]  # columns from the read modes
        readings = -kappa * green[:, np.arange(208, 218), np.arange(10)].real
        logits = 8 * readings
        logits -= logits.max(axis=1, keepdims=True)
        share = np.exp(logits)
        share /= share.sum(axis=1, keepdims=True)
        share[np.arange(batch), labels] -= 1
        weighted = green * (-8 * kappa * share)[:, None, :].astype(kind)
        detunings = (weighted * green).real.sum(axis=(0, 2))
        gradients = []
        first = 0
        for a, b in zip(sizes, sizes[1:]):
            left = weighted[:, first:first + a].transpose(1, 0, 2).reshape(a, -1)
            right = green[:, first + a:first + a + b].transpose(1, 0, 2).reshape(b, -1)
            gradients.append(2 * (left @ right.T).real)
            first += a
        return readings, detunings, gradients

    def ours(precision):
        words = [arguments.program, "bench", "scattering", "--json", "--precision", precision,
                 "--threads", str(arguments.threads)]
        lines = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        rows = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
        return next(row for row in rows if "batch 200" in row["size"])["seconds"]["median"]

    for precision, kind in (("f32", np.complex64), ("f64", np.complex128)):
        step(kind)
        theirs_seconds, ours_seconds = [], []
        for _ in range(arguments.rounds):
            start = time.perf_counter()
            step(kind)
            theirs_seconds.append((time.perf_counter() - start) / batch)
            ours_seconds.append(ours(precision))
        ratios = [a / b for a, b in zip(theirs_seconds, ours_seconds)]
        print(json.dumps({
            "precision": precision, "threads": arguments.threads, "numpy": np.__version__,
            "numpy_rate": 1 / statistics.median(theirs_seconds),
            "rate": 1 / statistics.median(ours_seconds),
            "ratio": {"min": min(ratios), "median": statistics.median(ratios),
                      "max": max(ratios)}}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
