"""The words of the desk's pages: complete in Kiswahili, with the same placeholders."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from gateway.cases.states import Status
from gateway.console.refusals import DETAILS, why
from gateway.errors import filled, no_way
from gateway.pack import load
from gateway.pack.loading import PACKS
from gateway.words import LANGUAGES, LOCALES, Words
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


BEHIND = {
    "intake/caller.py": "phones",
    "intake/facts.py": "phones",
    "staff/practice.py": "the command line",
    "commitments/tables.py": "the command line and the API",
}
"""What no page of the desk leads to."""

NOT_SAID = {
    "the list was begun again": "nobody's: the hop goes on without the list",
    "say the length of the file (Content-Length)": "browsers say it with every form",
    "that is not the code": "residents', whose screen has words of its own for it",
    "five marks from 1 to 5": "residents', whose screens offer nothing else",
}
"""What no page of the desk comes to say, and why."""


def refusals() -> Iterator[tuple[str, str]]:
    """What a service says of an error, with its file: an error's detail, a fault's message, a text to be filled in."""
    for package in ("broadcasts", "cases", "commitments", "exports", "intake", "letters", "messaging", "pack", "staff"):
        for file in sorted((ROOT / "gateway" / package).glob("*.py")):
            for found in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                for said in said_in(found):
                    if isinstance(said, ast.JoinedStr):
                        yield f"{package}/{file.name}", f"an f-string: {ast.unparse(said)}"
                    elif isinstance(said, ast.Constant) and isinstance(said.value, str):
                        yield f"{package}/{file.name}", said.value


def said_in(found: ast.AST) -> Iterator[ast.expr]:
    if isinstance(found, ast.Raise) and isinstance(found.exc, ast.Call) and found.exc.args:
        name = found.exc.func
        if isinstance(name, ast.Name) and name.id not in NOT_OURS:
            yield found.exc.args[0]
    elif isinstance(found, ast.Call) and isinstance(found.func, ast.Name) and found.func.id == "filled":
        yield found.args[0]
    elif isinstance(found, ast.Dict):
        yield from (
            said
            for key, said in zip(found.keys, found.values, strict=True)
            if isinstance(key, ast.Constant) and key.value == "message"
        )


NOT_OURS = {"ValueError", "KeyError", "RuntimeError", "Wrong"}
"""Errors that no page shows."""


def test_why_something_was_refused_is_said_in_the_readers_language() -> None:
    found = {detail for file, detail in refusals() if file not in BEHIND} - set(NOT_SAID)
    assert len(found) > 110, "the services' refusals are not found any more"
    english = found - set(DETAILS)
    assert not english, (
        f"{sorted(english)}: pages would say these in English only: name them in gateway/console/refusals.py"
    )
    assert set(NOT_SAID) - {detail for _, detail in refusals()} == set(), "no service says this any more"


def test_values_in_a_refusal_are_said_in_the_readers_language_too() -> None:
    pack = load(PACKS / "kakamega")
    refused = no_way(Status.RECEIVED, Status.CONFIRMED)
    assert refused == "no way leads from “received” to “confirmed”", "an API says codes"
    english, kiswahili = (why(Words(pack, language), refused) for language in ("en", "sw"))
    assert english == "No way leads from “received” to “confirmed by the resident”."
    assert kiswahili == "Hakuna njia kutoka “imepokelewa” hadi “imethibitishwa na mkazi”."
    many = filled("{most} lists are kept at most; forget one", most=50)
    assert why(Words(pack, "sw"), many).startswith("Orodha 50 ")
