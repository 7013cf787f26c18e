"""`/open-data/`: files anyone may take, with what they mean. They change with what is published, and say so (ETag)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from sqlalchemy import exc

from gateway.context import Context
from gateway.public.caching import Kept
from gateway.public.figures import figures_of
from gateway.public.pages import HEADERS, Lang, away, page, words_for
from gateway.statistics import open_data
from gateway.statistics.datasets import FIGURES, HEADS, Source
from gateway.statistics.open_data import DATASETS
from gateway.statistics.promise_sets import PROMISES
from gateway.statistics.published import Figures

router = APIRouter(prefix="/open-data", include_in_schema=False)

CSV = "text/csv; charset=utf-8; header=present"
JSON = "application/json; charset=utf-8"

_FILES: Kept[bytes] = Kept()


@router.get("", response_class=HTMLResponse)
def without_a_slash() -> RedirectResponse:
    """The address people type."""
    return RedirectResponse("/open-data/", status_code=308)


@router.get("/", response_class=HTMLResponse)
def index(request: Request, lang: Lang = None) -> HTMLResponse:
    """What there is, in words."""
    context: Context = request.app.state.context
    try:
        figures = figures_of(context)
    except (exc.OperationalError, exc.TimeoutError):
        return away(request, lang)
    groups = (FIGURES, PROMISES, (HEADS,))
    floor = context.pack.about.limits.smallest_cell
    return page(request, "open_data.html", lang, groups=groups, figures=figures, floor=floor)


@router.get("/datapackage.json")
def datapackage(request: Request) -> Response:
    """What is in each file, for programs (Frictionless Data Package)."""
    return _made(
        request, lambda context, figures: open_data.package(context.pack, figures, training=context.settings.training)
    )


@router.get("/open311/services.json")
def services(request: Request, lang: Lang = None) -> Response:
    """Open311 GeoReport v2: the categories that may be listed."""
    language = words_for(request, lang).language
    return _made(request, lambda context, _: open_data.services(context.pack, language))


Codes = Annotated[str | None, Query(max_length=400, pattern=r"^[^\x00]*$")]


@router.get("/open311/requests.json")
def requests(
    request: Request,
    lang: Lang = None,
    service_code: Codes = None,
    start_date: datetime | None = None,
    end_date: datetime | None = None,
) -> Response:
    """Open311 GeoReport v2: how many requests there were, by category and month."""
    language = words_for(request, lang).language
    codes = service_code.split(",") if service_code else ()
    months = (f"{start_date:%Y-%m}" if start_date else "", f"{end_date:%Y-%m}" if end_date else "")
    return _made(
        request,
        lambda context, figures: open_data.requests(context.pack, figures, language, codes=codes, months=months),
    )


@router.get("/{file}")
def download(request: Request, file: str) -> Response:
    """One data set as `.csv` or `.json`."""
    name, _, form = file.rpartition(".")
    dataset = DATASETS.get(name)
    if dataset is None or form not in {"csv", "json"}:
        return page(request, "missing.html", None, status=404)
    context: Context = request.app.state.context
    try:
        figures, tag = _state(context, file, figures_alone=dataset in FIGURES)
    except (exc.OperationalError, exc.TimeoutError):
        return away(request, None)
    saved = f"training-{file}" if context.settings.training else file
    headers = _headers(tag) | {"Content-Disposition": f'inline; filename="{saved}"'}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    write = open_data.as_csv if form == "csv" else open_data.as_json

    kind = CSV if form == "csv" else JSON
    if dataset in FIGURES:  # small, and asked for most
        source = Source(None, context.pack, figures)
        body = _FILES.get(file, tag, lambda: "".join(write(dataset, source)).encode())
        return Response(body, media_type=kind, headers=headers)

    def lines() -> Iterator[str]:
        with context.work() as session:
            yield from write(dataset, Source(session, context.pack, figures))

    return StreamingResponse(lines(), media_type=kind, headers=headers)


def _made(request: Request, make: Any) -> Response:
    """A JSON document made from the pack and the figures."""
    context: Context = request.app.state.context
    try:
        figures, tag = _state(context, request.url.path + request.url.query)
    except (exc.OperationalError, exc.TimeoutError):
        return away(request, None)
    headers = _headers(tag)
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    body = json.dumps(make(context, figures), ensure_ascii=False, indent=1)
    return Response(body, media_type=JSON, headers=headers)


def _state(context: Context, which: str, *, figures_alone: bool = False) -> tuple[Figures | None, str]:
    """The figures, and the mark of a file; one that is made from pack and figures alone asks for nothing more."""
    figures = figures_of(context)
    if figures_alone:
        state = f"{context.pack.version}-{figures.digest if figures else ''}"
    else:
        with context.work() as session:
            state = open_data.state(session, context.pack, figures)
    return figures, f'"{hashlib.sha256(f"{state} {which}".encode()).hexdigest()[:24]}"'


def _headers(tag: str) -> dict[str, str]:
    kept = {name: value for name, value in HEADERS.items() if name != "Vary"}
    return kept | {
        "ETag": tag,
        "Cache-Control": "public, max-age=300",
        "Access-Control-Allow-Origin": "*",
        "Vary": "Accept-Language",
    }
