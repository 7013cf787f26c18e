"""Translations: complete, with the same placeholders, and honest about who has read them."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import PoFileError

from gateway.pack import load
from gateway.pack.loading import LOCALES, MENUS
from menus import catalogue
from menus.catalogue import placeholders

ROOT = MENUS.parent
KEYWORDS = {"_": None, "say": None, "mark": None}


def in_the_code() -> set[str]:
    with (MENUS / "babel.cfg").open(encoding="utf-8") as config:
        mapping, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call]  # babel types it not
    found = extract_from_dir(ROOT, mapping, options, KEYWORDS)
    return {text for _, _, text, _, _ in found if isinstance(text, str)}


def test_the_template_has_every_text_of_the_code_and_no_other() -> None:
    with (LOCALES / "baraza.pot").open("rb") as file:
        template = set(catalogue.read(file, "en").texts)
    assert template == in_the_code(), "run the two commands in menus/babel.cfg"


@pytest.mark.parametrize("language", sorted(path.name for path in LOCALES.iterdir() if path.is_dir()))
def test_a_language_says_everything_with_the_same_placeholders(language: str) -> None:
    with (LOCALES / language / "LC_MESSAGES" / "baraza.po").open("rb") as file:
        read = catalogue.read(file, language)
    assert [text for text in in_the_code() if not read.texts.get(text)] == []
    assert set(read.texts) == in_the_code()
    assert [text for text, said in read.texts.items() if placeholders(text) != placeholders(said)] == []


def test_words_of_tanzania_are_not_used() -> None:
    """Kenyan Swahili: lalamishi, afisi, kaunti, wadi, nambari."""
    with (LOCALES / "sw" / "LC_MESSAGES" / "baraza.po").open("rb") as file:
        said = " ".join(catalogue.read(file, "sw").texts.values()).lower()
    assert re.findall(r"\b(?:m?a?lalamiko|ofisi\w*|kata|mtaa|namba|kesi)\b", said) == []


PO = """# Kiswahili.
# X-Reviewer: {reviewer}
# X-Reviewed: {day}
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"

msgid "Back"
msgstr "Rudi"

#, fuzzy
msgid "More"
msgstr "Tena"
"""


@pytest.mark.parametrize(
    ("reviewer", "day", "reviewed"),
    [("", "", False), ("A. Wanyama", "", False), ("A. Wanyama", "2026-12-01", True)],
)
def test_a_review_has_a_name_and_a_day(reviewer: str, day: str, reviewed: bool) -> None:
    read = catalogue.read(io.BytesIO(PO.format(reviewer=reviewer, day=day).encode()), "sw")
    assert (read.reviewer, read.reviewed, read.is_reviewed) == (reviewer, day, reviewed)


def test_a_fuzzy_translation_does_not_count() -> None:
    read = catalogue.read(io.BytesIO(PO.encode()), "sw")
    assert read.texts == {"Back": "Rudi", "More": ""}


def test_a_malformed_catalogue_is_refused() -> None:
    with pytest.raises(PoFileError):
        catalogue.read(io.BytesIO(b'msgid "Back"\nmsgid "More"\n'), "sw")


def test_english_stands_in_for_what_is_missing() -> None:
    guide = load("kakamega").guide
    assert guide.say("luy", "Wrong digits. Tries left: {left}", left=3) == "Wrong digits. Tries left: 3"
    assert guide.say("sw", "Wrong digits. Tries left: {left}", left=3) == "Tarakimu si sahihi. Majaribio yaliyobaki: 3"
    assert guide.say("sw", "A text nobody wrote") == "A text nobody wrote"


def test_values_are_never_read_as_placeholders() -> None:
    assert load("kakamega").guide.say("en", "Ward: {ward}", ward="{left}") == "Ward: {left}"


def test_no_compiled_catalogue_can_go_stale() -> None:
    assert list(Path(LOCALES).rglob("*.mo")) == []
