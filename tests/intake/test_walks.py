"""Walks that anybody may walk: one remembered leads where a fold leads, and nobody's own words are among them."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.intake.memory import Walks
from gateway.pack import load
from menus.engine import draw
from menus.fold import Standing, chain, fold
from menus.layout import show

GUIDE = load("kakamega").guide
PROFILES = st.fixed_dictionaries(
    {
        "known": st.booleans(),
        "language": st.sampled_from(["", "en", "sw"]),
        "ward": st.sampled_from(["", "1014"]),
        "draft": st.none(),
    }
)
MENUS = ["1", "2", "3", "4", "5", "6", "0", "00", "98", "9", ""]
WALKS = Walks(most=60)
"""Shared by all that is tried, so that one resident finds what another walked, and old walks make room."""


def facts_of(profile: dict[str, Any]) -> dict[str, Any]:
    return {"": {"version": "x", "profile": profile}}


@settings(max_examples=150, deadline=None)
@given(PROFILES, st.lists(st.sampled_from(MENUS), max_size=9))
def test_a_walk_remembered_leads_where_a_fold_leads(profile: dict[str, Any], typed: list[str]) -> None:
    texts: list[str] = []
    for text in ["", *("*".join(typed[: n + 1]) for n in range(len(typed)))]:
        links, facts = chain(texts, text), facts_of(profile)
        landing = fold(links, facts, GUIDE)
        if landing.wants or landing.due:
            return
        drawn = draw(landing.state, GUIDE)
        shown = show(landing.state, GUIDE, drawn)
        standing = Standing(landing.position, landing.state, drawn, shown.pages)
        way = WALKS.way(links[:-1], facts)
        if way is None:  # an earlier part of the walk made room for others
            return
        found = WALKS.find(way, text)
        if found is not None:
            assert (found.standing.text, found.standing.state, found.shown) == (standing.text, standing.state, shown)
            assert found.standing.pages == shown.pages
        WALKS.keep(way, text, facts, standing, shown)
        texts.append(text)


def test_what_is_anybodys_own_is_not_remembered() -> None:
    stranger = facts_of({"known": False, "language": "en", "ward": "", "draft": None})
    drafting = facts_of({"known": True, "language": "en", "ward": "", "draft": {"id": "d", "state": {}}})
    told = fold(["", "1"], stranger, GUIDE)
    drawn = draw(told.state, GUIDE)
    shown = show(told.state, GUIDE, drawn)
    for links, facts, is_kept in (
        (["", "1"], stranger, True),
        (["", "1", "1*water"], stranger, False),
        (["", "1", "1*1234"], stranger, False),
        (["", "1"], drafting, False),
        (["", "1"], stranger | {"1": {"cases": []}}, False),
        (["", "1"], {}, False),
    ):
        walks = Walks()
        for at, text in enumerate(links):
            way = walks.way(links[:at], facts)
            if way is not None:
                walks.keep(way, text, facts, Standing(text, told.state, drawn, shown.pages), shown)
        assert (walks.way(links, facts) is not None) is is_kept, (links, facts)


def test_what_was_fetched_at_the_end_of_a_walk_is_nobody_elses() -> None:
    """The way to a list of one's own cases is anybody's, the list is not."""
    stranger = facts_of({"known": False, "language": "en", "ward": "", "draft": None})
    told = fold(["", "1"], stranger, GUIDE)
    drawn = draw(told.state, GUIDE)
    shown = show(told.state, GUIDE, drawn)
    walks = Walks()
    way = walks.way([], stranger)
    own = stranger | {"1": {"cases": []}}
    assert walks.keep(way, "1", own, Standing("1", told.state, drawn, shown.pages), shown) is None
    assert walks.find(way, "1") is None
