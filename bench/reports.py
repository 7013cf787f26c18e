"""Delivery reports a second on a web core: posted as an aggregator does, each answered only after its commit.

`python -m bench.reports` posts a report for each message accepted, 16 at the same time, and asks Postgres whether
all are delivered. See bench/RESULTS.md.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import cast

import httptools
import psutil

from bench.hops import machine, say, table
from bench.messages import House
from bench.systems import SECRET, all_systems, running

CONNECTIONS = 16
"""Reports on their way at the same time."""

_SENT = """
    update messages set state = 'accepted', sent_at = now(), provider_message_id = 'ATXid_' || place
    from (select id as message, row_number() over (order by id) as place from messages) as counted
    where id = message
"""


class Connection(asyncio.Protocol):
    """One kept connection; posts the next report as soon as the last one is answered."""

    def __init__(self, reports: deque[bytes], answered: Callable[[int], None]) -> None:
        self._reports = reports
        self._answered = answered
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self._answered(self._parser.get_status_code())
        self._next()

    def _next(self) -> None:
        if self._reports:
            self._transport.write(self._reports.popleft())


def request(port: int, place: int) -> bytes:
    """The report on the message of this place, as Africa's Talking posts it."""
    body = f"id=ATXid_{place}&status=Success&phoneNumber=%2B2547{place - 1:08}&networkCode=63902&retryCount=0".encode()
    head = (
        f"POST /channels/africastalking/{SECRET}/delivery HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def post(port: int, count: int, connections: int) -> float:
    """Post a report for each of so many messages; the seconds it took. Raises SystemExit at an answer but 200."""
    loop = asyncio.get_running_loop()
    left, done = count, loop.create_future()

    def answered(status: int) -> None:
        nonlocal left
        left -= 1
        if status != 200 and not done.done():
            done.set_exception(SystemExit(f"answered with {status}"))
        elif not left and not done.done():
            done.set_result(None)

    reports = deque(request(port, place) for place in range(1, count + 1))
    began = time.perf_counter()
    for _ in range(connections):
        await loop.create_connection(lambda: Connection(reports, answered), "127.0.0.1", port)
    await done
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="20,000 reports, where none are given")
    parser.add_argument("--reports", type=int)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    options = parser.parse_args()
    count = options.reports or (20_000 if options.full else 5_000)
    with tempfile.TemporaryDirectory(prefix="baraza-bench-") as folder:
        house = House(Path(folder))
        try:
            say(machine() + "\n")
            house.people(count)
            house.broadcast()
            house.stores.sql(_SENT, house.stores.baraza_url)
            with running([all_systems(house.stores)["baraza"]], Path(folder)) as (web,):
                process = psutil.Process(web.pid)
                before = process.cpu_times()
                seconds = asyncio.run(post(web.port, count, options.connections))
                used = process.cpu_times()
            if house.states() != {"delivered": count}:
                raise SystemExit(f"not right: {house.states()}, {count} reported")
            cpu = used.user + used.system - before.user - before.system
            rates = [f"{count / seconds:,.0f}", f"{count / cpu:,.0f}"]
            table([["delivery reports", "a second", "per CPU second of the web"], [f"{count:,}", *rates]])
        finally:
            house.stop()


if __name__ == "__main__":
    main()
