"""Prints what VTK's own readers find in a .vti, .vtr, .vtp, .vtm or .stl file: one fact a line."""

import sys

import vtk
from vtk.util.numpy_support import vtk_to_numpy


def checksum(data):
    """FNV-1a, 64 bits."""
    value = 14695981039346656037
    for byte in data:
        value = (value ^ byte) * 1099511628211 % 2**64
    return value


def show_surface(surface):
    print("triangles", surface.GetNumberOfPolys())
    print("bounds", *(f"{v:.9g}" for v in surface.GetBounds()))
    labels = vtk_to_numpy(surface.GetPointData().GetArray("material"))
    print("materials", *sorted(set(labels.tolist())))


def show_solid(solid):
    edges = vtk.vtkFeatureEdges()
    edges.SetInputData(solid)
    edges.FeatureEdgesOff()
    edges.BoundaryEdgesOn()
    edges.NonManifoldEdgesOn()
    edges.Update()
    mass = vtk.vtkMassProperties()
    mass.SetInputData(solid)
    mass.Update()
    open_edges = edges.GetOutput().GetNumberOfCells()
    print("triangles", solid.GetNumberOfPolys(), "open edges", open_edges, "volume", mass.GetVolume())


def show_network(network):
    print("points", network.GetNumberOfPoints(), "vertices", network.GetNumberOfVerts(), "lines", network.GetNumberOfLines())
    for n in range(network.GetNumberOfPoints()):
        print("point", n, *(f"{v:.9g}" for v in network.GetPoint(n)))
    for n in range(network.GetNumberOfVerts(), network.GetNumberOfCells()):
        ends = network.GetCell(n).GetPointIds()
        print("line", *(ends.GetId(i) for i in range(ends.GetNumberOfIds())))
    for name, data in ("point", network.GetPointData()), ("cell", network.GetCellData()):
        for n in range(data.GetNumberOfArrays()):
            array = data.GetArray(n)
            about = array.GetInformation()
            units = vtk.vtkDataArray.UNITS_LABEL()
            unit = about.Get(units) if about.Has(units) else "1"
            values = vtk_to_numpy(array).ravel()
            print(name, "array", array.GetName(), unit, *(f"{v:.6g}" for v in values))
        if data.GetVectors():
            print("vectors", data.GetVectors().GetName())
    fields = network.GetFieldData()
    print(f"time {fields.GetArray('TimeValue').GetValue(0):.6g}")
    print("title", fields.GetAbstractArray("title").GetValue(0))
    print("units", fields.GetAbstractArray("units").GetValue(0))


def show(image):
    print("dimensions", *image.GetDimensions())
    fields = image.GetFieldData()
    print(f"time {fields.GetArray('TimeValue').GetValue(0):.6f}")
    if image.IsA("vtkRectilinearGrid"):
        for axis in (image.GetXCoordinates(), image.GetYCoordinates(), image.GetZCoordinates()):
            print("coordinates", axis.GetDataTypeAsString(), checksum(vtk_to_numpy(axis).tobytes()))
    vectors = image.GetPointData().GetVectors()
    if vectors:
        print("vectors", vectors.GetName())
    print("title", fields.GetAbstractArray("title").GetValue(0))
    print("units", fields.GetAbstractArray("units").GetValue(0))
    points = image.GetPointData()
    for n in range(points.GetNumberOfArrays()):
        array = points.GetArray(n)
        unit = array.GetInformation().Get(vtk.vtkDataArray.UNITS_LABEL())
        data = vtk_to_numpy(array).tobytes()
        print("array", array.GetName(), array.GetDataTypeAsString(), unit, checksum(data))
        if array.GetNumberOfComponents() != 1:
            print("components", array.GetName(), array.GetNumberOfComponents())


def main(path):
    readers = {
        ".vti": vtk.vtkXMLImageDataReader,
        ".vtr": vtk.vtkXMLRectilinearGridReader,
        ".vtp": vtk.vtkXMLPolyDataReader,
        ".vtm": vtk.vtkXMLMultiBlockDataReader,
        ".stl": vtk.vtkSTLReader,
    }
    suffix = path[-4:]
    reader = readers[suffix]()
    failed = []
    reader.AddObserver("ErrorEvent", lambda *_: failed.append(True))
    reader.SetFileName(path)
    reader.Update()
    if failed:
        sys.exit(f"{path}: VTK reports an error")
    if suffix == ".stl":
        show_solid(reader.GetOutput())
        return
    if suffix == ".vtp":
        data = reader.GetOutput()
        (show_network if data.GetNumberOfVerts() else show_surface)(data)
        return
    if suffix != ".vtm":
        show(reader.GetOutput())
        return
    blocks = reader.GetOutput()
    for n in range(blocks.GetNumberOfBlocks()):
        print("block", blocks.GetMetaData(n).Get(vtk.vtkCompositeDataSet.NAME()))
        show(blocks.GetBlock(n))


main(sys.argv[1])
