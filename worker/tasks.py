"""What the clock process does, as a table."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
import structlog

from gateway import channels
from gateway.broadcasts import elections
from gateway.broadcasts import service as broadcasts
from gateway.cases import files, information, projection, resolution, routing, spikes
from gateway.cases.models import IdempotencyKey
from gateway.channels.base import Prepaid
from gateway.commitments import digests as follow_digests
from gateway.commitments.periods import is_election
from gateway.context import Context
from gateway.errors import TransitionNotAllowed
from gateway.intake import conversations, drafts
from gateway.intake.models import HopEffect, SessionEnd, SessionPath
from gateway.letters import digest
from gateway.letters import service as letters
from gateway.letters.models import Digest
from gateway.messaging import channel, sweeping
from gateway.messaging import service as messaging
from gateway.messaging.quiet import quiet_hours
from gateway.messaging.templates import BROADCASTS
from gateway.messaging.wake import wake
from gateway.metrics import Tally
from gateway.residents.models import Guess
from gateway.staff import audit
from gateway.staff.models import Invitation, KeptForm, SignInTries, StaffSession
from gateway.statistics import heads, published, rollups

log = structlog.get_logger(__name__)

FORGOTTEN = (
    # The answer to a write, given again under its Idempotency-Key.
    (IdempotencyKey.created_at, timedelta(hours=24)),
    # That an answer of a session was acted on: no network repeats a hop so late.
    (HopEffect.at, timedelta(hours=24)),
    # Tries at receipts and digits: the longest window is a day.
    (Guess.window_start, timedelta(days=2)),
    # A morning's digest: what was done since is in the cases.
    (Digest.made_at, timedelta(days=30)),
    # How a session ended: for cost and the funnel, which look back over a quarter.
    (SessionEnd.received_at, timedelta(days=120)),
    (SessionPath.last_at, timedelta(days=120)),
    # Failures to sign in: after half a day the count begins anew.
    (SignInTries.tried_at, timedelta(hours=12)),
    # Written while a session ended, and never asked for again.
    (KeptForm.kept_at, timedelta(hours=12)),
    # A list of logins is no diary.
    (StaffSession.created_at, timedelta(days=90)),
    (Invitation.expires_at, timedelta(0)),
)
"""Moments of rows, and how long the row is kept from then."""

TENDING = 20.0
"""Seconds that one round of tending broadcasts takes at most; the next goes on."""


@dataclass(frozen=True, slots=True)
class Task:
    name: str
    seconds: float
    """From one start to the next; a run that takes longer is followed by one, not by all that were missed."""
    run: Callable[[Context], None]


def sweep(context: Context) -> None:
    """Set right what was left behind, then wake every lane that has something due."""
    now = context.clock.now()
    with context.work() as session:
        swept = sweeping.sweep(
            session,
            now,
            quiet_hours(context.pack, context.settings),
            unknown_limit=timedelta(seconds=context.settings.unknown_after),
            patience=timedelta(seconds=context.settings.report_patience),
        )
    if swept:
        log.info("swept", **{name: getattr(swept, name) for name in swept.__slots__})
        _count_leases(context, swept.owed_again + swept.unknown)
    with context.work() as session:
        lanes = sweeping.due_lanes(session, now, election=is_election(context.pack, now))
    for lane in lanes:
        wake(context.valkey, lane)


def _count_leases(context: Context, ended: int) -> None:
    tally = Tally()
    tally.leases(ended)
    tally.flush(context.valkey)


def add_recipients(context: Context) -> None:
    """Owe approved broadcasts to all they are for, each in a transaction of its own."""
    with context.work() as session:
        approved = broadcasts.adding(session)
    for broadcast in approved:
        try:
            with context.work() as session:
                added = broadcasts.add_recipients(session, context.pack, broadcast, context.clock.now())
        except TransitionNotAllowed:
            log.info("broadcast_cancelled", broadcast=str(broadcast))
            continue
        if added:
            wake(context.valkey, BROADCASTS)


def tend_broadcasts(context: Context) -> None:
    """Pause claims in an election period; hold what is paused, owe what is resumed, suppress what is cancelled."""
    ends = time.monotonic() + TENDING
    with context.work() as session:
        for stopped in elections.stop_claims(session, context.pack, context.clock.now()):
            log.warning("claim_stopped_by_election", broadcast=str(stopped))
    with context.work() as session:
        unfinished = broadcasts.unfinished(session)
    for broadcast in unfinished:
        more = True
        while more and time.monotonic() < ends:
            with context.work() as session:
                more = broadcasts.tend(session, broadcast, context.clock.now())


def owe_digests(context: Context) -> None:
    """Owe the month's digest to who follows once a month, on the pack's day."""
    with context.work() as session:
        owed = follow_digests.owe(session, context.pack, context.clock.now())
    if owed:
        log.info("digest_owed", recipients=owed)
        wake(context.valkey, BROADCASTS)


def ask_balance(context: Context) -> None:
    """Read what is left at the aggregator, where it tells, and warn when it is low."""
    asked = channels.channel_for(context.settings)
    left = asked.balance() if isinstance(asked, Prepaid) else None
    if left is not None:
        with context.work() as session:
            channel.note_balance(session, left, warning=context.settings.balance_warning, now=context.clock.now())


def reconcile(context: Context) -> None:
    """Count what was accepted and never reported on. Nothing is sent again: many networks do not report."""
    with context.work() as session:
        channel.note_unreported(session, hours=context.settings.report_hours, now=context.clock.now())


def link_audit(context: Context) -> None:
    """Add new audit entries to the hash chain."""
    with context.work() as session:
        audit.link(session)


def link_whole_audit(context: Context) -> None:
    """Add entries of transactions that took long to commit and were passed over."""
    with context.work() as session:
        audit.link(session, whole=True)


def expire_drafts(context: Context) -> None:
    """Delete unfinished drafts past their time."""
    with context.work() as session:
        drafts.expire(session, context.clock.now())


def forget_conversations(context: Context) -> None:
    """End menus by SMS that nobody answers any more, and erase those of who is not to be kept."""
    with context.work() as session:
        conversations.forget(session, context.clock.now())


def mention_drafts(context: Context) -> None:
    """Mention each draft that was left alone by one SMS; it is never filed by an answer."""
    now = context.clock.now()
    alone = timedelta(minutes=context.pack.about.limits.draft_mention_minutes)
    with context.work() as session:
        for resident, language in drafts.left_alone(session, now - alone, now):
            messaging.owe(
                session,
                context.vault,
                resident_id=resident,
                template="unfinished",
                values={},
                language=language,
                now=now,
            )


def refuse_lapsed(context: Context) -> None:
    """Deem refused what the law gave a time for and nobody decided; tell the resident what they can do."""
    more = True
    while more:
        with context.work() as session:
            more = bool(information.refuse_lapsed(session, context.vault, context.pack, context.clock.now()))


def recount(context: Context) -> None:
    """Set right the deadline of a case that something happened to and nobody counted anew."""
    with context.work() as session:
        wrong = projection.recount_recent(session, context.pack)
    if wrong:
        log.info("deadlines_recounted", cases=wrong)


def route_cases(context: Context) -> None:
    """Assign what the pack routes by itself."""
    with context.work() as session:
        routed = routing.route_new(session, context.pack, context.clock.now())
    if routed:
        log.info("routed", cases=routed)


def lapse_assignments(context: Context) -> None:
    """Give back to be sorted what was assigned and left alone."""
    with context.work() as session:
        lapsed = routing.lapse(session, context.pack, context.clock.now())
    if lapsed:
        log.info("lapsed", cases=lapsed)


def follow_letters(context: Context) -> None:
    """Prepare a reminder, or a letter to the next authority, where a letter was not answered in time."""
    more = True
    while more:
        with context.work() as session:
            more = bool(letters.follow_up(session, context.vault, context.pack, context.clock.now()))


def make_digests(context: Context) -> None:
    """Make this morning's digest of everybody who works on cases."""
    with context.work() as session:
        digest.make_all(session, context.pack, context.clock.now())


def close_silent(context: Context) -> None:
    """Note which questions were delivered, and close what its resident was asked about and did not answer in time."""
    with context.work() as session:
        resolution.note_delivered(session)
    closed = resolution.AT_ONCE
    while closed == resolution.AT_ONCE:
        with context.work() as session:
            closed = resolution.close_silent(session, context.pack, context.clock.now())


def notice_spikes(context: Context) -> None:
    """Tell staff where cases pile up."""
    with context.work() as session:
        spikes.notice(session, context.pack, context.clock.now())


def count_cases(context: Context) -> None:
    """Count what happened to cases, and publish the figures when new ones are due."""
    wall = context.clock.wall()
    moved = rollups.catch_up(context.work, context.pack, wall)
    if moved is None:
        moved = rollups.recount(context.work, context.pack, wall)
    every = timedelta(hours=context.settings.figures_hours)
    with context.work() as session:
        # A promise may be linked to complaints that nothing happened to: looked at once a minute.
        every = every if moved else max(every, timedelta(minutes=1))
        published.publish(session, context.pack, context.clock.now(), every=every)


def recount_cases(context: Context) -> None:
    """Count every case anew once a day, for what no event told of."""
    wall = context.clock.wall()
    with context.work() as session:
        due = rollups.recount_due(session, wall)
    if due:
        wrong = rollups.recount(context.work, context.pack, wall)
        log.info("cases_recounted", moved=wrong)


def publish_head(context: Context) -> None:
    """Keep today's head of the audit chain for the public."""
    now = context.clock.now()
    with context.work() as session:
        heads.publish_head(session, now, now.astimezone(context.pack.about.zone).date())


def sweep_files(context: Context) -> None:
    """Delete sealed files of uploads that broke off."""
    with context.work() as session:
        swept = files.sweep(session, context.settings.files, now=time.time())
    if swept:
        log.info("files_swept", files=swept)


def forget(context: Context) -> None:
    """Delete what is past its time, by the table `FORGOTTEN`."""
    now = context.clock.now()
    with context.work() as session:
        for moment, kept in FORGOTTEN:
            old = sa.delete(moment.class_).where(moment < now - kept)
            session.execute(old.execution_options(synchronize_session=False))


TASKS = (
    Task("sweep", 2, sweep),
    Task("add_recipients", 2, add_recipients),
    Task("tend_broadcasts", 2, tend_broadcasts),
    Task("owe_digests", 600, owe_digests),
    Task("ask_balance", 600, ask_balance),
    Task("reconcile", 86_400, reconcile),
    Task("link_audit", 5, link_audit),
    Task("link_whole_audit", 3600, link_whole_audit),
    Task("expire_drafts", 60, expire_drafts),
    Task("mention_drafts", 60, mention_drafts),
    Task("forget_conversations", 30, forget_conversations),
    Task("refuse_lapsed", 60, refuse_lapsed),
    Task("recount", 300, recount),
    Task("route_cases", 30, route_cases),
    Task("lapse_assignments", 900, lapse_assignments),
    Task("follow_letters", 300, follow_letters),
    Task("make_digests", 300, make_digests),
    Task("close_silent", 60, close_silent),
    Task("notice_spikes", 900, notice_spikes),
    Task("count_cases", 10, count_cases),
    Task("recount_cases", 3600, recount_cases),
    Task("publish_head", 600, publish_head),
    Task("sweep_files", 86_400, sweep_files),
    Task("forget", 600, forget),
)
