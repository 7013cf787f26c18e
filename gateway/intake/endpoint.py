"""The USSD webhook: whatever arrives, the answer is 200 `text/plain`, `CON ` or `END `.

Here it is a bare ASGI endpoint, for any server; `baraza web` takes the shorter way of `gateway.hop_protocol`.
"""

from __future__ import annotations

import hmac
import re
import time
from typing import NamedTuple

import structlog
from starlette.types import Receive, Send

from gateway import metrics
from gateway.channels import DECODERS
from gateway.channels.base import Hop
from gateway.context import Context
from gateway.intake.hops import Hops
from gateway.logs import where

log = structlog.get_logger(__name__)

LONGEST_BODY = 8192
"""Bytes. A session of 180 s at 80 characters a reply stays far below."""

_HEAD = b"content-type: text/plain; charset=utf-8\r\ncache-control: no-store\r\ncontent-length: %d\r\n"


class Reply(NamedTuple):
    """What is said to the aggregator."""

    status: int
    head: bytes
    """The lines of its headers as HTTP/1.1 writes them."""
    body: bytes


class UssdEndpoint:
    """`POST /channels/{channel}/{secret}/ussd`, if the channel has USSD. Context and hops come by the lifespan."""

    def __init__(self, channel: str) -> None:
        self._decode = DECODERS[channel].get("ussd")
        self._path = re.compile(rf"/channels/{channel}/([A-Za-z0-9_-]+)/ussd")
        self._hops: Hops
        self._context: Context

    def serve(self, context: Context, hops: Hops) -> None:
        """Start to answer; before this nothing is routed here."""
        self._context, self._hops = context, hops

    def secret(self, path: str) -> str | None:
        """What stands where the secret should be in the path of a hop; None for any other path."""
        found = self._path.fullmatch(path) if self._decode else None
        return found[1] if found else None

    async def answer(self, secret: str, receive: Receive, send: Send) -> None:
        """One hop, as ASGI has it."""
        body: bytes | None = b""
        more = True
        while more:
            message = await receive()
            body = longer(body, message.get("body", b""))
            more = message.get("more_body", False)
        reply = await self.reply(secret, body)
        headers = [tuple(line.split(b": ", 1)) for line in reply.head.splitlines()]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    async def reply(self, secret: str, body: bytes | None) -> Reply:
        """The answer to one hop. Raises nothing but what stops a task."""
        if not right_secret(self._context, secret):
            return Reply(404, _HEAD % 0, b"")
        started = time.perf_counter()
        try:
            hop = self._read(body)
            shown = await self._hops.answer(hop) if hop else self._hops.sorry("end.toolong")
        except Exception as error:  # noqa: BLE001  # the handset must read something, whatever broke
            log.error("hop_failed", error=type(error).__name__, at=where(error))
            shown = self._hops.sorry("end.notsaved")
        metrics.HOPS.count(shown.name, time.perf_counter() - started)
        said = (("END " if shown.end else "CON ") + shown.text).encode()
        head = _HEAD % len(said) + b"at-ussd-hop-metadata: %b\r\n" % shown.name.encode()
        return Reply(200, head, said)

    def _read(self, body: bytes | None) -> Hop | None:
        """The hop in a body, None in one that was too long."""
        if body is None:
            return None
        assert self._decode is not None, "a channel without USSD has no such path"
        hop: Hop = self._decode(body)
        if hop.code != self._context.pack.guide.ussd_code:
            metrics.UNKNOWN_CODES.labels("ussd").inc()
        return hop


def longer(body: bytes | None, more: bytes) -> bytes | None:
    """What was heard of a body so far; None from where it is longer than `LONGEST_BODY`."""
    return None if body is None or len(body) + len(more) > LONGEST_BODY else body + more


def right_secret(context: Context, given: str) -> bool:
    """Whether `given` is one of the live callback secrets; compared in constant time."""
    right, said = False, given.encode()
    for secret in context.settings.secrets:
        right |= hmac.compare_digest(said, secret.encode())
    return right
