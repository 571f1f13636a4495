#!/usr/bin/env python3
"""Five devices by the time march and by Meep, and by theory where there is one.

    bench/crosscheck_meep.py build/cpu/wavesmith [--device ring ...] [--out FOLDER] [--processes 2]

Runs the scenes 32 to 36 and bench/meep_devices.py, on cells of the same size. Status 1 where the two differ by more
than the last column, which is what is known to be different between them:

    ring      the material's edge on the grid, smoothed by both but not in the same way; the absorbing layers
    bend      Meep's mode is that of an exact slab, ours that of the grid (Debian's Meep has no mode solver)
    coupler   the same, and which cells a window of 1.5 counts
    cylinder  the material's edge; Meep takes the incident field off with a second run
    sphere    the same, on cells of a fortieth of a micrometre: both lie below theory
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

HOME = pathlib.Path(__file__).resolve().parent.parent

# scene; number: (from our metrics, theory or None, tolerance relative to Meep, or absolute below 0.1)
DEVICES = {
    "ring": ("32_ring_resonator", {"frequency": (lambda m: m["frequency"], 35.43298e12, 5e-4),
                                   "quality": (lambda m: m["quality"], 77.2554, 0.015)}),
    "bend": ("33_waveguide_bend", {"S21": (lambda m: m["S21"], None, 0.03), "S11": (lambda m: m["S11"], None, 0.03)}),
    "coupler": ("34_directional_coupler",
                {"share_over": (lambda m: m["power_over"] / (m["power_over"] + m["power_left"]), None, 0.01)}),
    "cylinder": ("35_mie_cylinder", {"efficiency": (lambda m: m["efficiency"], 3.788208074, 0.002)}),
    "sphere": ("36_mie_sphere", {"efficiency": (lambda m: m["efficiency"], 3.036170633, 0.015)}),
}


def ours(program, scene, out):
    folder = out / scene
    result = subprocess.run([program, "run", HOME / "scenes" / f"{scene}.toml", "--out", folder],
                            capture_output=True, text=True, check=False)
    found = folder / "result.json"
    if not found.exists():
        sys.exit(f"{scene} ended with status {result.returncode}\n{result.stderr}")
    return json.loads(found.read_text())["metrics"]


def meep(device, processes):
    result = subprocess.run([HOME / "scripts" / "with-meep", "-n", str(processes), HOME / "bench" / "meep_devices.py",
                             device], capture_output=True, text=True, check=False)
    for line in result.stdout.splitlines():
        if line.startswith("{"):
            return json.loads(line)
    sys.exit(f"Meep's {device} ended with status {result.returncode}\n{result.stderr}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--device", action="append", choices=DEVICES)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    out = options.out or pathlib.Path(tempfile.mkdtemp())
    apart = []
    print(f"{'device':9} {'number':11} {'ours':>13} {'Meep':>13} {'theory':>13} {'apart':>9} {'allowed':>8}")
    for device in options.device or DEVICES:
        scene, numbers = DEVICES[device]
        metrics, other = ours(options.program, scene, out), meep(device, options.processes)
        for name, (of, theory, allowed) in numbers.items():
            mine, theirs = of(metrics), other[name]
            difference = abs(mine - theirs) / (abs(theirs) if abs(theirs) > 0.1 else 1.0)
            if difference > allowed:
                apart.append(f"{device} {name}")
            print(f"{device:9} {name:11} {mine:13.7g} {theirs:13.7g} {theory or '':>13} {difference:9.1e} "
                  f"{allowed:8.1e}", flush=True)
    if apart:
        sys.exit("further apart than allowed: " + ", ".join(apart))


main()
