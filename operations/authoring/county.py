"""A county in memory: as much of a gateway as menus can notice, for playing dialogues over the pure fold.

Tests, the phone in a terminal and the replay of a live problem all play here; nothing is stored and nothing is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from menus import effects as e
from menus import receipt as receipts
from menus.engine import State
from menus.fold import Due, Landing, chain, fold
from menus.guide import Facility, Guide
from menus.layout import Shown, show

TODAY = "2026-11-12"


@dataclass
class Case:
    id: str
    receipt: str
    filed: e.FileCase
    number: str
    """Empty where it is not kept."""
    status: str = "received"
    answers: list[dict[str, str]] = field(default_factory=list)
    unread: bool = False
    words: list[str] = field(default_factory=list)
    safe: bool = False
    """Its resident is punished for complaining, and said so."""
    consent: bool = False
    """Whether the file may go to the pack's remedy is asked and not answered."""
    consent_said: str = ""
    """`given` or `refused` once it was answered."""


@dataclass
class Session:
    """One USSD session, as a gateway would keep it: what was typed, and what was known at each place."""

    number: str
    id: int
    text: str = ""
    texts: list[str] = field(default_factory=list)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    state: State | None = None


class County:
    def __init__(self, guide: Guide) -> None:
        self.guide = guide
        self.residents: dict[str, dict[str, Any]] = {}
        self.cases: list[Case] = []
        self.drafts: dict[str, dict[str, Any]] = {}
        self.follows: list[tuple[str, str, str]] = []
        self.news: dict[str, dict[str, str]] = {}
        self.imported: list[dict[str, Any]] = []
        """Promises that the pack does not know, as the fact of this name has them."""
        self.sessions: dict[str, Session] = {}
        self.done: dict[tuple[int, int, str], dict[str, Any]] = {}
        self.effects: list[e.Effect] = []
        """Every effect asked for, once each."""
        self.wrong_digits = 0
        self.given: dict[str, Any] = {}
        """Facts that the next hop is to be told instead of what this county knows, by name."""
        self.told: dict[str, Any] = {}
        """Facts that the last hop was told."""

    # What a handset does.

    def dial(self, number: str, code: str) -> str:
        """A new session; what stands in the code behind the county's own is its first text."""
        own = self.guide.ussd_code.removesuffix("#")
        assert code.startswith(own), f"{code} is not this county's"
        self.sessions[number] = Session(number, len(self.sessions) + 1000 * len(self.done))
        return self.bring(number, code.removeprefix(own).removesuffix("#").removeprefix("*"))

    def answer(self, number: str, typed: str) -> str:
        session = self.sessions[number]
        return self.bring(number, f"{session.text}*{typed}" if session.text else typed)

    def bring(self, number: str, text: str) -> str:
        """A hop as the network carries it, whatever it makes of what was typed."""
        return prefixed(self.hear(self.sessions[number], text))

    def give(self, name: str, value: Any) -> None:
        self.given[name] = value

    def sms(self, number: str) -> list[str] | None:
        return None

    def hear(self, session: Session, text: str) -> Shown:
        """One hop: fold, do what is due, fetch what is asked for, until the fold has landed."""
        links = chain(session.texts, text)
        acted: set[str] = set()
        self.told = {}
        while True:
            landing = fold(links, session.facts, self.guide)
            gained = self._act(session, landing) if landing.position not in acted else {}
            acted.add(landing.position)
            if not landing.wants:
                break
            for want in landing.wants:
                if want in self.given:
                    gained[want] = self.given[want]
                elif want not in gained:
                    gained[want] = FACTS[want](self, session.number, landing.state)
            self.told |= gained
            session.facts[landing.position] = {**session.facts.get(landing.position, {}), **gained}
        self.given = {}
        session.texts.append(text)
        session.text, session.state = text, landing.state
        return show(landing.state, self.guide)

    def _act(self, session: Session, landing: Landing) -> dict[str, Any]:
        gained: dict[str, Any] = {}
        for due in landing.due:
            place = due.began if isinstance(due.effect, e.FileCase) else due.position
            key = (session.id, place, type(due.effect).__name__)
            if key not in self.done:
                self.effects.append(due.effect)
                self.done[key] = self.perform(session, due, landing.state) or {}
            gained |= self.done[key]
        return gained

    def perform(self, session: Session, due: Due, state: State) -> dict[str, Any] | None:
        """Do one effect; facts that it gains."""
        number = session.number
        match due.effect:
            case e.FileCase() as case:
                return self._file(number, case, state)
            case e.SaveDraft(resident_known=known):
                if known:
                    self._keep(number, state)
                    self.drafts[number] = {"id": f"draft-{session.id}", "state": state.to_json()}
                else:
                    self.drafts.pop(number, None)
            case e.DeleteDraft():
                self.drafts.pop(number, None)
            case e.AddToCase(case=case_id) | e.MarkRead(case=case_id) | e.WithdrawCase(case=case_id):
                self._change(case_id, due.effect)
            case e.AnswerSolved(case=case_id) | e.AnswerConsent(case=case_id) | e.ReportReprisal(case=case_id):
                self._change(case_id, due.effect)
            case e.GetNotices(ward=ward):
                self._keep(number, state)["notices"] = ward
            case e.LeaveNotices():
                self._keep(number, state)["notices"] = ""
            case e.AskCall():
                self._keep(number, state)
            case other:
                self._set(number, other, state)
                self._follow(number, other, state)
        return None

    def _change(self, case_id: str, effect: e.Effect) -> None:
        """What a resident does to a case of theirs; a case that was only told of (`given`) has nobody to tell."""
        case = next((case for case in self.cases if case.id == case_id), None)
        if case is None:
            return
        match effect:
            case e.AddToCase(text=text):
                case.words.append(text)
            case e.MarkRead():
                case.unread = False
            case e.WithdrawCase():
                case.status = "withdrawn"
            case e.AnswerSolved(solved=solved):
                case.status = "reopened" if solved == "no" else "confirmed"
            case e.AnswerConsent(given=given):
                case.consent, case.consent_said = False, "given" if given else "refused"
            case e.ReportReprisal():
                case.safe, case.consent = True, bool(self.guide.remedy)

    def _set(self, number: str, effect: e.Effect, state: State) -> None:
        match effect:
            case e.SetLanguage(language=language):
                if number in self.residents:
                    self.residents[number]["language"] = language
            case e.RememberWard(ward=ward):
                self._keep(number, state)["ward"] = ward
            case e.StopMessages(everything=everything):
                self._keep(number, state)["stopped"] = "all" if everything else "broadcasts"
            case e.StartMessages():
                self._keep(number, state)["stopped"] = ""
            case e.WantFullAnswers(wanted=wanted):
                self._keep(number, state)["full_answers"] = wanted
            case e.LockCases(digits=digits):
                self._keep(number, state)["lock"] = digits

    def _follow(self, number: str, effect: e.Effect, state: State) -> None:
        match effect:
            case e.Follow(kind=kind, code=code):
                self._keep(number, state)
                self.follows = [one for one in self.follows if one[:2] != (number, "ward") or kind != "ward"]
                self.follows.append((number, kind, code))
            case e.Unfollow(kind=kind, code=code):
                self.follows.remove((number, kind, code))
            case e.AgreeToBeAsked(ward=ward):
                self._keep(number, state)["asked"] = ward
            case e.LeaveQuestions():
                self._keep(number, state)["asked"] = ""
            case e.UnfollowAll():
                self.follows = [one for one in self.follows if one[0] != number]

    def _keep(self, number: str, state: State) -> dict[str, Any]:
        return self.residents.setdefault(number, {"language": state.language})

    def _file(self, number: str, filed: e.FileCase, state: State) -> dict[str, Any]:
        if filed.privacy != "not_kept":
            self._keep(number, state)
        self.drafts.pop(number, None)
        ten = str(4821093557 + 1111111 * len(self.cases))
        digits = ten + receipts.check_digit(ten)
        kept = "" if filed.privacy == "not_kept" else number
        self.cases.append(Case(str(len(self.cases) + 1), digits, filed, kept))
        return {"filed": {"receipt": receipts.pretty(digits)}}

    # What the county does.

    def reply(self, text: str) -> None:
        case = self.cases[-1]
        case.answers.insert(0, {"date": TODAY, "text": text})
        case.unread = True

    def say_it_is_done(self) -> None:
        """Resolved, with a reason that the resident can read."""
        case = self.cases[-1]
        case.status = "resolved"
        case.answers.insert(0, {"date": TODAY, "text": "The register was corrected."})
        case.unread = True

    def publish(self, ogp_id: str, texts: dict[str, str]) -> None:
        self.news[ogp_id] = texts


def prefixed(shown: Shown) -> str:
    return ("END " if shown.end else "CON ") + shown.text


def _profile(county: County, number: str, _: State) -> dict[str, Any]:
    resident = county.residents.get(number)
    if resident is None:
        return {"known": False, "language": "", "ward": "", "draft": None}
    return {
        "known": True,
        "ward": "",
        "stopped": "",
        **resident,
        "draft": county.drafts.get(number),
        "locked": bool(resident.get("lock")),
        "cases": sum(case.number == number for case in county.cases),
        "follows": sum(follower == number for follower, *_ in county.follows),
    }


def _cases(county: County, number: str, state: State) -> list[dict[str, Any]]:
    own = [case for case in reversed(county.cases) if case.number == number]
    return [{**_seen(county, case, state, own=True), "unread": case.unread} for case in own]


def _one_case(county: County, number: str, state: State) -> dict[str, Any]:
    chosen = state.answers["case"]
    own = (case for case in county.cases if case.id == chosen and case.number == number)
    return next((_seen(county, case, state, own=True) for case in own), {"found": False})


def _looked_up(county: County, number: str, state: State) -> dict[str, Any]:
    digits = state.answers["receipt"]
    case = next((case for case in county.cases if case.receipt == digits), None)
    if case is None:
        return {"found": False}
    own = case.number in (number, "")
    return {**_seen(county, case, state, own=own), "readable": own, "own": own}


def _seen(county: County, case: Case, state: State, *, own: bool) -> dict[str, Any]:
    return {
        "found": True,
        "id": case.id,
        "reference": case.receipt[:4],
        "receipt": receipts.pretty(case.receipt),
        "date": TODAY,
        "status": case.status,
        "asked": own and case.status == "resolved",
        "can_reopen": case.status in ("confirmed", "closed_unconfirmed") or (case.status == "resolved" and not own),
        "safe": case.safe,
        "consent": county.guide.label(county.guide.remedy, state.language) if own and case.consent else "",
        "consent_office": "remedy",
        "consent_said": case.consent_said if own else "",
        "can_withdraw": own and case.status in ("received", "reopened"),
        "answers": list(case.answers),
    }


def _promise(county: County, number: str, state: State) -> dict[str, Any]:
    ogp_id = state.answers["promise"]
    news = county.news.get(ogp_id)
    return {
        "claim": "no_report",
        "judged": "not_assessed",
        "followed": (number, "promise", ogp_id) in county.follows,
        "latest": {"date": TODAY, "text": news[state.language]} if news else None,
    }


def _following(county: County, number: str, _: State) -> list[dict[str, str]]:
    order = {"promise": 0, "area": 1, "ward": 2}
    own = sorted((one for one in county.follows if one[0] == number), key=lambda one: order[one[1]])
    return [{"kind": kind, "code": code} for _, kind, code in own]


def _asked(county: County, number: str, _: State) -> dict[str, str]:
    ward = county.residents.get(number, {}).get("asked", "")
    return {"ward": ward, "check": "", "question": ""}


def _notices(county: County, number: str, _: State) -> dict[str, Any]:
    return {"ward": county.residents.get(number, {}).get("notices", "")}


def _unlocked(county: County, number: str, state: State) -> dict[str, Any]:
    ok = state.answers.get("unlock") == county.residents.get(number, {}).get("lock")
    county.wrong_digits += not ok
    return {"ok": ok, "left": max(5 - county.wrong_digits, 0)}


def _scorable(county: County, number: str, state: State) -> dict[str, Any]:
    guide = county.guide
    chosen, own = state.answers.get("scored_ward"), county.residents.get(number, {}).get("ward")
    of = {ward: [_scored(one) for one in guide.facilities if one.ward == ward] for ward in (chosen, own)}
    return {"mine": of[own], "here": of[chosen], "wards": list({one.ward: None for one in guide.facilities})}


def _scored(one: Facility) -> dict[str, Any]:
    return {"code": one.code, "name": dict(one.labels)}


def _scorecard(county: County, number: str, state: State) -> dict[str, Any]:
    (one,) = (one for one in county.guide.facilities if one.code == state.answers["facility"])
    return {"open": True, "name": dict(one.labels)}


FACTS: dict[str, Callable[[County, str, State], Any]] = {
    "profile": _profile,
    "cases": _cases,
    "case": _one_case,
    "looked_up": _looked_up,
    "promise": _promise,
    "imported": lambda county, number, state: county.imported,
    "following": _following,
    "asked": _asked,
    "scorable": _scorable,
    "scorecard": _scorecard,
    "score_code": lambda county, number, state: {"ok": state.answers.get("code") == "246810", "left": 4},
    "notices": _notices,
    "unlocked": _unlocked,
}
