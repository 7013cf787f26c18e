"""A complaint's three visits to Postgres, each one statement: the profile at dial, the draft, the case.

A hop that needs nothing else runs its statement by itself; otherwise the verbs in `effects` run it among others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from gateway.cases.filing import Filing, filing_parts, filing_values
from gateway.cases.models import Case
from gateway.commitments.models import Follow
from gateway.ids import new_id
from gateway.intake import drafts
from gateway.intake.caller import Who
from gateway.intake.models import Draft
from gateway.messaging import templates
from gateway.messaging.models import Message
from gateway.messaging.service import seal_params
from gateway.messaging.states import State as Sending
from gateway.residents import service as residents
from gateway.residents.models import Consent, Resident
from gateway.statements import Statement, constant, given, insert_selected
from menus import effects as asked
from menus import receipt as receipts

Values = dict[str, Any]

STRANGER: Mapping[str, Any] = {"known": False, "language": "", "ward": "", "draft": None}
"""The profile of a number that is not kept."""


def _profile() -> Statement:
    draft = (
        sa.select(Draft.id, Draft.session_key, Draft.checkpoint_sealed)
        .where(Draft.resident_id == Resident.id, Draft.status == constant("open"))
        .where(Draft.expires_at > given("now", Draft.expires_at))
        .order_by(Draft.updated_at.desc())
        .limit(sa.literal_column("1"))
        .lateral("draft")
    )
    cases = sa.select(sa.func.count()).where(Case.resident_id == Resident.id)
    follows = sa.select(sa.func.count()).where(Follow.resident_id == Resident.id, Follow.until.is_(None))
    columns = (
        Resident.language,
        Resident.ward_code,
        Resident.full_answers,
        Resident.stopped_broadcasts_at,
        Resident.stopped_all_at,
        Resident.unreachable_since,
        Resident.lock_digest.is_not(None).label("locked"),
        cases.correlate(Resident).scalar_subquery().label("cases"),
        follows.correlate(Resident).scalar_subquery().label("follows"),
        draft.c.id.label("draft"),
        draft.c.session_key,
        draft.c.checkpoint_sealed,
    )
    return Statement(
        sa.select(*columns)
        .select_from(sa.outerjoin(Resident, draft, sa.true()))
        .where(Resident.number_lookup == given("number_lookup", Resident.number_lookup))
    )


PROFILE = _profile()


def profile_values(who: Who) -> Values:
    return {"number_lookup": who.vault.lookup.digest("number", who.number), "now": who.now}


def profile_of(who: Who, row: Any) -> Mapping[str, Any]:
    """What is remembered of the caller, at dial, from the row of PROFILE."""
    if row is None:
        return STRANGER
    return {
        "known": True,
        "language": row.language,
        "ward": row.ward_code or "",
        "draft": drafts.offered(who.vault, row.draft, row.session_key, row.checkpoint_sealed) if row.draft else None,
        "full_answers": row.full_answers,
        "stopped": "all" if row.stopped_all_at else "broadcasts" if row.stopped_broadcasts_at else "",
        "locked": row.locked,
        "unreachable": row.unreachable_since is not None,
        "cases": row.cases,
        "follows": row.follows,
    }


def _keeping(**changes: Any) -> sa.CTE:
    """The caller's resident, made now if there is none; the language spoken is the new one."""
    columns = ("id", "number_lookup", "number_sealed", "language", "created_at")
    statement = insert(Resident).values({name: given(f"resident_{name}", getattr(Resident, name)) for name in columns})
    renewed = {"language": statement.excluded.language, **changes}
    kept = statement.on_conflict_do_update(index_elements=["number_lookup"], set_=renewed)
    return kept.returning(Resident.id).cte("kept")


def _keeping_values(who: Who) -> Values:
    resident = new_id()
    return {
        "resident_id": resident,
        "resident_number_lookup": who.vault.lookup.digest("number", who.number),
        "resident_number_sealed": who.vault.sealer.seal(who.number, residents.number_place(resident)),
        "resident_language": who.state.language,
        "resident_created_at": who.now,
    }


def _saving() -> Statement:
    kept = _keeping()
    return Statement(sa.select(kept.c.id).add_cte(drafts.saving(kept.c.id, kept).cte("saved")))


SAVE_WITH_NUMBER = _saving()
"""Keep number and draft of who chose that the number may be kept; the row has the resident's id."""

SAVE_WITHOUT_NUMBER = Statement(sa.select(sa.null()).add_cte(drafts.saving(sa.null()).cte("saved")))


def saving_values(who: Who, effect: asked.SaveDraft) -> Values:
    values = drafts.saving_values(
        who.vault,
        key=who.key,
        text=who.text,
        state=who.state,
        sms_wanted=effect.sms_wanted,
        days=who.pack.about.limits.draft_days,
        now=who.now,
    )
    return values | _keeping_values(who) if effect.resident_known else values


def _filing(privacy: str) -> Statement:
    """Number, case, event, draft closed, consent and receipt owed, as far as the privacy chosen wants them."""
    if privacy == "not_kept":
        filed, event = filing_parts(sa.null())
        return Statement(sa.select(filed.c.id, filed.c.serial).add_cte(event, drafts.closing(filed.c.id).cte("closed")))
    kept = _keeping(stopped_all_at=_asking_for_sms()) if privacy == "sms" else _keeping()
    filed, event = filing_parts(sa.select(kept.c.id).scalar_subquery())
    parts = [event, drafts.closing(filed.c.id).cte("closed"), _consenting(filed)]
    parts += [_owing(filed)] if privacy == "sms" else []
    found = sa.select(filed.c.id, filed.c.serial, filed.c.resident_id.label("resident"))
    return Statement(found.add_cte(*parts))


def _asking_for_sms() -> sa.ColumnElement[Any]:
    """To ask for SMS about a case is to take back an earlier STOP ALL, once; promise news stay stopped."""
    again = sa.exists().where(Case.effect_key == given("case_effect_key", Case.effect_key))
    return sa.case((again, Resident.stopped_all_at), else_=sa.null())


def _consenting(filed: sa.CTE) -> sa.CTE:
    columns = {
        "id": given("consent_id", Consent.id),
        "resident_id": filed.c.resident_id,
        "kind": constant("number"),
        "subject": given("case_privacy", Consent.subject),
        "wording": given("consent_wording", Consent.wording),
        "language": given("case_language", Consent.language),
        "given_at": given("case_filed_at", Consent.given_at),
        "effect_key": given("case_effect_key", Consent.effect_key),
    }
    return insert_selected(Consent, columns, filed).cte("consent")


def _owing(filed: sa.CTE) -> sa.CTE:
    """The receipt, owed as `messaging.service.owe` would: nothing can speak against it."""
    columns = {
        "id": given("message_id", Message.id),
        "lane": constant(templates.TEMPLATES["receipt"].lane),
        "template": constant("receipt"),
        "params_sealed": given("message_params", Message.params_sealed),
        "language": given("case_language", Message.language),
        "resident_id": filed.c.resident_id,
        "case_id": filed.c.id,
        "urgent": sa.true(),
        "state": constant(Sending.OWED),
        "not_before": given("case_filed_at", Message.not_before),
        "channel": given("message_channel", Message.channel),
        "owed_at": given("case_filed_at", Message.owed_at),
        "effect_key": given("case_effect_key", Message.effect_key),
    }
    return insert_selected(Message, columns, filed).cte("message")


FILE = {privacy: _filing(privacy) for privacy in ("sms", "no_sms", "not_kept")}
"""By privacy. The row (id, serial, and resident where one is kept) is a new case's; none when it was filed before."""


def case_values(who: Who, effect: asked.FileCase, receipt: str, effect_key: bytes) -> Values:
    """What FILE takes for a receipt of eleven digits."""
    filing = Filing(
        kind=effect.kind,
        category=effect.category,
        privacy=effect.privacy,
        story=effect.story,
        language=who.state.language,
        channel=who.way,
        resident=None,
        area=effect.area,
        ward=effect.ward,
        urgent=effect.urgent,
        commitment=effect.commitment or None,
    )
    values = filing_values(who.vault, filing, receipt, pack=who.pack, effect_key=effect_key, now=who.now)
    values |= drafts.closing_values(who.vault, key=who.key, text=who.text, state=who.state, now=who.now)
    if effect.privacy == "not_kept":
        return values
    message = new_id()
    return (
        values
        | _keeping_values(who)
        | {
            "consent_id": new_id(),
            "consent_wording": who.pack.guide.say(who.state.language, "Who may know your phone number?"),
            "message_id": message,
            "message_channel": who.channel,
            "message_params": seal_params(who.vault, message, {"receipt": receipts.pretty(receipt)}),
        }
    )
