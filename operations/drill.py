"""The drill: the stand-in goes wrong in every way it knows; a table says what was lost, doubled or is in doubt."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
import sqlalchemy as sa
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table

import gateway.models  # noqa: F401  # every table: keys between them are looked up by name
from gateway.channels import sends
from gateway.context import Context
from gateway.messaging import service as messaging
from gateway.messaging.models import ChannelState, Message
from gateway.messaging.states import State
from gateway.messaging.templates import BROADCASTS, REPLIES
from gateway.messaging.wake import wake
from gateway.residents.models import Resident
from operations.crowd import gather

SHORTENED = {
    "BARAZA_QUIET_HOURS": "off",
    "BARAZA_SEGMENTS_PER_SECOND": "2000",
    "BARAZA_FIRST_RETRY": "0.5",
    "BARAZA_UNKNOWN_AFTER": "6",
    "BARAZA_REPORT_PATIENCE": "2",
}
"""Settings under which a drill takes minutes and not hours."""

STILL = 2.5
"""Seconds in which nothing changes any more: longer than the clock's sweep takes to come round."""

STILL_IN_DOUBT = 7.0
"""The same where a report that came without its id may still end a doubt: it waits its patience and a sweep more."""

LONG_REST = timedelta(seconds=30)
"""A channel that rests longer waits for staff, who have paid the bill by now."""

LONGEST = 40.0
"""Seconds after which a row is judged as it stands."""

WIDE = 110
"""Columns from which on the table has room for lines between its own."""

CODES = (401, 402, 403, 404, 405, 406, 407, 409, 500, 501, 502)

Plan = Sequence[Mapping[str, Any]]

FAULTS: dict[str, Plan] = {
    "none": [],
    "connection refused": [{"kind": "refuse", "seconds": 2}],
    "slow": [{"kind": "slow", "seconds": 1.5, "count": 4}],
    "read timeout after accepting": [{"kind": "timeout_after_accept", "count": 2}],
    "reset after accepting": [{"kind": "reset", "accepted": True, "count": 2}],
    "HTTP 429": [{"kind": "status", "status": 429, "count": 2}],
    "HTTP 500": [{"kind": "status", "status": 500, "count": 3}],
    "201 with no recipients": [{"kind": "no_recipients", "count": 2}],
    "InvalidSenderId": [{"kind": "invalid_sender"}],
    "wrong content type": [{"kind": "wrong_content_type", "count": 4}],
    "recipient codes": [{"kind": "recipient_code", "code": code} for code in CODES],
    "reports late": [{"kind": "report_late", "seconds": 3, "count": None}],
    "reports doubled": [{"kind": "report_double", "count": None}],
    "reports reordered": [{"kind": "report_reorder", "count": None}],
    "reports lost": [{"kind": "report_lost", "count": None}],
    "inbound repeated": [{"kind": "inbound_repeat", "times": 4, "count": None}],
}
"""What goes wrong, in the words of the stand-in (simulator/README.md)."""


@dataclass(frozen=True)
class Size:
    """How much is owed under each fault."""

    replies: int = 12
    recipients: int = 150


@dataclass
class Row:
    """What came of one fault."""

    fault: str
    owed: int = 0
    sent: int = 0
    delivered: int = 0
    unreported: int = 0
    """Accepted by the aggregator, which never said what became of them."""
    undelivered: int = 0
    """Failed or held, and said so with a reason."""
    lost: int = 0
    doubled: int = 0
    """More texts at a handset than owed, without a mark that says why."""
    marked: int = 0
    """Possible repeats."""
    unknown: int = 0
    took: float = 0.0
    states: Counter[str] = field(default_factory=Counter)


class Drill:
    """One drill against a running demo, given by its ready file."""

    def __init__(self, ready: Mapping[str, Any], context: Context, size: Size) -> None:
        self._context = context
        self._size = size
        self._phone = httpx.Client(base_url=ready["phone"], timeout=15, trust_env=False)
        self._people = 0

    def run(self, fault: str) -> Row:
        """Owe replies and a broadcast under one fault, wait until nothing moves, and count."""
        began = time.monotonic()
        people = self._gather(self._size.replies + self._size.recipients)
        self._phone.post("/_faults", json={"faults": list(FAULTS[fault])}).raise_for_status()
        if fault == "inbound repeated":
            self._write_in(people)
        else:
            self._owe(people)
        self._wait_still(people)
        self._phone.post("/_faults", json={"faults": []}).raise_for_status()
        row = self._judge(fault, people)
        row.took = time.monotonic() - began
        return row

    def _gather(self, count: int) -> dict[UUID, str]:
        """Fresh residents; their numbers by id."""
        start, self._people = self._people, self._people + count
        numbers = [f"+25479{place:07}" for place in range(start, start + count)]
        context = self._context
        with psycopg.connect(context.settings.database_url) as connection:
            found = gather(connection, context.vault, numbers, language="en", now=context.clock.now())
        return dict(zip(found, numbers, strict=True))

    def _owe(self, people: Mapping[UUID, str]) -> None:
        """A reply to each of the first, every text another, and one broadcast to the rest."""
        context, everyone = self._context, list(people)
        now = context.clock.now()
        with context.work() as session:
            for place, resident in enumerate(everyone[: self._size.replies]):
                messaging.owe(
                    session,
                    context.vault,
                    resident_id=resident,
                    template="reply",
                    values={"ref": f"{1000 + place}"},
                    language="en",
                    now=now,
                )
            messaging.owe_broadcast(
                session,
                kind="notice",
                topic="drill",
                bodies={"en": "This is a drill."},
                audience=sa.select(Resident.id).where(Resident.id.in_(everyone[self._size.replies :])),
                created_by=None,
                now=now,
            )
        for lane in (REPLIES, BROADCASTS):
            wake(context.valkey, lane)

    def _write_in(self, people: Mapping[UUID, str]) -> None:
        """Some residents ask for help, once each; the aggregator says it four times."""
        for number in list(people.values())[: self._size.replies]:
            self._phone.post("/_sms", json={"from": number, "to": "22384", "text": "HELP"}).raise_for_status()

    def _rows(self, people: Mapping[UUID, str]) -> Sequence[Any]:
        with self._context.work() as session:
            columns = (Message.resident_id, Message.lane, Message.state, Message.reason, Message.possible_repeat)
            return session.execute(sa.select(*columns).where(Message.resident_id.in_(list(people)))).all()

    def _wait_still(self, people: Mapping[UUID, str]) -> None:
        """Until nothing waits and nothing has changed for a while; a stopped channel is put right, as staff would."""
        ends = time.monotonic() + LONGEST
        before, since = Counter[Any](), time.monotonic()
        while time.monotonic() < ends:
            time.sleep(0.2)
            self._mend_channel()
            now = Counter(self._rows(people))
            if now != before or not now or any(map(_moves, now)) or self._callbacks_wait():
                before, since = now, time.monotonic()
            doubt = any(row.state == State.UNKNOWN for row in now)
            if time.monotonic() - since > (STILL_IN_DOUBT if doubt else STILL):
                return

    def _mend_channel(self) -> None:
        context = self._context
        with context.work() as session:
            state = session.scalar(sa.select(ChannelState).where(ChannelState.channel == sends(session)))
            now = context.clock.now()
            long = state is not None and state.paused_until is not None and state.paused_until > now + LONG_REST
            if state is not None and (state.stopped_reason or long):
                messaging.resume_channel(session, sends(session), now)

    def _callbacks_wait(self) -> bool:
        try:
            return bool(self._phone.get("/_counters").json()["callbacks_waiting"])
        except httpx.HTTPError:  # refused, as planned
            return True

    def _judge(self, fault: str, people: Mapping[UUID, str]) -> Row:
        rows = self._rows(people)
        known = set(people.values())
        sent = Counter(one["to"] for one in self._phone.get("/_messages").json() if one["to"] in known)
        states = Counter(row.state for row in rows)
        row = Row(fault, owed=len(rows), sent=sent.total(), states=states)
        row.delivered, row.unreported = states[State.DELIVERED], states[State.ACCEPTED]
        row.unknown = states[State.UNKNOWN]
        row.marked = sum(one.possible_repeat for one in rows)
        row.undelivered = sum(states[state] for state in (State.FAILED, State.EXPIRED, State.SUPPRESSED, State.HELD))
        row.lost = len(rows) - row.delivered - row.unreported - row.unknown - row.undelivered  # owed or leased for ever
        for resident, number in people.items():
            own = [one for one in rows if one.resident_id == resident]
            certain = sum(one.state in (State.DELIVERED, State.ACCEPTED) for one in own)
            doubts = sum((one.state == State.UNKNOWN) + one.possible_repeat for one in own)
            row.lost += max(0, certain - sent[number])
            row.doubled += max(0, sent[number] - certain - doubts)
        return row


def _moves(row: Any) -> bool:
    """Whether more is to be expected of a message. A broadcast of unknown fate is not sent again."""
    waiting = row.state in (State.OWED, State.LEASED)
    return waiting or (row.state == State.UNKNOWN and row.lane == REPLIES and not row.possible_repeat)


@contextmanager
def printed(console: Console) -> Iterator[Table]:
    """The table, printed in the end however far the drill came."""
    heads = ("owed", "sent", "delivered", "silent", "failed", "lost", "doubled", "marked", "unknown", "s")
    fault = Column("fault", min_width=10)
    # 80 columns are enough: only the names of the faults are broken, between words.
    narrow = Table(fault, box=SIMPLE_HEAD, padding=0, pad_edge=False)
    table = narrow if console.width < WIDE else Table(fault)
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    try:
        yield table
    finally:
        console.print(table)


def add(table: Table, row: Row) -> None:
    """One fault as a line."""
    wrong = "red" if row.lost or row.doubled else ""
    counts: tuple[int, ...] = (
        row.owed,
        row.sent,
        row.delivered,
        row.unreported,
        row.undelivered,
        row.lost,
        row.doubled,
    )
    counts += (row.marked, row.unknown)
    table.add_row(row.fault, *map(str, counts), f"{row.took:.1f}", style=wrong)
