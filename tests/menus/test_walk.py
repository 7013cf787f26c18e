"""Every reachable screen of every pack in every language, with the longest and the emptiest facts."""

from __future__ import annotations

import re
from functools import cache
from itertools import product

import pytest

from gateway.pack import load
from gateway.pack.loading import PACKS
from menus import gsm7, worlds
from menus.check import check
from menus.engine import SCREENS, State, answer, draw
from menus.guide import Guide
from menus.layout import clean, count_pages, show
from menus.walk import GATEWAY, Visit, absent, after, bearers, walk

NAMES = sorted(folder.parent.name for folder in PACKS.glob("*/pack.toml"))
GUIDES = {(name, bearer): guide for name in NAMES for bearer, guide in bearers(load(name).guide).items()}
EVERYWHERE = pytest.mark.parametrize(
    ("pack", "language"),
    [((name, bearer), known.code) for (name, bearer), guide in GUIDES.items() for known in guide.languages],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)

Played = tuple[str, str]
"""A pack and what it is played over."""


@cache
def visits(pack: Played, language: str) -> list[Visit]:
    return walk(GUIDES[pack], language)


def key(guide: Guide, language: str, digit: str, word: str) -> re.Pattern[str]:
    return re.compile(rf"^{digit}\. ?{re.escape(guide.say(language, word))}$", re.MULTILINE)


@pytest.mark.parametrize("pack", NAMES)
def test_nothing_is_wrong_with_any_screen(pack: str) -> None:
    assert [str(fault) for fault in check(load(pack).guide).faults] == []


@EVERYWHERE
def test_every_screen_is_reached(pack: Played, language: str) -> None:
    reached = {visit.shown.name for visit in visits(pack, language)}
    assert set(SCREENS) - reached == absent(GUIDES[pack])
    assert {"menu", "kind", "confirm", "case", "settings", *GATEWAY} <= reached


@EVERYWHERE
def test_every_screen_fits_into_156_septets_of_gsm_7(pack: Played, language: str) -> None:
    for visit in visits(pack, language):
        text = visit.shown.text
        assert gsm7.length(text) <= 156, (visit.where, text)
        assert gsm7.foreign(text) == [], (visit.where, text)
        assert not {"\r", "\f"} & set(text)


@EVERYWHERE
def test_every_screen_has_a_way_back_or_is_an_end(pack: Played, language: str) -> None:
    guide = GUIDES[pack]
    back, home = key(guide, language, "0", "Back"), key(guide, language, "00", "Main menu")
    for visit in visits(pack, language):
        if visit.drawn.end or visit.shown.name in ("lang", "menu", "receipt.write", "resume.deleted"):
            continue
        assert back.search(visit.shown.text) or home.search(visit.shown.text), (visit.where, visit.shown.text)


@EVERYWHERE
def test_the_back_key_never_stays_where_it_is(pack: Played, language: str) -> None:
    guide = GUIDES[pack]
    back = key(guide, language, "0", "Back")
    for visit in visits(pack, language):
        if back.search(visit.shown.text):
            came = after(visit.state, "0", guide).state
            assert (came.screen, came.page) != (visit.state.screen, visit.shown.page), visit.where


@EVERYWHERE
def test_home_is_the_main_menu_from_everywhere(pack: Played, language: str) -> None:
    guide = GUIDES[pack]
    for visit in visits(pack, language):
        if not visit.drawn.end:
            assert after(visit.state, "00", guide).state.screen == ("menu" if visit.state.language else "lang")


@EVERYWHERE
def test_a_wrong_answer_keeps_the_page_and_says_so(pack: Played, language: str) -> None:
    guide = GUIDES[pack]
    for visit in visits(pack, language):
        if visit.drawn.end or visit.drawn.accept:
            continue
        slip = after(visit.state, "77", guide).state
        again = show(slip, guide)
        where = (visit.shown.name, visit.shown.page, visit.shown.pages)
        assert (slip.screen, again.page, again.pages) == where
        said = {guide.say(visit.state.language, text) for text in ("Not on the list. Try again.", "Try again:")}
        assert again.text.split("\n")[0] in said, again.text
        assert gsm7.length(again.text) <= 156
        options = re.findall(r"^\d+\..*$", visit.shown.text, re.MULTILINE)
        assert re.findall(r"^\d+\..*$", again.text, re.MULTILINE) == options, "an option was lost to the error line"


@EVERYWHERE
def test_pages_show_every_option_once_and_lead_on(pack: Played, language: str) -> None:
    guide = GUIDES[pack]
    for visit in visits(pack, language):
        if visit.shown.pages == 1 or visit.shown.page:
            continue
        pages = [show(visit.state._replace(page=page, invalid=False), guide).text for page in range(visit.shown.pages)]
        number = re.compile(r"^(\d+)\. ", re.MULTILINE)
        listed = [int(found) for page in pages for found in number.findall(page) if found not in ("0", "00", "98")]
        # Before words that are read in full on further pages, and after them.
        assert listed == list(range(1, len(visit.drawn.options) + 1)) * (2 if visit.drawn.told else 1)
        assert all(re.search(r"^98\. ", page, re.MULTILINE) for page in pages[:-1])
        assert not re.search(r"^98\. ", pages[-1], re.MULTILINE)
        assert all(re.search(r"^0\. ", page, re.MULTILINE) for page in pages[1:])


@EVERYWHERE
def test_a_long_answer_is_read_whole_by_98(pack: Played, language: str) -> None:
    guide = GUIDES[pack]
    long = [visit for visit in visits(pack, language) if worlds.ANSWER in visit.drawn.body and not visit.drawn.options]
    assert long
    for visit in (visit for visit in long if not visit.shown.page):
        words = [show(visit.state._replace(page=page), guide).text for page in range(visit.shown.pages)]
        read = " ".join(re.sub(r"(?m)^(98|0|00)\. .*$", "", page) for page in words).split()
        told = visit.drawn.body.translate({0x2018: "'", 0x2019: "'", 0x1F642: "?"}).split()
        assert "".join(read) == "".join(told)


@EVERYWHERE
def test_the_first_page_of_the_check_has_all_that_is_filed(pack: Played, language: str) -> None:
    """Short stories on one page; of long ones the first words, the last words and every option."""
    guide = GUIDES[pack]
    wards = [(area.code, ward.code) for area in guide.areas for ward in area.wards]
    for category, (area, ward), story in product(guide.categories, wards, worlds.STORIES):
        answers = {"kind": category.kind, "category": category.code, "area": area, "ward": ward, "story": story}
        shown = show(State("confirm", language, answers=answers), guide)
        assert (shown.pages == 1) == (len(story) < 20)
        assert gsm7.length(shown.text) <= 156
        assert story[:5] in shown.text
        assert clean(story)[-4:] in shown.text
        assert len(re.findall(r"^[123]\. ?\S", shown.text, re.MULTILINE)) == 3


@EVERYWHERE
def test_a_way_is_the_answer_of_the_engine(pack: Played, language: str) -> None:
    """What the walk says of ways is what the machine does with the same digits."""
    guide = GUIDES[pack]
    for visit in visits(pack, language)[::7]:
        for way in visit.ways:
            turn = answer(visit.state, way.typed, guide, position=0, pages=count_pages)
            assert (turn.state.screen, turn.state.page) == (way.to.screen, way.to.page)
        assert len([way for way in visit.ways if way.typed not in ("0", "00", "98")]) >= len(
            draw(visit.state, guide).options
        )
