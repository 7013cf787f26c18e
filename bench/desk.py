"""The desk's lists, home counts and word search at 10,000 and at 1,000,000 cases: p95 of each, and how they compare.

`python -m bench.desk` makes the cases by a few statements; their words are not sealed (no list opens any), their search
terms are keyed as the real ones. See bench/RESULTS.md.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench.hops import machine, say, table
from bench.messages import House
from gateway.cases import duties, queries, terms, waiting
from gateway.cases.schemas import CaseFilter
from gateway.cases.waiting import Waiting
from gateway.residents.sealing import Vault
from gateway.staff import service as accounts
from gateway.staff.models import Staff

OPEN_SHARE = 0.05
"""Of all cases; an office that lets more lie open has other troubles than its lists."""

VOCABULARY = 5_000
WORDS = 5
"""Different words that residents use, and how many of each story are made; the common ones come often."""

LIMIT = 51
WARM, RUNS = 10, 120

SMALL, LARGE = 10_000, 1_000_000
GOAL_RATIO, GOAL_MS = 1.5, 50.0

_CASES = """
    insert into cases (id, serial, receipt_lookup, receipt_sealed, reference, privacy, kind, category, status,
        area_code, ward_code, department_code, assignee_id, language, channel, story_sealed, filed_at, due_at,
        closed_at, wrote_at)
    select {id}, 'KAK-2026-' || lpad(place::text, 7, '0'),
        decode(md5('r' || place) || md5('s' || place), 'hex'), 'bench', lpad((place % 10000)::text, 4, '0'), 'not_kept',
        (array['complaint', 'complaint', 'complaint', 'information', 'feedback'])[1 + place % 5],
        (array['DELAY', 'BRIBE', 'RUDE', 'WATER', 'ROAD', 'HEALTH'])[1 + (place * 7) % 6],
        case when luck >= {open} then
            (array['confirmed', 'closed_unconfirmed', 'rejected', 'withdrawn', 'confirmed'])[1 + place % 5]
        else (array['received', 'triage', 'assigned', 'in_progress', 'in_progress', 'waiting_resident', 'reopened',
            'resolved'])[1 + place % 8] end,
        '202', (1000 + place % 60)::text, (array['environment', 'finance', 'health', null])[1 + (place * 3) % 4],
        case when place % 3 > 0 then (select id from staff where role = 'officer') end,
        'en', 'ussd', 'bench', at, case when luck < {open} then at + interval '21 days' end,
        case when luck >= {open} then at + interval '10 days' end,
        case when place % 10 = 3 and at < now() - interval '2 days' then at + interval '2 days' end
    from (select place, now() - interval '2 years' * (1.0 - place / {count}.0) as at,
            (hashint4(place) & 1023) / 1024.0 + 0.6 * (1.0 - place / {count}.0) * (place % 2) as luck
        from generate_series(1, {count}) as place) as made
"""
_CONFLICTS = """
    insert into case_conflicts (id, case_id, about, unit, marked_by, marked_at)
    select gen_random_uuid(), id, 'department', 'health', (select id from staff limit 1), filed_at
    from cases where hashint8(('x' || right(id::text, 8))::bit(32)::bigint) % 1000 = 0
"""
_EVENTS = """
    insert into case_events (id, case_id, at, kind, actor, audience)
    select {first}, id, filed_at, 'filed', 'resident', 'internal' from cases
    union all select {second}, id, filed_at + interval '2 days',
        case when reference like '%3' then 'resident_wrote' else 'noted' end,
        case when reference like '%3' then 'resident' else 'staff' end, 'internal' from cases
        where filed_at < now() - interval '2 days'
"""
_TERMS = """
    insert into case_terms (term, case_id)
    select distinct vocabulary.term, cases.id from cases
    cross join lateral (select 1 + floor({words} * random() ^ 3)::int as rank
        from generate_series(1, {each}) where cases.id is not null) as said
    join vocabulary on vocabulary.rank = said.rank
    order by 1, 2
"""
_LOST = """
    insert into messages (id, lane, template, language, resident_id, case_id, state, channel, owed_at,
        not_before, final_at)
    select gen_random_uuid(), 'replies', 'reply', 'en', (select id from residents limit 1), id, 'failed', 'bench',
        filed_at,        filed_at, filed_at + interval '1 hour' from cases where hashint4(reference::int) % 100 = 0
"""

Ask = Callable[[Session, Staff], object]


@dataclass
class Measured:
    """What one question took at one desk: milliseconds of each run."""

    name: str
    ask: Ask
    runs: list[float] = field(default_factory=list)
    plan: list[str] = field(default_factory=list)

    def within(self, share: float) -> float:
        """The milliseconds that this share of the runs stayed under."""
        return sorted(self.runs)[int(len(self.runs) * share)]


def _id(at: str, seed: str) -> str:
    """An id as `gateway.ids` makes them: milliseconds first, so that ids are in the order of filing."""
    begins = f"lpad(to_hex((extract(epoch from {at}) * 1000)::bigint), 12, '0')"
    return f"({begins} || '7' || substr(md5({seed}), 1, 3) || '8' || substr(md5({seed}), 4, 15))::uuid"


def word(rank: int) -> str:
    return f"neno{rank:05}"


def fill(house: House, count: int) -> None:
    """So many cases, and nothing of those before."""
    sql = house.stores.sql
    url = house.stores.baraza_url
    sql("truncate cases, case_events, case_terms, messages cascade", url)
    sql(
        "set synchronous_commit = off; " + _CASES.format(id=_id("at", "'c' || place"), open=OPEN_SHARE, count=count),
        url,
    )
    sql(_CONFLICTS, url)
    later = _id("filed_at + interval '2 days'", "'f' || id")
    sql(_EVENTS.format(first=_id("filed_at", "'e' || id"), second=later), url)
    sql(_LOST, url)
    sql("drop table if exists vocabulary; create table vocabulary (rank int primary key, term bigint)", url)
    known = ", ".join(
        f"({rank}, {terms.terms(house.context.vault, word(rank))[0]})" for rank in range(1, VOCABULARY + 1)
    )
    sql(f"insert into vocabulary values {known}", url)  # noqa: S608  # figures of our own
    sql(_TERMS.format(words=VOCABULARY, each=WORDS), url)
    sql("vacuum analyze", url)


def questions(vault: Vault, zone: object) -> list[Measured]:
    """What the pages ask, each as its page asks it."""

    def listing(**wanted: object) -> Ask:
        asked = CaseFilter.model_validate(wanted)

        def ask(session: Session, staff: Staff) -> object:
            now = datetime.now(UTC)
            also = [waiting.condition(asked.waiting, now, zone)] if asked.waiting else []  # type: ignore[arg-type]
            return queries.list_cases(session, vault, staff, asked, after=None, limit=LIMIT, also=also)

        return ask

    def counts(session: Session, staff: Staff) -> object:
        found = waiting.counts(session, staff, datetime.now(UTC), zone)  # type: ignore[arg-type]
        return found, duties.counts(session, staff)

    asked = [Measured("list, newest first", listing()), Measured("home: counts", counts)]
    asked += [Measured(f"home: oldest of {reason}", listing(waiting=reason, order="oldest")) for reason in Waiting]
    asked += [
        Measured("list: status", listing(status="in_progress")),
        Measured("list: ward", listing(ward="1017")),
        Measured("list: department and status", listing(department="health", status="assigned")),
        Measured("list: category and kind", listing(category="WATER", kind="complaint")),
        Measured("list: one officer's, oldest", listing(assignee="officer@bench.example", order="oldest")),
        Measured("list: one officer's open ones", listing(assignee="officer@bench.example", status="assigned")),
        Measured("four digits", listing(q="4821")),
        Measured("a serial", listing(q="KAK-2026-0000007")),
        Measured("a common word", listing(q=word(1))),
        Measured("a rare word", listing(q=word(4_900))),
        Measured("two common words", listing(q=f"{word(1)} {word(2)}")),
        Measured("a common and a rare word", listing(q=f"{word(1)} {word(4_000)}")),
    ]
    return asked


def measure(desks: list[tuple[House, list[Measured]]]) -> None:
    """Every question at every desk in turn, in shuffled rounds, so that none has the quiet minutes for itself."""
    with ExitStack() as stack:
        turns: list[tuple[Session, Staff, Measured]] = []
        for house, asked in desks:
            session = stack.enter_context(Session(house.context.engine))
            staff = session.scalars(sa.select(Staff)).one()
            turns += [(session, staff, one) for one in asked]
        for round_ in range(WARM + RUNS):
            for session, staff, one in random.sample(turns, len(turns)):
                began = time.perf_counter()
                one.ask(session, staff)
                took = (time.perf_counter() - began) * 1000
                session.rollback()
                if round_ >= WARM:
                    one.runs.append(took)
        for session, staff, one in turns:
            one.plan = explained(session, lambda one=one, session=session, staff=staff: one.ask(session, staff))  # type: ignore[misc]


def explained(session: Session, ask: Callable[[], object]) -> list[str]:
    """How Postgres goes about a question: the scans of its plans."""
    said: list[tuple[str, object]] = []

    def note(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
        said.append((statement, parameters))

    bind = session.get_bind()
    sa.event.listen(bind, "before_cursor_execute", note)
    ask()
    sa.event.remove(bind, "before_cursor_execute", note)
    lines: list[str] = []
    for statement, parameters in said:
        if not statement.lstrip().upper().startswith(("SELECT", "WITH")):
            continue
        plan = session.connection().exec_driver_sql(f"EXPLAIN (COSTS OFF) {statement}", parameters)  # type: ignore[arg-type]
        lines += [line.strip(" ->") for (line,) in plan if "Scan" in line]
    session.rollback()
    return lines


def show(desks: list[list[Measured]], sizes: list[int]) -> None:
    small, large = sizes
    rows = [["asked", f"p95 at {small:,} ms", f"p95 at {large:,} ms", "ratio", "p50 ms", "ratio", "goal"]]
    for few, many in zip(*desks, strict=True):
        before, after, usual, later = few.within(0.95), many.within(0.95), few.within(0.5), many.within(0.5)
        met = after <= max(GOAL_RATIO * before, 1.0) and after < GOAL_MS
        rows.append([few.name, f"{before:.1f}", f"{after:.1f}", f"{after / before:.2f}"])
        rows[-1] += [f"{usual:.1f} / {later:.1f}", f"{later / usual:.2f}", "met" if met else "missed"]
    table(rows)
    say("")
    for one in desks[-1]:
        say(f"- {one.name}: {'; '.join(dict.fromkeys(one.plan))}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, help="How many cases the larger desk has; 100,000 without --full")
    parser.add_argument("--full", action="store_true", help="A million cases")
    options = parser.parse_args()
    sizes = [SMALL, options.cases or (LARGE if options.full else SMALL * 10)]
    say(machine())
    with tempfile.TemporaryDirectory(prefix="baraza-bench-") as folder, ExitStack() as stack:
        Path(folder).chmod(0o755)  # as root Postgres is another user
        desks = []
        for count in sizes:
            house = House(Path(folder) / str(count))
            stack.callback(house.stop)
            began = time.perf_counter()
            with house.context.work() as session:
                email, now = "officer@bench.example", house.context.clock.now()
                accounts.add_staff(session, email=email, name="Officer", role="officer", now=now)
            house.people(1)
            fill(house, count)
            say(f"{count:,} cases made in {time.perf_counter() - began:.0f} s")
            desks.append((house, questions(house.context.vault, house.context.pack.about.zone)))
        say(f"load before {os.getloadavg()[0]:.1f}")
        measure(desks)
        say(f"load after {os.getloadavg()[0]:.1f}")
        show([asked for _, asked in desks], sizes)


if __name__ == "__main__":
    main()
