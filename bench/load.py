"""The load, as a process of its own: plays journeys against one address and prints one line of JSON.

`full` keeps a number of connections busy for some seconds, for speed. `steady` sends a set number of hops a second for
a thousand sessions, some twice and some with the answer lost, for what a resident would see. In both every session has
at most one hop under way (but for the doubles), and every answer is checked.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any, cast

import httptools
import psutil

from bench.journey import EXPECTED, HOPS, Journey, request

Answered = Callable[["Connection", int, bytes], None]


class Fate(Enum):
    """What becomes of a hop's answer."""

    SEEN = "seen"
    TWO = "two"
    """The hop was sent twice at the same moment: two answers, which must be the same."""
    LOST = "lost"
    """The answer is lost on the way; the same hop is sent again a little later."""


class Connection(asyncio.Protocol):
    """One kept connection; sends a request at a time and tells `answered` the status and body."""

    def __init__(self, answered: Answered) -> None:
        self._answered = answered
        self._parser = httptools.HttpResponseParser(self)
        self._body = b""
        self.transport: asyncio.Transport
        self.lost = False
        self.since = 0.0
        """When the hop under way was sent, or should have been."""
        self.journey: Journey
        self.fate = Fate.SEEN

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        body, self._body = self._body, b""
        self._answered(self, self._parser.get_status_code(), body)


@dataclass(slots=True)
class Report:
    """What one run saw. Times are in seconds."""

    hops: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    """CPU seconds of the server process in the measured time."""
    journeys: int = 0
    """Journeys that came to their end, measured or not."""
    first_number: int = 0
    wrong: int = 0
    example: str = ""
    """The beginning of the first wrong answer."""
    hops_doubled: int = 0
    answers_lost: int = 0
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    worst: float = 0.0
    memory: list[float] = field(default_factory=list)
    """Resident memory of the server in MiB, from time to time."""

    def take(self, times: list[float]) -> None:
        """Fill in the percentiles."""
        ordered = sorted(times)
        if ordered:
            last = len(ordered) - 1
            self.p50, self.p95, self.p99 = (ordered[round(last * share)] for share in (0.5, 0.95, 0.99))
            self.worst = ordered[-1]


class Load:
    """What both kinds of load have in common: connections, fresh residents, answers checked."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.report = Report(first_number=options.first_number)
        self.times: list[float] = []
        self.measuring = False
        self.done = asyncio.get_running_loop().create_future()
        self._numbers = options.first_number
        self._chance = random.Random(options.first_number)
        self._server = psutil.Process(options.pid)
        self._host = f"127.0.0.1:{options.port}"
        self._expected = tuple(begin if not options.any_screen else b"CON" for begin in EXPECTED)

    def fresh(self) -> Journey:
        self._numbers += 1
        return Journey.new(self._numbers)

    async def connect(self, answered: Answered) -> Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: Connection(answered), "127.0.0.1", self.options.port)
        return connection

    def send(self, connection: Connection, journey: Journey, since: float) -> None:
        connection.journey, connection.since = journey, since
        connection.transport.write(request(self.options.path, self._host, journey.body()))

    def right(self, journey: Journey, status: int, body: bytes) -> bool:
        """Whether this is the screen that this hop should show."""
        if status == 200 and body.startswith(self._expected[journey.step]):
            return True
        self.report.wrong += 1
        self.report.example = self.report.example or f"hop {journey.step}: {status} {body[:80]!r}"
        return False

    def used(self) -> float:
        """CPU seconds that the server has used."""
        times = self._server.cpu_times()
        return float(times.user + times.system)

    def weigh(self) -> None:
        self.report.memory.append(round(self._server.memory_info().rss / 2**20, 1))


class Full(Load):
    """As fast as the server answers, over so many connections, with twice as many sessions; which goes on is chance."""

    async def run(self) -> Report:
        self._waiting = [self.fresh() for _ in range(self.options.connections * 2)]
        self._under_way = 0
        self._closing = False
        connections = [await self.connect(self._answered) for _ in range(self.options.connections)]
        started = time.perf_counter()
        for connection in connections:
            self._next(connection)
        if self.options.journeys:
            await self._until_played()
        else:
            await self._for_seconds()
        self.report.take(self.times)
        if self.options.journeys:
            self.report.seconds = time.perf_counter() - started
        return self.report

    async def _for_seconds(self) -> None:
        await asyncio.sleep(self.options.warm)
        began, used, self.measuring = time.perf_counter(), self.used(), True
        await asyncio.sleep(self.options.seconds)
        self.measuring = False
        self.report.seconds, self.report.cpu = time.perf_counter() - began, self.used() - used
        self._closing = True
        await asyncio.wait_for(self.done, 60)

    async def _until_played(self) -> None:
        self.measuring, step, mark = True, self.options.journeys // 20, 0
        while self.report.journeys < self.options.journeys:
            await asyncio.sleep(0.05)
            if self.report.journeys >= mark:
                self.weigh()
                mark += step
                self.times.clear()
        self.weigh()
        self._closing = True
        await asyncio.wait_for(self.done, 60)

    def _next(self, connection: Connection) -> None:
        if not self._waiting:
            if self._closing and not self._under_way and not self.done.done():
                self.done.set_result(None)
            return
        self._under_way += 1
        self.send(connection, self._any_waiting(), time.perf_counter())

    def _any_waiting(self) -> Journey:
        """Whoever of the waiting types next: taken in turn, all would type their stories at once, and send at once."""
        chosen = self._chance.randrange(len(self._waiting))
        self._waiting[chosen], self._waiting[-1] = self._waiting[-1], self._waiting[chosen]
        return self._waiting.pop()

    def _answered(self, connection: Connection, status: int, body: bytes) -> None:
        if self.measuring:
            self.times.append(time.perf_counter() - connection.since)
            self.report.hops += 1
        self._under_way -= 1
        journey = connection.journey
        right = self.right(journey, status, body)
        journey.step += 1
        if right and journey.step < HOPS:
            self._waiting.append(journey)
        else:
            self.report.journeys += right
            if not self._closing:
                self._waiting.append(self.fresh())
        self._next(connection)


class Steady(Load):
    """So many hops a second for so many sessions, whatever the server does; each session plays one journey."""

    AGAIN_AFTER = 1.0
    """Seconds until a hop is sent again whose answer was lost."""

    async def run(self) -> Report:
        self._ready = [self.fresh() for _ in range(self.options.sessions)]
        self._left = self.options.sessions
        self._idle = deque([await self.connect(self._answered) for _ in range(self.options.connections)])
        self._first: dict[int, bytes] = {}
        began, used = time.perf_counter(), self.used()
        due = began
        while not self.done.done():
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            if self._ready:
                await self._hop(due)
            due += 1 / self.options.rate
        self.report.seconds, self.report.cpu = time.perf_counter() - began, self.used() - used
        self.report.take(self.times)
        return self.report

    async def _hop(self, due: float) -> None:
        """Send the hop that is due, for a session by chance."""
        place = self._chance.randrange(len(self._ready))
        self._ready[place], self._ready[-1] = self._ready[-1], self._ready[place]
        journey = self._ready.pop()
        chance = self._chance.random()
        if chance < self.options.doubled:
            self.report.hops_doubled += 1
            await self._send(journey, due, Fate.TWO)
            await self._send(journey, due, Fate.TWO)
        elif chance < self.options.doubled + self.options.lost:
            self.report.answers_lost += 1
            await self._send(journey, due, Fate.LOST)
        else:
            await self._send(journey, due, Fate.SEEN)

    async def _send(self, journey: Journey, since: float, fate: Fate) -> None:
        while self._idle and self._idle[0].lost:
            self._idle.popleft()
        connection = self._idle.popleft() if self._idle else await self.connect(self._answered)
        connection.fate = fate
        self.send(connection, journey, since)

    def _answered(self, connection: Connection, status: int, body: bytes) -> None:
        self.times.append(time.perf_counter() - connection.since)
        self.report.hops += 1
        self._idle.append(connection)
        journey, fate = connection.journey, connection.fate
        if fate is Fate.LOST:
            asyncio.get_running_loop().call_later(self.AGAIN_AFTER, self._send_again, journey)
        elif fate is Fate.SEEN:
            self._onwards(journey, self.right(journey, status, body))
        elif id(journey) not in self._first:
            self._first[id(journey)] = body
        else:
            same = self._first.pop(id(journey)) == body
            self._onwards(journey, self.right(journey, status, body if same else b"two answers"))

    def _send_again(self, journey: Journey) -> None:
        task = asyncio.ensure_future(self._send(journey, time.perf_counter(), Fate.SEEN))
        task.add_done_callback(lambda sent: sent.result())

    def _onwards(self, journey: Journey, right: bool) -> None:
        journey.step += 1
        if right and journey.step < HOPS:
            self._ready.append(journey)
            return
        self.report.journeys += right
        self._left -= 1
        if not self._left and not self.done.done():
            self.done.set_result(None)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("full", "steady"))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", default="/ussd")
    parser.add_argument("--pid", type=int, required=True, help="process whose CPU and memory is read")
    parser.add_argument("--first-number", type=int, default=0, help="the residents' numbers go on from here")
    parser.add_argument("--any-screen", action="store_true", help="the answers are empty screens")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--warm", type=float, default=1.0, help="seconds before the measured ones")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--journeys", type=int, default=0, help="play so many instead, and weigh the server")
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=200.0, help="hops a second")
    parser.add_argument("--doubled", type=float, default=0.01, help="share of hops sent twice at once")
    parser.add_argument("--lost", type=float, default=0.01, help="share of answers lost on the way")
    return parser.parse_args()


async def main(options: argparse.Namespace) -> dict[str, Any]:
    load = Full(options) if options.kind == "full" else Steady(options)
    return asdict(await load.run())


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(main(read_options()))))
