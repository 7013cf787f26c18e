"""Translations: gettext catalogues read as they are, so that no compiled copy can go stale."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

_PLACEHOLDER = re.compile(r"\{[a-z_]+\}")


@dataclass(frozen=True, slots=True)
class Catalogue:
    language: str
    reviewer: str
    """Who has read every text; empty means nobody yet."""
    reviewed: str
    """The day of that review; empty with the reviewer."""
    texts: Mapping[str, str]
    """Translations by English text; empty where missing or marked fuzzy."""
    own: frozenset[str] = frozenset()
    """The English texts that a pack says in its own words."""

    @property
    def is_reviewed(self) -> bool:
        return bool(self.reviewer and self.reviewed)


def read(file: IO[bytes], language: str) -> Catalogue:
    """The catalogue in a `.po` (or, all empty, `.pot`) file. Raises `babel`'s `PoFileError` where it is malformed."""
    catalogue = read_po(file, locale=None, abort_invalid=True)
    return Catalogue(
        language=language,
        reviewer=_remark(catalogue, "X-Reviewer"),
        reviewed=_remark(catalogue, "X-Reviewed"),
        texts={
            str(message.id): "" if message.fuzzy else str(message.string or "") for message in catalogue if message.id
        },
    )


def over(shared: Catalogue, own: Catalogue) -> Catalogue:
    """`shared` with the texts that `own` says otherwise; reviewed only if both are."""
    said = {text: words for text, words in own.texts.items() if words}
    signed = shared if own.is_reviewed else own
    return Catalogue(own.language, signed.reviewer, signed.reviewed, {**shared.texts, **said}, frozenset(said))


def _remark(catalogue: Catalog, name: str) -> str:
    """A remark of the file's first comment, where Babel's tools keep it; headers of our own they would drop."""
    found = re.search(rf"^# {name}:(.*)$", catalogue.header_comment, re.MULTILINE)
    return found[1].strip() if found else ""


def placeholders(text: str) -> set[str]:
    """The `{names}` in a text: a translation must have the same ones."""
    return set(_PLACEHOLDER.findall(text))
