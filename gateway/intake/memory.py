"""What a web process remembers of sessions under way. It saves work and decides nothing: it may be empty at any hop."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from menus.engine import Facts
from menus.fold import Standing

LIVE_SESSIONS = 5_000
"""Sessions remembered at once, some 10 KB each; a session lasts 180 s, so this is 28 dials a second."""


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
