"""`menus.check`: each thing an author can get wrong is found, by screen and language, and with the way there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from gateway.pack import load
from menus.check import Fault, check
from menus.engine import SCREENS, Call, Go, Option, Screen, ScreenSpec
from menus.guide import Guide
from menus.walk import walk

GUIDE = load("kakamega").guide


def only_english(**changes: Any) -> Guide:
    """A small county: one language, two sub-counties, by USSD."""
    small: dict[str, Any] = {"languages": GUIDE.languages[:1], "areas": GUIDE.areas[:2], "words": {}}
    return replace(GUIDE, **(small | changes))


@pytest.fixture
def added() -> Iterator[dict[str, ScreenSpec]]:
    """Screens that exist for one test."""
    before = dict(SCREENS)
    yield SCREENS
    SCREENS.clear()
    SCREENS.update(before)


def of(faults: tuple[Fault, ...], screen: str) -> list[str]:
    return [fault.what for fault in faults if fault.screen == screen]


def instead(name: str, drawn: Screen, screens: dict[str, ScreenSpec]) -> None:
    """Let the screen `name` look like `drawn`."""
    screens[name] = ScreenSpec(name, lambda c: drawn)


def test_the_pack_as_it_is_has_no_fault_and_names_the_longest_look() -> None:
    checked = check(only_english())
    assert checked.faults == ()
    assert {one.screen for one in checked.screens} >= {"menu", "kind", "confirm", "end.receipt"}
    longest = max(checked.screens, key=lambda one: one.septets)
    assert 150 <= longest.septets <= 156
    assert next(one for one in checked.screens if one.screen == "menu").where.startswith(("stranger", "known"))


def test_an_end_that_would_be_cut_is_too_long(added: dict[str, ScreenSpec]) -> None:
    instead("settings.call", Screen("word " * 40, end=True), added)
    (fault,) = [fault for fault in check(only_english()).faults if fault.screen == "settings.call"]
    assert fault.what == "cut: 200 septets, and an end has one page of 156"
    assert fault.where.endswith("5*5")


def test_an_option_that_would_be_cut_is_too_long() -> None:
    labels = {"en": "A category whose name is " + "so very " * 10 + "long that no list could show it"}
    categories = (replace(GUIDE.categories[0], labels=labels), *GUIDE.categories[1:])
    found = of(check(only_english(categories=categories)).faults, "kind")
    assert [what.partition(":")[0] for what in found] == ["cut"]


def test_a_letter_that_a_phone_may_not_have_is_foreign() -> None:
    titles: Mapping[str, str] = {"en": "Baraza \u2019Kakamega\u014b"}
    assert of(check(only_english(titles=titles)).faults, "menu") == ["GSM-7 has no \u2019 \u014b"]


def test_a_screen_without_a_way_on_is_a_dead_end(added: dict[str, ScreenSpec]) -> None:
    stuck = Screen("Wait.", (Option("Again", Go("settings.call", replaces=True)),), back=False)
    instead("settings.call", stuck, added)
    assert of(check(only_english()).faults, "settings.call") == ["a dead end: no answer that it names leads on"]


def test_a_screen_nobody_comes_to_is_named(added: dict[str, ScreenSpec]) -> None:
    instead("forgotten", Screen("Nobody reads this.", end=True), added)
    assert of(check(only_english()).faults, "forgotten") == ["no answer leads to this screen"]


def test_a_text_without_translation_is_named() -> None:
    catalogue = {"sw": {text: said for text, said in GUIDE.catalogue["sw"].items() if text != "What went wrong?"}}
    assert [str(fault) for fault in check(only_english(languages=GUIDE.languages, catalogue=catalogue)).faults] == [
        "catalogue (sw, USSD): no translation of 'What went wrong?'"
    ]


def test_a_need_without_values_says_what_to_do(added: dict[str, ScreenSpec]) -> None:
    def weather(c: Call) -> Screen:
        return Screen(c.facts["weather"], end=True)

    added["settings.call"] = ScreenSpec("settings.call", weather, needs=("weather",))
    with pytest.raises(LookupError, match=r"settings.call needs weather: menus/worlds.py"):
        walk(GUIDE, "en")
