"""A USSD session as a list in Valkey: what was heard, and what gave the digits their meaning.

One Lua call appends a hop's text unless it is there already and returns the whole list, so four copies of a hop at once
and a repeat of any earlier hop read the same history. Nothing is locked and nothing is lost with Valkey but time: a
session is rebuilt from `text` and its draft.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import ResponseError

from gateway.intake.memory import MENU_DIGITS
from gateway.line import Line
from gateway.residents.sealing import Vault
from menus.engine import State

SESSION_SECONDS = 900
"""A session lives 180 s at the network; its list outlives late repeats and then goes."""

SESSIONS = b"ussd:"
"""What the names of all lists begin with; the session's key in hexadecimal follows."""

_LONGEST = 300
_LIMITS = (str(SESSION_SECONDS).encode(), str(_LONGEST).encode())
_APPEND = b"""
local items = redis.call('LRANGE', KEYS[1], 0, -1)
local mark = string.sub(ARGV[1], 1, 17)
for i, item in ipairs(items) do
  if string.sub(item, 1, 17) == mark then return {i, items} end
end
if #items < tonumber(ARGV[3]) then
  redis.call('RPUSH', KEYS[1], ARGV[1])
  redis.call('EXPIRE', KEYS[1], ARGV[2])
end
items[#items + 1] = ARGV[1]
return {#items, items}
"""
_APPEND_SHA = hashlib.sha1(_APPEND, usedforsecurity=False).hexdigest().encode()
"""The name by which Valkey knows the script."""

_HOP, _FACTS = b"h", b"f"
_MARK = 17
"""Bytes that say which item it is: its kind, then a keyed hash of its text."""


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a session before and at a hop."""

    texts: tuple[str, ...] = ()
    """Texts heard before this one, in order of arrival."""
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    checkpoints: Mapping[str, State] = field(default_factory=dict)
    """States reached by rebuilding, by the text that led there."""


def session_key(vault: Vault, session_id: str, number: str) -> bytes:
    """A session belongs to its number: the same id from another number is another session."""
    return vault.lookup.digest("ussd", f"{session_id}\0{number}")


def session_mark(key: bytes) -> str:
    """How a log names a session: enough of its key to find it, nothing that leads to its number.

    The letter keeps digits alone from being taken for a number, and masked.
    """
    return f"s-{key.hex()[:12]}"


def _name(key: bytes) -> bytes:
    return SESSIONS + key.hex().encode()


class Sessions:
    """The lists of all sessions."""

    def __init__(self, line: Line, vault: Vault) -> None:
        self._line = line
        self._vault = vault

    async def hear(self, key: bytes, text: str, opened: dict[bytes, Any]) -> History:
        """Append this hop's text, once; the history before it. Raises `redis.RedisError` or OSError.

        `opened` has what items say that were read before; those read now are added to it.
        """
        place = self._place(key)
        digits = MENU_DIGITS.fullmatch(text)
        payload = b"p" + text.encode() if digits else b"s" + self._vault.sealer.seal(text, place)
        index, items = await self._append(key, self._item(_HOP, text, payload))
        return self._read(items, index - 1, place, opened)

    async def recall(self, key: bytes) -> History:
        """All that is kept of a session, nothing added to it. Raises as `hear` does."""
        items = await self._line.call(b"LRANGE", _name(key), b"0", b"-1")
        return self._read(items, len(items), self._place(key), {})

    async def note(
        self,
        key: bytes,
        position: str,
        facts: Mapping[str, Any],
        opened: dict[bytes, Any],
        checkpoint: State | None = None,
    ) -> Mapping[str, Any]:
        """Keep what a screen at `position` was shown with; returns what was kept first, by this call or another.

        `opened` as in `hear`. Raises as it does.
        """
        place = self._place(key)
        body = json.dumps({"at": position, "facts": dict(facts), "state": checkpoint.to_json() if checkpoint else None})
        own = self._item(_FACTS, position, self._vault.sealer.seal(body, place))
        index, items = await self._append(key, own)
        first = items[index - 1]
        opened[first] = kept = json.loads(body) if first == own else self._open(first, place)
        noted: Mapping[str, Any] = kept["facts"]
        return noted

    def _item(self, kind: bytes, text: str, payload: bytes) -> bytes:
        return kind + self._vault.lookup.digest("hop", text)[: _MARK - 1] + payload

    async def _append(self, key: bytes, item: bytes) -> tuple[int, Sequence[bytes]]:
        """Append an item unless there is one of its mark: the number of that one, counted from 1, and all there are."""
        arguments = (b"1", _name(key), item, *_LIMITS)
        try:
            index, items = await self._line.call(b"EVALSHA", _APPEND_SHA, *arguments)
        except ResponseError as error:
            if not str(error).startswith("NOSCRIPT"):
                raise
            index, items = await self._line.call(b"EVAL", _APPEND, *arguments)
        return index, items

    def _read(self, items: Sequence[bytes], own: int, place: str, opened: dict[bytes, Any]) -> History:
        texts: list[str] = []
        facts: dict[str, Mapping[str, Any]] = {}
        checkpoints: dict[str, State] = {}
        for position, item in enumerate(items):
            is_hop = item.startswith(_HOP)
            if is_hop and position >= own:
                continue
            said = opened.get(item)
            if said is None:
                said = opened[item] = self._open(item, place)
            if is_hop:
                texts.append(said)
                continue
            facts[said["at"]] = said["facts"]
            if said["state"]:
                checkpoints[said["at"]] = State.from_json(said["state"])
        return History(tuple(texts), facts, checkpoints)

    def _open(self, item: bytes, place: str) -> Any:
        """The text of a hop, or what was noted at a position."""
        payload = item[_MARK:]
        if not item.startswith(_HOP):
            return json.loads(self._vault.sealer.open(payload, place))
        return payload[1:].decode() if payload[:1] == b"p" else self._vault.sealer.open(payload[1:], place)

    @staticmethod
    def _place(key: bytes) -> str:
        return f"valkey.ussd:{key.hex()}"
