"""What residents type, and where it leads."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gateway.pack import load
from menus import gsm7, worlds
from menus.effects import SaveDraft
from menus.engine import State, answer, screen, tidy
from menus.guide import Area, Ward
from menus.layout import count_pages, show
from menus.screens.entry import enter

GUIDE = load("kakamega").guide


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("1", "1"),
        (" 1 ", "1"),
        ("01", "1"),
        ("1.", "1"),
        ("1)", "1"),
        ("0", "0"),
        ("00", "00"),
        ("000", "0"),
        ("0000", "0000"),
        ("098", "98"),
        ("Rudi", "0"),
        ("back", "0"),
        ("MENU", "00"),
        ("mwanzo", "00"),
        ("zaidi", "98"),
        ("Malava", "malava"),
        ("", ""),
        ("٣", "٣"),
    ],
)
def test_tidy(typed: str, word: str) -> None:
    assert tidy(typed) == word


def go(state: State, *typed: str) -> State:
    for word in typed:
        state = answer(state, word, GUIDE, position=0, pages=count_pages).state
    return state


@pytest.mark.parametrize(
    ("begin", "typed", "screen"),
    [
        ("menu", ["1"], "kind"),
        ("menu", ["Make a complaint"], "kind"),
        ("menu", ["6"], "menu"),
        ("menu", ["0"], "menu"),
        ("menu", ["1", "0"], "menu"),
        ("menu", ["1", "1", "1", "00"], "menu"),
        ("subcounty", ["malava"], "ward"),
        ("subcounty", ["Kakamega North"], "ward"),
        ("subcounty", ["Matete"], "ward"),
        ("subcounty", ["13"], "subcounty"),
        ("subcounty", ["99999999999999999999"], "subcounty"),
        ("story", ["x"], "story"),
        ("story", ["Water"], "confirm"),
        ("story", ["x" * 59], "confirm"),
        ("story", ["x" * 60], "story.more"),
        ("story", ["98"], "story"),
    ],
)
def test_ways(begin: str, typed: list[str], screen: str) -> None:
    assert go(State(begin, "en"), *typed).screen == screen


def test_who_may_know_the_number_comes_before_any_story() -> None:
    for begin in (("1", "1"), ("1", "6", "1"), ("2", "1")):
        assert go(State("menu", "en"), *begin).screen == "privacy"


@pytest.mark.parametrize(("choice", "known", "sms"), [("1", True, True), ("2", True, False), ("3", False, False)])
def test_a_story_is_saved_at_once_and_tied_to_the_number_only_by_choice(choice: str, known: bool, sms: bool) -> None:
    told = go(State("menu", "en"), "1", "1", choice, "1", "1")
    turn = answer(told, "Water", GUIDE, position=0, pages=count_pages)
    assert turn.effects == (SaveDraft(resident_known=known, sms_wanted=sms),)


def test_a_changed_mind_about_the_number_changes_the_draft_at_once() -> None:
    told = go(State("menu", "en"), "1", "1", "1", "1", "1", "Water", "3", "2")
    assert told.screen == "privacy"
    turn = answer(told, "3", GUIDE, position=0, pages=count_pages)
    assert (turn.state.screen, turn.effects) == ("confirm", (SaveDraft(resident_known=False),))


def test_nobody_agrees_to_words_before_their_last_page() -> None:
    wards = (Ward("1", "a" * 60),)
    guide = replace(GUIDE, areas=(Area("2", "Malava", wards),))
    asked = State("settings.ward.consent", "en", answers={"area": "2", "ward": "1"})
    assert show(asked, guide).pages == 2
    early = answer(asked, "1", guide, position=0, pages=count_pages)
    assert (early.state.screen, early.state.page, early.state.invalid) == ("settings.ward.consent", 0, True)
    read = answer(asked, "98", guide, position=0, pages=count_pages).state
    assert answer(read, "1", guide, position=0, pages=count_pages).state.screen == "noted"


@pytest.mark.parametrize("language", ["en", "sw"])
def test_a_long_story_is_read_whole_before_it_is_sent_and_a_short_one_fits(language: str) -> None:
    area, ward = worlds.longest_ward(GUIDE)
    about = {"kind": "complaint", "privacy": "sms", "category": "delay", "area": area, "ward": ward.code}
    short = State("confirm", language, answers={**about, "story": "No water for a week"})
    assert show(short, GUIDE).pages == 1
    told = " ".join(f"word{number}*" for number in range(80))
    long = short._replace(answers={**about, "story": told})
    pages = [show(long._replace(page=page), GUIDE).text for page in range(show(long, GUIDE).pages)]
    assert [word.strip('"') for page in pages[1:] for word in page.split() if "word" in word] == told.split()
    assert all(gsm7.length(page) <= 156 for page in pages)
    # Who does not want to read it all sends it from the first page, where the options stand too.
    assert go(long, "1").screen == go(long, *["98"] * (len(pages) - 1), "1").screen == "end.receipt"


def test_another_sub_county_forgets_the_ward() -> None:
    told = go(State("menu", "en"), "1", "1", "1", "3", "2", "0", "0", "4")
    assert dict(told.answers)["area"] == "202"
    assert dict(told.answers)["ward"] == ""


def test_a_draft_is_taken_up_where_it_was_left() -> None:
    left = go(State("menu", "sw"), "1", "1", "1", "3", "2", "Maji hakuna")
    profile = {"language": "en", "draft": {"id": "d1", "state": json.loads(json.dumps(left.to_json()))}}
    state = enter(profile, GUIDE)
    assert (state.screen, state.language) == ("resume", "en")
    again = go(State("resume", "en", facts={"profile": profile}), "1")
    assert (again.screen, again.answers["story"], again.answers["draft"]) == ("confirm", "Maji hakuna", "d1")
    assert go(again, "0").screen == "story"


def test_a_draft_of_a_screen_that_is_gone_is_not_offered() -> None:
    gone = {"language": "en", "draft": {"id": "d1", "state": State("confirm.old", "en").to_json()}}
    assert enter(gone, GUIDE).screen == "menu"


@pytest.mark.parametrize(
    ("profile", "screen", "language"),
    [
        ({}, "lang", ""),
        ({"language": "sw"}, "menu", "sw"),
        ({"language": "id"}, "lang", ""),
        ({"language": "luy"}, "lang", ""),
    ],
)
def test_the_first_screen_at_dial(profile: dict[str, str], screen: str, language: str) -> None:
    state = enter(profile, GUIDE)
    assert (state.screen, state.language) == (screen, language)


def test_a_state_survives_storage() -> None:
    state = go(State("menu", "sw"), "1", "2", "1", "4")
    assert State.from_json(json.loads(json.dumps(state.to_json()))) == state


def test_two_screens_cannot_have_one_name() -> None:
    with pytest.raises(ValueError, match="two screens are called menu"):
        screen("menu")(lambda c: None)  # type: ignore[arg-type,return-value]  # never called


def test_use_a_receipt_stays_on_the_first_page_of_a_long_list() -> None:
    case = {"id": "1", "reference": "4821", "date": "2026-11-12", "status": "in_progress"}
    facts = {"profile": {"known": True}, "cases": [case] * 20}
    state = State("cases", "sw", facts=facts)
    shown = show(state, GUIDE)
    assert "4. Tumia nambari ya kufuatilia" in shown.text
    assert shown.pages > 1
    assert go(state, "4").screen == "receipt"
    assert go(state, "21").screen == "case"
