"""From a live session to a dialogue script that plays it again: menu digits as they were, nobody's number and words.

The script is played while it is written: over the menus with what was really typed and known, to learn what the
resident saw, and over a county in memory with the placeholders, to see that the script shows the same screens.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.intake.sessions import History
from menus import receipt as receipts
from menus.engine import EMPTY, State, answer, draw, missing
from menus.fold import chain, fold
from menus.guide import Guide
from menus.layout import count_pages
from operations.authoring.county import FACTS, County
from operations.authoring.scrubbing import Scrubber


@dataclass(slots=True)
class Repro:
    """A script, and whether it shows what the resident saw."""

    lines: list[str] = field(default_factory=list)
    faithful: bool = True

    @property
    def script(self) -> str:
        return "\n".join([*self.lines, ""])


def reproduce(history: History, guide: Guide, *, number: str, version: str) -> Repro:
    """The script of a session. `number` is a fictional one; `version` is what menus and pack are now."""
    return _Writer(history, guide, number, version).write()


@dataclass(frozen=True, slots=True)
class _Step:
    """One hop of the script, as it is written and as it is played."""

    verb: str
    """`dial`, `type` or `bring`."""
    said: str
    given: Mapping[str, Any]

    def line(self, number: str) -> str:
        return {"dial": f"{number} dials {self.said}", "type": f"< {self.said}"}.get(
            self.verb, f"the network brings {self.said}"
        )

    def play(self, county: County, number: str) -> str:
        for name, value in self.given.items():
            county.give(name, value)
        if self.verb == "dial":
            return county.dial(number, self.said)
        return county.answer(number, self.said) if self.verb == "type" else county.bring(number, self.said)


class _Writer:
    def __init__(self, history: History, guide: Guide, number: str, version: str) -> None:
        self._texts = history.texts
        self._facts = history.facts
        self._rebuilt = bool(history.checkpoints)
        self._guide = guide
        self._number = number
        self._version = version
        self._scrubber = Scrubber()
        self._told: dict[str, str] = {}
        """What each text of the session became."""
        self._steps: list[_Step] = []
        self._repro = Repro()

    def write(self) -> Repro:
        self._say("# A live session again: menu digits as they were, the number and all words replaced.")
        began = self._facts.get("", EMPTY).get("version")
        if began != self._version:
            self._unfaithful(f"it ran under menus {began or 'unknown'}, these are {self._version}.")
        if self._rebuilt:
            self._unfaithful("its list was lost on the way and rebuilt; here it is not.")
        for position, text in enumerate(self._texts):
            self._hop(text, self._texts[:position])
        return self._repro

    def _say(self, line: str) -> None:
        self._repro.lines.append(line)

    def _unfaithful(self, why: str) -> None:
        self._repro.faithful = False
        self._say(f"# NOT THE SAME: {why}")

    def _hop(self, text: str, before: Sequence[str]) -> None:
        links = chain(before, text)
        stood = self._stand(links[:-1]) if len(links) > 1 else self._entered(text)
        self._told[text] = self._scrub(text, links, stood)
        live = self._stand(links)
        step = self._step(self._told[text])
        step = replace(step, given=self._given(step, text))
        for name, value in step.given.items():
            self._say(f"given {name}: {json.dumps(value, ensure_ascii=False)}")
        self._say(step.line(self._number))
        self._steps.append(step)
        county = County(self._guide)
        try:
            shown = self._play(county)
        except Exception as error:  # noqa: BLE001  # the bug itself: the script is its test
            self._unfaithful(f"the menus break here with {type(error).__name__}.")
            return
        for number, line in enumerate(_named(shown, county).split("\n")):
            self._say(f"{'|' if number else '>'} {line}")
        came = county.sessions[self._number].state
        if live is None or came is None or (live.screen, live.page) != (came.screen, came.page):
            self._unfaithful(f"live this was {live.screen if live else 'a failure'}.")

    def _play(self, county: County, *more: _Step) -> str:
        """All steps so far on a fresh county; what the last shows."""
        shown = ""
        for step in (*self._steps, *more):
            shown = step.play(county, self._number)
        return shown

    def _step(self, told: str) -> _Step:
        """One hop as what the resident did, where it can be told so."""
        if not self._steps:
            code = self._guide.ussd_code.removesuffix("#")
            return _Step("dial", f"{code}*{told}#" if told else f"{code}#", {})
        last = self._told[self._texts[len(self._steps) - 1]]
        if told.startswith(f"{last}*"):
            return _Step("type", told.removeprefix(f"{last}*"), {})
        return _Step("type" if not last and told else "bring", told, {})

    def _stand(self, links: Sequence[str]) -> State | None:
        """Where the live session stood after these texts; None where the menus break."""
        try:
            return fold(links, self._facts, self._guide).state
        except Exception:  # noqa: BLE001  # a broken screen is what is being reproduced
            return None

    def _entered(self, text: str) -> State | None:
        """Before the first text of a session: the first screen, unless a code was dialled with it."""
        known = "" in self._facts and text.partition("*")[0] not in self._guide.shortcuts
        return self._stand([""]) if known and text else None

    def _scrub(self, text: str, links: Sequence[str], state: State | None) -> str:
        """`text` with placeholders, one answer after the other as the screens on the way take them."""
        before = links[-2] if len(links) > 1 else ""
        at, end = (len(before) + 1 if before else 0), -1
        said: list[str] = []
        while end < len(text):
            drawn = draw(state, self._guide) if state and not missing(state) else None
            words = drawn is not None and drawn.accept is not None
            star = -1 if words else text.find("*", at)
            end = len(text) if star < 0 else star
            typed = text[at:end]
            code = len(links) == 1 and not said and typed in self._guide.shortcuts
            said.append(typed if code else self._scrubber.words(typed) if words else self._scrubber.token(typed, drawn))
            state = self._next(state, typed, text[:end], at)
            at = end + 1
        return "*".join(([self._told[before]] if before else []) + said)

    def _next(self, state: State | None, typed: str, position: str, at: int) -> State | None:
        if state is None or missing(state) or draw(state, self._guide).end:
            return None
        after = answer(state, typed, self._guide, position=at, pages=count_pages).state
        return after._replace(facts={**after.facts, **self._facts.get(position, EMPTY)})

    def _given(self, step: _Step, text: str) -> dict[str, Any]:
        """What the live session was told at this hop, where a county that has seen only this script says otherwise."""
        county = County(self._guide)
        with suppress(Exception):  # it may break for want of what is about to be given
            self._play(county, step)
        found = {}
        for name, value in self._facts.get(text, EMPTY).items():
            told = self._scrubber.fact(name, value)
            if name in FACTS and told != self._scrubber.fact(name, county.told.get(name)):
                found[name] = told
        return found


def _named(shown: str, county: County) -> str:
    """A screen with the receipt of the case that this script files by its name: another county gives another one."""
    own = [receipts.pretty(case.receipt) for case in county.cases]
    return shown.replace(own[0], "{receipt}") if len(own) == 1 else shown
