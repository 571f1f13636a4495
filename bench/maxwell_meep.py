#!/usr/bin/env python3
"""Our Maxwell march and Meep's, alternated: rates of each round, medians and the ratio.

    bench/maxwell_meep.py build/cpu/wavesmith [--rounds 3] [--processes 2] [--case maxwell3d|maxwell2d ...] [--json]

3D: 200^3 cells, absorbing layers of 10 cells on six faces, a dipole, our medium a random permittivity point by point,
Meep's a block (bench/meep_cases.py). 2D TM: 2000^2. Threads and MPI processes: the same number. Meep is Debian's build
(scripts/with-meep), in double precision, which is why ours is shown in both; on one process it is its plain build, on
one thread ours.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys

HOME = pathlib.Path(__file__).resolve().parent.parent


def last_json(command):
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in reversed(result.stdout.splitlines()):
        if line.startswith("{"):
            return json.loads(line)
    sys.exit(f"{' '.join(map(str, command))}\n{result.stderr}\nstatus {result.returncode}, no rate printed")


def ours(program, case, precision, threads):
    return last_json([program, "bench", case, "--json", "--precision", precision, "--threads", str(threads)])["rate"]


def meep(case, processes):
    return last_json([HOME / "scripts" / "with-meep", "-n", str(processes), HOME / "bench" / "meep_cases.py",
                      case])["rate"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--case", action="append", choices=["maxwell3d", "maxwell2d"])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for case in options.case or ["maxwell3d", "maxwell2d"]:
        rounds = []
        for number in range(options.rounds):
            rates = {precision: ours(options.program, case, precision, options.processes)
                     for precision in ("f32", "f64")}
            rates["meep"] = meep(case, options.processes)
            rounds.append(rates)
            if not options.json:
                print(f"{case}, round {number + 1}: " + ", ".join(
                    f"{name} {rate / 1e6:.0f}" for name, rate in rates.items()) + " million cells/s", flush=True)
        row = {"name": case, "threads": options.processes, "rounds": options.rounds}
        for name in ("f32", "f64", "meep"):
            row[name] = statistics.median(r[name] for r in rounds)
        for name in ("f32", "f64"):
            ratios = [r[name] / r["meep"] for r in rounds]
            row[f"{name}_over_meep"] = {"min": min(ratios), "median": statistics.median(ratios), "max": max(ratios)}
        if options.json:
            print(json.dumps(row), flush=True)
            continue
        for name in ("f32", "f64"):
            ratio = row[f"{name}_over_meep"]
            print(f"{case} on {options.processes}: {name} {row[name] / 1e6:.0f}, Meep {row['meep'] / 1e6:.0f} million "
                  f"cells/s, {ratio['median']:.1f} times ({ratio['min']:.1f} to {ratio['max']:.1f})", flush=True)


main()
