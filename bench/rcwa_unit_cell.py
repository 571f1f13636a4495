#!/usr/bin/env python3
"""A table of unit cells by rigorous coupled waves, beside that of `wavesmith run`.

usage: rcwa_unit_cell.py TABLE [--n PILLAR] [--substrate INDEX] [--orders N] [--along | --across]
                         [--every K] [--convergence]

TABLE is the table.csv of a scene of solver = "unit_cells". Each cell is solved again by an
independent method, and the differences of the complex transmission are printed: the largest, the
root mean square, and both tables at the largest one.

One layer between substrate and air at normal incidence, exp(-i omega t):

    E'' = (k0^2)^-1 ... in harmonics: d^2 e / dz^2 = -k0^2 P Q e

with P and Q of M. G. Moharam, E. B. Grann, D. A. Pommet and T. K. Gaylord, J. Opt. Soc. Am. A 12,
1068 (1995), for gratings with the inverse rule where E crosses the ridge (L. Li, J. Opt. Soc. Am. A
13, 1870 (1996)), and for pillars by L. Li, J. Opt. Soc. Am. A 14, 2758 (1997): Laurent's rule along
one axis and the inverse rule along the other, for square pillars; round and elliptic ones as
staircases of that. Boundary conditions are solved without growing exponentials (enhanced
transmittance in scattering form).
"""

import argparse
import csv
import sys

import numpy as np


def fourier_of_ridge(inside, outside, width, pitch, count):
    """Coefficients -2N..2N of a function of x: `inside` for |x| < width / 2."""
    m = np.arange(-2 * count, 2 * count + 1)
    share = width / pitch
    coefficients = (inside - outside) * share * np.sinc(m * share)
    coefficients[2 * count] += outside
    return coefficients.astype(complex)


def toeplitz(coefficients, count):
    i = np.arange(2 * count + 1)
    return coefficients[i[:, None] - i[None, :] + 2 * count]


def zeroth_order(p_q, v_of, k_z_below, k_z_above, admittance_below, admittance_above, height, k0,
                 incident):
    """Transmitted harmonics of a layer with modes of d^2 e = p_q e.

    v_of(w, q): tangential H of the modes w with exponents q; admittances: H of E's harmonics in the
    half spaces, as matrices.
    """
    values, w = np.linalg.eig(p_q)
    q = np.sqrt(values.astype(complex))
    q = np.where(q.real < 0, -q, q)  # exp(-k0 q z) decays upwards
    q = np.where((np.abs(q.real) < 1e-12 * np.abs(q)) & (q.imag > 0), -q, q)  # or travels upwards
    v = v_of(w, q)
    x = np.diag(np.exp(-k0 * q * height))
    # At the bottom: incident + r = w (a + x b), Y_below (incident - r) = v (a - x b).
    # At the top:    t = w (x a + b),            Y_above t = v (x a - b).
    size = w.shape[0]
    below, above = admittance_below, admittance_above
    zero = np.zeros((size, size))
    system = np.block([
        [-np.eye(size), zero, w, w @ x],
        [below, zero, v, -v @ x],
        [zero, -np.eye(size), w @ x, w],
        [zero, -above, v @ x, -v],
    ])
    right = np.concatenate([incident, below @ incident, np.zeros(2 * size)])
    solution = np.linalg.solve(system, right)
    return solution[:size], solution[size:2 * size]


def root(value):
    """The branch that travels or decays upwards."""
    result = np.sqrt(np.asarray(value, dtype=complex))
    return np.where(result.imag < 0, -result, np.where(
        (np.abs(result.imag) < 1e-14) & (result.real < 0), -result, result))


def grating(n, substrate, pitch, height, width, wavelength, along, count):
    """E of the zeroth order over that of the incident wave, between the cell's two faces."""
    k0 = 2 * np.pi / wavelength
    orders = np.arange(-count, count + 1)
    kx = orders * wavelength / pitch
    eps = toeplitz(fourier_of_ridge(n**2, 1.0, width, pitch, count), count)
    inverse = toeplitz(fourier_of_ridge(1 / n**2, 1.0, width, pitch, count), count)
    kz_below, kz_above = root(substrate**2 - kx**2), root(1.0 - kx**2)
    incident = np.zeros(2 * count + 1, complex)
    incident[count] = 1.0
    if along:  # u = E along the ridge; its partner is (-i/k0) du/dz
        p_q = np.diag(kx**2) - eps
        partner = lambda w, q: 1j * w * q
        below, above = np.diag(kz_below), np.diag(kz_above)
        _, t = zeroth_order(p_q, partner, kz_below, kz_above, below, above, height, k0, incident)
        return t[count]
    # u = H along the ridge: d/dz (1/eps) d/dz u, with the inverse rule for the eps that E_x meets.
    hard = np.linalg.inv(inverse)
    p_q = hard @ (np.diag(kx) @ np.linalg.solve(eps, np.diag(kx)) - np.eye(2 * count + 1))
    partner = lambda w, q: 1j * inverse @ (w * q)
    below, above = np.diag(kz_below / substrate**2), np.diag(kz_above)
    _, t = zeroth_order(p_q, partner, kz_below, kz_above, below, above, height, k0, incident)
    # E = Z0 H / n.
    return t[count] * substrate


def area_fourier(pillar, background, shape, size, aspect, pitch, count, steps=400):
    """[[eps]], and eps with the inverse rule along x or along y, over 2D orders."""
    n1 = 2 * count + 1
    # Strips along x of constant y, in which the pillar is one interval.
    y = (np.arange(steps) + 0.5) / steps * pitch - 0.5 * pitch

    def half_width(y, half_x, half_y, square):
        if square:
            return np.where(np.abs(y) < half_y, half_x, 0.0)
        return half_x * np.sqrt(np.maximum(0.0, 1.0 - (y / half_y) ** 2))

    square = shape == "square"
    half_x = 0.5 * size if square else size
    half_y = 0.5 * size if square else size * aspect

    def laurent_of_inverse_rule(half_along, half_across):
        """Inverse rule along the first axis, Laurent's along the second: [n1, n1] by [n2, n2]."""
        result = np.zeros((n1, n1, 4 * count + 1), complex)
        if square:
            edges = np.array([0.0, half_across, 0.5 * pitch])
            pieces = [(edges[0], edges[1], half_along), (edges[1], edges[2], 0.0)]
        else:
            cut = np.linspace(0.0, np.pi / 2, steps + 1)
            at = half_across * np.sin(cut)
            middle = half_across * np.sin(0.5 * (cut[1:] + cut[:-1]))
            wide = half_along * np.sqrt(1 - (middle / half_across) ** 2)
            pieces = list(zip(at[:-1], at[1:], wide)) + [(half_across, 0.5 * pitch, 0.0)]
        m = np.arange(-2 * count, 2 * count + 1)
        for low, high, wide in pieces:
            if high <= low:
                continue
            row = np.linalg.inv(toeplitz(
                fourier_of_ridge(1 / pillar, 1 / background, 2 * wide, pitch, count), count))
            # Both strips, at +y and -y.
            weight = 2 * (high * np.sinc(2 * m * high / pitch)
                          - low * np.sinc(2 * m * low / pitch)) / pitch
            result += row[:, :, None] * weight[None, None, :]
        i = np.arange(n1)
        return result[:, :, i[:, None] - i[None, :] + 2 * count]  # [a, a', b, b']

    def laurent():
        result = np.zeros((4 * count + 1, 4 * count + 1), complex)
        m = np.arange(-2 * count, 2 * count + 1)
        if square:
            shares = size / pitch
            result = (pillar - background) * np.outer(shares * np.sinc(m * shares),
                                                      shares * np.sinc(m * shares)).astype(complex)
        else:
            from math import pi
            g = 2 * pi / pitch * np.hypot(half_x * m[:, None], half_y * m[None, :])
            result = (pillar - background) * pi * half_x * half_y / pitch**2 * jinc(g)
            result = result.astype(complex)
        result[2 * count, 2 * count] += background
        i = np.arange(n1)
        return result[(i[:, None] - i[None, :] + 2 * count)[:, :, None, None],
                      (i[:, None] - i[None, :] + 2 * count)[None, None, :, :]]

    # [x, x', y, y'] -> [(x, y), (x', y')]
    flat = lambda a: a.transpose(0, 2, 1, 3).reshape(n1 * n1, n1 * n1)
    for_x = flat(laurent_of_inverse_rule(half_x, half_y))
    swapped = laurent_of_inverse_rule(half_y, half_x)  # [y, y', x, x']
    for_y = flat(swapped.transpose(2, 3, 0, 1))
    return flat(laurent()), for_x, for_y


def jinc(x):
    """2 J1(x) / x, by the integral of its definition."""
    angle = (np.arange(400) + 0.5) / 400 * np.pi
    return np.mean(np.cos(x[..., None] * np.cos(angle)) * np.sin(angle) ** 2, axis=-1) * 2


def pillar(n, substrate, pitch, height, size, aspect, shape, wavelength, count):
    k0 = 2 * np.pi / wavelength
    orders = np.arange(-count, count + 1)
    kx = np.repeat(orders, 2 * count + 1) * wavelength / pitch
    ky = np.tile(orders, 2 * count + 1) * wavelength / pitch
    eps, eps_x, eps_y = area_fourier(n**2, 1.0, shape, size, aspect, pitch, count)
    one = np.eye(len(kx))
    kx_m, ky_m = np.diag(kx), np.diag(ky)
    inverse = np.linalg.inv(eps)
    # d/dz (Ex, Ey) = i k0 P (Hx, Hy), d/dz (Hx, Hy) = i k0 Q (Ex, Ey), H times Z0.
    p = np.block([[kx_m @ inverse @ ky_m, one - kx_m @ inverse @ kx_m],
                  [ky_m @ inverse @ ky_m - one, -ky_m @ inverse @ kx_m]])
    q_m = np.block([[-kx_m @ ky_m, kx_m @ kx_m - eps_y],
                    [eps_x - ky_m @ ky_m, ky_m @ kx_m]])

    def admittance(index):
        kz = root(index**2 - kx**2 - ky**2)
        return np.block([[np.diag(-kx * ky / kz), np.diag(-(index**2 - kx**2) / kz)],
                         [np.diag((index**2 - ky**2) / kz), np.diag(kx * ky / kz)]])

    incident = np.zeros(2 * len(kx), complex)
    zeroth = len(kx) // 2
    incident[zeroth] = 1.0
    partner = lambda w, q: np.linalg.solve(p, w * (1j * q))
    _, t = zeroth_order(-p @ q_m, partner, None, None, admittance(substrate), admittance(1.0),
                        height, k0, incident)
    return t[zeroth]


def transmission(options, row, shape, count):
    """As in the table: share of power in |t|^2, phase against the bare substrate and air."""
    wavelength, pitch, height = row["wavelength_m"], row["pitch_m"], row["height_m"]
    if shape == "ridge":
        e = grating(options.n, options.substrate, pitch, height, row["ridge_width_m"], wavelength,
                    options.along, count)
    else:
        size = row["width_m"] if shape == "square" else row["radius_m"]
        e = pillar(options.n, options.substrate, pitch, height, size, row["aspect"], shape,
                   wavelength, count)
    return e / np.sqrt(options.substrate) * np.exp(-2j * np.pi / wavelength * height)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table")
    parser.add_argument("--n", type=float, default=2.4)
    parser.add_argument("--substrate", type=float, default=1.46)
    parser.add_argument("--orders", type=int, default=0, help="-N..N; ridges 40, pillars 7")
    parser.add_argument("--every", type=int, default=1, help="only every K-th row")
    parser.add_argument("--convergence", action="store_true", help="also with two thirds of them")
    parser.add_argument("--across", dest="along", action="store_false",
                        help="E across the ridges")
    parser.add_argument("--along", dest="along", action="store_true")
    options = parser.parse_args()
    with open(options.table) as file:
        lines = [line for line in file if not line.startswith("#")]
    rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(lines)]
    rows = rows[::options.every]
    if "ridge_width_m" in rows[0]:
        shape = "ridge"
    elif "width_m" in rows[0]:
        shape = "square"
    else:
        shape = "round" if rows[0]["aspect"] == 1 else "elliptic"
    count = options.orders or (40 if shape == "ridge" else 7)
    table = np.array([row["real"] + 1j * row["imaginary"] for row in rows])
    ours = np.array([transmission(options, row, shape, count) for row in rows])
    difference = np.abs(table - ours)
    worst = int(np.argmax(difference))
    size = next(key for key in ("ridge_width_m", "width_m", "radius_m") if key in rows[0])
    print(f"{len(rows)} {shape} cells, orders -{count}..{count}")
    print(f"largest difference {difference.max():.2e}, root mean square "
          f"{np.sqrt(np.mean(difference**2)):.2e}, median {np.median(difference):.2e}")
    print(f"largest at {size} = {rows[worst][size]:.6g}, {rows[worst]['wavelength_m']:.6g} m: "
          f"table {table[worst]:.5f}, coupled waves {ours[worst]:.5f}")
    print(f"coupled waves: powers {np.min(np.abs(ours)**2):.4f} to {np.max(np.abs(ours)**2):.4f}, "
          f"phases over {np.ptp(np.unwrap(np.angle(ours))):.4f} rad (of one wavelength)")
    if options.convergence:
        fewer = max(2, 2 * count // 3)
        before = np.array([transmission(options, row, shape, fewer) for row in rows])
        print(f"coupled waves with orders -{fewer}..{fewer} differ by at most "
              f"{np.abs(before - ours).max():.2e}, root mean square "
              f"{np.sqrt(np.mean(np.abs(before - ours)**2)):.2e}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
