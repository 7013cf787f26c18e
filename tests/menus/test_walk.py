"""Every reachable screen in every language, with the longest and the emptiest facts: it fits, and there is a way on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product

import pytest

from gateway.pack import load
from menus import gsm7
from menus.engine import SCREENS, State, answer, draw, missing
from menus.layout import Shown, clean, count_pages, show
from menus.screens.entry import enter
from tests.menus.worlds import ANSWER, FACTS, PROFILE, STRANGER

GUIDE = load("kakamega").guide
STORIES = ("Water", "[" + "Story with stars * and quotes \u201c \u201d " * 15 + "]")
TYPED = (*STORIES, "48210935579", "2468")


def begin() -> Iterator[State]:
    """The first screens at dial, of a stranger, of a known caller, and of one who was cut off."""
    for language in ("en", "sw"):
        known = {**PROFILE, "language": language}
        draft = State("story.more", language, answers={"story": "Water", "privacy": "sms"}, trail=("menu", "story"))
        yield replace(enter(known, GUIDE), facts={"profile": known})
        left = {**known, "draft": {"id": "d", "state": draft.to_json()}}
        yield replace(enter(left, GUIDE), facts={"profile": left})
    yield replace(enter(STRANGER, GUIDE), facts={"profile": STRANGER})


def with_facts(state: State) -> Iterator[State]:
    """`state` once for each combination of facts that its screen asks for."""
    wanted = missing(state)
    for values in product(*(FACTS[want] for want in wanted)):
        yield replace(state, facts={**state.facts, **dict(zip(wanted, values, strict=True))})


def answers(state: State) -> list[str]:
    """What to type: every option, every key, and words where words are taken."""
    drawn = draw(state, GUIDE)
    numbers = [str(number) for number in range(1, len(drawn.options) + 1)]
    return [*numbers, "0", "00", "98", *(TYPED if drawn.accept else ("77", "-", ANSWER))]


def after(state: State, typed: str) -> State:
    return answer(state, typed, GUIDE, position=0, pages=count_pages).state


@cache
def walk() -> list[tuple[State, Shown]]:
    """Every screen that looks different, found from dial."""
    seen: dict[tuple[str, ...], tuple[State, Shown]] = {}
    queue = [ready for state in begin() for ready in with_facts(state)]
    while queue:
        state = queue.pop()
        shown = show(state, GUIDE)
        key = (state.screen, state.language, shown.text, *(state.answers.get(name, "") for name in ("kind", "privacy")))
        if key in seen:
            continue
        seen[key] = (state, shown)
        if not shown.end:
            ways = [after(state, typed) for typed in answers(state)]
            queue.extend(ready for way in ways if not way.invalid for ready in with_facts(way))
    return list(seen.values())


def test_every_screen_is_reached_in_both_languages() -> None:
    failures = {"end.notsaved", "end.notread", "end.busy", "end.toolong", "end.changed"}
    beyond = failures | {"end.closed", "promises.area"}  # typing after the end, an area of many promises
    for language in ("en", "sw"):
        reached = {state.screen for state, _ in walk() if state.language == language}
        assert set(SCREENS) - reached - beyond == {"lang"}
    assert any(state.screen == "lang" for state, _ in walk())


def test_every_screen_fits_into_156_septets_of_gsm_7() -> None:
    for state, shown in walk():
        assert gsm7.length(shown.text) <= 156, (state.screen, shown.text)
        assert gsm7.foreign(shown.text) == [], (state.screen, shown.text)
        assert "\r" not in shown.text
        assert "\f" not in shown.text


def test_every_screen_has_a_way_back_or_is_an_end() -> None:
    home = {"en": "00. Main menu", "sw": "00. Menyu kuu"}
    for state, shown in walk():
        if shown.end or state.screen in ("lang", "menu", "receipt.write", "resume.deleted"):
            continue
        back = re.search(r"^0\. ?(Back|Rudi)$", shown.text, re.MULTILINE)
        assert back or home[state.language] in shown.text.split("\n"), shown.text


def test_no_screen_is_a_dead_end() -> None:
    for state, shown in walk():
        if not shown.end:
            assert any(after(state, typed).screen != state.screen for typed in answers(state)), shown.text


def test_the_back_key_never_stays_where_it_is() -> None:
    for state, shown in walk():
        if re.search(r"^0\. ?(Back|Rudi)$", shown.text, re.MULTILINE):
            came = after(state, "0")
            assert (came.screen, came.page) != (state.screen, shown.page), shown.text


def test_home_is_the_main_menu_from_everywhere() -> None:
    for state, shown in walk():
        if not shown.end:
            assert after(state, "00").screen == ("menu" if state.language else "lang")


def test_a_wrong_answer_keeps_the_page_and_says_so() -> None:
    for state, shown in walk():
        if shown.end or draw(state, GUIDE).accept:
            continue
        slip = after(state, "77")
        again = show(slip, GUIDE)
        assert (slip.screen, again.page, again.pages) == (state.screen, shown.page, shown.pages)
        assert re.match(r"Not on the list|Try again:|Haipo hapa|Jaribu tena:", again.text), again.text
        assert gsm7.length(again.text) <= 156
        options = re.findall(r"^\d+\..*$", shown.text, re.MULTILINE)
        assert re.findall(r"^\d+\..*$", again.text, re.MULTILINE) == options, "an option was lost to the error line"


def test_pages_show_every_option_once_and_lead_on() -> None:
    for state, shown in walk():
        if shown.pages == 1 or shown.page:
            continue
        pages = [show(replace(state, page=page, invalid=False), GUIDE).text for page in range(shown.pages)]
        number = re.compile(r"^(\d+)\. ", re.MULTILINE)
        listed = [int(found) for page in pages for found in number.findall(page) if found not in ("0", "00", "98")]
        assert listed == list(range(1, len(draw(state, GUIDE).options) + 1))
        assert all(re.search(r"^98\. ", page, re.MULTILINE) for page in pages[:-1])
        assert not re.search(r"^98\. ", pages[-1], re.MULTILINE)
        assert all(re.search(r"^0\. ", page, re.MULTILINE) for page in pages[1:])


def test_a_long_answer_is_read_whole_by_98() -> None:
    for state, shown in walk():
        if state.screen != "promise.news" or shown.page:
            continue
        words = [show(replace(state, page=page), GUIDE).text for page in range(shown.pages)]
        read = " ".join(re.sub(r"(?m)^(98|0)\. .*$", "", page) for page in words).split()
        told = draw(state, GUIDE).body.translate({0x2018: "'", 0x2019: "'", 0x1F642: "?"}).split()
        assert "".join(read) == "".join(told)


@pytest.mark.parametrize("language", ["en", "sw"])
def test_the_check_fits_on_one_page_whatever_is_filed(language: str) -> None:
    wards = [(area.code, ward.code) for area in GUIDE.areas for ward in area.wards]
    for category, (area, ward), story in product(GUIDE.categories, wards, STORIES):
        answers = {"kind": category.kind, "category": category.code, "area": area, "ward": ward, "story": story}
        shown = show(State("confirm", language, answers=answers), GUIDE)
        assert shown.pages == 1
        assert gsm7.length(shown.text) <= 156
        assert story[:20] in shown.text
        assert clean(story)[-5:] in shown.text
