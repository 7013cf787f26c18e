"""Errors as JSON: `application/problem+json` (RFC 9457). What was sent is never echoed: it may hold a story."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy import exc
from starlette.exceptions import HTTPException

from gateway import paging
from gateway.errors import BarazaError, Invalid, Unavailable

MEDIA_TYPE = "application/problem+json"

_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")

log = structlog.get_logger(__name__)


class Problem(BaseModel):
    """Why a request was not done."""

    type: str = Field(description="`urn:baraza:problem:` and the code")
    title: str = Field(description="The kind of problem, in words")
    status: int = Field(description="The HTTP status once more")
    code: str = Field(description="What a program decides by")
    detail: str | None = Field(None, description="What is wrong this time")
    errors: list[FieldProblem] | None = Field(None, description="Which parts of the request are wrong")


class FieldProblem(BaseModel):
    """One part of a request that cannot be taken."""

    where: str = Field(description="Path of the part: `body.text`, `query.limit`")
    message: str


def render(error: BarazaError) -> JSONResponse:
    """An error of the closed family as an answer."""
    return _answer(error.status, error.code, error.title, detail=error.detail, **error.members)


def _answer(status: int, code: str, title: str, *, detail: str = "", **members: object) -> JSONResponse:
    body: dict[str, object] = {
        "type": f"urn:baraza:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
    }
    if detail:
        body["detail"] = detail
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    return JSONResponse(body | members, status_code=status, headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Render every error of `app`, and say so in its OpenAPI document."""
    app.add_exception_handler(BarazaError, _known)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _by_status)
    app.add_exception_handler(exc.OperationalError, _store_down)
    app.add_exception_handler(exc.TimeoutError, _store_down)
    app.add_exception_handler(Exception, _unexpected)
    _document(app)


async def _known(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, BarazaError)  # says what this handler is registered for
    return render(error)


async def _unreadable(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return render(Invalid(errors=[{"where": _where(found), "message": found["msg"]} for found in error.errors()]))


def _where(found: dict[str, Any]) -> str:
    """The path of a part, without names that the sender made up."""
    place = found["loc"][:-1] if found["type"] == "extra_forbidden" else found["loc"]
    return ".".join(str(part) if _NAME.fullmatch(str(part)) else "?" for part in place)


async def _by_status(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.BAD_REQUEST:  # a body that is no text at all
        return render(Invalid("the body cannot be read"))
    status = HTTPStatus(error.status_code)
    answer = _answer(status, status.name.lower(), status.phrase)
    answer.headers.update(error.headers or {})
    return answer


async def _store_down(_: Request, error: Exception) -> JSONResponse:
    log.warning("store_down", kind=type(error).__name__)
    return render(Unavailable())


async def _unexpected(_: Request, error: Exception) -> JSONResponse:
    log.error("unexpected_error", kind=type(error).__name__)
    return render(BarazaError())


def said_once(request: Request) -> None:
    """A dependency. Raises `Invalid` when a parameter is given twice: whichever counted, the other would be ignored."""
    names = [name for name, _ in request.query_params.multi_items()]
    if len(names) != len(set(names)):
        raise Invalid("a parameter is given twice")


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a router or route that may answer with these problems."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


READING: Sequence[int] = (401, 403, 404, 413, 422, 503)
WRITING: Sequence[int] = (*READING, 409)


def _document(app: FastAPI) -> None:
    """Put the schema of a problem into the OpenAPI document; FastAPI adds only schemas of JSON answers."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        fresh = app.openapi_schema is None
        document = plain()
        if fresh:
            schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            nested = schema.pop("$defs")
            document.setdefault("components", {}).setdefault("schemas", {}).update({"Problem": schema} | nested)
            paging.describe(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document
