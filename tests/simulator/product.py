"""A product in miniature, over real HTTP: remembers what the aggregator posts and answers as a test tells it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from socket import socket
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass
class Posted:
    """One callback as it arrived."""

    path: str
    fields: dict[str, str]
    headers: dict[str, str]
    raw: str


Answer = str | Response
Rule = Callable[[dict[str, str]], Answer]


def echo(fields: dict[str, str]) -> Answer:
    """A screen that says what was typed so far."""
    return f"CON You typed: {fields['text']}"


@dataclass
class Product:
    """Answers `/ussd` by ``screens`` and the other callbacks by ``answers``: statuses, then 200 for ever."""

    posted: list[Posted] = field(default_factory=list)
    screens: Rule = echo
    answers: list[int] = field(default_factory=list)
    port: int = 0

    @property
    def address(self) -> str:
        """What `SIMULATOR_CALLBACKS` holds."""
        return f"http://127.0.0.1:{self.port}/channels/africastalking/secret"

    def reset(self) -> None:
        """As new."""
        self.posted.clear()
        self.answers.clear()
        self.screens = echo

    def seen(self, path: str) -> list[Posted]:
        """What was posted to one path."""
        return [post for post in self.posted if post.path == path]

    def wait_for(self, path: str, count: int = 1, seconds: float = 30) -> list[Posted]:
        """The first ``count`` callbacks to a path; fails when they do not come."""
        end = time.monotonic() + seconds
        while len(self.seen(path)) < count:
            assert time.monotonic() < end, f"{len(self.seen(path))} of {count} callbacks to {path}"
            time.sleep(0.01)
        return self.seen(path)

    async def handle(self, request: Request) -> Response:
        """One callback."""
        raw = (await request.body()).decode()
        fields = dict(parse_qsl(raw, keep_blank_values=True))
        path = request.path_params["path"]
        self.posted.append(Posted(path, fields, dict(request.headers), raw))
        if path != "ussd":
            return Response(status_code=self.answers.pop(0) if self.answers else 200)
        answer = self.screens(fields)
        return answer if isinstance(answer, Response) else Response(answer, media_type="text/plain")

    def serve(self) -> uvicorn.Server:
        """Listen on a free port, in a thread of its own, until `should_exit`."""
        app = Starlette(routes=[Route("/channels/{channel}/secret/{path}", self.handle, methods=["POST"])])
        listener = socket()
        listener.bind(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        threading.Thread(target=server.run, args=([listener],), daemon=True).start()
        return server
