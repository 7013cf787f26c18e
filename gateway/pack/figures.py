"""What a pack may add for figures: how many people live where, and where wards end. Both are optional files."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from gateway.pack.models import Code, Confidence, Strict, Text

Ring = tuple[tuple[float, float], ...]
"""Corners of an outline: longitude and latitude in degrees."""


class People(Strict):
    """One line of `people.csv`: how many live in a sub-county."""

    area_code: Code
    people: int = Field(gt=0)
    year: int = Field(ge=1900)
    confidence: Confidence
    source: Text


class _Shape(Strict):
    type: Literal["Polygon", "MultiPolygon"]
    coordinates: list[Any]


def people(path: Path, problems: list[str]) -> dict[str, People]:
    """Inhabitants by sub-county; empty where the pack has no such file: nothing is invented."""
    file = path / "people.csv"
    found: dict[str, People] = {}
    if not file.is_file():
        return found
    with file.open(encoding="utf-8", newline="") as lines:
        for number, line in enumerate(csv.DictReader(lines), 2):
            try:
                row = People.model_validate({key: value for key, value in line.items() if key})
            except ValidationError as error:
                fault = error.errors()[0]
                problems.append(f"{file.name}: line {number}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}")
            else:
                found[row.area_code] = row
    return found


def boundaries(path: Path, problems: list[str]) -> Mapping[str, tuple[Ring, ...]]:
    """Outlines by ward code, from `boundaries.geojson`: features with a `ward_code` (RFC 7946); empty without it."""
    file = path / "boundaries.geojson"
    found: dict[str, tuple[Ring, ...]] = {}
    if not file.is_file():
        return found
    try:
        for feature in json.loads(file.read_text(encoding="utf-8"))["features"]:
            shape = _Shape.model_validate(
                {name: feature["geometry"][name] for name in ("type", "coordinates")}, strict=True
            )
            polygons = [shape.coordinates] if shape.type == "Polygon" else shape.coordinates
            found[str(feature["properties"]["ward_code"])] = tuple(
                tuple((float(point[0]), float(point[1])) for point in ring) for polygon in polygons for ring in polygon
            )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        problems.append(f"{file.name}: not the outlines of wards: {type(error).__name__}")
    return found
