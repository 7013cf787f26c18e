"""The shorter way of a hop says, byte for byte, what uvicorn's own way says; and it keeps what uvicorn promises."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import sqlalchemy as sa
from starlette.types import Receive, Send

from gateway.cases.models import Case
from gateway.context import Context
from gateway.intake.endpoint import UssdEndpoint
from tests.conftest import SECRET
from tests.web import USSD_CODE, Handset, serve

PATH = f"/channels/africastalking/{SECRET}/ussd"
COMPLAINT = ["1", "1", "2", "1", "4", "6", "Water point dry", "1"]
"""English, complaint, poor service, Ombudsman only with SMS, Lurambi, Shirere, the story, send."""
LAST = "Connection: close"


def form(session: str, text: str = "", number: str = "+254711000111") -> bytes:
    fields = {"sessionId": session, "phoneNumber": number, "serviceCode": USSD_CODE, "networkCode": "63902"}
    return urlencode(fields | {"text": text}).encode()


BODY = form("ATUid_of_the_table")


def post(*more: str, body: bytes = BODY, path: str = PATH, first: str = "POST {} HTTP/1.1") -> bytes:
    head = [first.format(path), "Host: baraza", "Content-Type: application/x-www-form-urlencoded", *more]
    length = [] if any(line.startswith("Transfer-Encoding") for line in more) else [f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, *length, "", ""]).encode() + body


def chunked(body: bytes, size: int) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)] + [b""]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


GET = b"GET /healthz HTTP/1.1\r\nHost: baraza\r\n\r\n"
IN_CHUNKS = "Transfer-Encoding: chunked"
EXPECTING = "Expect: 100-continue"
HEAD, REST = post(LAST, EXPECTING)[: -len(BODY)], BODY

TALKS: dict[str, tuple[list[bytes], list[int], int]] = {
    # What is sent, piece by piece (an empty piece waits for something to be said); how it is answered; and how many of
    # the answers are hops that uvicorn's way serves in both.
    "one": ([post(LAST)], [200], 0),
    "byte by byte": ([bytes([byte]) for byte in post(LAST)], [200], 0),
    "two, one after the other": ([post(), b"", post(LAST)], [200, 200], 0),
    "three in one packet": ([post() + post(body=form("ATUid_another")) + post(LAST)], [200, 200, 200], 0),
    "the second cut in two": ([post() + post(LAST)[:60], post(LAST)[60:-9], post(LAST)[-9:]], [200, 200], 0),
    "a page between": ([post() + GET + post(LAST)], [200, 200, 200], 0),
    "pages before": ([GET + GET, b"", GET + post(LAST)], [200, 200, 200, 200], 0),
    "HTTP/1.0": ([post(first="POST {} HTTP/1.0")], [200], 0),
    "HTTP/1.0 that would stay": ([post("Connection: keep-alive", first="POST {} HTTP/1.0")], [200], 0),
    "in chunks": ([post(LAST, IN_CHUNKS, body=chunked(BODY, 7))], [200], 0),
    "in chunks with a trailer": ([post(LAST, IN_CHUNKS, body=chunked(BODY, 50)[:-2] + b"X-Sum: 1\r\n\r\n")], [200], 0),
    "asks to go on": ([HEAD, b"", REST], [100, 200], 0),
    "asks to go on behind another": ([post() + HEAD, b"", REST], [200, 100, 200], 0),
    "asks to go on and does": ([HEAD + REST], [100, 200], 0),
    "no body": ([f"POST {PATH} HTTP/1.1\r\nHost: baraza\r\n{LAST}\r\n\r\n".encode()], [200], 0),
    "just short enough": ([post(LAST, body=BODY + b"&x=" + b"x" * (8192 - len(BODY) - 3))], [200], 0),
    "too long": ([post(LAST, body=BODY + b"&x=" + b"x" * (8192 - len(BODY) - 2))], [200], 0),
    "far too long, in chunks": ([post(IN_CHUNKS, body=chunked(BODY * 2000, 9000)), post(LAST)], [200, 200], 0),
    "bytes that are no text": ([post(LAST, body=b"\xff%zz&&=&text=\0")], [200], 0),
    "another's secret": ([post(path=PATH.replace("s", "t")), post(LAST)], [404, 200], 0),
    "another way to write it": ([post(path=PATH + "?a=b") + post(LAST, path=PATH.replace("u", "%75"))], [200, 200], 2),
    "not posted": ([f"GET {PATH} HTTP/1.1\r\nHost: baraza\r\n{LAST}\r\n\r\n".encode()], [404], 0),
    "would be something else": ([post("Connection: Upgrade", "Upgrade: h2c", LAST)], [200], 1),
    "no HTTP": ([b"Give me a hop!\r\n\r\n"], [400], 0),
    "no HTTP after a hop": ([post(), b"", b"\0\0\0\r\n\r\n"], [200, 400], 0),
    "two lengths": ([post("Content-Length: 3")], [400], 0),
}


@contextmanager
def call(address: str) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", urlsplit(address).port or 0), timeout=30) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield line


def said(address: str, pieces: list[bytes]) -> bytes:
    """All that the server says until it hangs up, but for the time."""
    heard = b""
    with call(address) as line:
        for piece in pieces:
            if piece:
                line.sendall(piece)
            else:
                heard += line.recv(65536)
        while more := line.recv(65536):
            heard += more
    return re.sub(rb"date: [^\r]*\r\n", b"date\r\n", heard)


def statuses(answers: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+) ", answers)]


def test_both_ways_say_the_same(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    through_asgi = []
    answer = UssdEndpoint.answer

    async def counted(self: UssdEndpoint, secret: str, receive: Receive, send: Send) -> None:
        through_asgi.append(secret)
        await answer(self, secret, receive, send)

    monkeypatch.setattr(UssdEndpoint, "answer", counted)
    with (
        serve(context.settings) as shorter,
        serve(context.settings, http="httptools") as own,
        serve(context.settings, limit_concurrency=1) as limited,
        serve(context.settings, timeout_keep_alive=0) as hasty,
    ):
        for name, (pieces, expected, long_way) in TALKS.items():
            one = said(shorter, pieces)
            assert (statuses(one), len(through_asgi)) == (expected, long_way), name
            through_asgi.clear()
            assert said(own, pieces) == one, name
            through_asgi.clear()
        for name, screen in {"too long": b"END Sorry, that was too long.", "just short enough": b"CON Karibu"}.items():
            assert b"\r\n\r\n" + screen in said(shorter, TALKS[name][0]), name
        assert statuses(said(limited, [post(LAST)])) == [503], "a limit is uvicorn's to keep"
        assert b"connection: close" not in said(hasty, [post()]), "hung up on for saying nothing more"


def until(true: Any) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


class Held:
    """A complaint about to be sent, and Postgres made to wait when it is."""

    def __init__(self, context: Context, owner: sa.Engine, address: str) -> None:
        handset = Handset(address, SECRET)
        handset.dial()
        handset.type(*COMPLAINT[:-1])
        self.send = post(body=form(handset.session, "*".join(COMPLAINT), handset.number))
        self.handset, self._context, self._owner = handset, context, owner

    @contextmanager
    def waiting(self) -> Iterator[None]:
        with self._owner.begin() as connection:
            connection.execute(sa.text("LOCK TABLE cases IN ACCESS EXCLUSIVE MODE"))
            yield

    def begun(self) -> bool:
        with self._owner.connect() as connection:
            return bool(connection.scalar(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")))

    def filed(self) -> int:
        with self._context.work() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(Case)) or 0


def test_who_hangs_up_before_the_answer_is_heard_all_the_same(context: Context, owner: sa.Engine) -> None:
    with serve(context.settings) as address:
        held = Held(context, owner, address)
        with held.waiting(), call(address) as line:
            line.sendall(held.send)
            until(held.begun)
            line.shutdown(socket.SHUT_RDWR)
        until(held.filed)
        assert held.handset.type("1").startswith("END Thank you."), "the same hop again"
        assert held.filed() == 1


def test_a_server_that_stops_answers_what_was_asked(context: Context, owner: sa.Engine) -> None:
    with ExitStack() as server, ThreadPoolExecutor() as threads:
        address = server.enter_context(serve(context.settings))
        held = Held(context, owner, address)
        with call(address) as line, call(address) as idle:
            idle.sendall(post())
            assert statuses(idle.recv(65536)) == [200]
            with held.waiting():
                line.sendall(held.send)
                until(held.begun)
                stopped = threads.submit(server.close)
                assert idle.recv(65536) == b"", "who waits for nothing is let go"
                assert not stopped.done()
            answer = b"".join(iter(lambda: line.recv(65536), b""))
        stopped.result()
        assert b"connection: close\r\n\r\nEND Thank you." in answer
        assert held.filed() == 1
