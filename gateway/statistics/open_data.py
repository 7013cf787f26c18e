"""Data sets as files: CSV, JSON, the data package that describes them, and Open311's two lists."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.commitments.watch_models import CommitmentChange, Proposal
from gateway.exports.lists import harmless
from gateway.pack import Pack
from gateway.statistics.datasets import FIGURES, HEADS, Dataset, Source, plain
from gateway.statistics.models import AuditHead
from gateway.statistics.promise_sets import PROMISES
from gateway.statistics.published import EARLIER, Figures

DATASETS = {dataset.name: dataset for dataset in (*FIGURES, *PROMISES, HEADS)}

CHUNK = 200
"""Lines that leave together."""


def as_csv(dataset: Dataset, source: Source) -> Iterator[str]:
    """RFC 4180, UTF-8 without a mark, so many lines at a time."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([field.name for field in dataset.fields])
    for number, row in enumerate(dataset.rows(source), 1):
        writer.writerow([_cell(value) for value in row])
        if number % CHUNK == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _cell(value: Any) -> object:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    value = plain(value)
    return "" if value is None else harmless(value)


def as_json(dataset: Dataset, source: Source) -> Iterator[str]:
    """An array of objects, one a row."""
    names = [field.name for field in dataset.fields]
    lines: list[str] = []
    before = "["
    for row in dataset.rows(source):
        line = json.dumps(dict(zip(names, map(plain, row), strict=True)), ensure_ascii=False)
        lines.append(f"{before}\n{line}")
        before = ","
        if len(lines) == CHUNK:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines) + ("]\n" if before == "," else "[]\n")


def state(session: Session, pack: Pack, figures: Figures | None) -> str:
    """Changes whenever any of the files does: for ETags."""
    newest = session.execute(
        sa.select(
            sa.select(CommitmentChange.id).order_by(CommitmentChange.id.desc()).limit(1).scalar_subquery(),
            sa.select(sa.func.count(Proposal.published_at)).scalar_subquery(),
            sa.select(sa.func.max(Proposal.decided_at)).scalar_subquery(),
            sa.select(sa.func.max(AuditHead.day)).scalar_subquery(),
        )
    ).one()
    return "-".join([pack.version, figures.digest if figures else "", *(str(one or "") for one in newest)])


def package(pack: Pack, figures: Figures | None, *, training: bool = False) -> dict[str, Any]:
    """`datapackage.json` (Frictionless Data Package, version 1); that of a training copy says that all is invented."""
    invented = "Training: invented cases. " if training else ""
    place = pack.about.place.get("en") or next(iter(pack.about.place.values()))
    described: dict[str, Any] = {
        "profile": "data-package",
        "name": f"baraza-{pack.about.name}",
        "title": f"{invented}Baraza, {place}: cases and promises",
        "description": f"{invented}Numbers under the floor, and others that would give them away, are hidden. "
        "What is meant by each column is in docs/open-data.md of Baraza.",
        "resources": [_resource(dataset) for dataset in DATASETS.values()],
    }
    if figures is not None:
        described |= {"created": figures.made_at.isoformat(timespec="seconds"), "smallest_cell": figures.floor}
    return described


def _resource(dataset: Dataset) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [{"name": field.name, "type": field.type, "description": field.about} for field in dataset.fields],
        "missingValues": [""],
    }
    if dataset.key:
        schema["primaryKey"] = list(dataset.key)
    return {
        "profile": "tabular-data-resource",
        "name": dataset.name,
        "path": f"{dataset.name}.csv",
        "title": dataset.title,
        "description": dataset.about,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def services(pack: Pack, language: str) -> list[dict[str, Any]]:
    """Open311 GeoReport v2, GET Service List: the categories that the pack marks public, and no other."""
    return [
        {
            "service_code": known.code,
            "service_name": known.label.get(language) or next(iter(known.label.values())),
            "description": "",
            "metadata": False,
            "type": "batch",
            "keywords": known.kind,
            "group": known.kind,
        }
        for known in pack.categories
        if known.public
    ]


def requests(
    pack: Pack, figures: Figures | None, language: str, *, codes: Sequence[str] = (), months: tuple[str, str] = ("", "")
) -> list[dict[str, Any]]:
    """Open311 GeoReport v2, GET Service Requests, one entry for all requests of a category in a month.

    No entry has a text, a place or a status: any of them would tell small groups. Hidden months have no entry.
    """
    table = figures.tables["categories"] if figures else None
    if figures is None or table is None:
        return []
    first, last = months
    found = []
    for service in services(pack, language):
        if codes and service["service_code"] not in codes:
            continue
        for month in table.columns:
            number = table.at(f"{service['group']}/{service['service_code']}", month)
            if not number or month == EARLIER or (first and month < first) or (last and month > last):
                continue
            found.append(_request(service, month, number))
    return found


def _request(service: dict[str, Any], month: str, number: int) -> dict[str, Any]:
    return {
        "service_request_id": f"{service['service_code']}-{month}",
        "status": None,
        "status_notes": "Not told: it would say what became of few.",
        "service_name": service["service_name"],
        "service_code": service["service_code"],
        "description": None,
        "agency_responsible": None,
        "service_notice": None,
        "requested_datetime": f"{month}-01T00:00:00Z",
        "updated_datetime": None,
        "expected_datetime": None,
        "address": None,
        "address_id": None,
        "zipcode": None,
        "lat": None,
        "long": None,
        "media_url": None,
        "extended_attributes": {"requests": number, "period": month},
    }
