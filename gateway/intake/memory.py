"""What a web process remembers of sessions under way. It saves work and decides nothing: it may be empty at any hop."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from menus.engine import Facts, State
from menus.fold import Standing
from menus.layout import Shown

LIVE_SESSIONS = 5_000
"""Sessions remembered at once, some 10 KB each; a session lasts 180 s, so this is 28 dials a second."""

WALKS = 5_000
"""Walks through the menus remembered at once, some 2 KB each."""

# Menu digits are no secret; four digits may be the resident's own, and everything else is words.
MENU_DIGITS = re.compile(r"(?:[0-9]{0,2}\*)*[0-9]{0,2}")


@dataclass(slots=True)
class Listed:
    """What a session's list in Valkey says: it only grows, so that only what is new in it has to be opened."""

    items: list[bytes] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    """The text of each hop in it."""
    facts: dict[str, Facts] = field(default_factory=dict)
    """What screens were shown with, by the text consumed before them."""
    checkpoints: dict[str, State] = field(default_factory=dict)
    """States reached by rebuilding, by the text that led there."""

    def grow(self, count: Any, item: bytes, said: Any) -> bool:
        """Read one more item, which says this, if with it there are `count`; whether that is so."""
        if count != len(self.items) + 1:
            return False
        self.items.append(item)
        self._read(said)
        return True

    def take(self, items: list[bytes], opened: Callable[[bytes], Any]) -> None:
        """Read what is new in `items`; `opened` gives a hop's text, or what was noted at a position."""
        known = len(self.items)
        grown = items[:known] == self.items
        new = [opened(item) for item in (items[known:] if grown else items)]  # what cannot be opened changes nothing
        if not grown:  # lost by Valkey meanwhile, and begun again
            self.texts, self.facts, self.checkpoints = [], {}, {}
        for said in new:
            self._read(said)
        self.items = items

    def _read(self, said: Any) -> None:
        if isinstance(said, str):
            self.texts.append(said)
            return
        self.facts[said["at"]] = said["facts"]
        if said["state"]:
            self.checkpoints[said["at"]] = State.from_json(said["state"])


class Walk(NamedTuple):
    """One answer on menus alone and where it led."""

    standing: Standing
    shown: Shown
    way: int
    """A number for the way that was walked: whoever comes here by another way stands on another."""


Way = Hashable
"""How a session came where it stands, as far as anybody could have; None where something on it was somebody's own."""


@dataclass(slots=True)
class Memory:
    """One session: its list as it was read, and where the fold of it stood after the last hop answered here."""

    listed: Listed = field(default_factory=Listed)
    links: Sequence[str] = ()
    facts: Mapping[str, Facts] = field(default_factory=dict)
    standing: Standing | None = None
    way: Way = None

    def before(self, links: Sequence[str], facts: Mapping[str, Facts]) -> Standing | None:
        """Where the fold stood before the last of `links`, when all before it was folded here with these very facts."""
        known = self.standing is not None and self.links == links[:-1] and self.facts == facts
        return self.standing if known else None

    def keep(self, links: Sequence[str], facts: Mapping[str, Facts], standing: Standing, way: Way) -> None:
        self.links, self.facts, self.standing, self.way = links, facts, standing, way


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

    A walk is kept only if nothing on it is anybody's own: no words, no draft, nothing fetched after the dial. It is
    found from the walk before it and the text that came then.
    """

    def __init__(self, most: int = WALKS) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[Way, str], Walk] = OrderedDict()
        self._ways = 0

    def way(self, links: Sequence[str], facts: Mapping[str, Facts]) -> Way:
        """The way that a session came by, which sent `links`; None where it is forgotten or somebody's own."""
        if not _is_anybodys(facts):
            return None
        way: Way = tuple(facts[""]["profile"].items())
        for text in links:
            walk = self._kept.get((way, text))
            if walk is None:
                return None
            way = walk.way
        return way

    def find(self, before: Way, text: str) -> Walk | None:
        """Where `text` leads who came this way; None when nobody was there lately."""
        key = before, text
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(self, before: Way, text: str, facts: Mapping[str, Facts], standing: Standing, shown: Shown) -> Walk | None:
        """Remember a walk at whose end nothing was done and nothing is wanted; None where it is not anybody's.

        `facts` are all that were fetched until its end.
        """
        if standing.text != text or not MENU_DIGITS.fullmatch(text) or not _is_anybodys(facts):
            return None
        self._ways += 1
        walk = self._kept[before, text] = Walk(standing, shown, self._ways)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return walk


def _is_anybodys(facts: Mapping[str, Facts]) -> bool:
    """Whether no more was fetched than the profile, and no draft is in it."""
    return len(facts) == 1 and "" in facts and facts[""]["profile"].get("draft") is None
