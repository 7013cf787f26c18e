"""Once a month: one text to each follower who chose so, about the promises they follow that had news. None commits.

Followers who are told of the same promises share one broadcast, so this is a few statements however many they are, and
a digest goes the way of every broadcast: opt-out, quiet hours, pause and cancel hold for it. The months owed are rows,
so nobody gets two for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, insert
from sqlalchemy.orm import Session

from gateway.commitments import follows
from gateway.commitments.models import Commitment, CommitmentUpdate, Follow, FollowDigest
from gateway.commitments.periods import election_period
from gateway.commitments.service import imported
from gateway.messaging import service as messaging
from gateway.messaging import templates
from gateway.messaging.models import Broadcast
from gateway.pack import Pack
from gateway.staff import audit
from menus import gsm7
from menus.guide import Promise, mark

MONTH = timedelta(days=31)
"""How far the first digest looks back."""

TOLD = mark("News this month on: {promises}. To read it, dial {code} and choose County promises.")
AND_MORE = mark("{promises} and {count} more")

ROOM = 220
"""Septets for the names of promises: with the words around them a digest is two SMS at most."""


def owe(session: Session, pack: Pack, now: datetime) -> int | None:
    """Owe this month's digest, on the pack's day or after it, once; to how many. None where there is nothing to do.

    In an election period nothing is pushed: the news wait for the first digest after it.
    """
    today = now.astimezone(pack.about.zone).date()
    if today.day < pack.about.limits.digest_day or election_period(pack, today):
        return None
    month = today.replace(day=1)
    since = session.scalar(sa.select(sa.func.max(FollowDigest.until)).where(FollowDigest.month < month))
    since = since or datetime.combine(today, time(), pack.about.zone) - MONTH
    row = insert(FollowDigest).values(month=month, since=since, until=now, recipients=0)
    if session.execute(row.on_conflict_do_nothing().returning(FollowDigest.month)).scalar() is None:
        return None
    told = _told(since, now)
    found = session.scalars(sa.select(told.c.promises).distinct().order_by(told.c.promises)).all()
    recipients = sum(_owe(session, pack, told, promises, now) for promises in found)
    session.execute(sa.update(FollowDigest).where(FollowDigest.month == month).values(recipients=recipients))
    data = {"month": f"{month:%Y-%m}", "recipients": recipients}
    audit.record(session, staff_id=None, action="digest.owed", subject=f"{month:%Y-%m}", data=data)
    return recipients


def _told(since: datetime, until: datetime) -> sa.Subquery:
    """Each follower who hears once a month, with the promises of which they are to hear, in the plan's order.

    Of what they were told at each change, because they follow it that way too, they are not told again.
    """
    news = sa.select(CommitmentUpdate.ogp_id, CommitmentUpdate.places).where(
        CommitmentUpdate.published_at > since, CommitmentUpdate.published_at <= until
    )
    new = news.distinct().subquery("news")
    heard = [
        sa.select(Follow.resident_id, Commitment.ogp_id, Commitment.position)
        .select_from(new)
        .join(Commitment, Commitment.ogp_id == new.c.ogp_id)
        .join(Follow, follows.of_news(new.c.ogp_id, Commitment.area, new.c.places))
        .where(follows.OPEN, Follow.monthly.is_(monthly))
        for monthly in (True, False)
    ]
    left = sa.except_(*heard).subquery("heard")
    in_order = aggregate_order_by(left.c.ogp_id, left.c.position)
    promises = sa.func.array_agg(in_order, type_=ARRAY(sa.String)).label("promises")
    return sa.select(left.c.resident_id, promises).group_by(left.c.resident_id).subquery("told")


def _owe(session: Session, pack: Pack, told: sa.Subquery, promises: Sequence[str], now: datetime) -> int:
    """One broadcast to all who are told of just these promises; to how many."""
    same: sa.ColumnElement[Any] = told.c.promises == sa.cast(list(promises), ARRAY(sa.String))
    more = () if all(map(pack.guide.promise, promises)) else imported(session, pack.guide)
    broadcast = messaging.owe_broadcast(
        session,
        kind=follows.DIGEST,
        topic=follows.DIGEST,
        bodies={language.code: text(pack, promises, language.code, more) for language in pack.guide.languages},
        audience=sa.select(told.c.resident_id).where(same),
        created_by=None,
        now=now,
    )
    return int(session.get_one(Broadcast, broadcast).recipients)


def text(pack: Pack, promises: Sequence[str], language: str, more: Sequence[Promise] = ()) -> str:
    """What a digest says of these promises; of many, how many more there are. `more`: those the pack does not know."""
    guide = pack.guide
    titles = {known.ogp_id: guide.label(known.titles, language) for known in (*guide.promises, *more)}
    names = [titles.get(ogp_id, ogp_id) for ogp_id in promises]
    kept = len(names)
    while kept > 1 and gsm7.length(", ".join(names[:kept])) > ROOM:
        kept -= 1
    said = templates.cut(", ".join(names[:kept]), ROOM)
    if kept < len(names):
        said = guide.say(language, AND_MORE, promises=said, count=len(names) - kept)
    return gsm7.plain(guide.say(language, TOLD, promises=said, code=guide.way_in(language)))
