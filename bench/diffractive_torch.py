#!/usr/bin/env python3
"""A training step of five diffractive layers in PyTorch, alternated with `wavesmith bench diffractive`.

    bench/diffractive_torch.py build/cpu/wavesmith [--rounds 5] [--batch 32] [--threads 2]

The same job: 200 x 200 phase layers padded to 400 x 400, complex64, forward, backward, Adam. Prints both rates of each
round, the median ratio, and which build of PyTorch it was: Debian's has no MKL and transforms on one thread, which
makes it a weak peer.
"""
import argparse
import json
import statistics
import subprocess
import time

import torch

LAYERS, SAMPLES, PADDED = 5, 200, 400


def make_step(batch):
    torch.manual_seed(1)
    transfer = torch.exp(2j * torch.pi * torch.rand(PADDED, PADDED)).to(torch.complex64)
    phases = [torch.zeros(SAMPLES, SAMPLES, requires_grad=True) for _ in range(LAYERS)]
    optimizer = torch.optim.Adam(phases, lr=1e-3)
    field = torch.rand(batch, SAMPLES, SAMPLES).to(torch.complex64)
    regions = torch.zeros(10, SAMPLES, SAMPLES)
    for c in range(10):
        regions[c, 20 + 60 * (c // 4):44 + 60 * (c // 4), 10 + 48 * (c % 4):34 + 48 * (c % 4)] = 1
    labels = torch.arange(batch) % 10

    def propagate(u):
        spectrum = torch.fft.fft2(u, s=(PADDED, PADDED)) * transfer
        return torch.fft.ifft2(spectrum)[:, :SAMPLES, :SAMPLES]

    def step():
        optimizer.zero_grad()
        u = propagate(field)
        for phase in phases:
            u = propagate(u * torch.exp(1j * phase))
        readings = torch.einsum("bij,cij->bc", u.abs() ** 2, regions)
        scores = 10 * readings / readings.sum(dim=1, keepdim=True)
        torch.nn.functional.cross_entropy(scores, labels).backward()
        optimizer.step()

    return step


def ours(program, threads, batch):
    command = [program, "bench", "diffractive", "--json", "--threads", str(threads), "--device", "cpu"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    for row in map(json.loads, lines):
        if row["size"].endswith(f"batch {batch}"):
            return row["rate"]
    raise SystemExit(f"wavesmith bench has no batch of {batch}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    step = make_step(arguments.batch)
    step()
    mkl = "with" if torch.backends.mkl.is_available() else "without"
    print(f"PyTorch {torch.__version__}, {mkl} MKL, {arguments.threads} threads, batch {arguments.batch}")
    ratios = []
    for number in range(arguments.rounds):
        start = time.perf_counter()
        step()
        theirs = arguments.batch / (time.perf_counter() - start)
        mine = ours(arguments.program, arguments.threads, arguments.batch)
        ratios.append(mine / theirs)
        print(f"round {number + 1}: PyTorch {theirs:.1f}, wavesmith {mine:.1f} samples/s, ratio {ratios[-1]:.1f}")
    print(f"median ratio {statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})")


if __name__ == "__main__":
    main()
