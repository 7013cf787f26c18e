"""Cases filed and a broadcast sent while parts are killed: nothing lost, nothing doubled, nothing stuck."""

from __future__ import annotations

import logging
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
    settle: float


SHORT = Storm(cases=150, followers=1_000, kills=6, seconds=45, rate=45, settle=150)
LONG = Storm(cases=2_000, followers=20_000, kills=30, seconds=300, rate=150, settle=400)


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
    for child in children:
        child.kill()


def rage(demo: Running, storm: Storm, chance: random.Random) -> list[str]:
    """Kill parts at random moments, each at least once where there are enough kills; what was killed."""
    parts = [PARTS[place % len(PARTS)] for place in range(storm.kills)]
    chance.shuffle(parts)
    each, began = storm.seconds / storm.kills, time.monotonic()
    for place, part in enumerate(parts):
        moment = began + (place + chance.random()) * each
        time.sleep(max(0.0, moment - time.monotonic()))
        kill(demo, part)
    return parts


@pytest.mark.parametrize(
    "storm",
    [pytest.param(SHORT, marks=pytest.mark.deep, id="short"), pytest.param(LONG, marks=pytest.mark.chaos, id="long")],
)
def test_what_was_promised_holds_whatever_is_killed(storm: Storm, tmp_path: Path) -> None:
    seed = int(os.environ.get("CHAOS_SEED") or random.randrange(1_000_000))
    log.warning("CHAOS_SEED=%d", seed)  # shown when it fails
    chance = random.Random(seed)
    with running_demo(tmp_path, BARAZA_SEGMENTS_PER_SECOND=str(storm.rate)) as demo:
        with context_of(demo) as context:
            broadcast(context, storm.followers)
        callbacks = demo.ready["callbacks"]["ussd"]
        crowd = Crowd(callbacks, storm.cases, handsets=HANDSETS, seconds=storm.seconds, chance=chance)
        crowd.start()
        log.warning("killed: %s", ", ".join(rage(demo, storm, chance)))
        crowd.wait(storm.seconds + 60)
        with context_of(demo) as context:
            log.warning("states: %s", dict(verdict.wait_settled(context, storm.settle)))
            verdict.check_cases(context, crowd.people)
            log.warning("messages: %s", verdict.check_messages(context, demo.ready["phone"]))
