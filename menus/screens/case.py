"""One case: where it stands, its answers, more words, taking it back, and whether it is solved.

Every screen exists twice: under `case` for who filed it from this number, under `case.receipt` for who holds the
receipt. The gateway decides what each may see and do (`readable`, `own`, `can_withdraw`, `can_reopen`, `asked`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from menus.effects import AddToCase, AnswerConsent, AnswerSolved, MarkRead, ReportReprisal, WithdrawCase
from menus.engine import Call, Go, Option, Screen, Stay, screen
from menus.screens.noted import note, said
from menus.screens.words import day, is_asked, standing


def _case(c: Call) -> Mapping[str, Any]:
    fact: Mapping[str, Any] | None = c.facts["looked_up" if c.answers.get("receipt") else "case"]
    return fact or {}


def _step(c: Call, name: str) -> str:
    return f"case.receipt.{name}" if c.answers.get("receipt") else f"case.{name}"


def _is_there(case: Mapping[str, Any]) -> bool:
    return bool(case) and case.get("found", True) and not case.get("limited")


def _not_there(c: Call, case: Mapping[str, Any]) -> Screen:
    if _is_there(case):
        return Screen(c.say("Thank you. There is no question for you now."))
    if case.get("limited"):
        if not c.guide.care_number:
            return Screen(c.say("Too many tries. Please wait until tomorrow."))
        return Screen(c.say("Too many tries. Please wait until tomorrow, or call {care}", care=c.guide.care_number))
    return Screen(c.say("We find nothing under this receipt."))


@screen("case", needs=("case",))
@screen("case.receipt", needs=("looked_up",))
def one_case(c: Call) -> Screen:
    """Receipt, date and state; and what may be done, which from another number is only to open it again."""
    case = _case(c)
    if not _is_there(case):
        return _not_there(c, case)
    head = f"{case['receipt']}\n{day(c, case['date'])}: {standing(c, case)}{_promised(c, case)}"
    if not case.get("readable", True):
        return Screen(head, _open_again(c, case))
    lines = [head, c.say("Is it solved?")] if is_asked(case) else [head]
    return Screen("\n".join(lines), (*_solved(c, case), *_ways(c, case), *_punished(c, case)))


def _promised(c: Call, case: Mapping[str, Any]) -> str:
    """Until when an answer is due, on a line of its own; nothing where no clock runs."""
    by = case.get("answer_by")
    if not by:
        return ""
    if case.get("late"):
        return "\n" + c.say("Our answer is late. It was due {date}", date=day(c, by))
    return "\n" + c.say("We answer by {date}", date=day(c, by))


def _solved(c: Call, case: Mapping[str, Any]) -> tuple[Option, ...]:
    """1, 2, 3 as in the SMS that asks."""
    if not is_asked(case):
        return ()
    labels = {"yes": c.say("Yes, solved"), "partly": c.say("Partly"), "no": c.say("No, not solved")}
    return tuple(Option(label, note(f"solved_{key}", AnswerSolved(case["id"], key))) for key, label in labels.items())


def _ways(c: Call, case: Mapping[str, Any]) -> tuple[Option, ...]:
    read = Option(c.say("Read the answer"), Go(_step(c, "answers"), effects=(MarkRead(case["id"]),)))
    add = Option(c.say("Add words"), Go(_step(c, "add")))
    withdraw = Option(c.say("Withdraw it"), Go(_step(c, "withdraw")))
    consent = Option(c.say("Answer our question"), Go(_step(c, "consent")))
    offered = (
        (consent, case.get("consent")),
        (read, case.get("answers")),
        (add, case.get("own", True)),
        (withdraw, case.get("can_withdraw")),
    )
    return (*(option for option, offer in offered if offer), *_open_again(c, case))


def _open_again(c: Call, case: Mapping[str, Any]) -> tuple[Option, ...]:
    """Free for some weeks after it was closed, for whoever holds the receipt too."""
    if not case.get("can_reopen"):
        return ()
    return (Option(c.say("It is not solved"), note("solved_no", AnswerSolved(case["id"], "no"))),)


def _punished(c: Call, case: Mapping[str, Any]) -> tuple[Option, ...]:
    """On every case of one's own, until it was said."""
    if not case.get("own", True) or case.get("safe"):
        return ()
    return (Option(c.say("They punish me for this"), Go(_step(c, "reprisal"))),)


@screen("case.answers", needs=("case",))
@screen("case.receipt.answers", needs=("looked_up",))
def answers(c: Call) -> Screen:
    """The office's words, the newest first, as many pages as they take."""
    case = _case(c)
    if not _is_there(case):
        return _not_there(c, case)
    newest_first = sorted(case.get("answers") or (), key=lambda answer: str(answer["date"]), reverse=True)
    words = "\n".join(f"{day(c, answer['date'])}: {answer['text']}" for answer in newest_first)
    back = Option(c.say("Write back"), Go(_step(c, "add")))
    return Screen(words, (back,) if case.get("own", True) else ())


@screen("case.add", needs=("case",))
@screen("case.receipt.add", needs=("looked_up",))
def add(c: Call) -> Screen:
    """More words for the office."""
    if not _is_there(_case(c)):
        return _not_there(c, _case(c))
    return Screen(c.say("What do you want to add?"), accept=_added)


def _added(c: Call, typed: str) -> Go | Stay:
    if len(typed) < 2:
        return Stay(c.say("Please write it in a few words."))
    return note("added", AddToCase(_case(c)["id"], typed))


@screen("case.withdraw", needs=("case",), guarded=True)
@screen("case.receipt.withdraw", needs=("looked_up",), guarded=True)
def withdraw(c: Call) -> Screen:
    """Taking it back is the resident's right, and final."""
    if not _is_there(_case(c)):
        return _not_there(c, _case(c))
    return Screen(
        c.say("Withdraw it? We stop our work on it. You can always send a new one."),
        (Option(c.say("Yes, withdraw"), note("withdrawn", WithdrawCase(_case(c)["id"]))),),
    )


@screen("case.consent", needs=("case",), guarded=True)
@screen("case.receipt.consent", needs=("looked_up",), guarded=True)
def consent(c: Call) -> Screen:
    """Whether another office may have what was written; then that it is noted, or what is asked instead by now."""
    case = _case(c)
    answered = c.answers.get("consent", "")
    if _is_there(case) and answered and answered == _consented(case, case.get("consent_said", "")):
        return said(c, "consent_yes" if case["consent_said"] == "given" else "consent_no")
    if not _is_there(case) or not case.get("consent"):
        return _not_there(c, case)
    asked = c.say("May we pass what you wrote to: {office}? They do not get your number.", office=case["consent"])
    again = answered.startswith(f"{case['id']} ")
    return Screen(
        c.say("The office has changed.") + f" {asked}" if again else asked,
        (
            Option(c.say("Yes, pass it on"), _consent(c, case, asked, given=True)),
            Option(c.say("No, do not"), _consent(c, case, asked, given=False)),
        ),
    )


def _consent(c: Call, case: Mapping[str, Any], asked: str, *, given: bool) -> Go:
    """Back to the same screen: only the case itself, read anew, tells whether this question was still the one."""
    effect = AnswerConsent(case["id"], given, asked, case.get("consent_office", ""))
    keep = {"consent": _consented(case, "given" if given else "refused")}
    return Go(_step(c, "consent"), keep=keep, effects=(effect,), replaces=True)


def _consented(case: Mapping[str, Any], answer: str) -> str:
    """An answer with what it answers: this case, and this office."""
    return f"{case['id']} {case.get('consent_office', '')} {answer}"


@screen("case.reprisal", needs=("case",), guarded=True)
@screen("case.receipt.reprisal", needs=("looked_up",), guarded=True)
def punished(c: Call) -> Screen:
    """What follows from it, before it is said; no promise of safety that we cannot keep."""
    if not _is_there(_case(c)):
        return _not_there(c, _case(c))
    return Screen(
        c.say("Are you punished for complaining? Only our supervisor will see this case then. The office will not."),
        (Option(c.say("Yes, tell the supervisor"), note("reprisal", ReportReprisal(_case(c)["id"]))),),
    )
