"""How `baraza web` serves a hop: within uvicorn's own protocol, past what a hop has no need of.

uvicorn makes of each request a dictionary, an object with two channels of messages and a task that listens to them,
and writes the head of an answer apart from its body: a third of what a hop on menus cost. A hop is heard whole and
answered at once, so here it is a body, a coroutine and one write. Everything else, and all that a connection is (its
parser, its timeouts, its limits, the order of what is asked on it, its end), stays uvicorn's.

Written for uvicorn 0.54, whose private names `pipeline`, `cycle` and `_start_asgi_task` it stands on; the release is
pinned for that.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn import Config
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from gateway.app import Application
from gateway.intake.endpoint import longer


class Hop(RequestResponseCycle):
    """A hop on its way: what uvicorn's protocol asks and tells of a request and its answer, and no more."""

    message_event = asyncio.Event()
    """Told that a connection is lost. Nobody waits for it: what was begun for a resident is done whole."""

    def __init__(self, secret: str, *, keep_alive: bool, expect_100_continue: bool) -> None:
        self.secret = secret
        self.heard: bytes | None = b""
        """Its body so far."""
        self.keep_alive = keep_alive
        self.waiting_for_100_continue = expect_100_continue
        self.more_body = True
        self.its_turn = False
        """Whether all that was asked before it on this connection is answered."""
        self.response_complete = False
        self.task: asyncio.Task[None]


class _Always:
    """The lines that stand in every answer. uvicorn makes a new list of them each second, for the date."""

    def __init__(self) -> None:
        self._headers: list[tuple[bytes, bytes]] = []
        self._lines = b""

    def lines(self, headers: list[tuple[bytes, bytes]]) -> bytes:
        if headers is not self._headers:
            self._headers, self._lines = headers, b"".join(b"%b: %b\r\n" % header for header in headers)
        return self._lines


_ALWAYS = _Always()


class HopProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a shorter way for the hops of our application."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        app = config.loaded_app
        # A limit on concurrency and a path that is not the whole one are uvicorn's to see to.
        is_plain = isinstance(app, Application) and not config.root_path and config.limit_concurrency is None
        self._ussd = app.ussd if is_plain else None
        self._hop: Hop | None = None
        """The request that is being heard, if it is a hop."""

    def on_message_begin(self) -> None:
        self._hop = None
        self.url = b""
        self.expect_100_continue = False
        self.headers = []

    def on_headers_complete(self) -> None:
        secret = self._secret()
        if secret is None:
            self._as_uvicorn_begins()
            super().on_headers_complete()
            return
        keep_alive = self.parser.get_http_version() != "1.0" and self.parser.should_keep_alive()
        hop = Hop(secret, keep_alive=keep_alive, expect_100_continue=self.expect_100_continue)
        is_first = self.cycle is None or self.cycle.response_complete
        self.cycle = self._hop = hop
        if is_first:
            self._start_asgi_task(hop, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((hop, self.app))

    def _secret(self) -> str | None:
        """What stands for the secret where a hop is asked for; None for every other request."""
        if self._ussd is None:
            return None
        secret = self._ussd.secret(self.url.decode("latin-1"))
        is_hop = secret is not None and self.parser.get_method() == b"POST" and not self.parser.should_upgrade()
        return secret if is_hop else None

    def _as_uvicorn_begins(self) -> None:
        """Make up for what `on_message_begin` left out."""
        url, headers, expect = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expect
        self.headers += headers

    def on_body(self, body: bytes) -> None:
        hop = self._hop
        if hop is None:
            super().on_body(body)
        else:
            hop.heard = longer(hop.heard, body)

    def on_message_complete(self) -> None:
        if self._hop is None:
            super().on_message_complete()
            return
        self._hop.more_body = False
        if self._hop.its_turn:
            self._go(self._hop)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        if not isinstance(cycle, Hop):
            super()._start_asgi_task(cycle, app)
            return
        cycle.its_turn = True
        if not cycle.more_body:
            self._go(cycle)
        elif cycle.waiting_for_100_continue:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _go(self, hop: Hop) -> None:
        hop.task = self.loop.create_task(self._serve(hop))
        self.tasks.add(hop.task)

    async def _serve(self, hop: Hop) -> None:
        assert self._ussd is not None
        try:
            reply = await self._ussd.reply(hop.secret, hop.heard)
            if self.flow.write_paused:
                await self.flow.drain()
        except BaseException:
            self.transport.close()  # stopped while it was answered: the server ends
            raise
        finally:
            self.tasks.discard(hop.task)
        hop.response_complete = True
        if not self.transport.is_closing():
            always = _ALWAYS.lines(self.server_state.default_headers)
            close = b"" if hop.keep_alive else b"connection: close\r\n"
            self.transport.write(b"".join((STATUS_LINE[reply.status], always, reply.head, close, b"\r\n", reply.body)))
            if not hop.keep_alive:
                self.transport.close()
        self.on_response_complete()
