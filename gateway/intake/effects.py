"""One verb for each effect a screen may ask for. All run in the hop's one transaction, each once (DESIGN 3.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from gateway.broadcasts import readers
from gateway.cases import voice as cases
from gateway.cases.projection import project_by_id
from gateway.commitments import answerers, checks, follows, scorecards, stopping
from gateway.intake import calling, complaining
from gateway.intake.caller import NOTHING, Caller, Result, known
from gateway.intake.models import HopEffect
from gateway.messaging.ward_consents import WardConsent
from gateway.residents import service as residents
from menus import effects as asked
from menus import receipt as receipts
from menus.fold import Due


def perform(caller: Caller, due: Due) -> Result:
    """Do one effect; its result is a fact by name for the next screen."""
    verb, repeats_itself = VERBS[type(due.effect)]
    if not repeats_itself and not _first_time(caller, due):
        return NOTHING
    return verb(caller, due, due.effect)


def _first_time(caller: Caller, due: Due) -> bool:
    """Whether this answer of this session has not been acted on; a copy at the same moment waits for the first."""
    key = caller.effect_key(type(due.effect).__name__, due.position)
    statement = insert(HopEffect).values(effect_key=key, at=caller.now).on_conflict_do_nothing()
    return caller.session.execute(statement.returning(HopEffect.effect_key)).one_or_none() is not None


def _keep_number(caller: Caller) -> UUID:
    resident = residents.keep(
        caller.session, caller.vault, caller.number, language=caller.state.language, now=caller.now
    )
    caller.forget_resident()
    return resident


def _holder(caller: Caller) -> cases.Holder:
    """Whom the caller speaks as: the number, and the receipt whose screen they came through."""
    typed = receipts.bare(caller.state.answers.get("receipt", ""))
    receipt = caller.vault.lookup.digest("receipt", typed) if typed else None
    return cases.Holder(caller.resident.id if caller.resident else None, receipt)


def add_to_case(caller: Caller, due: Due, effect: asked.AddToCase) -> Result:
    cases.resident_wrote(
        caller.session,
        caller.vault,
        case_id=UUID(effect.case),
        holder=_holder(caller),
        text=effect.text,
        language=caller.state.language,
        channel=caller.way,
        now=caller.now,
    )
    return _recounted(caller, effect.case)


def _recounted(caller: Caller, case: str) -> Result:
    """Count the deadlines of a case anew after its resident did something."""
    project_by_id(caller.session, caller.pack, UUID(case))
    return NOTHING


def mark_read(caller: Caller, due: Due, effect: asked.MarkRead) -> Result:
    resident = caller.resident
    cases.mark_read(
        caller.session, case_id=UUID(effect.case), resident_id=resident.id if resident else None, now=caller.now
    )
    return NOTHING


def withdraw(caller: Caller, due: Due, effect: asked.WithdrawCase) -> Result:
    cases.withdraw(caller.session, case_id=UUID(effect.case), holder=_holder(caller), now=caller.now)
    return _recounted(caller, effect.case)


def answer_solved(caller: Caller, due: Due, effect: asked.AnswerSolved) -> Result:
    cases.answer_solved(
        caller.session,
        caller.pack,
        case_id=UUID(effect.case),
        holder=_holder(caller),
        solved=effect.solved,
        now=caller.now,
    )
    return _recounted(caller, effect.case)


def answer_consent(caller: Caller, due: Due, effect: asked.AnswerConsent) -> Result:
    cases.answer_consent(
        caller.session,
        caller.vault,
        case_id=UUID(effect.case),
        holder=_holder(caller),
        office=effect.office,
        given=effect.given,
        wording=effect.wording,
        language=caller.state.language,
        now=caller.now,
    )
    return NOTHING


def report_reprisal(caller: Caller, due: Due, effect: asked.ReportReprisal) -> Result:
    cases.punished(caller.session, caller.pack, case_id=UUID(effect.case), holder=_holder(caller), now=caller.now)
    return NOTHING


def follow(caller: Caller, due: Due, effect: asked.Follow) -> Result:
    """Following is asking for SMS: it keeps the number and undoes an earlier stop of promise news."""
    resident = _keep_number(caller)
    residents.change(caller.session, resident, stopped_broadcasts_at=None)
    follows.follow(
        caller.session,
        follows.Followed(follows.Kind(effect.kind), effect.code, effect.monthly),
        resident_id=resident,
        wording=effect.wording,
        language=caller.state.language,
        channel=caller.channel,
        now=caller.now,
        effect_key=caller.effect_key("follow", due.position),
    )
    return NOTHING


def unfollow(caller: Caller, due: Due, effect: asked.Unfollow) -> Result:
    what = follows.Followed(follows.Kind(effect.kind), effect.code)
    follows.unfollow(caller.session, what, resident_id=known(caller).id, now=caller.now)
    return NOTHING


def unfollow_all(caller: Caller, due: Due, effect: asked.UnfollowAll) -> Result:
    follows.unfollow_all(caller.session, resident_id=known(caller).id, now=caller.now, ended_by="menu")
    return NOTHING


def agree_to_be_asked(caller: Caller, due: Due, effect: asked.AgreeToBeAsked) -> Result:
    return _agree(caller, answerers.asked, effect, caller.effect_key("ask", due.position))


def _agree(
    caller: Caller, what: WardConsent, effect: asked.AgreeToBeAsked | asked.GetNotices, effect_key: bytes
) -> Result:
    """As following: it keeps the number and undoes an earlier stop."""
    resident = _keep_number(caller)
    residents.change(caller.session, resident, stopped_broadcasts_at=None)
    what.agree(
        caller.session,
        resident_id=resident,
        ward=effect.ward,
        wording=effect.wording,
        language=caller.state.language,
        channel=caller.channel,
        now=caller.now,
        effect_key=effect_key,
    )
    return NOTHING


def leave_questions(caller: Caller, due: Due, effect: asked.LeaveQuestions) -> Result:
    answerers.asked.leave(caller.session, resident_id=known(caller).id, now=caller.now)
    return NOTHING


def answer_check(caller: Caller, due: Due, effect: asked.AnswerCheck) -> Result:
    resident = known(caller).id
    checks.answer(caller.session, UUID(effect.check), resident_id=resident, given=effect.answer, now=caller.now)
    return NOTHING


def send_scores(caller: Caller, due: Due, effect: asked.SendScores) -> Result:
    scorecards.score(
        caller.session,
        caller.vault,
        facility=effect.facility,
        number=caller.number,
        marks=effect.scores,
        code=effect.code,
        now=caller.now,
    )
    return NOTHING


def get_notices(caller: Caller, due: Due, effect: asked.GetNotices) -> Result:
    return _agree(caller, readers.notices, effect, caller.effect_key("notices", due.position))


def leave_notices(caller: Caller, due: Due, effect: asked.LeaveNotices) -> Result:
    readers.notices.leave(caller.session, resident_id=known(caller).id, now=caller.now)
    return NOTHING


def set_language(caller: Caller, due: Due, effect: asked.SetLanguage) -> Result:
    if caller.resident is not None:
        residents.change(caller.session, caller.resident.id, language=effect.language)
    return NOTHING


def remember_ward(caller: Caller, due: Due, effect: asked.RememberWard) -> Result:
    if not effect.ward:
        if caller.resident is not None:
            residents.change(caller.session, caller.resident.id, ward_code=None)
            residents.withdraw_consent(
                caller.session, resident=caller.resident.id, kind="ward", subject=None, now=caller.now
            )
        return NOTHING
    resident = _keep_number(caller)
    residents.change(caller.session, resident, ward_code=effect.ward)
    residents.consent(
        caller.session,
        resident=resident,
        kind="ward",
        subject=effect.ward,
        wording=effect.wording,
        language=caller.state.language,
        now=caller.now,
        effect_key=caller.effect_key("ward", due.position),
    )
    return NOTHING


def stop_messages(caller: Caller, due: Due, effect: asked.StopMessages) -> Result:
    stopping.stop(caller.session, _keep_number(caller), everything=effect.everything, now=caller.now)
    return NOTHING


def start_messages(caller: Caller, due: Due, effect: asked.StartMessages) -> Result:
    if caller.resident is not None:
        stopping.start(caller.session, caller.resident.id)
    return NOTHING


def want_full_answers(caller: Caller, due: Due, effect: asked.WantFullAnswers) -> Result:
    residents.change(caller.session, _keep_number(caller), full_answers=effect.wanted)
    return NOTHING


def lock_cases(caller: Caller, due: Due, effect: asked.LockCases) -> Result:
    residents.lock(caller.session, caller.vault, _keep_number(caller), effect.digits)
    return NOTHING


def ask_call(caller: Caller, due: Due, effect: asked.AskCall) -> Result:
    """A call is what the number is kept for: consent to it stands with the request itself."""
    calling.ask(
        caller.session,
        resident=_keep_number(caller),
        language=effect.language,
        hours=effect.hours,
        wording=effect.wording,
        channel=caller.channel,
        now=caller.now,
        effect_key=caller.effect_key("call", due.position),
    )
    return NOTHING


def cancel_call(caller: Caller, due: Due, effect: asked.CancelCall) -> Result:
    if caller.resident is not None:
        calling.cancel(caller.session, caller.resident.id, caller.now)
        caller.forget_resident()
    return NOTHING


Verb = Callable[[Caller, Due, Any], Result]

# The second word: whether the verb itself is harmless when repeated and its result is wanted again.
VERBS: dict[type[asked.Effect], tuple[Verb, bool]] = {
    asked.SaveDraft: (complaining.save_draft, True),
    asked.FileCase: (complaining.file, True),
    asked.DeleteDraft: (complaining.delete_draft, True),
    asked.FinishBySms: (complaining.finish_by_sms, True),
    asked.AddToCase: (add_to_case, False),
    asked.MarkRead: (mark_read, True),
    asked.WithdrawCase: (withdraw, False),
    asked.AnswerSolved: (answer_solved, False),
    asked.AnswerConsent: (answer_consent, False),
    asked.ReportReprisal: (report_reprisal, False),
    asked.Follow: (follow, False),
    asked.Unfollow: (unfollow, False),
    asked.UnfollowAll: (unfollow_all, False),
    asked.AgreeToBeAsked: (agree_to_be_asked, False),
    asked.LeaveQuestions: (leave_questions, False),
    asked.AnswerCheck: (answer_check, False),
    asked.SendScores: (send_scores, False),
    asked.GetNotices: (get_notices, False),
    asked.LeaveNotices: (leave_notices, False),
    asked.SetLanguage: (set_language, False),
    asked.RememberWard: (remember_ward, False),
    asked.StopMessages: (stop_messages, False),
    asked.StartMessages: (start_messages, False),
    asked.WantFullAnswers: (want_full_answers, False),
    asked.LockCases: (lock_cases, False),
    asked.AskCall: (ask_call, False),
    asked.CancelCall: (cancel_call, False),
}
