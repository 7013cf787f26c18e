"""The other callbacks of an aggregator: stored, committed, then answered 200 and empty; any may come again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway import metrics
from gateway.channels import DECODERS, METHODS
from gateway.channels.base import Inbound, OptOut, Report, SessionEnded
from gateway.context import Context
from gateway.database import once_more
from gateway.intake import reports, sms
from gateway.intake.endpoint import LONGEST_BODY, right_secret
from gateway.intake.group_commit import GroupCommit
from gateway.intake.sessions import session_key
from gateway.logs import where
from gateway.messaging.wake import wake
from gateway.residents.numbers import tidy_number

log = structlog.get_logger(__name__)

Taker = Callable[[Context, Session, Any, str], None]
"""Takes in what a callback says, as its channel decoded it, with the channel's name."""


def _inbound(context: Context, session: Session, inbound: Inbound, channel: str) -> None:
    if inbound.to_code != context.pack.guide.sms_code:
        metrics.UNKNOWN_CODES.labels("sms").inc()
    sms.receive(session, context.vault, context.pack, inbound, channel=channel, now=context.clock.now())


def _opt_out(context: Context, session: Session, asked: OptOut, channel: str) -> None:
    number = tidy_number(asked.number, context.pack.about.country)
    reports.take_opt_out(session, context.vault, number, now=context.clock.now())


def _end(context: Context, session: Session, ended: SessionEnded, channel: str) -> None:
    number = tidy_number(ended.number, context.pack.about.country)
    key = session_key(context.vault, ended.session_id, number)
    reports.take_session_end(session, ended, session_key=key, channel=channel, now=context.clock.now())


TAKERS: dict[str, Taker] = {"sms": _inbound, "opt-out": _opt_out, "ussd-end": _end}
"""By the path's last part: what takes it in, in a transaction of its own."""

DELIVERY = "delivery"
"""The path of delivery reports: by far the most of all callbacks, so that they are taken in together."""

ANSWERS = {"sms"}
"""What an answer may be owed to."""


def _work(context: Context, taker: Taker, said: Any, channel: str) -> None:
    with context.work() as session:
        taker(context, session, said, channel)


def taking_reports(context: Context, channel: str) -> GroupCommit[Report]:
    """What takes in the delivery reports of one web process."""

    def write(told: Sequence[Report]) -> None:
        with context.work() as session:
            reports.take_reports(session, told, channel=channel, now=context.clock.now(), vault=context.vault)
        for report in told:
            metrics.REPORTS.labels(report.fate).inc()

    return GroupCommit(write)


async def _keep(app: Any, name: str, said: Any, channel: str) -> None:
    """Return when it is committed."""
    if name == DELIVERY:
        await app.state.reports.add(said)
    else:
        await asyncio.to_thread(once_more, _work, app.state.context, TAKERS[name], said, channel)


def route(channel: str, name: str) -> Route:
    """The route of one callback of a channel."""
    decode = DECODERS[channel][name]

    async def take(request: Request) -> Response:
        context: Context = request.app.state.context
        if not right_secret(context, request.path_params["secret"]):
            return Response(status_code=404)
        body = await request.body() or request.url.query.encode()
        if len(body) > LONGEST_BODY:
            metrics.CALLBACKS.labels(name, "too_long").inc()
            return Response(status_code=413)
        try:
            await _keep(request.app, name, decode(body), channel)
        except Exception as error:  # noqa: BLE001  # not saved, so not 200: the aggregator brings it again
            log.error("callback_failed", callback=name, error=type(error).__name__, at=where(error))
            metrics.CALLBACKS.labels(name, "failed").inc()
            return Response(status_code=503)
        metrics.CALLBACKS.labels(name, "taken").inc()
        if name in ANSWERS:
            await asyncio.to_thread(wake, context.valkey, "replies")
        return Response(status_code=200)

    return Route(f"/channels/{channel}/{{secret}}/{name}", take, methods=METHODS[channel], include_in_schema=False)


def routes(channel: str) -> list[Route]:
    """The callbacks of a channel but USSD, which is answered and not only taken in."""
    return [route(channel, name) for name in (*TAKERS, DELIVERY) if name in DECODERS[channel]]
