"""Counts of cases, kept by the clock process: set-based, safe to repeat, and equal to a recount.

Each case counts once, also one that is merged with others: each resident's complaint is one. What was counted of a case
is kept beside the counts (`counted_cases`), so that a change takes it out of the old cells and puts it into the new.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.ids import first_since
from gateway.pack import Pack
from gateway.statistics.models import CountingState, Rollup

OUTCOMES = (
    "open",
    "unsolved",
    "said_done",
    "solved",
    "partly",
    "silent",
    "referred",
    "rejected",
    "unclear",
    "withdrawn",
)
"""What became of a case. `unsolved`: open again because its resident said so; `said_done`: staff say so and the
resident has not answered yet; `solved` and `partly`: the resident's word; `silent`: closed without it; `unclear`:
nobody could make out what was meant."""

SPEEDS = ("days_3", "days_7", "days_14", "days_30", "longer", "none")
"""Calendar days from filing until staff first answered in substance: at most 3, 7, 14, 30, more, or not yet."""

BATCH = 10_000
"""Cases that one transaction of a recount counts."""

_OVERLAP = timedelta(minutes=5)
"""No transaction is open for so long: an event with an older id is there."""

_LOCK = 0x636F756E74  # "count": one counter at a time, for the length of its transaction

_FACTS = """
    SELECT c.id AS case_id, c.kind, c.category, c.area_code, c.ward_code,
        to_char(timezone(:zone, c.filed_at), 'YYYY-MM') AS month,
        coalesce(c.department_code, '') AS department_code,
        CASE
            WHEN c.category = ANY(:unclear) THEN 'unclear'
            WHEN c.status IN ('rejected', 'withdrawn', 'referred') THEN c.status
            WHEN c.status = 'confirmed' AND said.answer = 'partly' THEN 'partly'
            WHEN c.status = 'confirmed' THEN 'solved'
            WHEN c.status = 'closed_unconfirmed' THEN 'silent'
            WHEN c.status = 'resolved' THEN 'said_done'
            WHEN said.answer = 'no' THEN 'unsolved'
            ELSE 'open'
        END AS outcome,
        CASE
            WHEN told.at IS NULL THEN 'none'
            WHEN told.at <= c.filed_at + interval '3 days' THEN 'days_3'
            WHEN told.at <= c.filed_at + interval '7 days' THEN 'days_7'
            WHEN told.at <= c.filed_at + interval '14 days' THEN 'days_14'
            WHEN told.at <= c.filed_at + interval '30 days' THEN 'days_30'
            ELSE 'longer'
        END AS speed
    FROM cases c
    LEFT JOIN LATERAL (
        SELECT r.answer FROM resolutions r WHERE r.case_id = c.id ORDER BY r.id DESC LIMIT 1
    ) said ON true
    LEFT JOIN LATERAL (
        SELECT min(e.at) AS at FROM case_events e
        WHERE e.case_id = c.id AND e.actor = 'staff'
            AND (e.kind = 'replied' OR e.data ->> 'to' IN ('resolved', 'referred', 'rejected'))
    ) told ON true
    WHERE c.id = ANY(SELECT id FROM wanted)
"""

_CELLS = """
    CROSS JOIN LATERAL (VALUES
        ('places', area_code || '/' || ward_code, kind),
        ('categories', kind || '/' || category, month),
        ('offices', department_code, outcome),
        ('speed', speed, '')
    ) AS cell (name, row_key, column_key)
"""

_KEPT = "case_id, kind, category, month, area_code, ward_code, department_code, outcome, speed"

_COUNT = f"""
    facts AS MATERIALIZED ({_FACTS}),
    before AS MATERIALIZED (SELECT {_KEPT} FROM counted_cases WHERE case_id = ANY(SELECT id FROM wanted)),
    came AS (SELECT {_KEPT} FROM facts EXCEPT SELECT {_KEPT} FROM before),
    went AS (SELECT {_KEPT} FROM before EXCEPT SELECT {_KEPT} FROM facts),
    gone AS (DELETE FROM counted_cases WHERE case_id IN (
        SELECT case_id FROM went EXCEPT SELECT case_id FROM came)),
    put AS (
        INSERT INTO counted_cases ({_KEPT}) SELECT {_KEPT} FROM came
        ON CONFLICT (case_id) DO UPDATE SET kind = excluded.kind, category = excluded.category,
            month = excluded.month, area_code = excluded.area_code, ward_code = excluded.ward_code,
            department_code = excluded.department_code, outcome = excluded.outcome, speed = excluded.speed
    ),
    moved AS (
        SELECT name, row_key, column_key, 1 AS cases FROM came {_CELLS}
        UNION ALL SELECT name, row_key, column_key, -1 FROM went {_CELLS}
    ),
    added AS (
        INSERT INTO rollups (name, row_key, column_key, cases)
        SELECT name, row_key, column_key, sum(cases) FROM moved GROUP BY 1, 2, 3 HAVING sum(cases) <> 0
        ON CONFLICT (name, row_key, column_key) DO UPDATE SET cases = rollups.cases + excluded.cases
    )
    SELECT (SELECT count(*) FROM came) + (SELECT count(*) FROM went)
"""  # noqa: S608  # constants of this module

_CHANGED = sa.text("SELECT DISTINCT case_id FROM case_events WHERE id > :since")
_LISTED = sa.text(f"WITH wanted AS (SELECT unnest(CAST(:ids AS uuid[])) AS id), {_COUNT}")

_NEXT = sa.text("SELECT id FROM cases WHERE id > :after ORDER BY id LIMIT :most")
_GONE = sa.text("SELECT case_id FROM counted_cases k WHERE NOT EXISTS (SELECT FROM cases WHERE id = k.case_id)")

_SUMMED = f"SELECT name, row_key, column_key, count(*) AS cases FROM counted_cases {_CELLS} GROUP BY 1, 2, 3"  # noqa: S608
_PUT_RIGHT = sa.text(f"""
    WITH summed AS ({_SUMMED}),
    wrong AS (
        SELECT name, row_key, column_key, coalesce(s.cases, 0) AS cases
        FROM summed s FULL JOIN rollups r USING (name, row_key, column_key)
        WHERE coalesce(s.cases, 0) <> coalesce(r.cases, 0)
    )
    INSERT INTO rollups (name, row_key, column_key, cases) SELECT name, row_key, column_key, cases FROM wrong
    ON CONFLICT (name, row_key, column_key) DO UPDATE SET cases = excluded.cases
""")  # noqa: S608  # constants of this module

Work = Callable[[], AbstractContextManager[Session]]
Counts = Mapping[str, Mapping[tuple[str, str], int]]
"""By table, then by row and column: numbers of cases, none of them hidden."""


def catch_up(work: Work, pack: Pack, now: datetime) -> int | None:
    """Count what happened to cases since the last time, a batch a transaction; how many changes that took.

    None when nothing was ever counted, so that a recount is due. `now` is the wall's: ids of events follow that.
    """
    with work() as session:
        known = session.get(CountingState, 1)
        if known is None or known.caught_up_at is None:
            return None
        back = max(now - known.caught_up_at, timedelta()) + _OVERLAP
        ids = list(session.scalars(_CHANGED, {"since": first_since(back.total_seconds())}))
    moved = 0
    for at in range(0, len(ids), BATCH):
        with work() as session:
            moved += _count(session, pack, ids[at : at + BATCH])
    with work() as session:
        session.execute(sa.update(CountingState).values(caught_up_at=now))
    return moved


def recount(work: Work, pack: Pack, now: datetime) -> int:
    """Count every case anew, a batch a transaction, and put right what was wrong; how many changes that took."""
    moved, after = 0, UUID(int=0)
    while True:
        with work() as session:
            ids = list(session.scalars(_NEXT, {"after": after, "most": BATCH}))
            moved += _count(session, pack, ids)
        if not ids:
            break
        after = ids[-1]
    with work() as session:
        session.execute(sa.text("SET LOCAL statement_timeout = '5min'"))
        moved += _count(session, pack, list(session.scalars(_GONE)))
        _lock(session)
        moved += _rows(session.execute(_PUT_RIGHT))
        session.execute(sa.delete(Rollup).where(Rollup.cases == 0))
        row = insert(CountingState).values(id=1, caught_up_at=now, recounted_at=now)
        values = {"recounted_at": now, "caught_up_at": sa.func.coalesce(CountingState.caught_up_at, now)}
        session.execute(row.on_conflict_do_update(index_elements=["id"], set_=values))
    return moved


def recount_due(session: Session, now: datetime, every: timedelta = timedelta(days=1)) -> bool:
    """Whether the last recount is longer ago than `every`, or never was."""
    known = session.get(CountingState, 1)
    return known is None or known.recounted_at is None or known.recounted_at < now - every


def counts(session: Session) -> Counts:
    """The rollups as they stand."""
    found: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for row in session.execute(sa.select(Rollup.name, Rollup.row_key, Rollup.column_key, Rollup.cases)):
        found[row.name][row.row_key, row.column_key] = row.cases
    return found


def _count(session: Session, pack: Pack, ids: list[UUID]) -> int:
    _lock(session)
    return int(session.scalar(_LISTED, {"ids": ids, **_given(pack)}) or 0) if ids else 0


def _lock(session: Session) -> None:
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def _given(pack: Pack) -> dict[str, Any]:
    return {
        "zone": pack.about.time_zone,
        "unclear": [known.code for known in pack.categories if known.unclear] or [""],
    }


def _rows(result: sa.Result[Any]) -> int:
    return int(getattr(result, "rowcount", 0) or 0)
