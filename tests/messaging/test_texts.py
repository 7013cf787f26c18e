"""Every text in every language: short enough, in the alphabet, neutral."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from gateway.messaging.segments import segments
from gateway.messaging.templates import BODY, TEMPLATES, case_lines, check, cut, render, short_date
from gateway.pack import load
from menus import gsm7

PACK = load("kakamega")
GUIDE = replace(PACK.guide, ussd_code="*384*44135#", sms_code="22384", care_number="0800 724 388")
LANGUAGES = [language.code for language in GUIDE.languages]

PARTS = {"status": 2, "reply_full": 5, "update": 4, "check": 4, "outcome": 4}
"""Texts that may take more than one part, with their longest values."""

SAMPLES = {"receipt": "4821-093-5570", "ref": "4821", "date": "30 Nov", "status": "referred"}


def longest(template: str) -> dict[str, str]:
    known = TEMPLATES[template]
    return {name: SAMPLES.get(name, ("neno " * 200)[:size].strip()) for name, size in known.longest.items()}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_longest_values_stay_in_the_alphabet_and_in_their_parts(template: str, language: str) -> None:
    text = render(GUIDE, template, language, longest(template))
    assert gsm7.foreign(text) == []
    assert segments(text) <= PARTS.get(template, 1), text
    assert "{" not in text
    assert len(text) > 40


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_text_names_the_service_or_what_it_confirms_and_never_promises_a_reply(
    template: str, language: str
) -> None:
    text = render(GUIDE, template, language, longest(template))
    assert "reply to this" not in text.lower()
    if template in {"update", "receipt"}:
        assert "STOP" in text or "ACHA" in text


WORDS = {
    "receipt": "Baraza: thank you, we have your message. Keep this: 4821-093-5570. To follow, dial *384*44135#. "
    "No more SMS: send STOP to 22384",
    "reply": "Baraza 4821: there is an answer for you. To read it, dial *384*44135# and choose My cases. "
    "To write back, SMS 4821 and your words to 22384",
    "solved": "Baraza 4821: we are told this is done. Is it solved? SMS to 22384: 1 Yes, 2 Partly, 3 No. "
    "Or dial *384*44135#. Please answer by 30 Nov",
    "solved3": "Baraza 4821: you answered 3, not solved. It is open again and a senior officer will look at it. "
    "Mistake? SMS 1 or 2 to 22384",
    "stop": "Stopped: no more SMS on county promises, no notices. Answers on what you sent us still come; "
    "to stop them, send STOP ALL. To get SMS again: START",
    "stopall": "All SMS stopped. Our work on what you sent goes on; to read answers, dial *384*44135#. "
    "To get SMS again: START to 22384",
    "moved": "Baraza 4821: passed to another office. To read more, dial *384*44135# and choose My cases.",
}


@pytest.mark.parametrize("template", WORDS)
def test_the_words_are_the_agreed_ones(template: str) -> None:
    assert render(GUIDE, template, "en", longest(template)) == WORDS[template]


def test_kiswahili_is_said_where_it_is_read() -> None:
    assert render(GUIDE, "receipt", "sw", {"receipt": "4821-093-5570"}).startswith("Baraza: asante, tumepata ujumbe")


def test_a_text_that_lacks_a_value_is_said_shorter() -> None:
    no_care = replace(GUIDE, care_number="")
    assert "0800" in render(GUIDE, "help", "en", {})
    assert render(no_care, "help", "en", {}).endswith("STOP or START. We are not an emergency line.")
    assert render(GUIDE, "solved", "en", {"ref": "4821"}).endswith("Or dial *384*44135#")


def test_an_officers_braces_are_words() -> None:
    text = render(GUIDE, "update", "en", {"body": "Budget {code} {0} {body!r} for the hospital"})
    assert "Budget {code} {0} {body!r} for the hospital" in text


def test_typographic_characters_are_made_plain_and_others_are_sent_as_they_are() -> None:
    text = render(
        GUIDE, "update", "en", {"body": "The \u201cng\u2019ombe\u201d hearing \u2013 3 December\u2026 \u0169"}
    )
    assert 'The "ng\'ombe" hearing - 3 December... \u0169' in text
    assert segments(text) == 2  # one letter outside the alphabet makes it 70 a part


def test_long_values_are_cut_between_words() -> None:
    assert cut("maji safi kwa wote", 18) == "maji safi kwa wote"
    assert cut("maji safi kwa wote", 17) == "maji safi kwa..."
    assert cut("m" * 20, 10) == "mmmmmmm..."
    assert cut("[" * 20, 10) == "[[[..."
    body = render(GUIDE, "update", "en", {"body": "x " * 5000})
    assert gsm7.length(body) <= BODY + 40


@pytest.mark.parametrize(
    ("template", "values"),
    [
        ("nothing", {}),
        ("reply", {}),
        ("reply", {"ref": "4821", "story": "x"}),
        ("moved", {"ref": "4821", "status": "eaten"}),
        ("help", {"care": "1"}),
    ],
)
def test_wrong_values_are_refused_when_owed_not_when_sent(template: str, values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="template"):
        check(template, values)


def test_lines_of_a_status_text() -> None:
    cases = [("4821", date(2026, 11, 12), "assigned"), ("0937", date(2026, 10, 3), "resolved")]
    assert case_lines(GUIDE, "en", cases) == "4821, 12 Nov: with the office\n0937, 3 Oct: done"
    assert short_date(date(2026, 10, 3), "sw") == "3 Okt"
    assert short_date(date(2026, 10, 3), "no such language") == "3 Oct"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("[" * 80, 1),
        ("[" * 81, 2),
        ("a" * 152 + "[" + "a" * 8, 2),
        ("a" * 152 + "[" + "a" * 152, 3),  # the bracket moves whole to the second part
        ("\u0169" * 70, 1),
        ("\u0169" * 71, 2),
        ("\u0169" * 134, 2),
        ("\u0169" * 135, 3),
        ("\U0001f600" * 35, 1),
        ("\U0001f600" * 36, 2),
        ("\U0001f600" * 66, 2),
        ("\U0001f600" * 67, 3),
    ],
)
def test_parts(text: str, parts: int) -> None:
    assert segments(text) == parts
