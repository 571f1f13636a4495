#!/usr/bin/env python3
"""Checks the rules of the source tree and names every line that breaks one.

  - Includes follow the arrow core <- kernels <- physics <- solvers <- training; viz sees core only;
    apps, tests and bench see everything; nothing sees them (apps its own files, tests apps too).
  - Includes are written from the root, and the file is there.
  - Headers of core include the standard library only.
  - Device code and OpenMP are in kernels only (tests and bench may have them).
  - VTK headers are in viz only (tests may have them).
  - No source has more than 500 lines (documents and data excepted).

Usage: layers.py [--root FOLDER] [--self-test]
"""

import argparse
import pathlib
import re
import sys
import tempfile

SEES = {
    "core": {"core"},
    "kernels": {"core", "kernels"},
    "physics": {"core", "kernels", "physics"},
    "solvers": {"core", "kernels", "physics", "solvers"},
    "training": {"core", "kernels", "physics", "solvers", "training"},
    "viz": {"core", "viz"},
}
EVERYTHING = set(SEES)
SEES["apps"] = EVERYTHING | {"apps"}
SEES["tests"] = EVERYTHING | {"apps", "tests"}
SEES["bench"] = EVERYTHING | {"bench"}
SEES["python"] = EVERYTHING | {"python"}

CODE = {".cpp", ".hpp", ".cu", ".cuh"}
OTHER_SOURCES = {".py", ".cmake"}
MAY_HOLD_DEVICE_CODE = {"kernels", "tests", "bench"}
MAY_HOLD_VTK = {"viz", "tests"}
LONGEST = 500

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
DEVICE = re.compile(r"__device__|__global__|<<<|#\s*pragma\s+omp\b|\b_Pragma\s*\(\s*\"omp\b")
STANDARD = re.compile(r"^[a-z_0-9]+$|^(stdint|stddef|math|string)\.h$")


def without_comments(text):
    """The text with comments blanked and string literals kept; line numbers stay."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)

    def blank(match):
        found = match.group()
        return re.sub(r"[^\n]", " ", found) if found[0] == "/" else found

    return token.sub(blank, text)


def sources(root):
    for folder in sorted(set(SEES) | {"cmake", "scripts"}):
        for path in sorted((root / folder).rglob("*")):
            is_script = folder == "scripts" and not path.suffix
            known = path.suffix in CODE | OTHER_SOURCES or path.name == "CMakeLists.txt"
            if path.is_file() and (known or is_script):
                yield folder, path
    if (root / "CMakeLists.txt").is_file():
        yield "", root / "CMakeLists.txt"


def broken_include(root, folder, path, quote, name):
    first = name.split("/")[0]
    if quote == "<":
        if re.match(r"vtk\w*\.h", name) and folder not in MAY_HOLD_VTK:
            return f"<{name}> outside viz: hand a core::Frame to viz instead"
        if folder == "core" and path.suffix == ".hpp" and not STANDARD.match(name):
            return f"<{name}> in a header of core, which sees the standard library only"
        return None
    if first not in SEES:
        return f'"{name}" is not written from the root of the tree'
    if first not in SEES[folder]:
        return f"{folder} must not include {first} (\"{name}\")"
    if not (root / name).is_file():
        return f'"{name}" does not exist'
    return None


def check(root):
    """Every broken rule, as `path:line: what`."""
    broken = []
    for folder, path in sources(root):
        where = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        count = len(text.splitlines())
        if count > LONGEST:
            broken.append(f"{where}:{count}: more than {LONGEST} lines; split it by subject")
        # The consumer test is a project of its own: it sees the installed headers.
        if path.suffix not in CODE or where.startswith("tests/consumer/"):
            continue
        for number, line in enumerate(without_comments(text).splitlines(), 1):
            include = INCLUDE.match(line)
            if include:
                what = broken_include(root, folder, path, *include.groups())
                if what:
                    broken.append(f"{where}:{number}: {what}")
            if folder not in MAY_HOLD_DEVICE_CODE and DEVICE.search(line):
                broken.append(f"{where}:{number}: device code or OpenMP outside kernels")
    return broken


def self_test():
    """Plants one violation at a time in a clean tree: each must be caught, and the clean tree not."""
    clean = {
        "core/a.hpp": "#pragma once\n#include <vector>\n// #include \"solvers/s.hpp\" <<< __global__\n",
        "core/a.cpp": '#include "core/a.hpp"\n#include <fmt/core.h>\n',
        "kernels/k.cu": '#include "core/a.hpp"\n__global__ void f();\n',
        "kernels/k.hpp": "#pragma omp parallel for\n",
        "solvers/s.hpp": '#include "kernels/k.hpp"\n#include "core/a.hpp"\n',
        "viz/v.cpp": '#include <vtkImageData.h>\n#include "core/a.hpp"\n',
        "apps/main.cpp": '#include "solvers/s.hpp"\n#include "viz/none.hpp"\n',
        "viz/none.hpp": "\n",
        "tests/solvers/s_test.cpp": '#include <vtkImageData.h>\n#include "solvers/s.hpp"\n',
    }
    violations = [
        ("core/b.cpp", '#include "kernels/k.hpp"\n'),
        ("core/b.hpp", "#include <fmt/core.h>\n"),
        ("kernels/b.cpp", '#include "physics/p.hpp"\n'),
        ("physics/b.hpp", '#  include "solvers/s.hpp"\n'),
        ("solvers/b.cpp", '#include "viz/none.hpp"\n'),
        ("solvers/b.cpp", '#include "s.hpp"\n'),
        ("solvers/b.cpp", '#include "solvers/missing.hpp"\n'),
        ("solvers/b.cpp", "  #pragma omp parallel for\n"),
        ("solvers/b.cpp", '_Pragma("omp simd")\n'),
        ("training/b.cpp", "launch<<<1, 1>>>();\n"),
        ("training/b.hpp", "__device__ int f();\n"),
        ("training/b.cpp", "#include <vtkImageData.h>\n"),
        ("training/b.cpp", '#include "apps/main.hpp"\n'),
        ("viz/b.cpp", '#include "solvers/s.hpp"\n'),
        ("bench/b.cpp", '#include "tests/t.hpp"\n'),
        ("apps/deep/b.cpp", "\n" * (LONGEST + 1)),
        ("scripts/long", "\n" * (LONGEST + 1)),
    ]
    missed = []

    def broken_with(extra):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in {**clean, **extra}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            return check(root)

    if broken_with({}):
        missed.append(f"the clean tree was refused: {broken_with({})}")
    for name, text in violations:
        found = broken_with({name: text})
        if len(found) != 1 or not found[0].startswith(name + ":"):
            missed.append(f"{name} with {text.strip()[:60]!r}: {found}")
    print("\n".join(missed) or f"caught all {len(violations)} planted violations")
    return 1 if missed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    broken = check(arguments.root)
    for line in broken:
        print(line)
    if not broken:
        print("the tree keeps its rules")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
