"""Is it alive, is it ready, what does it count."""

from __future__ import annotations

import asyncio
import re
from functools import cache
from pathlib import Path

import prometheus_client
import redis
import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel

from gateway.context import Context
from gateway.intake.gauges import FunnelCollector
from gateway.messaging.gauges import QueueCollector
from gateway.metrics import WorkerCollector

router = APIRouter(tags=["health"])

_VERSIONS = Path(__file__).parent.parent / "migrations" / "versions"


class Readiness(BaseModel):
    status: str
    parts: dict[str, str]


@cache
def newest_revision() -> str:
    """The migration this code was written for: the one that none follows.

    Read as text: Alembic, which nothing else here needs, would be a quarter of what this process takes to start.
    """
    texts = [path.read_text() for path in _VERSIONS.glob("*.py")]
    (newest,) = _named("revision", texts) - _named("down_revision", texts)
    return newest


def _named(word: str, texts: list[str]) -> set[str]:
    return {found for text in texts for found in re.findall(rf'^{word} = "(\w+)"$', text, re.MULTILINE)}


def _parts(context: Context) -> dict[str, str]:
    parts = {"postgres": "down", "valkey": "down", "schema": "unknown"}
    try:
        with context.engine.connect() as connection:
            parts["postgres"] = "ok"
            found = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
            parts["schema"] = "ok" if found == newest_revision() else "behind"
    except sa.exc.SQLAlchemyError:
        pass  # the answer says which part is down
    try:
        context.valkey.ping()
        parts["valkey"] = "ok"
    except (redis.RedisError, OSError):
        pass
    return parts


@router.get("/healthz", response_class=PlainTextResponse, include_in_schema=False)
async def alive() -> str:
    return "ok"


@router.get("/readyz", responses={503: {"model": Readiness}})
async def ready(request: Request) -> Readiness:
    """Whether each part answers; 503 when one does not."""
    parts = await asyncio.to_thread(_parts, request.app.state.context)
    whole = all(word == "ok" for word in parts.values())
    readiness = Readiness(status="ready" if whole else "not_ready", parts=parts)
    return readiness if whole else JSONResponse(readiness.model_dump(), 503)  # type: ignore[return-value]  # same shape


@router.get("/metrics", include_in_schema=False)
def numbers(request: Request) -> Response:
    """Prometheus text: what this process and all workers counted, queue and funnel. No label holds number or word."""
    workers = prometheus_client.CollectorRegistry()
    workers.register(WorkerCollector(request.app.state.context.valkey))
    workers.register(QueueCollector(request.app.state.context))
    workers.register(FunnelCollector(request.app.state.context))
    text = prometheus_client.generate_latest() + prometheus_client.generate_latest(workers)
    return Response(text, media_type=prometheus_client.CONTENT_TYPE_LATEST)
