"""Dialogue scripts: what a resident types and sees, in a form that a resident would recognise.

    # Anything after a hash is a remark.
    +254711000111 dials *384*1#
    > CON Karibu! Welcome!
    | 1. English                      more lines of the same screen
    < 1
    > CON Baraza, …                   … stands for anything, also for lines
    < {receipt}                       what {receipt}, {ref} stood for when it was first shown
    hops at most 9                    since the last dial, the dial included
    the network brings 1*1            a hop as it came: late, or not what was typed last
    given cases: [{"id": "1", …}]     a fact that the next hop is told, in a script made from a live session
    the officer answers: Come on Monday.
    the officer says it is done       on the case filed last
    the county publishes on KEKAK0003: The budget is out. / Bajeti iko tayari.
    sms to +254711000111: Baraza: thank you…
    +6281234500111 texts MENU         by SMS: then > is what comes back, without CON or END, --- between two SMS
    nothing comes                     no SMS came back

`play` needs a `Handset` and a `Desk`; the same scripts run over the pure menus and over real HTTP. A handset whose
`sms` is None (menus send nothing) skips the lines about SMS. Only the county in memory can be given facts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

SCRIPTS = Path(__file__).parent


class Handset(Protocol):
    """Phones on a network. Answers carry the prefix: `CON …` or `END …`."""

    def dial(self, number: str, code: str) -> str: ...

    def answer(self, number: str, typed: str) -> str: ...

    def bring(self, number: str, text: str) -> str:
        """One hop as the network carries it, in the session under way."""
        ...

    def give(self, name: str, value: Any) -> None:
        """Tell the next hop a fact, instead of what is known."""
        ...

    def sms(self, number: str) -> list[str] | None:
        """Every SMS that reached the number so far; None where this network carries none."""
        ...


@runtime_checkable
class Texting(Protocol):
    """Phones that play the menus by SMS; `answer` texts too."""

    def text(self, number: str, words: str) -> str:
        """Send an SMS; what comes back, `---` between two."""
        ...


class Desk(Protocol):
    """The county's side. Verbs act on the case that was filed last."""

    def reply(self, text: str) -> None: ...

    def say_it_is_done(self) -> None: ...

    def publish(self, ogp_id: str, texts: dict[str, str]) -> None: ...


@dataclass
class Step:
    line: int
    verb: str
    words: tuple[str, ...]


GRAMMAR = {
    "dial": re.compile(r"(\+?\d+) dials (\S+)"),
    "text": re.compile(r"(\+?\d+) texts (.*)"),
    "nothing": re.compile(r"nothing comes()"),
    "see": re.compile(r"> (.*)"),
    "more": re.compile(r"\| ?(.*)"),
    "type": re.compile(r"< ?(.*)"),
    "bring": re.compile(r"the network brings (.*)"),
    "given": re.compile(r"given (\w+): (.*)"),
    "hops": re.compile(r"hops at most (\d+)"),
    "reply": re.compile(r"the officer answers: (.*)"),
    "done": re.compile(r"the officer says it is done()"),
    "publish": re.compile(r"the county publishes on (\w+): (.*) / (.*)"),
    "sms": re.compile(r"sms to (\+?\d+): (.*)"),
}


def parse(script: str) -> list[Step]:
    """The steps of a script. Raises ValueError with the line that says nothing known."""
    steps: list[Step] = []
    for number, line in enumerate(script.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        verb, words = _read(number, line)
        if verb == "more":
            last = steps[-1]
            last.words = (f"{last.words[0]}\n{words[0]}",)
        else:
            steps.append(Step(number, verb, words))
    return steps


def _read(number: int, line: str) -> tuple[str, tuple[str, ...]]:
    for verb, pattern in GRAMMAR.items():
        found = pattern.fullmatch(line)
        if found:
            return verb, found.groups()
    raise ValueError(f"line {number}: {line!r} says nothing known")


NAMED = {"{receipt}": r"\d{4}-\d{3}-\d{4}", "{ref}": r"\d{4}"}


@dataclass
class Player:
    """Plays one script. `names` holds what `{receipt}` and `{ref}` stood for."""

    handset: Handset
    desk: Desk
    number: str = ""
    shown: str = ""
    hops: int = 0
    names: dict[str, str] = field(default_factory=dict)

    def play(self, script: str) -> None:
        """Raises AssertionError at the first step that goes another way."""
        for step in parse(script):
            try:
                getattr(self, f"_{step.verb}")(*step.words)
            except AssertionError as error:
                raise AssertionError(f"line {step.line}: {error}") from None

    def _dial(self, number: str, code: str) -> None:
        self.number, self.hops = number, 1
        self.shown = self.handset.dial(number, code)

    def _text(self, number: str, words: str) -> None:
        assert isinstance(self.handset, Texting), "nobody texts on this network"
        self.number = number
        self.shown = self.handset.text(number, self._fill(words))

    def _nothing(self, _: str) -> None:
        assert not self.shown, f"something came:\n{self.shown}"

    def _type(self, typed: str) -> None:
        self.hops += 1
        self.shown = self.handset.answer(self.number, self._fill(typed))

    def _bring(self, text: str) -> None:
        self.hops += 1
        self.shown = self.handset.bring(self.number, self._fill(text))

    def _given(self, name: str, value: str) -> None:
        self.handset.give(name, json.loads(value))

    def _see(self, expected: str) -> None:
        self._match(expected, self.shown)

    def _hops(self, most: str) -> None:
        assert self.hops <= int(most), f"{self.hops} hops, at most {most}"

    def _reply(self, text: str) -> None:
        self.desk.reply(text)

    def _done(self, _: str) -> None:
        self.desk.say_it_is_done()

    def _publish(self, ogp_id: str, english: str, kiswahili: str) -> None:
        self.desk.publish(ogp_id, {"en": english, "sw": kiswahili})

    def _sms(self, number: str, expected: str) -> None:
        inbox = self.handset.sms(number)
        if inbox is not None:
            assert inbox, f"{number} has no SMS"
            self._match(expected, inbox[-1])

    def _fill(self, text: str) -> str:
        for name, value in self.names.items():
            text = text.replace(name, value)
        return text

    def _match(self, expected: str, shown: str) -> None:
        pattern = "".join(self._patterns(self._fill(expected)))
        found = re.fullmatch(pattern, shown, re.DOTALL)
        assert found, f"expected\n{self._fill(expected)}\nbut saw\n{shown}"
        for name, value in found.groupdict().items():
            self.names[f"{{{name}}}"] = value

    def _patterns(self, expected: str) -> Iterator[str]:
        named: set[str] = set()
        for part in re.split(r"(…|\{receipt\}|\{ref\})", expected):
            if part in named:
                yield f"(?P={part[1:-1]})"
            elif part in NAMED:
                named.add(part)
                yield f"(?P<{part[1:-1]}>{NAMED[part]})"
            else:
                yield ".*" if part == "…" else re.escape(part)


def scripts() -> list[Path]:
    """Every dialogue script."""
    return sorted(SCRIPTS.glob("*.txt"))


def needs_given_facts(script: str) -> bool:
    """Whether a script can be played over the county in memory only."""
    return any(step.verb == "given" for step in parse(script))
