"""A session is a list of texts, and its state a fold over them, whatever order or number they arrive in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.pack import load
from menus import gsm7
from menus.effects import FileCase, SaveDraft
from menus.engine import SCREENS, State, draw
from menus.fold import Landing, Standing, chain, fold, informed
from menus.layout import count_pages
from operations.authoring.county import County, Session, prefixed

GUIDE = load("kakamega").guide
STRANGER: dict[str, dict[str, Any]] = {"": {"profile": {"known": False, "language": "", "draft": None}}}
JOURNEY = ["1", "1", "1", "1", "3", "2"]
"""English, complaint, delay, SMS me, Malava, Chemuche: then the story."""


def text(*typed: str) -> str:
    return "*".join(typed)


def heard(typed: Sequence[str]) -> list[str]:
    """The texts of a session, one a hop."""
    return ["", *(text(*typed[:n]) for n in range(1, len(typed) + 1))]


def land(links: Sequence[str], **how: object) -> Landing:
    return fold(links, STRANGER, GUIDE, **how)  # type: ignore[arg-type]  # keywords of fold


def test_the_profile_is_asked_for_at_dial() -> None:
    landing = fold([""], {}, GUIDE)
    assert (landing.position, landing.wants) == ("", ("profile",))


def test_a_chain_is_what_a_text_builds_on() -> None:
    texts = ["", "1", "1*2", "1*2*maji", "1*3", "12", "1*2*maji*safi"]
    assert chain(texts, "1*2*maji*safi") == ["", "1", "1*2", "1*2*maji", "1*2*maji*safi"]
    assert chain(texts, "1*3") == ["", "1", "1*3"]
    assert chain([], "1*3") == ["1*3"]


def test_a_star_in_a_story_stays_in_it() -> None:
    links = chain(heard(JOURNEY), text(*JOURNEY, "pump *and* tap"))
    assert land(links).state.answers["story"] == "pump *and* tap"


def test_answers_lost_on_the_way_are_two_answers_on_choices_and_one_text_on_a_story() -> None:
    assert land(["", "1*1*2"]).state.screen == "privacy"
    told = land(["", *heard(JOURNEY[:5]), text(*JOURNEY, "no", "water")]).state
    assert (told.screen, told.answers["story"]) == ("confirm", "no*water")


def test_a_gap_never_answers_who_may_know_the_number() -> None:
    landing = land(["", "1*1*2*1*3*2"])
    assert landing.state.screen == "privacy"
    assert "privacy" not in landing.state.answers


def test_an_empty_reply_shows_the_same_screen() -> None:
    for links in (["", "1", "1*"], ["", "1", "1*", "1**1"]):
        landing = land(links)
        assert not landing.state.invalid
    assert landing.state.screen == "kind"


def test_typing_after_the_end_says_that_it_is_over() -> None:
    typed = [*JOURNEY, "Water", "1"]
    facts = {**STRANGER, text(*typed): {"filed": {"receipt": "4821-093-5579"}}}
    links = chain(heard(typed), text(*typed, "1"))
    landing = fold(links, facts, GUIDE)
    assert (landing.state.screen, landing.state.ended, landing.due) == ("end.closed", True, ())
    again = fold(chain(links, text(*typed, "1", "00")), facts, GUIDE)
    assert again.state.screen == "end.closed"


def test_what_is_filed_carries_everything_and_asks_for_its_receipt() -> None:
    typed = [*JOURNEY, "Water", "1"]
    landing = land(chain(heard(typed), text(*typed)))
    (due,) = landing.due
    assert landing.wants == ("filed",)
    assert due.effect == FileCase("complaint", "DELAY", "sms", "1003", "201", "Water")
    assert due.began == len("1*")
    assert due.position == len(text(*typed[:-1])) + 1


def test_a_lost_session_is_rebuilt_from_its_text_up_to_the_story() -> None:
    step_by_step = land(chain(heard(JOURNEY), text(*JOURNEY))).state
    assert land([text(*JOURNEY)], rebuilding=True).state == step_by_step


def test_after_a_story_the_draft_says_how_much_was_heard() -> None:
    typed = [*JOURNEY, "pump *and* tap"]
    saved = land(chain(heard(JOURNEY), text(*typed)))
    assert [due.effect for due in saved.due] == [SaveDraft(resident_known=True, sms_wanted=True)]
    kept = (text(*typed), State.from_json(saved.state.to_json()))
    landing = fold([text(*typed, "1")], {}, GUIDE, checkpoint=kept, rebuilding=True)
    assert [type(due.effect) for due in landing.due] == [FileCase]
    again = fold([text(*typed)], {}, GUIDE, checkpoint=kept)
    assert (again.state.screen, again.due) == ("confirm", ())


def test_a_rebuilt_session_asks_for_the_facts_of_the_screen_it_stands_on() -> None:
    kept = ("1*3", State("cases", "en", trail=("menu",)))
    landing = fold(["1*3*1"], {}, GUIDE, checkpoint=kept)
    assert (landing.position, set(landing.wants)) == ("1*3", {"profile", "cases"})


TYPED = st.one_of(
    st.sampled_from(["1", "2", "3", "4", "5", "6", "7", "8", "0", "00", "98", "2468", "48210935579", "Water"]),
    st.text(max_size=200),
    st.just("A story of more than sixty characters, with * in it and [brackets] and so on."),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(TYPED, max_size=14), st.randoms(use_true_random=False))
def test_whatever_is_typed_every_hop_has_a_screen_and_every_replay_the_same(typed: list[str], random: object) -> None:
    county = County(GUIDE)
    county.dial("+254711000111", GUIDE.ussd_code)
    session = county.sessions["+254711000111"]
    first = {"": prefixed(county.hear(session, ""))}
    for word in typed:
        county.answer("+254711000111", word)
        first[session.text] = prefixed(county.hear(session, session.text))
    for heard_before, shown in first.items():
        assert shown.startswith(("CON ", "END "))
        assert gsm7.length(shown) <= 160
        assert gsm7.foreign(shown) == []
        assert prefixed(county.hear(session, heard_before)) == shown, "a hop sent again got another answer"
    filed = [effect for effect in county.effects if isinstance(effect, FileCase)]
    assert len(filed) == len(county.cases)


@settings(max_examples=60, deadline=None)
@given(st.lists(TYPED, max_size=14), st.data())
def test_a_fold_from_where_an_earlier_one_stood_comes_to_the_same(typed: list[str], data: st.DataObject) -> None:
    """Whatever is typed, with hops lost on the way, and whatever the county answers at each step."""
    county = County(GUIDE)
    session = Session("+254711000111", 1)
    standing: Standing | None = None
    for text_ in heard(typed):
        if text_ and data.draw(st.booleans(), label="lost"):
            continue
        county.hear(session, text_)
        links = chain(session.texts, text_)
        whole = fold(links, session.facts, GUIDE)
        if standing is not None and standing.text != text_:
            assert fold(links, session.facts, GUIDE, standing=standing) == whole
        before = fold(links, {at: told for at, told in session.facts.items() if at != text_ or not at}, GUIDE)
        if text_ and before.wants and before.position == text_:
            assert informed(before, session.facts[text_]) == whole
        assert not whole.wants
        standing = Standing(text_, whole.state, draw(whole.state, GUIDE), count_pages(whole.state, GUIDE))


@settings(max_examples=60, deadline=None)
@given(st.lists(TYPED, max_size=12), st.data())
def test_lost_hops_never_cross_a_screen_of_consent(typed: list[str], data: st.DataObject) -> None:
    """Some hops never arrive: what needs to be seen first is shown, not answered."""
    county = County(GUIDE)
    session = Session("+254711000111", 1)
    county.hear(session, "")
    for text_ in heard(typed)[1:]:
        if not data.draw(st.booleans()):
            continue
        before = session.state
        asked = len(county.effects)
        county.hear(session, text_)
        assert before is not None
        if any(isinstance(effect, FileCase) for effect in county.effects[asked:]):
            assert SCREENS[before.screen].guarded
