"""What must not get worse when there is much: claims, memory, replies beside a broadcast.

`python -m bench.pressure` prints a table with the goal of each; `--full` takes the sizes of the goals. See
bench/RESULTS.md.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from bench.hops import machine, say, table
from bench.messages import House, send_all
from gateway.messaging import sending
from gateway.messaging import service as messaging
from gateway.messaging.models import Message
from gateway.messaging.states import State
from gateway.messaging.wake import wake
from gateway.residents.models import Resident

CLAIMS, A_CLAIM = 30, 1000
"""How many claims are timed, of how many messages."""

# Rows as an old broadcast leaves them, in the order of their time; no broadcast, so that residents need not differ.
_OLD = """
    INSERT INTO messages (id, lane, template, language, resident_id, state, reason, not_before, channel,
        provider_message_id, segments, attempts, owed_at, sent_at)
    SELECT gen_random_uuid(), 'broadcasts', 'update', 'en', (SELECT id FROM residents LIMIT 1), 'accepted', 'sent',
        now() - interval '1 day', 'africastalking', 'old-' || place, 1, 1, now() - interval '1 day',
        now() - interval '1 day'
    FROM generate_series({first}, {last}) AS place
"""


def claim_seconds(house: House, rows: int) -> float:
    """The median claim out of a table of so many messages, most of them sent long ago; each claim is undone."""
    house.people(CLAIMS * A_CLAIM)
    for first in range(1, rows + 1, 1_000_000):
        house.stores.sql(_OLD.format(first=first, last=min(rows, first + 999_999)), house.stores.baraza_url)
    house.broadcast()
    house.stores.sql("vacuum analyze messages", house.stores.baraza_url)
    return statistics.median(_one_claim(house) for _ in range(CLAIMS))


def _one_claim(house: House) -> float:
    context = house.context
    began = time.perf_counter()
    with context.work() as session:
        calls = sending.claim(
            session,
            context.vault,
            context.pack.guide,
            "broadcasts",
            limit=A_CLAIM,
            batch=100,
            now=context.clock.now() + timedelta(seconds=1),
        )
        assert sum(len(call.messages) for call in calls) == A_CLAIM
    return time.perf_counter() - began


def reply_seconds(house: House, count: int, pause: float = 0.1) -> float:
    """The 99th of a hundred waits of a reply, from the commit that owes it until its call leaves."""
    context, owed = house.context, list[UUID]()
    with context.work() as session:
        people = list(session.scalars(sa.select(Resident.id).limit(count)))
    for person in people:
        with context.work() as session:
            message = messaging.owe(
                session,
                context.vault,
                resident_id=person,
                template="reply",
                values={"ref": "4821"},
                language="en",
                now=context.clock.now(),
            )
        assert message is not None
        owed.append(message)
        wake(context.valkey, "replies")
        time.sleep(pause)
    waits = _waits(house, owed)
    return waits[max(0, round(0.99 * len(waits)) - 1)]


def _waits(house: House, owed: Sequence[UUID]) -> list[float]:
    """Seconds each of them waited, the shortest first; waits for the last one itself."""
    went = sa.select(Message.sent_at - Message.owed_at).where(Message.id.in_(owed), Message.state == State.ACCEPTED)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with house.context.work() as session:
            waits = sorted(wait.total_seconds() for wait in session.scalars(went))
        if len(waits) == len(owed):
            return waits
        wake(house.context.valkey, "replies")
        time.sleep(0.2)
    raise SystemExit(f"{len(owed) - len(waits)} replies never left")


def replies_beside(house: House, recipients: int, replies: int) -> tuple[float, float]:
    """The 99th wait of a reply with nothing else to do, and while a broadcast to so many runs."""
    house.people(recipients)
    with house.worker("replies"), house.worker("broadcasts"):
        alone = reply_seconds(house, replies)
        house.broadcast()
        wake(house.context.valkey, "broadcasts")
        stop = threading.Event()
        keeper = threading.Thread(target=_keep_awake, args=(house, stop))
        keeper.start()
        try:
            beside = reply_seconds(house, replies)
            if not house.waits():
                say("(the broadcast was over before the replies: take more recipients)")
        finally:
            stop.set()
            keeper.join()
    return alone, beside


def _keep_awake(house: House, stop: threading.Event) -> None:
    """As the clock does."""
    while not stop.wait(1):
        wake(house.context.valkey, "broadcasts")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="a million recipients, ten million messages: an hour")
    options = parser.parse_args()
    many, rows, beside = (1_000_000, 10_000_000, 100_000) if options.full else (20_000, 300_000, 10_000)
    lines = [["what", "measured", "ratio", "goal"]]
    with tempfile.TemporaryDirectory(prefix="baraza-bench-") as folder:
        house = House(Path(folder))
        try:
            say(machine() + "\n")
            with house.stand_in():
                lines += _memory(house, many)
                lines += _replies(house, beside)
            lines += _claims(house, rows)
            table(lines)
        finally:
            house.stop()


def _memory(house: House, many: int) -> Iterator[list[str]]:
    small, large = send_all(house, 10_000), send_all(house, many)
    told = f"{small.peak:,.0f} and {large.peak:,.0f} MiB"
    yield [f"worker's peak, 10,000 and {many:,} recipients", told, f"{large.peak / small.peak:.2f}", "at most 1.2"]


def _replies(house: House, recipients: int) -> Iterator[list[str]]:
    alone, beside = replies_beside(house, recipients, 60)
    told = f"{alone:.2f} s alone, {beside:.2f} s beside"
    yield [f"reply owed while {recipients:,} go out, p99", told, f"{beside / alone:.1f}", "at most 2 s"]


def _claims(house: House, rows: int) -> Iterator[list[str]]:
    few, all_ = claim_seconds(house, 10_000), claim_seconds(house, rows)
    told = f"{few * 1000:.1f} and {all_ * 1000:.1f} ms"
    yield [f"a claim of 1,000, out of 10,000 and {rows:,}", told, f"{all_ / few:.2f}", "at most 1.5"]


if __name__ == "__main__":
    main()
