"""What must hold after the storm, asked of Postgres and of the stand-in, and of nobody in between."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
import sqlalchemy as sa

from gateway.cases.models import Case
from gateway.context import Context
from gateway.messaging.models import Message, ProviderCall
from gateway.messaging.states import State
from gateway.residents import service as residents
from gateway.residents.models import Resident
from menus import receipt as receipts
from tests.chaos.handsets import Person

SETTLED = {State.DELIVERED, State.UNKNOWN}


STUCK = 180.0
"""Seconds without any change after which nothing more is to be expected: a lease runs out after 60, and a report that
the gateway did not take is brought again after 30 at the latest."""


def wait_settled(context: Context) -> Counter[tuple[str, str]]:
    """Until every message is delivered or of unknown fate, and stays so for a while; messages by lane and state.

    However long it takes while it goes on: the time is the machine's. Fails when nothing moves any more.
    """
    quiet_since, before = time.monotonic(), Counter[tuple[str, str]]()
    while True:
        now = _states(context)
        if now != before:
            quiet_since, before = time.monotonic(), now
        waits = {state for _, state in now}
        still = time.monotonic() - quiet_since
        if waits <= SETTLED and still > (35 if State.UNKNOWN in waits else 3):  # a report by number waits half a minute
            return now
        assert still < STUCK, f"nothing moved for {STUCK:.0f} s: {now}"
        time.sleep(0.5)


def _states(context: Context) -> Counter[tuple[str, str]]:
    with context.work() as session:
        rows = session.execute(sa.select(Message.lane, Message.state, sa.func.count()).group_by(sa.text("1, 2")))
        return Counter({(lane, state): count for lane, state, count in rows})


def check_cases(context: Context, people: Sequence[Person]) -> None:
    """Every receipt shown opens one case of its owner; nobody has a case that no hop of theirs can explain."""
    with context.work() as session:
        for person in people:
            assert person.receipt, f"never got a receipt in {person.dials} dials: {person.screens[-12:]}"
            digest = context.vault.lookup.digest("receipt", receipts.bare(person.receipt))
            (owner,) = session.scalars(sa.select(Case.resident_id).where(Case.receipt_lookup == digest)).all()
            cases = session.scalar(sa.select(sa.func.count()).where(Case.resident_id == owner))
            assert cases is not None
            assert 1 <= cases <= 1 + person.unclear, (cases, person.unclear, person.screens)
            known = residents.find(session, context.vault, person.number)
            assert known is not None
            assert known.id == owner
        owed = session.scalar(sa.select(sa.func.count()).where(Message.template == "receipt"))
        assert owed == session.scalar(sa.select(sa.func.count()).select_from(Case)), "a receipt for each case"


def check_messages(context: Context, stand_in: str) -> dict[str, int]:
    """Every message owed is at the stand-in once, or of unknown fate, or marked; the counts of what is not plain."""
    with context.work() as session:
        rows = session.scalars(sa.select(Message).order_by(Message.id)).all()
        session.expunge_all()
        sealed = session.execute(sa.select(Resident.id, Resident.number_sealed))
        numbers = {resident: residents.open_number(context.vault, resident, box) for resident, box in sealed}
        left = session.scalars(sa.select(sa.func.unnest(ProviderCall.message_ids))).all()
    sent = httpx.get(stand_in + "/_messages", timeout=60).json()
    states = Counter(row.state for row in rows)
    assert not left, "nothing may be leased"
    unknown = {row.id for row in rows if row.state == State.UNKNOWN}
    assert {row.state for row in rows} <= SETTLED, states
    by_id = {one["id"]: one for one in sent}
    for row in rows:
        if row.provider_message_id:
            assert by_id[row.provider_message_id]["to"] == numbers[row.resident_id]
    _count(rows, numbers, Counter(one["to"] for one in sent))
    repeats = sum(row.possible_repeat for row in rows)
    return {"messages": len(rows), "sent": len(sent), "unknown": len(unknown), "possible repeats": repeats}


def _count(rows: Sequence[Any], numbers: dict[UUID, str], sent: Counter[str]) -> None:
    """At every handset as many texts as were delivered; one more for each doubt at the most."""
    certain: Counter[str] = Counter()
    doubts: Counter[str] = Counter()
    for row in rows:
        number = numbers[row.resident_id]
        certain[number] += row.state == State.DELIVERED
        doubts[number] += row.state == State.UNKNOWN
        doubts[number] += row.possible_repeat
    lost = [number for number, count in certain.items() if sent[number] < count]
    doubled = [number for number, count in sent.items() if count > certain[number] + doubts[number]]
    assert not lost, f"{len(lost)} said to be delivered never reached the stand-in"
    assert not doubled, f"{len(doubled)} reached the stand-in more often than owed"
