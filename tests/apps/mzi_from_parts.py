"""An interferometer's fields against the product of its parts.

usage: mzi_from_parts.py PROGRAM SCENES_FOLDER [CELL_NM] [FOLDER]

Runs the whole (scene 45), one coupler (scene 47) and the two arms (a straight guide between planes
as far apart, with and without the phase shifter), each as fields. In a network of those parts
  [bar, cross] = C diag(exp(i theta_1), exp(i theta_2)) C [1, 0],   C = [t, k; k, t],
where the second coupler is the first one, seen from its other side. Prints splitting and phase of
the coupler, the phases of the arms, and the largest distance of the amplitudes over the band; ends
with status 1 where it is above one per cent of the light that came in.
"""

import cmath
import csv
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile

LARGEST_DISTANCE = 0.01


def run(program, scene, out, cell):
    overrides = [f"domain.cell={cell:g} nm", f"domain.absorbing_cells={round(800 / cell)}",
                 "expect={}", "output.pictures=false", "output.fields=false"]
    words = [program, "run", str(scene), "--out", str(out), "--quiet"]
    for override in overrides:
        words += ["--set", override]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{scene} ends with status {done.returncode}\n{done.stdout}{done.stderr}")
    rows = list(csv.reader((out / "curves" / "S.csv").open()))
    numbers = [[float(cell) for cell in row] for row in rows[1:]]
    columns = [i for i, name in enumerate(rows[0]) if name.startswith("S ") and "_imag" not in name]
    return [row[0] for row in numbers], [[complex(row[c], row[c + 1]) for c in columns]
                                         for row in numbers]


def straight_guide(whole, half, index):
    """The upper arm of the interferometer alone: its tables of material, source, monitors."""
    def replaced(pattern, new, text):
        text, count = re.subn(pattern, new, text)
        assert count > 0, pattern
        return text

    text = replaced(r"(?s)# Both guides.*?(?=# Between the couplers)",
                    '[[solid]]\nkind = "box"\nmaterial = "guide"\ncentre = ["0 um", "0.9 um"]\n'
                    'size = ["80 um", "0.4 um"]\n\n', whole)
    text = replaced(r'index = 2\.35', f"index = {index}", text)
    text = replaced(r'size = \["[\d.]+ um", "6\.4 um"\]',
                    f'size = ["{2 * (half + 1.6):g} um", "6.4 um"]', text)
    text = replaced(r'"-1\.6 um"\]', '"1.6 um"]', text)  # the source's and the monitors' middles
    at = [float(word) for word in re.findall(r'position = "(-?[\d.]+) um"', whole)]
    plane = max(at)
    text = replaced(rf'position = "{min(at):g} um"', f'position = "{-half - 0.48:g} um"', text)
    text = replaced(rf'position = "{-plane:g} um"', f'position = "{-half:g} um"', text)
    text = replaced(rf'position = "{plane:g} um"', f'position = "{half:g} um"', text)
    return text


def main():
    program, scenes = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    cell = float(sys.argv[3]) if len(sys.argv) > 3 else 40.0
    whole = (scenes / "45_mzi.toml").read_text()
    coupler = (scenes / "47_mzi_coupler.toml").read_text()

    def planes(text):
        return max(float(w) for w in re.findall(r'position = "(-?[\d.]+) um"', text))

    half = planes(whole) - 2 * planes(coupler)  # of an arm, between the couplers' planes
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(sys.argv[4] if len(sys.argv) > 4 else made)
        folder.mkdir(exist_ok=True)
        arms = {}
        for name, index in (("plain", 2.2), ("shifted", 2.35)):
            scene = folder / f"{name}.toml"
            scene.write_text(straight_guide(whole, half, index))
            arms[name] = [row[1] for row in run(program, scene, folder / name, cell)[1]]
        _, c = run(program, scenes / "47_mzi_coupler.toml", folder / "coupler", cell)
        frequencies, s = run(program, scenes / "45_mzi.toml", folder / "whole", cell)

    print("frequency   splitting  k against t    lost   shift      bar: fields network   "
          "cross: fields network   distance")
    worst = 0.0
    for f, parts, lower, upper, fields in zip(frequencies, c, arms["plain"], arms["shifted"], s):
        t, k = parts[1], parts[2]
        bar = t * lower * t + k * upper * k
        cross = k * lower * t + t * upper * k
        distance = max(abs(fields[1] - bar), abs(fields[2] - cross))
        worst = max(worst, distance)
        if abs(f / 1e12 - round(f / 1e12)) < 1e-6 and round(f / 1e12) % 2 == 0:
            share = abs(k) ** 2 / (abs(k) ** 2 + abs(t) ** 2)
            print(f"{f / 1e12:5.0f} THz   {share:9.4f}  {math.degrees(cmath.phase(k / t)):7.2f} deg  "
                  f"{1 - abs(k) ** 2 - abs(t) ** 2:6.4f}  {math.degrees(cmath.phase(upper / lower)):6.1f} "
                  f"deg   {abs(fields[1]):.4f} {abs(bar):.4f}        {abs(fields[2]):.4f} "
                  f"{abs(cross):.4f}         {distance:.1e}")
    print(f"cells of {cell:g} nm: fields and network differ by at most {worst:.2e}")
    sys.exit(0 if worst < LARGEST_DISTANCE else 1)


if __name__ == "__main__":
    main()
