#!/usr/bin/env python3
"""Meep's side of bench/maxwell_meep.py: prints the rate of its stepping loop as one JSON line.

    scripts/with-meep -n 2 bench/meep_cases.py maxwell3d|maxwell2d [--cells N] [--rounds 3]

A cube (a square, Ez alone) of N cells with absorbing layers of 10 cells inside of it on all sides, permittivity 12 in
its middle third, one dipole. Cells are all cells, those in the layers included. No output, no monitors.
"""
import argparse
import json
import statistics
import time

import meep as mp


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("case", choices=["maxwell3d", "maxwell2d"])
    parser.add_argument("--cells", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    mp.verbosity(0)
    three = options.case == "maxwell3d"
    n = options.cells or (200 if three else 2000)
    depth = n if three else 0
    simulation = mp.Simulation(
        cell_size=mp.Vector3(n, n, depth),
        resolution=1,
        boundary_layers=[mp.PML(10)],
        geometry=[mp.Block(size=mp.Vector3(n / 3, n / 3, depth / 3), material=mp.Medium(epsilon=12))],
        sources=[mp.Source(mp.GaussianSource(0.05, fwidth=0.02), component=mp.Ez, center=mp.Vector3())],
        eps_averaging=False)
    mp.set_zero_subnormals(True)
    simulation.init_sim()
    cells = n ** (3 if three else 2)
    steps = max(10, int(1e8 / cells))

    def seconds_of(count):
        start = time.perf_counter()
        for _ in range(count):
            simulation.fields.step()
        return time.perf_counter() - start

    seconds_of(5)
    rates = [cells * steps / seconds_of(steps) for _ in range(options.rounds)]
    if mp.am_master():
        print(json.dumps({"name": options.case, "cells": n, "processes": mp.count_processors(),
                          "rate": statistics.median(rates), "best": max(rates)}))


main()
