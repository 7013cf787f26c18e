"""The USSD webhook as a bare ASGI endpoint: whatever arrives, the answer is 200 `text/plain`, `CON ` or `END `."""

from __future__ import annotations

import hmac
import time
from typing import Any

import structlog
from starlette.types import Message, Receive, Scope, Send

from gateway import metrics
from gateway.channels import DECODERS
from gateway.context import Context
from gateway.intake.hops import Answer, Hops
from gateway.logs import where

log = structlog.get_logger(__name__)

LONGEST_BODY = 8192
"""Bytes. A session of 180 s at 80 characters a reply stays far below."""


class UssdEndpoint:
    """`POST /channels/{channel}/{secret}/ussd`, if the channel has USSD. Context and hops come by the lifespan."""

    def __init__(self, channel: str) -> None:
        self._decode = DECODERS[channel].get("ussd")
        self._begins, self._ends = f"/channels/{channel}/", "/ussd"
        self._hops: Hops
        self._context: Context

    def serve(self, context: Context, hops: Hops) -> None:
        """Start to answer; before this nothing is routed here."""
        self._context, self._hops = context, hops

    def secret(self, scope: Scope) -> str | None:
        """What stands where the secret should be in the path of a hop; None for any other request."""
        if self._decode is None or scope["type"] != "http" or scope["method"] != "POST":
            return None
        path: str = scope["path"]
        if not path.startswith(self._begins) or not path.endswith(self._ends):
            return None
        secret = path[len(self._begins) : -len(self._ends)]
        return None if "/" in secret else secret

    async def answer(self, secret: str, receive: Receive, send: Send) -> None:
        if not right_secret(self._context, secret):
            await _send(send, 404, b"", "")
            return
        started = time.perf_counter()
        answer = await self._answer(receive)
        metrics.HOPS.count(answer.screen, time.perf_counter() - started)
        prefix = "END " if answer.end else "CON "
        await _send(send, 200, (prefix + answer.text).encode(), answer.screen)

    async def _answer(self, receive: Receive) -> Answer:
        try:
            body = await _read(receive)
            if body is None:
                return self._hops.sorry("end.toolong")
            assert self._decode is not None, "a channel without USSD has no such route"
            hop = self._decode(body)
            if hop.code != self._context.pack.guide.ussd_code:
                metrics.UNKNOWN_CODES.labels("ussd").inc()
            return await self._hops.answer(hop)
        except Exception as error:  # noqa: BLE001  # the handset must read something, whatever broke
            log.error("hop_failed", error=type(error).__name__, at=where(error))
            return self._hops.sorry("end.notsaved")


def right_secret(context: Context, given: str) -> bool:
    """Whether `given` is one of the live callback secrets; compared in constant time."""
    right, said = False, given.encode()
    for secret in context.settings.secrets:
        right |= hmac.compare_digest(said, secret.encode())
    return right


async def _read(receive: Receive) -> bytes | None:
    """The body, or None when it is longer than `LONGEST_BODY`; the rest is read and dropped."""
    message: Message = await receive()
    body: bytes = message.get("body", b"")
    size = len(body)
    while message.get("more_body", False):
        message = await receive()
        more = message.get("body", b"")
        size += len(more)
        if size <= LONGEST_BODY:
            body += more
    return body if size <= LONGEST_BODY else None


async def _send(send: Send, status: int, body: bytes, screen: str) -> None:
    headers = [*_HEADERS, (b"content-length", b"%d" % len(body))]
    if screen:
        headers.append((b"at-ussd-hop-metadata", screen.encode()))
    start: dict[str, Any] = {"type": "http.response.start", "status": status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body})


_HEADERS = ((b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"))
