"""The verbs about words typed and not yet sent, and about sending them: drafts, and the case that one becomes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from gateway.cases import voice as cases
from gateway.cases.filing import Filed, filed_as, filed_before, new_receipt
from gateway.intake import drafts, statements
from gateway.intake.caller import NOTHING, Caller, Result, known
from gateway.intake.models import Draft
from gateway.residents import service as residents
from menus import effects as asked
from menus import receipt as receipts
from menus.engine import ASIDE
from menus.fold import Due


def save_draft(caller: Caller, due: Due, effect: asked.SaveDraft) -> Result:
    values = statements.saving_values(caller, effect)
    resumed = caller.state.answers.get("draft")
    if effect.resident_known:
        if ASIDE in caller.state.answers:
            drafts.set_aside(caller.session, caller.vault, caller.key, due.began)
        resident = statements.SAVE_WITH_NUMBER.within(caller.session, values).id
        caller.forget_resident()
        if resumed:
            # The words live on in this session's draft; the old one is not offered again, unless texts may join it yet.
            drafts.discard(caller.session, UUID(resumed), resident, caller.now, by_sms=False)
        return NOTHING
    before = caller.resident
    statements.SAVE_WITHOUT_NUMBER.within(caller.session, values)
    if before is not None:
        # "Not kept" may come second, after a draft was tied to the number: then that tie must not stay either.
        if resumed:
            drafts.erase(caller.session, UUID(resumed), before.id)
        residents.forget_unused(caller.session, residents.with_number(caller.vault, caller.number))
        caller.forget_resident()
    return NOTHING


def finish_by_sms(caller: Caller, due: Due, effect: asked.FinishBySms) -> Result:
    resumed = caller.state.answers.get("draft")
    resident = caller.resident.id if caller.resident else None
    drafts.take_by_sms(caller.session, caller.key, UUID(resumed) if resumed else None, resident)
    return NOTHING


def delete_draft(caller: Caller, due: Due, effect: asked.DeleteDraft) -> Result:
    drafts.discard(caller.session, UUID(effect.draft), known(caller).id, caller.now)
    return NOTHING


def file(caller: Caller, due: Due, effect: asked.FileCase) -> Result:
    """File the case, unless the draft it comes from was filed by another session."""
    before = _case_of_draft(caller, effect.draft)
    filed = filed_as(caller.session, caller.vault, before) if before else _file_now(caller, due, effect)
    return {"filed": {"receipt": receipts.pretty(filed.receipt), "serial": filed.serial}}


def _case_of_draft(caller: Caller, draft: str) -> UUID | None:
    if not draft or caller.resident is None:
        return None
    return caller.session.execute(
        sa.select(Draft.case_id)
        .where(Draft.id == UUID(draft), Draft.resident_id == caller.resident.id)
        .with_for_update()
    ).scalar_one_or_none()


def _file_now(caller: Caller, due: Due, effect: asked.FileCase) -> Filed:
    receipt, key = new_receipt(), caller.effect_key("file", due.began)
    row = statements.FILE[effect.privacy].within(caller.session, statements.case_values(caller, effect, receipt, key))
    caller.forget_resident()
    if row is None:
        return filed_before(caller.session, caller.vault, key)
    if effect.draft and effect.privacy != "not_kept":
        _close_draft(caller, UUID(effect.draft), row)
    return Filed(row.id, row.serial, receipt, True)


def _close_draft(caller: Caller, draft: UUID, filed: Any) -> None:
    """The draft that was taken up is a case now; texts that joined it after that are words for the case."""
    heard = int(caller.state.answers.get("drafted", "0"))
    more = drafts.words_after(caller.session, caller.vault, draft, filed.resident, heard)
    drafts.discard(caller.session, draft, filed.resident, caller.now, case_id=filed.id)
    if more:
        cases.resident_wrote(
            caller.session,
            caller.vault,
            case_id=filed.id,
            holder=cases.Holder(filed.resident),
            text=more,
            language=caller.state.language,
            channel="sms",
            now=caller.now,
        )
