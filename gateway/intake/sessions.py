"""A USSD session as a list in Valkey: what was heard, and what gave the digits their meaning.

One Lua call appends a hop's text unless it is there already and returns the whole list, or where that is known its new
length alone, so four copies of a hop at once and a repeat of any earlier hop read the same history. At dial it appends
what is known of the caller too. Nothing is locked and nothing is lost with Valkey but time: a session is rebuilt from
`text` and its draft.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json
from redis.exceptions import ResponseError

from gateway.intake.memory import MENU_DIGITS, Listed
from gateway.line import Line
from gateway.residents.sealing import Vault
from menus.engine import EMPTY, State

SESSION_SECONDS = 900
"""A session lives 180 s at the network; its list outlives late repeats and then goes."""

SESSIONS = b"ussd2:"
"""What the names of all lists begin with; the session's key in hexadecimal follows. The number is that of the items'
layout: a session that began under another is rebuilt."""

_LONGEST = 300
_DIGITS, _WORDS, _FACTS = b"d", b"w", b"f"
"""What an item is, by its first byte: a hop that is menu digits alone, as they were typed; one with words, and what a
screen was shown with, both sealed behind a mark."""
_MARK = 17
"""Bytes that say which item one is, where it is sealed: its first, then a keyed hash of its text."""

_PROOF = _MARK + 13
"""Bytes of a sealed item that no other has: its mark, the key's version and the nonce (`residents.sealing`)."""

_APPEND = b"""
local known = tonumber(ARGV[1])
if known > 0 and redis.call('LLEN', KEYS[1]) == known
    and string.sub(redis.call('LINDEX', KEYS[1], 1), 1, %d) == ARGV[2] then
  return redis.call('RPUSH', KEYS[1], ARGV[3])
end
local items = redis.call('LRANGE', KEYS[1], 0, -1)
local function place(own)
  local mark = string.sub(own, 1, 1) ~= 'd' and string.sub(own, 1, %d)
  for i, item in ipairs(items) do
    if item == own or (mark and string.sub(item, 1, %d) == mark) then return i end
  end
  if #items < %d then
    redis.call('RPUSH', KEYS[1], own)
    redis.call('EXPIRE', KEYS[1], %d)
  end
  items[#items + 1] = own
  return #items
end
local first = place(ARGV[3])
if ARGV[4] then place(ARGV[4]) end
return {first, items}
""" % (_PROOF, _MARK, _MARK, _LONGEST, SESSION_SECONDS)
_APPEND_SHA = hashlib.sha1(_APPEND, usedforsecurity=False).hexdigest().encode()
"""The name by which Valkey knows the script."""


class History(NamedTuple):
    """What is known of a session before and at a hop."""

    texts: Sequence[str] = ()
    """Texts heard before this one, in order of arrival."""
    facts: Mapping[str, Mapping[str, Any]] = EMPTY
    checkpoints: Mapping[str, State] = EMPTY
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
        self._beginning = vault.lookup.digest("hop", "")

    async def hear(self, key: bytes, text: str, listed: Listed, known: Mapping[str, Any] | None = None) -> History:
        """Append this hop's text, once; the history before it. Raises `redis.RedisError` or OSError.

        `listed` has what was read of the list before; what is new in it is added. `known` are facts to keep for the
        beginning of the session, unless some are kept already.
        """
        if MENU_DIGITS.fullmatch(text):
            own = _DIGITS + text.encode()
        else:
            own = self._marked(_WORDS, text, self._vault.sealer.seal(text, _place(key)))
        more: Mapping[bytes, Any] = self._fact(key, "", known) if known is not None else {}
        append = self._appending(key, listed, text not in listed.texts, own, *more)
        try:
            reply = await self._line.call(b"EVALSHA", _APPEND_SHA, *append)
        except ResponseError as error:
            reply = await self._call_anew(error, append)
        if listed.grow(reply, own, text):
            earlier: Sequence[str] = listed.texts[:-1]
        else:
            index = self._take(listed, reply, key, {own: text, **more})
            earlier = _texts(listed, index - 1)
        return History(earlier, listed.facts, listed.checkpoints)

    async def recall(self, key: bytes) -> History:
        """All that is kept of a session, nothing added to it. Raises as `hear` does."""
        listed = Listed()
        items = await self._line.call(b"LRANGE", _name(key), b"0", b"-1")
        self._take(listed, (0, items), key, {})
        return History(listed.texts, listed.facts, listed.checkpoints)

    async def note(
        self, key: bytes, position: str, facts: Mapping[str, Any], listed: Listed, checkpoint: State | None = None
    ) -> Mapping[str, Any]:
        """Keep what a screen at `position` was shown with; returns what was kept first, by this call or another.

        `listed` as in `hear`. Raises as it does.
        """
        said = self._fact(key, position, facts, checkpoint)
        ((own, told),) = said.items()
        append = self._appending(key, listed, position not in listed.facts, own)
        try:
            reply = await self._line.call(b"EVALSHA", _APPEND_SHA, *append)
        except ResponseError as error:
            reply = await self._call_anew(error, append)
        if not listed.grow(reply, own, told):
            self._take(listed, reply, key, said)
        return listed.facts[position]

    def _fact(
        self, key: bytes, position: str, facts: Mapping[str, Any], checkpoint: State | None = None
    ) -> dict[bytes, Any]:
        """The item that notes these facts, and what is read from it."""
        body = to_json({"at": position, "facts": dict(facts), "state": checkpoint.to_json() if checkpoint else None})
        return {self._marked(_FACTS, position, self._vault.sealer.seal_bytes(body, _place(key))): from_json(body)}

    def _marked(self, kind: bytes, text: str, sealed: bytes) -> bytes:
        digest = self._vault.lookup.digest("hop", text) if text else self._beginning
        return kind + digest[: _MARK - 1] + sealed

    def _appending(self, key: bytes, listed: Listed, is_new: bool, *items: bytes) -> tuple[bytes, ...]:
        """What the script is told to append one or two items, each unless there is one of its mark.

        What is new to what was read, it appends without a look at the rest if the list is as long as it was and still
        the same one: begun again it would have other facts of its caller, or the same ones sealed anew.
        """
        if is_new and 1 < len(listed.items) < _LONGEST and listed.items[1].startswith(_FACTS):
            return b"1", _name(key), b"%d" % len(listed.items), listed.items[1][:_PROOF], *items
        return b"1", _name(key), b"0", b"", *items

    def _call_anew(self, error: ResponseError, append: Iterable[bytes]) -> Awaitable[Any]:
        """Call the script again where Valkey had lost it; raises the error if it was another."""
        if not str(error).startswith("NOSCRIPT"):
            raise error
        return self._line.call(b"EVAL", _APPEND, *append)

    def _take(self, listed: Listed, reply: Any, key: bytes, said: Mapping[bytes, Any]) -> int:
        """Read what is new; the number of the item appended first, counted from 1.

        `said` are items just sealed here and what they say. The script tells the number and all items, or the number
        alone of one appended to what was read; then another hop has read it meanwhile. Raises ResponseError if that
        one read a list begun again.
        """
        if isinstance(reply, int):
            if not listed.items[reply - 1 : reply] or listed.items[reply - 1] not in said:
                raise ResponseError("the list was begun again")
            return reply
        index, items = reply
        listed.take(items, lambda item: said[item] if item in said else self._open(item, _place(key)))
        return int(index)

    def _open(self, item: bytes, place: str) -> Any:
        """The text of a hop, or what was noted at a position."""
        if item.startswith(_DIGITS):
            return item[1:].decode()
        said = self._vault.sealer.open_bytes(item[_MARK:], place)
        return said.decode() if item.startswith(_WORDS) else from_json(said)


def _texts(listed: Listed, own: int) -> Sequence[str]:
    """The texts of the hops before the item at `own`."""
    return listed.texts[: sum(not item.startswith(_FACTS) for item in listed.items[:own])]


def _place(key: bytes) -> str:
    return f"valkey.ussd:{key.hex()}"
