"""A live problem becomes a test: what the script holds, what it must never hold, and that it plays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from gateway.cases.models import Case
from gateway.context import Context
from gateway.intake.sessions import session_key, session_mark
from gateway.settings import Settings
from operations.authoring import live
from operations.authoring.county import County
from operations.authoring.scrubbing import Scrubber, filler
from operations.cli import app
from operations.errors import OperationsError
from tests.conftest import SECRET, Stores, make_settings
from tests.dialogues.player import Player, needs_given_facts
from tests.dialogues.test_over_http import Phones, StaffDesk
from tests.web import Handset, serve

NUMBER = "+254722987654"
STORY = "Mama Atieno alimwona chifu * Shibuye akichukua 2000 bob, piga 0722987654"
COMPLAINT = ["1", "1", "2", "1", "4", "6", STORY, "1", "1"]


@pytest.fixture
def address(context: Context) -> Iterator[str]:
    with serve(context.settings) as root:
        yield root


@pytest.fixture
def handset(address: str) -> Handset:
    return Handset(address, SECRET, NUMBER)


def play(script: str, context: Context) -> None:
    county = County(context.pack.guide)
    Player(county, county).play(script)


def holds_nothing_of(script: str, *secrets: str) -> bool:
    """No word of four letters or more and no run of four digits of what was typed."""
    words = {word.lower() for secret in secrets for word in re.findall(r"[A-Za-z]{4,}|\d{4,}", secret)}
    return not [word for word in words if word in script.lower()]


def digits_of(number: str) -> set[str]:
    return {number, number[1:], number[4:], "0" + number[4:]}


def test_a_complaint_plays_again_in_memory_and_over_http_and_tells_nobody(
    handset: Handset, address: str, context: Context, settings: Settings
) -> None:
    handset.dial()
    handset.type(*COMPLAINT)
    assert handset.name == "end.receipt"
    receipt = re.findall(r"\d{4}-\d{3}-\d{4}", handset.screen)[0]
    found = live.by_session(settings, handset.session, NUMBER)
    assert found.faithful, found.script
    assert holds_nothing_of(found.script, STORY)
    assert not [spelled for spelled in {*digits_of(NUMBER), receipt} if spelled in found.script]
    told = [line.removeprefix("< ") for line in found.script.splitlines() if line.startswith("< ")]
    assert told == [*COMPLAINT[:6], filler(STORY), "1", "1"]
    assert (len(told[6]), told[6].index("*")) == (len(STORY), STORY.index("*"))
    assert not needs_given_facts(found.script)
    play(found.script, context)
    Player(Phones(address), StaffDesk(address, context)).play(found.script)


def test_a_change_of_the_menus_turns_the_script_red(handset: Handset, context: Context, settings: Settings) -> None:
    handset.dial()
    handset.type(*COMPLAINT)
    script = live.by_session(settings, handset.session, NUMBER).script
    with pytest.raises(AssertionError, match="line"):
        play(script.replace("| 2. Add more", "| 2. Add some more"), context)


def test_a_known_caller_is_played_with_what_was_known_made_nobodys(
    handset: Handset, address: str, context: Context, settings: Settings
) -> None:
    handset.dial()
    handset.type(*COMPLAINT)
    desk = StaffDesk(address, context)
    reply, more = "Chifu Wafula wa Shibuye alionywa Jumatatu.", "Alirudi tena jioni, asema Atieno"
    desk.reply(reply)
    handset.dial()
    handset.type("3", "1", "1", "1", more)
    assert handset.name == "noted"
    with context.work() as session:
        reference = session.scalars(sa.select(Case.reference)).one()
    found = live.by_session(settings, handset.session, NUMBER)
    assert found.faithful, found.script
    assert holds_nothing_of(found.script, STORY, reply, more)
    assert reference not in found.script
    assert needs_given_facts(found.script)
    assert "1. Read the answer" in found.script
    play(found.script, context)


def test_hops_lost_late_and_dialled_by_code_are_told_as_they_came(
    handset: Handset, context: Context, settings: Settings
) -> None:
    handset.dial()
    for text in ("1*1*2", "1*1", "1*1*2*1", "1*1*2*1*4"):
        handset.hop(text)
    found = live.by_session(settings, handset.session, NUMBER)
    lines = [line for line in found.script.splitlines() if line[:1] not in "#>|"]
    assert lines == [
        f"{live.fictional('KE')} dials *384*1#",
        "< 1*1*2",
        "the network brings 1*1",
        "< 2*1",  # the same on the wire
        "< 4",
    ]
    assert found.faithful, found.script
    play(found.script, context)
    handset.dial("77")
    handset.type("2")
    coded = live.by_session(settings, handset.session, NUMBER)
    assert f"{live.fictional('KE')} dials *384*1*77#" in coded.script
    play(coded.script, context)


def test_receipts_and_secret_digits_are_replaced_by_their_like(
    handset: Handset, context: Context, settings: Settings
) -> None:
    handset.dial()
    handset.type(*COMPLAINT)
    receipt = re.findall(r"\d{4}-\d{3}-\d{4}", handset.screen)[0]
    handset.dial()
    handset.type("5", "4", "7391", "1")
    locked = live.by_session(settings, handset.session, NUMBER)
    handset.dial()
    handset.type("3", "7391", "2", receipt.replace("-", " "))
    opened = live.by_session(settings, handset.session, NUMBER)
    for found in (locked, opened):
        assert found.faithful, found.script
        assert holds_nothing_of(found.script, "7391", receipt, receipt.replace("-", ""))
        play(found.script, context)


def test_a_session_is_found_by_what_the_log_says_of_it(
    context: Context, stores: Stores, owner: sa.Engine, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = make_settings(stores, hop_budget=0.4)
    with serve(settings) as address:
        handset = Handset(address, SECRET, NUMBER)
        handset.dial()
        handset.type(*COMPLAINT[:-1])
        with owner.begin() as connection:
            connection.execute(sa.text("LOCK TABLE cases IN ACCESS EXCLUSIVE MODE"))
            assert handset.type("1").startswith("END Sorry, we are slow now.")
    logged = capfd.readouterr().out
    (mark,) = set(re.findall(r"s-[0-9a-f]{12}", logged))
    assert mark == session_mark(session_key(context.vault, handset.session, NUMBER))
    assert not [spelled for spelled in digits_of(NUMBER) if spelled in logged]
    found = live.by_key(settings, mark)
    assert "< 1" in found.script
    assert found.script == live.by_session(settings, handset.session, NUMBER).script


def test_the_command_writes_a_script_or_one_line(
    handset: Handset, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("database_url", "redis_url"):
        monkeypatch.setenv(f"BARAZA_{name.upper()}", getattr(settings, name))
    for name in ("callback_secrets", "sealing_keys", "lookup_key"):
        monkeypatch.setenv(f"BARAZA_{name.upper()}", getattr(settings, name).get_secret_value())
    handset.dial()
    handset.type("1", "1")
    out = tmp_path / "problem.en.txt"
    data = ["--data", str(tmp_path)]
    command = ["menu", "repro", handset.session, *data, "-o", str(out)]
    done = CliRunner().invoke(app, command, input=NUMBER + "\n")
    assert (done.exit_code, NUMBER in done.output) == (0, False), done.output
    assert out.read_text(encoding="utf-8").count("> CON") == 3
    unknown = CliRunner().invoke(app, ["menu", "repro", "nobody", "--number", NUMBER, *data])
    assert "nothing is kept of that session" in str(unknown.exception)
    both = CliRunner().invoke(app, ["menu", "repro", *data])
    assert str(both.exception).startswith("give the aggregator's session id")
    for wrong in ("xyz", "ffffffffffff"):
        with pytest.raises(OperationsError):
            live.by_key(settings, wrong)


@pytest.mark.parametrize(
    ("typed", "placeholder"),
    [
        ("Mama Njeri", "words word"),
        ("a*b", "w*r"),
        ("\u014bombe", "\u0436ords"),
        ("ok \U0001f642", "wor\U0001f642"),
        ("[x]", "[o["),
    ],
)
def test_a_placeholder_is_of_the_same_length_and_kind(typed: str, placeholder: str) -> None:
    assert Scrubber().words(typed) == placeholder
    assert len(placeholder) == len(typed)


def test_digits_stay_digits_and_the_same_stay_the_same() -> None:
    scrub = Scrubber()
    first, second = scrub.words("7391"), scrub.words("8264")
    assert first != second
    assert [len(first), first.isdigit(), scrub.words("7391")] == [4, True, first]
    assert scrub.words("7") == "7"
    assert scrub.token("rudi", None) == "rudi"
    assert scrub.token("Otieno", None) == "words "
