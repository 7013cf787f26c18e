"""From a screen to the letters on the glass."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menus import gsm7
from menus.engine import Call, Go, Option, Screen, Stay
from menus.layout import Frame, cut, cut_middle, lay_out, wrap

FRAME = Frame(156, "More", "Back", "Main menu", "Try again:", "Not on the list. Try again.")


def options(*labels: str) -> tuple[Option, ...]:
    return tuple(Option(label, Go("menu")) for label in labels)


def typed(c: Call, text: str) -> Go | Stay:
    return Go("menu")


@pytest.mark.parametrize(
    ("screen", "pages"),
    [
        (Screen("Which?", options("One", "Two")), ["Which?\n1. One\n2. Two\n0. Back"]),
        (Screen("Which?", options("One"), back=False), ["Which?\n1. One"]),
        (Screen("Which?", options("One"), back=False, home=True), ["Which?\n1. One\n00. Main menu"]),
        (Screen("Tell us", accept=typed), ["Tell us\n0. Back"]),
        (Screen("Bye", end=True), ["Bye"]),
        (Screen("Which?", options("a\nb", "“c”"), back=False), ['Which?\n1. a b\n2. "c"']),
    ],
)
def test_one_page(screen: Screen, pages: list[str]) -> None:
    assert lay_out(screen, FRAME) == pages


def test_the_space_after_the_number_goes_first() -> None:
    labels = ["x" * 12] * 9
    (page,) = lay_out(Screen("Which?", options(*labels)), FRAME)
    assert page.split("\n")[1] == "1." + "x" * 12
    assert page.endswith("\n0.Back")


def test_a_list_goes_on_over_pages_with_its_numbers() -> None:
    first, second = lay_out(Screen("Which?", options(*["x" * 20] * 8)), FRAME)
    assert first.split("\n")[0] == "Which?"
    assert first.split("\n")[-2:] == ["98. More", "0. Back"]
    assert second.split("\n")[0] == "6. " + "x" * 20
    assert second.split("\n")[-1] == "0. Back"


def test_long_words_come_first_and_the_options_together_on_the_last_page() -> None:
    body = " ".join(["word"] * 60)
    *before, last = lay_out(Screen(body, options("Write back", "Withdraw it")), FRAME)
    assert all(page.endswith("98. More\n0. Back") and "1." not in page for page in before)
    assert last.endswith("1. Write back\n2. Withdraw it\n0. Back")
    assert sum(page.count("word") for page in [*before, last]) == 60


def test_two_paragraphs_that_fit_a_page_each_are_not_torn() -> None:
    one, two = "a" * 130, "b" * 130
    assert lay_out(Screen(f"{one}\n{two}"), FRAME) == [f"{one}\n98. More\n0. Back", f"{two}\n0. Back"]


@pytest.mark.parametrize(("words", "above"), [(60, 'word55 word56 word57 word58 word59"'), (55, "Check")])
def test_words_too_many_show_their_ends_and_are_read_on_the_pages_after_it(words: int, above: str) -> None:
    told = " ".join(f"word{number}" for number in range(words))
    first, *others = lay_out(Screen("Check", options("Send", "Change"), told=told), FRAME)
    last = " ".join(told.split()[-5:])
    assert re.fullmatch(rf'Check\n"word0 .*\.\.\..*{last}"\n1\. Send\n2\. Change\n98\. More\n0\. Back', first), first
    assert gsm7.length(first) == 156 - len("Try again:") + len("Check")
    assert all(page.endswith("98. More\n0. Back") and "1." not in page for page in others[:-1])
    assert others[-1] == f"{above}\n1. Send\n2. Change\n0. Back"
    read = [word.strip('"') for page in others for word in page.split()]
    assert [word for word in read if word.startswith("word")] == told.split()


@pytest.mark.parametrize(
    ("problem", "text", "shown"),
    [
        ("Not on the list. Try again.", "Which?\n1. One", "Not on the list. Try again.\nWhich?\n1. One"),
        ("x" * 27, "y" * 140 + "\n1. One", "Try again:\n1. One"),
        ("x" * 27, "y" * 130, "Try again:\n" + "y" * 130),
    ],
)
def test_the_line_after_a_wrong_answer(problem: str, text: str, shown: str) -> None:
    assert FRAME.with_problem(problem, text) == shown


@pytest.mark.parametrize(
    ("text", "room", "kept"),
    [
        ("Water", 5, "Water"),
        ("Water is gone", 10, "Water i..."),
        ("Water is", 9, "Water is"),
        ("[[[[[[", 9, "[[[..."),
        ("", 3, ""),
    ],
)
def test_cut(text: str, room: int, kept: str) -> None:
    assert cut(text, room) == kept


def test_the_first_and_the_last_words_stay() -> None:
    shown = cut_middle("The clinic was closed all day and nobody said why, we want it open", 30)
    assert shown == "The clinic was cl...nt it open"
    assert len(shown) == 30


@given(st.text(), st.integers(6, 80))
def test_cut_texts_always_fit(text: str, room: int) -> None:
    assert gsm7.length(cut(text, room)) <= room
    assert gsm7.length(cut_middle(text, room)) <= room


@given(st.text(alphabet="ab [€", max_size=400), st.integers(10, 60))
def test_wrapping_loses_no_letter(text: str, room: int) -> None:
    lines = wrap(text, room)
    assert all(gsm7.length(line) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@settings(deadline=None)
@given(
    st.text(max_size=600),
    st.lists(st.text(min_size=1, max_size=120), max_size=30),
    st.booleans(),
    st.booleans(),
    st.text(max_size=600),
)
def test_any_screen_fits_also_with_the_error_line(
    body: str, labels: list[str], back: bool, home: bool, whole: str
) -> None:
    for page in lay_out(Screen(body, options(*labels), back=back, home=home, told=whole), FRAME):
        assert gsm7.length(page) <= 156
        assert gsm7.length(FRAME.with_problem(FRAME.invalid, page)) <= 156
        assert gsm7.foreign(page) == []
