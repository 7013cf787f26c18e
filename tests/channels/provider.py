"""A provider that says what a test tells it to, over real HTTP on the loopback address."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


@dataclass
class Says:
    """One answer. `reset` breaks the connection instead; `seconds` waits first."""

    status: int = 201
    body: str = "{}"
    content_type: str = "application/json"
    reset: bool = False
    seconds: float = 0


@dataclass
class Provider:
    url: str
    says: list[Says] = field(default_factory=list)
    """Taken in order; the last one stays."""
    heard: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)


def sent(*recipients: dict[str, object], message: str = "Sent") -> str:
    """A body as the API answers it."""
    return json.dumps({"SMSMessageData": {"Message": message, "Recipients": list(recipients)}})


def recipient(number: str, code: int = 101, **changes: object) -> dict[str, object]:
    row: dict[str, object] = {"statusCode": code, "number": number, "status": "Success", "cost": "KES 0.8000"}
    return row | {"messageId": f"ATXid_{number[-4:]}"} | changes


@contextmanager
def provider(*says: Says) -> Iterator[Provider]:
    """Run one until the block ends."""
    release = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            told.heard.append({name: values[-1] for name, values in form.items()} | {"apiKey": self.headers["apiKey"]})
            told.paths.append(self.path)
            told.connections.add(self.client_address)
            answer = told.says.pop(0) if len(told.says) > 1 else told.says[0]
            release.wait(answer.seconds) if answer.seconds else None
            if answer.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True
                return
            body = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told = Provider(f"http://127.0.0.1:{server.server_address[1]}", list(says))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        release.set()
        server.shutdown()
        server.server_close()


def closed_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
