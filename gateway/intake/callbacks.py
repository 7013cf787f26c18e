"""The other callbacks of an aggregator: stored, committed, then answered 200 and empty; any may come again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway import metrics
from gateway.channels import africastalking
from gateway.context import Context
from gateway.database import once_more
from gateway.intake import reports, sms
from gateway.intake.endpoint import LONGEST_BODY, right_secret, where
from gateway.intake.sessions import session_key
from gateway.messaging.wake import wake
from gateway.residents.numbers import tidy_number

log = structlog.get_logger(__name__)

Taker = Callable[[Context, Session, bytes], None]


def _inbound(context: Context, session: Session, body: bytes) -> None:
    inbound = africastalking.decode_inbound(body)
    if inbound.to_code != context.pack.guide.sms_code:
        metrics.UNKNOWN_CODES.labels("sms").inc()
    sms.receive(session, context.vault, context.pack, inbound, channel=africastalking.NAME, now=context.clock.now())


def _report(context: Context, session: Session, body: bytes) -> None:
    reports.take_report(
        session,
        africastalking.decode_report(body),
        channel=africastalking.NAME,
        now=context.clock.now(),
        vault=context.vault,
    )


def _opt_out(context: Context, session: Session, body: bytes) -> None:
    asked = africastalking.decode_opt_out(body)
    reports.take_opt_out(
        session, context.vault, tidy_number(asked.number, context.pack.about.country), now=context.clock.now()
    )


def _end(context: Context, session: Session, body: bytes) -> None:
    ended = africastalking.decode_end(body)
    number = tidy_number(ended.number, context.pack.about.country)
    key = session_key(context.vault, ended.session_id, number)
    reports.take_session_end(session, ended, session_key=key, channel=africastalking.NAME, now=context.clock.now())


TAKERS: dict[str, tuple[Taker, bool]] = {
    "sms": (_inbound, True),
    "delivery": (_report, False),
    "opt-out": (_opt_out, False),
    "ussd-end": (_end, False),
}
"""By the path's last part: what takes it in, and whether an answer may be owed."""


def _work(context: Context, taker: Taker, body: bytes) -> None:
    with context.work() as session:
        taker(context, session, body)


def route(name: str) -> Route:
    """The route of one callback."""
    taker, answers = TAKERS[name]

    async def take(request: Request) -> Response:
        context: Context = request.app.state.context
        if not right_secret(context, request.path_params["secret"]):
            return Response(status_code=404)
        body = await request.body()
        if len(body) > LONGEST_BODY:
            metrics.CALLBACKS.labels(name, "too_long").inc()
            return Response(status_code=413)
        try:
            await asyncio.to_thread(once_more, _work, context, taker, body)
        except Exception as error:  # noqa: BLE001  # not saved, so not 200: the aggregator brings it again
            log.error("callback_failed", callback=name, error=type(error).__name__, at=where(error))
            metrics.CALLBACKS.labels(name, "failed").inc()
            return Response(status_code=503)
        metrics.CALLBACKS.labels(name, "taken").inc()
        if answers:
            await asyncio.to_thread(wake, context.valkey, "replies")
        return Response(status_code=200)

    return Route(f"/channels/africastalking/{{secret}}/{name}", take, methods=["POST"], include_in_schema=False)


ROUTES: list[Any] = [route(name) for name in TAKERS]
