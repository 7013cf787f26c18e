"""The web process under test: the real application behind real HTTP, and a handset as the aggregator speaks for it."""

from __future__ import annotations

import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn

from gateway.app import create_app
from gateway.hop_protocol import HopProtocol
from gateway.settings import Settings

USSD_CODE = "*384*1#"


@contextmanager
def serve(settings: Settings, **options: Any) -> Iterator[str]:
    """The application's root address, while the block runs; served as `baraza web` does but for uvicorn's `options`."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        own: dict[str, Any] = {"http": HopProtocol, "proxy_headers": False, "access_log": False}
        config = uvicorn.Config(create_app(settings), log_level="warning", lifespan="on", **own | options)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        until = time.monotonic() + 60
        while not server.started and time.monotonic() < until:
            time.sleep(0.01)
        assert server.started, "the application did not start"
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=60)


class Handset:
    """One phone in one session, as Africa's Talking would speak for it."""

    def __init__(self, address: str, secret: str, number: str = "+254711000111") -> None:
        self.http = httpx.Client(base_url=f"{address}/channels/africastalking/{secret}", timeout=20)
        self.number = number
        self.session = "ATUid_" + secrets.token_hex(16)
        self.text = ""
        self.screen = ""
        self.name = ""

    def hop(self, text: str, **changes: str) -> str:
        """Post one cumulative text; the body of the answer, which is always 200 and plain."""
        form = {
            "sessionId": self.session,
            "phoneNumber": self.number,
            "networkCode": "63902",
            "serviceCode": USSD_CODE,
            "text": text,
        } | changes
        answer = self.http.post("/ussd", data=form)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.text[:4] in {"CON ", "END "}
        self.name = answer.headers["at-ussd-hop-metadata"]
        self.screen = answer.text
        return answer.text

    def dial(self, text: str = "") -> str:
        """A new session; `text` is what was dialled behind the code."""
        self.session = "ATUid_" + secrets.token_hex(16)
        self.text = text
        return self.hop(text)

    def type(self, *answers: str) -> str:
        """Answer screen after screen; the last one."""
        for answer in answers:
            self.text = f"{self.text}*{answer}" if self.text else answer
            self.hop(self.text)
        return self.screen

    def sms(self, text: str, message_id: str | None = None) -> httpx.Response:
        """Send an SMS to the demo's short code."""
        return self.http.post(
            "/sms",
            data={
                "from": self.number,
                "to": "22384",
                "text": text,
                "id": message_id or secrets.token_hex(16),
                "date": "2026-11-21T08:00:00Z",
                "linkId": "",
                "networkCode": "63902",
            },
        )
