"""The words residents can send, in every language at once. They count only when they are the whole message."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum


class Command(StrEnum):
    STATUS = "status"
    STOP = "stop"
    STOP_ALL = "stop_all"
    START = "start"
    HELP = "help"
    UNFOLLOW = "unfollow"


_WORDS: dict[str, tuple[Command, str]] = {
    "status": (Command.STATUS, "en"),
    "hali": (Command.STATUS, "sw"),
    "stop": (Command.STOP, "en"),
    "acha": (Command.STOP, "sw"),
    "simamisha": (Command.STOP, "sw"),
    "stop all": (Command.STOP_ALL, "en"),
    "acha zote": (Command.STOP_ALL, "sw"),
    "start": (Command.START, "en"),
    "anza": (Command.START, "sw"),
    "help": (Command.HELP, "en"),
    "msaada": (Command.HELP, "sw"),
    "unfollow": (Command.UNFOLLOW, "en"),
    "jiondoe": (Command.UNFOLLOW, "sw"),
}


def command(text: str) -> tuple[Command, str] | None:
    """The command that the whole of `text` is, and the language of its word; None for anything else.

    "Stop the dumping" is a complaint, not an opt-out.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _WORDS.get(" ".join(re.sub(r"[^\w\s]", " ", plain).split()))


_NAMED = re.compile(r"\s*([0-9]{4})(?![0-9])[\s:.,-]*(.*)", re.DOTALL)


def named_case(text: str) -> tuple[str, str] | None:
    """The four digits a text begins with and the words after them; None when it begins otherwise."""
    match = _NAMED.fullmatch(text)
    return (match[1], match[2].strip()) if match else None


_SOLVED = {"1": "yes", "2": "partly", "3": "no"}


def solved(text: str) -> str | None:
    """`yes`, `partly` or `no` when the whole text is that answer's digit."""
    return _SOLVED.get(text.strip().rstrip("."))
