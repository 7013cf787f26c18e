"""What a web process remembers of sessions under way. It saves work and decides nothing: it may be empty at any hop."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from menus.engine import Facts
from menus.fold import Standing
from menus.layout import Shown

LIVE_SESSIONS = 5_000
"""Sessions remembered at once, some 10 KB each; a session lasts 180 s, so this is 28 dials a second."""

WALKS = 5_000
"""Walks through the menus remembered at once, some 2 KB each."""

# Menu digits are no secret; four digits may be the resident's own, and everything else is words.
MENU_DIGITS = re.compile(r"(?:[0-9]{0,2}\*)*[0-9]{0,2}")


@dataclass(slots=True)
class Memory:
    """One session: its list as it was opened, and where the fold of it stood after the last hop answered here."""

    opened: dict[bytes, Any] = field(default_factory=dict)
    """What an item of the session's list says, by the item as it lies in Valkey."""
    links: Sequence[str] = ()
    facts: Mapping[str, Facts] = field(default_factory=dict)
    standing: Standing | None = None

    def before(self, links: Sequence[str], facts: Mapping[str, Facts]) -> Standing | None:
        """Where the fold stood before the last of `links`, when all before it was folded here with these very facts."""
        known = self.standing is not None and self.links == links[:-1] and self.facts == facts
        return self.standing if known else None

    def keep(self, links: Sequence[str], facts: Mapping[str, Facts], standing: Standing) -> None:
        self.links, self.facts, self.standing = links, facts, standing


class Memories:
    """The sessions under way, the longest unheard of forgotten first."""

    def __init__(self, most: int = LIVE_SESSIONS) -> None:
        self._most = most
        self._kept: OrderedDict[bytes, Memory] = OrderedDict()

    def of(self, key: bytes) -> Memory:
        memory = self._kept.get(key)
        if memory is None:
            memory = self._kept[key] = Memory()
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return memory

    def forget(self, key: bytes) -> None:
        self._kept.pop(key, None)


class Walks:
    """Where digits lead that were typed on menus alone: from the same beginning, everybody to the same screen.

    A walk is kept only if nothing on it is anybody's own: no words, no draft, nothing fetched after the dial.
    """

    def __init__(self, most: int = WALKS) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[Standing, Shown]] = OrderedDict()

    def find(self, links: Sequence[str], facts: Mapping[str, Facts]) -> tuple[Standing, Shown] | None:
        """Where these texts lead with these facts, and the screen there; None when nobody was there lately."""
        key = _anybodys(links, facts)
        found = self._kept.get(key) if key else None
        if found:
            self._kept.move_to_end(key)
        return found

    def keep(self, links: Sequence[str], facts: Mapping[str, Facts], standing: Standing, shown: Shown) -> None:
        """Remember a walk at whose end nothing was done and nothing is wanted, if it is anybody's."""
        key = _anybodys(links, facts) if standing.text == links[-1] else None
        if key and MENU_DIGITS.fullmatch(links[-1]):
            self._kept[key] = standing, shown
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)


def _anybodys(links: Sequence[str], facts: Mapping[str, Facts]) -> Hashable:
    """What decides where a walk leads, if nothing of it is the resident's own, else None.

    The last link says enough of the words: it begins with all the others.
    """
    began = facts.get("")
    if began is None or len(facts) > 1 or began["profile"].get("draft") is not None:
        return None
    return tuple(began["profile"].items()), *links
