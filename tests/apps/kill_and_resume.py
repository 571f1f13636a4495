"""Runs of waves in time that are killed and go on: the results are those of a run in one piece, bit by
bit.

usage: kill_and_resume.py PROGRAM

Scenes with absorbing layers, dispersive media, monitors and snapshots, in single and double precision,
are killed (SIGKILL) after several states have been written and go on with --resume, with another number
of threads too. States that are cut short, of other bytes or of another scene are refused with a
sentence; Ctrl-C saves; a full disk leaves nothing half-written behind.
"""

import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import time

LIGHT = """
title = "Light and gold"
solver = "time_domain"
[domain]
equations = "tm"
size = ["4 um", "4 um"]
cell = "40 nm"
absorbing_cells = 12
[material.metal]
medium = "gold"
[material.glass]
index = 1.5
conductivity = 100
[[solid]]
kind = "cylinder"
material = "metal"
centre = ["0.5 um", "0 um"]
radius = "0.4 um"
[[solid]]
kind = "box"
material = "glass"
centre = ["0 um", "-1 um"]
size = ["1 um", "0.3 um"]
[[source]]
kind = "current"
field = "Ez"
centre = ["-1 um", "0.1 um"]
waveform = { kind = "pulse", wavelength = "0.9 um", relative_bandwidth = 0.2 }
[[monitor]]
kind = "flux"
name = "through"
axis = "x"
position = "1.2 um"
wavelengths = ["0.85 um", "0.9 um", "0.95 um"]
[[monitor]]
kind = "point"
name = "probe"
field = "Hy"
position = ["0 um", "0.7 um"]
[[monitor]]
kind = "snapshots"
name = "film"
fields = ["Ez"]
every = "40 fs"
[run]
time = "250 fs"
save_every = 0
[[metric]]
name = "power"
monitor = "through"
wavelength = "0.9 um"
"""

SOLID_LIGHT = """
title = "Light and water"
solver = "time_domain"
[domain]
equations = "maxwell"
size = ["1.5 um", "1.2 um", "1.2 um"]
cell = "50 nm"
absorbing_cells = 6
boundaries = { z = "periodic" }
[material.drop]
permittivity = 1.7
lorentz = [{ resonance = "700 THz", damping = "20 THz", strength = 0.4 }]
debye = [{ time = "3 fs", strength = 0.2 }]
[[solid]]
kind = "ball"
material = "drop"
radius = "0.25 um"
[[source]]
kind = "current"
field = "Ez"
centre = ["-0.3 um", "0 um", "0 um"]
waveform = { kind = "pulse", wavelength = "1 um", relative_bandwidth = 0.3 }
[[monitor]]
kind = "box_flux"
name = "out"
size = ["0.8 um", "0.55 um", "0.55 um"]
wavelengths = ["1 um", "1.1 um"]
[[monitor]]
kind = "snapshots"
name = "film"
fields = ["Ez", "Hx"]
every = "20 fs"
[run]
time = "130 fs"
save_every = 0
"""

SOUND = """
title = "Sound and steel"
solver = "time_domain"
[domain]
equations = "sound"
background = "water"
size = ["40 mm", "40 mm"]
cell = "0.4 mm"
absorbing_cells = 10
[material.water]
speed = "1500 m/s"
density = "1000 kg/m^3"
[material.heavy]
speed = "2000 m/s"
density = "3000 kg/m^3"
[[solid]]
kind = "cylinder"
material = "heavy"
radius = "5 mm"
[[source]]
kind = "current"
field = "p"
centre = ["-10 mm", "1 mm"]
waveform = { kind = "pulse", frequency = "200 kHz", relative_bandwidth = 0.5 }
[[monitor]]
kind = "flux"
name = "through"
axis = "x"
position = "10 mm"
frequencies = ["150 kHz", "250 kHz"]
count = 5
[[monitor]]
kind = "snapshots"
name = "film"
fields = ["p"]
every = "50 us"
[run]
time = "300 us"
save_every = 0
"""

failures = 0


def report(what, good, detail=""):
    global failures
    failures += 0 if good else 1
    print(f"{'ok   ' if good else 'FAILS'} {what}" + ("" if good else f"\n{detail}"), flush=True)


def words(program, scene, out, extra):
    return [program, "run", str(scene), "--out", str(out), "--quiet", *extra]


def run(program, scene, out, extra=(), limit=None):
    def bound():
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(words(program, scene, out, extra), capture_output=True, text=True,
                          preexec_fn=bound)


def state_of(out):
    return out / "checkpoint" / "march.state"


def stop_after(program, scene, out, extra, states, number):
    """Sends a signal after some states have been written; the exit status and what was printed."""
    process = subprocess.Popen(words(program, scene, out, extra), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    seen, last = 0, None
    while seen < states and process.poll() is None:
        try:
            info = os.stat(state_of(out))
            if (info.st_ino, info.st_mtime_ns) != last:
                last = (info.st_ino, info.st_mtime_ns)
                seen += 1
        except FileNotFoundError:
            pass
        time.sleep(0.0005)
    if process.poll() is None:
        process.send_signal(number)
    text = "".join(process.communicate())
    return process.returncode, text


def contents(out):
    """Of every file; what tells times of the clock is left out."""
    found = {}
    for path in sorted(out.rglob("*")):
        if path.is_dir() or path.name == "report.html":
            continue
        name = str(path.relative_to(out))
        if path.name == "result.json":
            result = json.loads(path.read_text())
            result.pop("timing")
            result["cost"].pop("cells_per_second")
            found[name] = json.dumps(result, sort_keys=True)
        else:
            found[name] = path.read_bytes()
    return found


def difference(a, b):
    return [name for name in sorted(a.keys() | b.keys()) if a.get(name) != b.get(name)]


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as root:
        folder = pathlib.Path(root)
        for name, text in [("light", LIGHT), ("solid_light", SOLID_LIGHT), ("sound", SOUND)]:
            scene = folder / f"{name}.toml"
            scene.write_text(text)
            for precision in ["f32", "f64"]:
                base = ["--precision", precision]
                whole = folder / f"{name}_{precision}_whole"
                done = run(program, scene, whole, base + ["--threads", "2"])
                report(f"{name} {precision} in one piece", done.returncode == 0,
                       done.stdout + done.stderr)
                expected = contents(whole)
                for states, before, after in [(1, "2", "2"), (6, "2", "1")]:
                    out = folder / f"{name}_{precision}_{states}"
                    what = f"{name} {precision} killed after state {states}, {before} then {after} threads"
                    status, text_out = stop_after(program, scene, out, base + ["--threads", before],
                                                  states, signal.SIGKILL)
                    report(what, status == -signal.SIGKILL and not (out / "result.json").exists(),
                           f"status {status}\n{text_out}")
                    done = run(program, scene, out, base + ["--threads", after, "--resume"])
                    wrong = difference(expected, contents(out))
                    report(f"{what}: goes on to the same bits", done.returncode == 0 and not wrong,
                           f"{wrong}\n{done.stdout}{done.stderr}")

        # What is not the state of this scene.
        scene = folder / "light.toml"
        whole = contents(folder / "light_f32_whole")
        out = folder / "light_states"
        base = ["--precision", "f32"]
        stop_after(program, scene, out, base, 3, signal.SIGKILL)
        state = state_of(out).read_bytes()

        def refused(what, status, parts, extra=(), precision="f32"):
            done = run(program, scene, out, ["--precision", precision, "--resume", *extra])
            text = done.stderr
            good = (done.returncode == status and text.startswith("wavesmith: ")
                    and text.count("\n") == 1 and all(part in text for part in parts))
            report(f"refused: {what}", good, f"status {done.returncode}\n{text}")

        refused("another scene", 2, ["march.state", "changed", "--resume"], ["--set", "run.time=200 fs"])
        refused("another precision", 2, ["march.state", "single precision"], precision="f64")
        for length in [0, 5, 8, 100, len(state) // 2, len(state) - 1]:
            state_of(out).write_bytes(state[:length])
            refused(f"cut to {length} bytes", 2, ["march.state"])
        for at in [9, 17, 30]:
            state_of(out).write_bytes(state[:at] + b"\xff" * 64 + state[at + 64:])
            refused(f"other bytes at {at}", 2, ["march.state"])
        state_of(out).write_bytes(state)
        done = run(program, scene, out, base + ["--resume"])
        wrong = difference(whole, contents(out))
        report("the state itself still goes on", done.returncode == 0 and not wrong,
               f"{wrong}\n{done.stdout}{done.stderr}")

        # Ctrl-C.
        out = folder / "light_interrupted"
        status, text = stop_after(program, scene, out, base, 2, signal.SIGINT)
        report("Ctrl-C saves and says how to go on", status == 130 and "--resume" in text,
               f"status {status}\n{text}")
        done = run(program, scene, out, base + ["--resume"])
        report("Ctrl-C: goes on to the same bits", done.returncode == 0 and
               not difference(whole, contents(out)), done.stderr)

        # No file may grow beyond a limit, as on a full disk: what has its final name is whole.
        for limit in [0, 3000, 30000]:
            out = folder / f"light_full_{limit}"
            done = run(program, scene, out, base, limit)
            left = contents(out)
            wrong = [name for name, data in left.items() if whole.get(name) != data]
            report(f"files of at most {limit} bytes", done.returncode == 3 and not wrong
                   and "wavesmith: " in done.stderr, f"status {done.returncode} {wrong}\n{done.stderr}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
