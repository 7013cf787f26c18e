"""Behind a proxy that is trusted, a page knows who asks; nobody else can say so of themselves."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from gateway.app import Application
from gateway.intake.endpoint import UssdEndpoint


@pytest.mark.parametrize(
    ("peer", "seen"),
    [("127.0.0.1", "https 203.0.113.7"), ("198.51.100.1", "http 198.51.100.1")],
    ids=["proxy", "other"],
)
def test_who_asks_is_told_by_a_trusted_proxy_alone(peer: str, seen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    app = Application(UssdEndpoint("africastalking"))

    @app.get("/who")
    def who(request: Request) -> str:
        return f"{request.url.scheme} {request.client.host if request.client else ''}"

    headers = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    assert TestClient(app, client=(peer, 5)).get("/who", headers=headers).json() == seen
