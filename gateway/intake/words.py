"""The words residents can send, in every language at once. They count only when they are the whole message."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum


class Command(StrEnum):
    STATUS = "status"
    STOP = "stop"
    STOP_ALL = "stop_all"
    START = "start"
    HELP = "help"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    UNFOLLOW_ALL = "unfollow_all"


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
    "unfollow all": (Command.UNFOLLOW_ALL, "en"),
    "jiondoe zote": (Command.UNFOLLOW_ALL, "sw"),
    "berhenti": (Command.STOP, "id"),
    "berhenti semua": (Command.STOP_ALL, "id"),
    "mulai": (Command.START, "id"),
    "bantuan": (Command.HELP, "id"),
    "batal": (Command.UNFOLLOW, "id"),
    "batal ikuti": (Command.UNFOLLOW, "id"),
    "batal semua": (Command.UNFOLLOW_ALL, "id"),
}

_FOLLOWING: dict[str, tuple[Command, str]] = {
    "follow": (Command.FOLLOW, "en"),
    "fuatilia": (Command.FOLLOW, "sw"),
    "ikuti": (Command.FOLLOW, "id"),
    "unfollow": (Command.UNFOLLOW, "en"),
    "jiondoe": (Command.UNFOLLOW, "sw"),
    "batal ikuti": (Command.UNFOLLOW, "id"),
    "batal": (Command.UNFOLLOW, "id"),
}
"""Words that may name what to follow behind them."""


def following(text: str) -> tuple[Command, str, str] | None:
    """FOLLOW or UNFOLLOW, the language of its word, and what stands behind it; None for any other text.

    What stands behind it must name something, else it is no command: "Follow up on my complaint" is not.
    """
    said = plain(text)
    for word, (spoken, language) in _FOLLOWING.items():
        if said == word or said.startswith(f"{word} "):
            return spoken, language, said.removeprefix(word).strip()
    return None


def command(text: str) -> tuple[Command, str] | None:
    """The command that the whole of `text` is, and the language of its word; None for anything else.

    "Stop the dumping" is a complaint, not an opt-out.
    """
    return _WORDS.get(plain(text))


_ANSWER = re.compile(r"(?:answer|jibu|jawab) ([123])")

ANSWER_WORD = {"en": "ANSWER", "sw": "JIBU", "id": "JAWAB"}
"""What names our question about a promise, where another question waits too."""


def check_answer(text: str) -> int | None:
    """The answer to our question about a promise that a text names with its word: `JIBU 1`."""
    match = _ANSWER.fullmatch(plain(text))
    return int(match[1]) if match else None


def plain(text: str) -> str:
    """As words are compared: lower case, without signs, one space between words."""
    return " ".join(re.sub(r"[^\w\s]", " ", unicodedata.normalize("NFKC", text).casefold()).split())


def starter(text: str, words: Mapping[str, str]) -> tuple[str, str] | None:
    """The errand that the whole of `text` begins, and nothing; or that of a word that is followed by a number, and it.

    `MENU 1` answers the menus where a bare `1` could also answer something else.
    """
    word, _, rest = plain(text).partition(" ")
    errand = words.get(word.upper())
    return (errand, rest) if errand is not None and (not rest or rest.isdigit()) else None


_NAMED = re.compile(r"\s*([0-9]{4})(?![0-9])[\s:.,-]*(.*)", re.DOTALL)
_NAMED_LAST = re.compile(r"(.+)[\s:.,-]([0-9]{4})[\s.]*", re.DOTALL)


def named_case(text: str) -> tuple[str, str] | None:
    """The four digits a text begins with and the words after them; None when it begins otherwise.

    An answer to our question whether a case is solved may stand before its digits too: `1 4821`.
    """
    if match := _NAMED.fullmatch(text):
        return match[1], match[2].strip()
    match = _NAMED_LAST.fullmatch(text)
    return (match[2], match[1].strip(" ,")) if match and solved(match[1]) else None


_SOLVED = {
    **dict.fromkeys(("1", "yes", "ndiyo", "ndio", "ya"), "yes"),
    **dict.fromkeys(("2", "partly", "kiasi", "sebagian"), "partly"),
    **dict.fromkeys(("3", "no", "la", "hapana", "tidak", "belum"), "no"),
}
"""As the question itself spells its answers, and as people say them."""

NUMBER = {"yes": "1", "partly": "2", "no": "3"}


def solved(text: str) -> str | None:
    """`yes`, `partly` or `no` when the whole text is that answer: `1`, ` 01.`, `Yes`, `1 Yes`."""
    meant = {_SOLVED.get(word.lstrip("0")) for word in plain(text).split()}
    return meant.pop() if len(meant) == 1 else None


def is_number(text: str) -> bool:
    """Whether a text is a number and nothing else."""
    return plain(text).isdecimal()
