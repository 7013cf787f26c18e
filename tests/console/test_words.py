"""The words of the desk's pages: complete in Kiswahili, with the same placeholders."""

from __future__ import annotations

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from gateway.words import LANGUAGES, LOCALES
from menus import catalogue
from menus.catalogue import placeholders
from tests.menus.test_catalogue import KEYWORDS, ROOT


def in_the_code() -> set[str]:
    with (LOCALES.parent / "babel.cfg").open(encoding="utf-8") as config:
        mapping, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call]  # babel types it not
    found = extract_from_dir(ROOT, mapping, options, KEYWORDS)
    return {text for _, _, text, _, _ in found if isinstance(text, str)}


def test_the_template_has_every_text_of_the_pages_and_no_other() -> None:
    with (LOCALES / "desk.pot").open("rb") as file:
        assert set(catalogue.read(file, "en").texts) == in_the_code(), "run what babel.cfg says"


def test_a_language_says_everything_with_the_same_placeholders() -> None:
    for language in set(LANGUAGES) - {"en"}:
        with (LOCALES / language / "LC_MESSAGES" / "desk.po").open("rb") as file:
            read = catalogue.read(file, language)
        assert {text for text, said in read.texts.items() if said} == in_the_code()
        assert [text for text, said in read.texts.items() if placeholders(text) != placeholders(said)] == []
