#!/usr/bin/env python3
"""Meep's side of bench/crosscheck_meep.py: five devices, each a JSON line of its numbers.

    scripts/with-meep [-n 2] bench/meep_devices.py ring|bend|coupler|cylinder|sphere [--refine 1]

Lengths in micrometres, frequencies in c / micrometre. Cells are those of the scenes of the same devices, `--refine 2`
halves them. Debian's Meep has no mode solver (MPB), so guided light starts from a line of current, and modes are those
of an exact slab; the scenes launch and measure the modes of their own grid.
"""
import argparse
import json
import math

import meep as mp


def flux_of(simulation, center, size, frequency, weight=1.0):
    region = mp.FluxRegion(center=mp.Vector3(*center), size=mp.Vector3(*size), weight=weight)
    return simulation.add_flux(frequency, 0, 1, region)


def ring(refine):
    """n = 3.4 between radii 1 and 2 in 16 x 16 with 2 of absorbing layer; Ez at radius 1.1, the ringing after the
    pulse: https://meep.readthedocs.io/en/latest/Python_Tutorials/Basics/#modes-of-a-ring-resonator"""
    simulation = mp.Simulation(
        cell_size=mp.Vector3(16, 16), resolution=20 * refine, boundary_layers=[mp.PML(2)],
        geometry=[mp.Cylinder(radius=2, height=mp.inf, material=mp.Medium(index=3.4)),
                  mp.Cylinder(radius=1, height=mp.inf, material=mp.air)],
        sources=[mp.Source(mp.GaussianSource(0.15, fwidth=0.1), mp.Ez, mp.Vector3(1.1))])
    ringing = mp.Harminv(mp.Ez, mp.Vector3(1.1), 0.15, 0.1)
    simulation.run(mp.after_sources(ringing), until_after_sources=400)
    mode = min(ringing.modes, key=lambda m: abs(m.freq - 0.1182))
    return {"frequency": mode.freq * 299.792458e12, "quality": mode.Q}


def slab_mode(permittivity, width, frequency):
    """The even mode of a slab with E along its surface, by the distance from its middle: kappa tan(kappa w / 2) =
    gamma, kappa^2 + gamma^2 = (2 pi f)^2 (permittivity - 1)."""
    total = 2 * math.pi * frequency * math.sqrt(permittivity - 1)
    low, high = 0.0, min(total, math.pi / width)
    for _ in range(200):
        kappa = 0.5 * (low + high)
        if kappa * math.sin(0.5 * kappa * width) > math.sqrt(max(0.0, total**2 - kappa**2)) * math.cos(
                0.5 * kappa * width):
            high = kappa
        else:
            low = kappa
    gamma = math.sqrt(total**2 - kappa**2)
    return lambda x: math.cos(kappa * x) if abs(x) < 0.5 * width else math.cos(0.5 * kappa * width) * math.exp(
        -gamma * (abs(x) - 0.5 * width))


def bend(refine):
    """A guide of permittivity 12 and width 1 along y = -3.5 that turns up into x = 0.5, f = 45 THz: amplitudes of the
    guide's mode by the overlap of Ez with its profile, over those of a straight guide."""
    f = 45 / 299.792458
    guide = mp.Medium(epsilon=12)
    mode = slab_mode(12, 1, f)

    def overlap(simulation, fields):
        x, y, _, weights = simulation.get_array_metadata(dft_cell=fields)
        values = simulation.get_dft_array(fields, mp.Ez, 0)
        across = [c + 3.5 for c in y] if len(y) > len(x) else [c - 0.5 for c in x]
        return sum(v * w * mode(c) for v, w, c in zip(values.ravel(), weights.ravel(), across))

    def simulate(geometry, center, size):
        simulation = mp.Simulation(
            cell_size=mp.Vector3(16, 16), resolution=20 * refine, boundary_layers=[mp.PML(2)], geometry=geometry,
            sources=[mp.Source(mp.GaussianSource(f, fwidth=0.1), mp.Ez, mp.Vector3(-5.5, -3.5),
                               size=mp.Vector3(0, 1))])
        back = simulation.add_dft_fields([mp.Ez], f, 0, 1, center=mp.Vector3(-4.5, -3.5), size=mp.Vector3(0, 5))
        out = simulation.add_dft_fields([mp.Ez], f, 0, 1, center=mp.Vector3(*center), size=mp.Vector3(*size))
        simulation.run(until_after_sources=120)
        return overlap(simulation, back), overlap(simulation, out)

    straight = [mp.Block(mp.Vector3(mp.inf, 1, mp.inf), center=mp.Vector3(0, -3.5), material=guide)]
    incident, through = simulate(straight, (5, -3.5), (0, 5))
    turn = [mp.Block(mp.Vector3(9.5, 1, mp.inf), center=mp.Vector3(-3.75, -3.5), material=guide),
            mp.Block(mp.Vector3(1, 12.5, mp.inf), center=mp.Vector3(0.5, 2.25), material=guide)]
    back, out = simulate(turn, (0.5, 5), (5, 0))
    return {"S21": abs(out / through), "S11": abs((back - incident) / incident)}


def coupler(refine):
    """Two slabs of permittivity 12, width 0.3, gap 0.2, in 21 x 4: the lower one runs all along x, the upper one begins
    at x = -7.6 and runs on into the layer. Power of both together through windows of 1.5 from the middle of the gap
    outwards, a coupling length after the beginning, and the upper one's share half way, at a wavelength of 1.55."""
    f = 1 / 1.55
    guide = mp.Medium(epsilon=12)
    simulation = mp.Simulation(
        cell_size=mp.Vector3(21, 4), resolution=40 * refine, boundary_layers=[mp.PML(1)],
        geometry=[mp.Block(mp.Vector3(mp.inf, 0.3, mp.inf), center=mp.Vector3(0, -0.25), material=guide),
                  mp.Block(mp.Vector3(27.6, 0.3, mp.inf), center=mp.Vector3(6.2, 0.25), material=guide)],
        sources=[mp.Source(mp.GaussianSource(f, fwidth=0.1 * f), mp.Ez, mp.Vector3(-9, -0.25),
                           size=mp.Vector3(0, 0.3))])
    windows = [flux_of(simulation, (x, y), (0, 1.5), f) for x in (7.52, -0.04) for y in (-0.75, 0.75)]
    simulation.run(until_after_sources=150)
    power = [mp.get_fluxes(window)[0] for window in windows]
    return {"share_over": power[1] / (power[0] + power[1]),
            "share_over_half_way": power[3] / (power[2] + power[3])}


def scattering(cell, resolution, geometry, component, f, box, layer, symmetries, dimensions):
    """Scattered power over the incident intensity: the flux out of a box, the incident fields taken off."""
    size = mp.Vector3(*[cell] * dimensions)
    along = mp.Vector3(x=1) if dimensions == 2 else mp.Vector3(z=1)

    def faces(simulation):
        found = []
        for axis in range(dimensions):
            extent = [box] * dimensions
            extent[axis] = 0
            for sign in (-1, 1):
                center = [0] * dimensions
                center[axis] = sign * box / 2
                found.append(flux_of(simulation, center, extent, f, sign))
        return found

    data = None
    for material in ([], geometry):
        simulation = mp.Simulation(
            cell_size=size, resolution=resolution, boundary_layers=[mp.PML(layer)], geometry=material,
            k_point=mp.Vector3(), symmetries=symmetries,
            sources=[mp.Source(mp.GaussianSource(f, fwidth=0.6 * f, is_integrated=True), component,
                               along * -(0.5 * cell - layer), size=size - along * cell)])
        found = faces(simulation)
        if data:
            for face, incident in zip(found, data):
                simulation.load_minus_flux_data(face, incident)
        simulation.run(until_after_sources=14)
        if data is None:
            data = [simulation.get_flux_data(face) for face in found]
            front = found[0] if dimensions == 2 else found[4]
            intensity = -mp.get_fluxes(front)[0] / box ** (dimensions - 1)
    return sum(mp.get_fluxes(face)[0] for face in found) / intensity


def cylinder(refine):
    """Permittivity 4, radius 0.175, wavelength 1, E along the axis; 3 x 3 with 0.5 of layer."""
    made = [mp.Cylinder(radius=0.175, height=mp.inf, material=mp.Medium(epsilon=4))]
    power = scattering(3, 100 * refine, made, mp.Ez, 1.0, 1.5, 0.5, [mp.Mirror(mp.Y)], 2)
    return {"efficiency": power / 0.35}


def sphere(refine):
    """Index 2, radius 0.5, 2 pi radius / wavelength = 3; 2.6^3 with 0.4 of layer."""
    made = [mp.Sphere(radius=0.5, material=mp.Medium(index=2))]
    mirrors = [mp.Mirror(mp.X, phase=-1), mp.Mirror(mp.Y)]
    power = scattering(2.6, 40 * refine, made, mp.Ex, 3 / math.pi, 1.4, 0.4, mirrors, 3)
    return {"efficiency": power / (math.pi * 0.25)}


def main():
    devices = {function.__name__: function for function in (ring, bend, coupler, cylinder, sphere)}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("device", choices=devices)
    parser.add_argument("--refine", type=int, default=1)
    options = parser.parse_args()
    mp.verbosity(0)
    mp.set_zero_subnormals(True)
    numbers = devices[options.device](options.refine)
    if mp.am_master():
        print(json.dumps({"device": options.device, "refine": options.refine, **numbers}))


main()
