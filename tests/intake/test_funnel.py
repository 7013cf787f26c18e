"""The funnel: real sessions over HTTP, counted from rows by a rule that is stated, whatever the network did."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from gateway.context import Context
from gateway.intake.funnel import FILING, Funnel, Passed, funnels
from gateway.intake.gauges import FunnelCollector
from gateway.intake.models import SessionEnd, SessionPath
from gateway.intake.paths import Paths
from gateway.intake.sessions import session_key
from gateway.settings import Settings
from gateway.timing import Clock
from operations.cli import app
from tests.conftest import SECRET
from tests.intake.test_hops import COMPLAINT
from tests.loops import play_out
from tests.texting import Texter
from tests.web import Handset, serve

DAY = timedelta(days=1)


def both(context: Context, later: float = 0) -> tuple[Funnel, Funnel]:
    """The funnels of two days by USSD and by SMS, as they read so many seconds from now."""
    now = context.clock.now() + timedelta(seconds=later)
    with context.work() as session:
        ussd, sms = funnels(session, context.pack.about, since=now - 2 * DAY, now=now)
    return ussd, sms


def counted(context: Context, later: float = 0) -> Funnel:
    return both(context, later)[0]


def at(found: Funnel, screen: str) -> tuple[int, ...]:
    """entered, left, ended, told, silent, open"""
    one = next((one for one in found.screens if one.screen == screen), Passed(screen, 0, 0, 0, 0, 0, 0))
    return (one.entered, one.left, one.ended, one.told, one.silent, one.open)


def end(handset: Handset, status: str, cost: str = "0.10") -> None:
    """The aggregator's word on how the session ended."""
    told = {
        "sessionId": handset.session,
        "phoneNumber": handset.number,
        "serviceCode": "*384*1#",
        "networkCode": "63902",
        "status": status,
        "cost": cost,
        "durationInMillis": "46000",
        "hopsCount": "4",
        "input": handset.text,
        "lastAppResponse": handset.screen,
    }
    for again in (
        told,
        {**told, "status": "", "cost": "", "hopsCount": ""},
        {},
    ):  # what says nothing takes nothing back
        assert handset.http.post("/ussd-end", data=again).status_code == 200


def test_sessions_are_counted_by_what_became_of_them(context: Context, settings: Settings) -> None:
    with serve(settings) as address:
        phones = [Handset(address, SECRET, f"+25471100020{number}") for number in range(4)]
        for phone, answers in zip(phones, (COMPLAINT, ["1", "1"], ["1", "1"], ["1"]), strict=True):
            phone.dial()
            phone.type(*answers)
        end(phones[0], "Success", "KES 0.90")
        end(phones[1], "Incomplete", "KES 0.30")
    now = counted(context)
    assert (now.sessions, now.filed) == (4, 1)
    assert at(now, "lang") == (4, 4, 0, 0, 0, 0)
    assert at(now, "menu") == (4, 3, 0, 0, 0, 1)
    assert at(now, "kind") == (3, 1, 0, 1, 0, 1)
    assert at(now, "end.receipt") == (1, 0, 1, 0, 0, 0)
    later = counted(context, later=181)
    assert at(later, "menu") == (4, 3, 0, 0, 1, 0)
    assert at(later, "kind") == (3, 1, 0, 1, 1, 0)
    kind = next(one for one in later.screens if one.screen == "kind")
    assert kind.drop_rate == pytest.approx(2 / 3)
    assert all(one.entered == sum(at(later, one.screen)[1:]) for one in later.screens)
    assert (later.cost.told, later.cost.cases, later.cost.total) == (2, 1, Decimal("1.20"))
    assert later.cost.a_case == Decimal("1.20")


def test_what_comes_twice_late_or_not_at_all_counts_once(context: Context, settings: Settings) -> None:
    with serve(settings) as address:
        handset = Handset(address, SECRET)
        handset.dial()
        for text in ("1", "1", "1*1*2", "1*1", "", "1*1*2"):
            handset.hop(text)
        assert handset.name == "privacy"
    found = counted(context)
    # A hop that was lost showed nothing; one that came late was shown.
    assert {one.screen for one in found.screens} == {"lang", "menu", "kind", "privacy"}
    assert {one.entered for one in found.screens} == {1}
    assert at(found, "privacy") == (1, 0, 0, 0, 0, 1)


def test_two_processes_make_one_row_of_a_session(context: Context, settings: Settings) -> None:
    with serve(settings) as one, serve(settings) as other:
        handset, elsewhere = Handset(one, SECRET), Handset(other, SECRET)
        handset.dial()
        elsewhere.session = handset.session
        handset.hop("1")
        elsewhere.hop("1*1")
        handset.hop("1*1*2")
        elsewhere.hop("1*1")
    with context.work() as session:
        path = session.scalars(sa.select(SessionPath)).one()
    assert path.session_key == session_key(context.vault, handset.session, handset.number)
    assert sorted(path.screens) == ["kind", "lang", "menu", "privacy"]
    assert (path.last_screen, path.consumed, path.ended) == ("privacy", 5, False)


async def note_and_flush(paths: Paths, *screens: tuple[bytes, str, bool, int]) -> None:
    for key, screen, ended, consumed in screens:
        paths.note(key, screen, ended=ended, consumed=consumed)
    await paths.flush()


def test_writes_in_any_order_say_the_same(context: Context) -> None:
    hops = [(b"s", "lang", False, 0), (b"s", "menu", False, 1), (b"s", "end.busy", True, 3), (b"s", "kind", False, 3)]
    first, second = Paths(context, "africastalking"), Paths(context, "africastalking")
    play_out(lambda: note_and_flush(first, *hops[2:]))
    play_out(lambda: note_and_flush(second, *hops[:2]))
    with context.work() as session:
        path = session.scalars(sa.select(SessionPath)).one()
    assert (path.last_screen, path.ended, sorted(path.screens)) == ("kind", False, ["end.busy", "kind", "lang", "menu"])
    assert path.began_at <= path.last_at


def test_menus_by_sms_have_a_funnel_of_their_own(context: Context, settings: Settings) -> None:
    phones = [Texter(context, f"+25471100021{number}") for number in range(3)]
    for phone, texts in zip(phones, (("MENU", *COMPLAINT), ("MENU", "1", "9"), ("MENU", "1", "MENU")), strict=True):
        for words in texts:
            phone.text(words)
    ussd, sms = both(context)
    assert (ussd.sessions, ussd.screens) == (0, ())
    assert (sms.bearer, sms.sessions, sms.filed) == ("sms", 4, 1)
    assert at(sms, "lang") == (4, 3, 0, 0, 0, 1)
    assert at(sms, "menu") == (3, 1, 0, 0, 0, 2)
    assert at(sms, "end.receipt") == (1, 0, 1, 0, 0, 0)
    # A day without a text is what ends a conversation; nobody tells of it, nor of what it cost.
    late = both(context, later=25 * 3600)[1]
    assert at(late, "menu") == (3, 1, 0, 0, 2, 0)
    assert (late.cost.told, late.cost.a_case) == (0, None)
    assert both(context, later=181)[1].screens == sms.screens


def test_nothing_is_a_figure_without_a_base(context: Context) -> None:
    empty = counted(context)
    assert (empty.sessions, empty.screens, empty.cost.a_case) == (0, (), None)
    assert Passed("menu", 0, 0, 0, 0, 0, 0).drop_rate is None
    now = context.clock.now()
    with context.work() as session:
        for number, (cost, screen) in enumerate((("", "end.receipt"), ("KES 5", "menu"), ("UGX 900", "end.receipt"))):
            key = bytes([number])
            path = {"channel": "africastalking", "began_at": now, "last_at": now, "consumed": 1, "ended": True}
            session.add(SessionPath(session_key=key, last_screen=screen, screens=[screen], **path))
            session.add(SessionEnd(session_key=key, channel="africastalking", status="Success", cost=cost))
    found = counted(context)
    assert found.filed == 2
    # No cost of a case: the only session with a cost in shillings filed nothing.
    assert (found.cost.told, found.cost.cases, found.cost.a_case) == (1, 0, None)


def test_a_filing_is_a_screen_that_needs_what_was_filed() -> None:
    assert set(FILING) >= {"end.receipt", "end.nosms", "end.info", "end.data", "receipt.write", "end.notkept"}


def test_prometheus_reads_the_same_counts(context: Context, settings: Settings) -> None:
    with serve(settings) as address:
        handset = Handset(address, SECRET)
        handset.dial()
        handset.type(*COMPLAINT)
        end(handset, "Success", "KES 0.90")
    late = replace(context, clock=Clock(timedelta(seconds=200)))
    families = {family.name: family for family in FunnelCollector(late).collect()}
    counts = {
        (one.labels["screen"], one.labels["outcome"]): one.value
        for one in families["baraza_funnel_sessions"].samples
        if one.labels["bearer"] == "ussd"
    }
    assert counts["confirm", "entered"] == counts["confirm", "left"] == counts["end.receipt", "ended"] == 1
    (a_case,) = families["baraza_funnel_cost_per_case"].samples
    assert a_case.labels["bearer"] == "ussd"
    assert a_case.value == pytest.approx(0.9)
    # Nobody has called in a day: then there is no such figure, rather than a nought.
    tomorrow = replace(context, clock=Clock(timedelta(days=2)))
    families = {family.name: family for family in FunnelCollector(tomorrow).collect()}
    assert families["baraza_funnel_cost_per_case"].samples == []


def test_the_command_draws_it_and_writes_json(
    context: Context, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with serve(settings) as address:
        handset = Handset(address, SECRET)
        handset.dial()
        handset.type("1", "1")
        text = handset.http.get(f"{address}/metrics").text
        assert 'baraza_funnel_cost_sessions{bearer="ussd"} 0.0' in text
    for name in ("database_url", "redis_url"):
        monkeypatch.setenv(f"BARAZA_{name.upper()}", getattr(settings, name))
    for name in ("callback_secrets", "sealing_keys", "lookup_key"):
        monkeypatch.setenv(f"BARAZA_{name.upper()}", getattr(settings, name).get_secret_value())
    drawn = CliRunner().invoke(app, ["funnel", "--data", str(tmp_path)])
    assert drawn.exit_code == 0, drawn.output
    (kind,) = [line for line in drawn.output.splitlines() if line.strip().startswith("kind ")]
    assert kind.split() == ["kind", "1", "0", "0", "0", "1", "0%", "\u2591" * 32]
    assert "cost a case: - (0 of 1 sessions told their cost, 0 filed)" in drawn.output
    found = json.loads(CliRunner().invoke(app, ["funnel", "--json", "--data", str(tmp_path)]).output)
    assert found["ussd"]["cost"]["a_case"] is None
    assert {one["screen"]: one["open"] for one in found["ussd"]["screens"]} == {"lang": 0, "menu": 0, "kind": 1}
    assert (found["sms"]["sessions"], found["sms"]["screens"], found["sms"]["cost"]["a_case"]) == (0, [], None)
    assert found["sms"]["dropped_after_seconds"] == 24 * 3600
