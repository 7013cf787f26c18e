"""The funnels of screens, counted from rows: how many sessions saw each, went on, ended there, or were dropped.

One for USSD and one for menus by SMS, where a conversation is the session. The rule for "dropped" (docs/funnel.md): the
last screen was this one and no end, and the aggregator told `Incomplete` or `Failed`, or nothing more was heard for as
long as the session is kept: 180 seconds by a network, the pack's `conversation_hours` by us.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import Session

from gateway.intake.models import SessionEnd, SessionPath
from gateway.pack.models import PackFile
from menus.screens import SCREENS

SILENCE = timedelta(seconds=180)
"""Africa's Talking gives 180 s a session for every network it documents; Safaricom's limit is the same."""

TOLD = ("Incomplete", "Failed")
"""Words of the session-end event for a session that did not reach its end."""

FILING = tuple(name for name, spec in SCREENS.items() if "filed" in spec.needs)
"""Screens that are shown when a case was stored, and only then."""


@dataclass(frozen=True, slots=True)
class Passed:
    """Sessions that were shown one screen; `entered` is the sum of the rest."""

    screen: str
    entered: int
    left: int
    """Went on to another screen."""
    ended: int
    """Read an end here."""
    told: int
    """Dropped here, as the aggregator told."""
    silent: int
    """Dropped here, as the silence tells."""
    open: int
    """Stand here now."""

    @property
    def dropped(self) -> int:
        return self.told + self.silent

    @property
    def drop_rate(self) -> float | None:
        """Of all who entered; None where nobody did."""
        return self.dropped / self.entered if self.entered else None


@dataclass(frozen=True, slots=True)
class Cost:
    """What the aggregator charged, over the sessions whose cost it told."""

    currency: str
    told: int
    """Sessions with a cost told."""
    total: Decimal
    cases: int
    """Of those, the sessions that filed."""

    @property
    def a_case(self) -> Decimal | None:
        """None where no cost was told or nothing was filed."""
        return self.total / self.cases if self.told and self.cases else None


@dataclass(frozen=True, slots=True)
class Funnel:
    bearer: str
    """`ussd` or `sms`."""
    silence: timedelta
    """After so long without a word a session is counted as dropped."""
    since: datetime
    until: datetime
    sessions: int
    filed: int
    """Sessions that filed at least one case."""
    screens: tuple[Passed, ...]
    cost: Cost


def funnels(session: Session, about: PackFile, *, since: datetime, now: datetime) -> tuple[Funnel, ...]:
    """All sessions that began from `since` on, by bearer. Costs in another currency than the pack's are not told."""
    conversation = timedelta(hours=about.limits.conversation_hours)
    kept = {"ussd": SILENCE, "sms": conversation}
    return tuple(_funnel(session, bearer, kept[bearer], since, now, about.currency) for bearer in kept)


def _funnel(session: Session, bearer: str, silence: timedelta, since: datetime, now: datetime, currency: str) -> Funnel:
    paths = _paths(bearer, since, now - silence, currency)
    total = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count().filter(paths.c.filed),
            sa.func.count(paths.c.cost),
            sa.func.coalesce(sa.func.sum(paths.c.cost), 0),
            sa.func.count(paths.c.cost).filter(paths.c.filed),
        ).select_from(paths)
    ).one()
    sessions, filed, told, spent, cases = total
    cost = Cost(currency, told, Decimal(spent), cases)
    return Funnel(bearer, silence, since, now, sessions, filed, _screens(session, paths), cost)


def _paths(bearer: str, since: datetime, silent: datetime, currency: str) -> sa.CTE:
    """One row a session: its screens, what became of it, whether it filed, and its cost where that was told."""
    fate = sa.case(
        (SessionPath.ended, "ended"),
        (SessionEnd.status.in_(TOLD), "told"),
        (SessionPath.last_at <= silent, "silent"),
        else_="open",
    )
    plain = SessionEnd.cost.regexp_match(f"^({currency} )?[0-9]")
    cost = sa.case((plain, sa.cast(sa.func.substring(SessionEnd.cost, "[0-9.]+$"), sa.Numeric)))
    filed = SessionPath.screens.overlap(sa.cast(array(FILING), ARRAY(sa.String)))
    return (
        sa.select(
            SessionPath.screens, SessionPath.last_screen, fate.label("fate"), filed.label("filed"), cost.label("cost")
        )
        .outerjoin(SessionEnd, SessionEnd.session_key == SessionPath.session_key)
        .where(SessionPath.began_at >= since, SessionPath.bearer == bearer)
        .cte("paths")
    )


def _screens(session: Session, paths: sa.CTE) -> tuple[Passed, ...]:
    """The screens that were shown, the most visited first."""
    shown = sa.func.unnest(paths.c.screens).table_valued("screen").render_derived(name="shown")
    screen = shown.c.screen
    here = paths.c.last_screen == screen
    fates = [
        sa.func.count().filter(here, paths.c.fate == fate).label(fate) for fate in ("ended", "told", "silent", "open")
    ]
    rows = session.execute(
        sa.select(screen, sa.func.count().label("entered"), *fates)
        .select_from(paths.join(shown, sa.true()))
        .group_by(screen)
        .order_by(sa.desc("entered"), screen)
    )
    return tuple(
        Passed(
            row.screen,
            row.entered,
            row.entered - row.ended - row.told - row.silent - row.open,
            row.ended,
            row.told,
            row.silent,
            row.open,
        )
        for row in rows
    )
