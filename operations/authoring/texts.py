"""Menus by SMS over a county in memory: what comes back to each text, for the phone in a terminal.

As `gateway.intake.sms` and `conversations` take texts, as far as one phone can notice: commands win over an open
conversation, words of the pack begin the menus, everything else answers the last screen. Nothing is kept or sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from gateway.intake.words import Command, command, named_case, solved, starter
from gateway.messaging import templates
from menus import by_sms
from menus.effects import FileCase
from menus.engine import State, Turn, missing
from menus.fold import Due
from operations.authoring.county import FACTS, TODAY, Case, County, Session

CONFIRMED = {
    Command.STOP: ("stop", "broadcasts"),
    Command.STOP_ALL: ("stopall", "all"),
    Command.START: ("start", ""),
    Command.UNFOLLOW: ("unfollowed", None),
    Command.HELP: ("help", None),
}
"""What confirms a command, and from then on which SMS are stopped, where it says anything of that."""


@dataclass
class _Conversation:
    """One conversation under way."""

    session: Session
    state: State
    steps: int = 0


class Texts:
    """Phones that text one county."""

    def __init__(self, county: County) -> None:
        self._county = county
        self._guide = by_sms.of_sms(county.guide)
        self._open: dict[str, _Conversation] = {}
        self._began = 0

    def text(self, number: str, words: str) -> list[str]:
        """The SMS that come back to one."""
        spoken = command(words)
        self._know(number, spoken[1] if spoken else "")
        if spoken is not None:
            return [self._obey(number, spoken[0])]
        named = named_case(words)
        case = self._own(number, named[0]) if named else None
        if named and case and named[1]:
            return [self._about(number, case, named[1])]
        begun = starter(words, self._guide.words)
        under_way = self._open.get(number)
        if begun is None and under_way is not None:
            return self._hear(number, under_way, words)
        errand, answer = begun or (by_sms.MENU, "")
        if begun is None and self._guide.ussd_code:
            return [self._say(number, "stranger")]  # where there is something to dial, words alone begin nothing
        if answer and errand == by_sms.MENU and under_way is not None:
            return self._hear(number, under_way, answer)
        return self._begin(number, errand)

    def _know(self, number: str, language: str) -> None:
        """An SMS carries its number: its owner is known from the first one on."""
        spoken = [known.code for known in self._guide.languages]
        self._county.residents.setdefault(number, {"language": language if language in spoken else spoken[0]})

    def _own(self, number: str, reference: str) -> Case | None:
        own = (case for case in reversed(self._county.cases) if case.number == number)
        return next((case for case in own if case.receipt.startswith(reference)), None)

    def _about(self, number: str, case: Case, words: str) -> str:
        """Words for a case of theirs that a text names, or the answer whether it is solved."""
        digit = solved(words)
        if digit is None or case.status not in ("resolved", "confirmed", "reopened"):
            case.words.append(words)
            return self._say(number, "added", ref=case.receipt[:4])
        case.status = "reopened" if digit == "no" else "confirmed"
        return self._say(number, f"solved{words[0]}", ref=case.receipt[:4])

    def _begin(self, number: str, errand: str) -> list[str]:
        profile = dict(FACTS["profile"](self._county, number, State("entry.dial", "")))
        if not any(profile.get(name) for name in ("cases", "follows", "draft", "ward")):
            profile["language"] = ""  # only a guess of ours so far: ask
        state = by_sms.begin(profile, self._guide, errand)
        self._began += 1
        under_way = self._open[number] = _Conversation(Session(number, self._began), state)
        return self._arrive(number, under_way, Turn(state))

    def _hear(self, number: str, under_way: _Conversation, words: str) -> list[str]:
        under_way.steps += 1
        return self._arrive(
            number, under_way, by_sms.hear(under_way.state, words, self._guide, position=under_way.steps)
        )

    def _arrive(self, number: str, under_way: _Conversation, turn: Turn) -> list[str]:
        """Do what the answer asks for, fetch what the next screen needs, and say it."""
        county, state, gained = self._county, turn.state, dict[str, Any]()
        for effect in turn.effects:
            county.effects.append(effect)
            due = Due(effect, under_way.steps, state.began)
            gained |= county.perform(under_way.session, due, state) or {}
        for want in missing(state):
            gained[want] = gained[want] if want in gained else FACTS[want](county, number, state)
        under_way.state = state = state._replace(facts=MappingProxyType({**state.facts, **gained}))
        text, ends = by_sms.said(state, self._guide)
        if ends:
            del self._open[number]
        if state.answers.get("privacy") == "not_kept" and ends:
            county.residents.pop(number, None)
        filed = [self._receipt(number, effect, gained) for effect in turn.effects if isinstance(effect, FileCase)]
        # The receipt has a text of its own.
        return [*(said for said in filed if said), *([] if state.screen == "end.receipt" else [text])]

    def _receipt(self, number: str, filed: FileCase, gained: dict[str, Any]) -> str:
        return self._say(number, "receipt", receipt=gained["filed"]["receipt"]) if filed.privacy == "sms" else ""

    def _obey(self, number: str, spoken: Command) -> str:
        if spoken is Command.STATUS:
            return self._status(number)
        template, stopped = CONFIRMED[spoken]
        if stopped is not None and number in self._county.residents:
            self._county.residents[number]["stopped"] = stopped
        return self._say(number, template)

    def _status(self, number: str) -> str:
        own = [case for case in reversed(self._county.cases) if case.number == number][:3]
        if not own:
            return self._say(number, "nocase")
        cases = ((case.receipt[:4], date.fromisoformat(TODAY), case.status) for case in own)
        return self._say(number, "status", lines=templates.case_lines(self._guide, self._language(number), cases))

    def _say(self, number: str, template: str, **values: str) -> str:
        return templates.render(self._guide, template, self._language(number), values)

    def _language(self, number: str) -> str:
        known = self._county.residents.get(number, {}).get("language")
        return str(known or self._guide.languages[0].code)
