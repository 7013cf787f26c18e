"""Cases filed and a broadcast sent while parts are killed: nothing lost, nothing doubled, nothing stuck."""

from __future__ import annotations

import logging
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pytest
import sqlalchemy as sa

from gateway.context import Context
from gateway.messaging import service as messaging
from gateway.messaging.wake import wake
from gateway.residents.models import Resident
from gateway.settings import Settings
from operations.crowd import gather
from tests.chaos import verdict
from tests.chaos.handsets import Crowd
from tests.running import Running, running_demo

log = logging.getLogger(__name__)

PARTS = ("web", "worker_replies", "worker_broadcasts", "clock", "valkey", "postgres")

SENDER = "sender"

HANDSETS = 4
"""How many people dial at the same time."""


@dataclass(frozen=True)
class Storm:
    cases: int
    followers: int
    kills: int
    seconds: float
    """How long cases and kills go on."""
    rate: int
    """Segments a second: the broadcast lasts about as long."""
    senders: int = 0
    """Workers for broadcasts beside the demo's own."""


SHORT = Storm(cases=150, followers=1_000, kills=6, seconds=45, rate=45)
LONG = Storm(cases=2_000, followers=20_000, kills=30, seconds=300, rate=150)
# So fast that a job sends with three hands, and three workers at the same lane.
SIDE_BY_SIDE = Storm(cases=100, followers=10_000, kills=12, seconds=60, rate=1_500, senders=2)


@contextmanager
def context_of(demo: Running) -> Iterator[Context]:
    """The demo's own stores and keys."""
    given = {name.removeprefix("BARAZA_").lower(): value for name, value in demo.ready["env"].items()}
    context = Context.make(Settings(**given), application="baraza-test")
    yield context
    context.close()


def broadcast(context: Context, followers: int) -> None:
    """Owe one text to so many fresh residents."""
    now = context.clock.now()
    numbers = (f"+25471{place:07}" for place in range(followers))
    with psycopg.connect(context.settings.database_url) as connection:
        gather(connection, context.vault, numbers, language="en", now=now)
    with context.work() as session:
        messaging.owe_broadcast(
            session,
            kind="update",
            topic="KEKAK0001",
            bodies={"en": "Budget hearing on 3 December."},
            audience=sa.select(Resident.id),
            created_by=None,
            now=now,
        )
    wake(context.valkey, "broadcasts")


def kill(demo: Running, part: str) -> None:
    """Kill a part; a worker together with the job at work."""
    children = psutil.Process(demo.ready["pids"][part]).children(recursive=True) if "worker" in part else []
    demo.kill(part)
    _kill_all(children)


class Senders:
    """More workers for broadcasts, as an operator would start them; who is killed is started again."""

    def __init__(self, demo: Running, count: int) -> None:
        self._data = demo.data
        self._out = (demo.data.parent / "senders.out").open("ab")
        self._running = [self._start() for _ in range(count)]

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "operations", "worker", "--lane", "broadcasts", "--data", str(self._data)]
        return subprocess.Popen(command, stdout=self._out, stderr=subprocess.STDOUT, start_new_session=True)

    def kill_one(self) -> None:
        _end(self._running.pop(0))
        self._running.append(self._start())

    def __enter__(self) -> Senders:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running:
            _end(process)
        self._out.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    _kill_all(children)


def _kill_all(processes: Iterable[psutil.Process]) -> None:
    for one in processes:
        with suppress(psutil.NoSuchProcess):  # the job may just have come to its end
            one.kill()


def rage(demo: Running, senders: Senders, storm: Storm, chance: random.Random) -> list[str]:
    """Kill parts at random moments, each at least once where there are enough kills; what was killed."""
    all_parts = (*PARTS, SENDER) if storm.senders else PARTS
    parts = [all_parts[place % len(all_parts)] for place in range(storm.kills)]
    chance.shuffle(parts)
    each, began = storm.seconds / storm.kills, time.monotonic()
    for place, part in enumerate(parts):
        moment = began + (place + chance.random()) * each
        time.sleep(max(0.0, moment - time.monotonic()))
        if part == SENDER:
            senders.kill_one()
        else:
            kill(demo, part)
    return parts


@pytest.mark.parametrize(
    "storm",
    [
        pytest.param(SHORT, marks=pytest.mark.deep, id="short"),
        pytest.param(LONG, marks=pytest.mark.chaos, id="long"),
        pytest.param(SIDE_BY_SIDE, marks=pytest.mark.chaos, id="side by side"),
    ],
)
def test_what_was_promised_holds_whatever_is_killed(storm: Storm, tmp_path: Path) -> None:
    seed = int(os.environ.get("CHAOS_SEED") or random.randrange(1_000_000))
    log.warning("CHAOS_SEED=%d", seed)  # shown when it fails
    chance = random.Random(seed)
    with (
        running_demo(tmp_path, BARAZA_SEGMENTS_PER_SECOND=str(storm.rate)) as demo,
        Senders(demo, storm.senders) as senders,
    ):
        with context_of(demo) as context:
            broadcast(context, storm.followers)
        callbacks = demo.ready["callbacks"]["ussd"]
        crowd = Crowd(callbacks, storm.cases, handsets=HANDSETS, seconds=storm.seconds, chance=chance)
        crowd.start()
        log.warning("killed: %s", ", ".join(rage(demo, senders, storm, chance)))
        crowd.wait(storm.seconds + 60)
        with context_of(demo) as context:
            log.warning("states: %s", dict(verdict.wait_settled(context)))
            verdict.check_cases(context, crowd.people)
            log.warning("messages: %s", verdict.check_messages(context, demo.ready["phone"]))
