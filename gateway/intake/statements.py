"""A complaint's three visits to Postgres, each one statement: the profile at dial, the draft, the case.

Each is for all whose hops come while another of its kind is under way: a commit, its locks and its start are shared.

A hop that needs nothing else runs its statement by itself; otherwise the verbs in `effects` run it among others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from gateway.cases.filing import GIVEN, Filing, filing_parts, filing_values
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
    rows = given({"number_lookup": Resident.number_lookup, "now": Draft.expires_at})
    draft = (
        sa.select(Draft.id, Draft.session_key, Draft.checkpoint_sealed)
        .where(Draft.resident_id == Resident.id, Draft.status == constant("open"), Draft.expires_at > rows.c.now)
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
    callers = rows.join(Resident, Resident.number_lookup == rows.c.number_lookup)
    return Statement(rows, sa.select(*columns).select_from(callers.outerjoin(draft, sa.true())))


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


_RESIDENT = ("id", "number_lookup", "number_sealed", "language", "created_at")

_KEPT: Mapping[str, Any] = {f"resident_{name}": getattr(Resident, name) for name in _RESIDENT}
"""What `_keeping` is given, by the columns it is for; `_keeping_values` makes it."""


def _keeping(rows: sa.CTE, *, asks_for_sms: bool = False) -> tuple[sa.CTE, sa.FromClause]:
    """The callers' residents, made now where there are none, and `rows` joined to them; what they speak is new.

    To ask for SMS about a case is to take back an earlier STOP ALL, once; promise news stay stopped.
    """
    statement = insert_selected(Resident, {name: rows.c[f"resident_{name}"] for name in _RESIDENT}, rows)
    changes: dict[str, Any] = {"language": statement.excluded.language}
    if asks_for_sms:
        # As a word: a column of the table that is inserted into would be looked for in a FROM of its own.
        theirs = rows.c.resident_number_lookup == sa.literal_column("residents.number_lookup")
        again = sa.exists().where(theirs, Case.effect_key == rows.c.case_effect_key)
        changes["stopped_all_at"] = sa.case((again, Resident.stopped_all_at), else_=sa.null())
    kept = statement.on_conflict_do_update(index_elements=["number_lookup"], set_=changes)
    found = kept.returning(Resident.id, Resident.number_lookup).cte("kept")
    return found, rows.join(found, found.c.number_lookup == rows.c.resident_number_lookup)


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
    rows = given({**_KEPT, **drafts.SAVED})
    kept, callers = _keeping(rows)
    saved = drafts.saving(rows, callers, kept.c.id).cte("saved")
    return Statement(rows, sa.select(kept.c.id).select_from(callers).add_cte(saved), apart="resident_number_lookup")


SAVE_WITH_NUMBER = _saving()
"""Keep number and draft of who chose that the number may be kept; the row has the resident's id."""


def _saving_without() -> Statement:
    rows = given(drafts.SAVED)
    saved = drafts.saving(rows, rows, sa.null()).cte("saved")
    return Statement(rows, sa.select().select_from(rows).add_cte(saved), apart="draft_session_key")


SAVE_WITHOUT_NUMBER = _saving_without()


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


_AGREED: Mapping[str, Any] = {"consent_id": Consent.id, "consent_wording": Consent.wording}
"""What `_consenting` is given besides, by the columns it is for."""

_OWED: Mapping[str, Any] = {
    "message_id": Message.id,
    "message_params": Message.params_sealed,
    "message_channel": Message.channel,
}
"""What `_owing` is given besides; `case_values` makes both."""


def _filing(privacy: str) -> Statement:
    """Number, case, event, draft closed, consent and receipt owed, as far as the privacy chosen wants them."""
    if privacy == "not_kept":
        rows = given({**GIVEN, **drafts.CLOSED})
        event, filed, new = filing_parts(rows, rows, sa.null())
        parts = [event, _closing(rows, filed)]
        return Statement(rows, _told(filed, new).add_cte(*parts), apart="draft_session_key")
    owed = _OWED if privacy == "sms" else {}
    rows = given({**_KEPT, **GIVEN, **drafts.CLOSED, **_AGREED, **owed})
    kept, callers = _keeping(rows, asks_for_sms=privacy == "sms")
    event, filed, new = filing_parts(rows, callers, kept.c.id)
    parts = [event, _closing(rows, filed), _consenting(rows, filed, new)]
    parts += [_owing(rows, filed, new)] if owed else []
    return Statement(rows, _told(filed, new).add_cte(*parts), apart="resident_number_lookup")


def _told(filed: sa.CTE, new: sa.FromClause) -> sa.Select[Any]:
    return sa.select(filed.c.id, filed.c.serial, filed.c.resident_id.label("resident")).select_from(new)


def _closing(rows: sa.CTE, filed: sa.CTE) -> sa.CTE:
    return drafts.closing(rows, filed.c.id).where(filed.c.id == rows.c.case_id).cte("closed")


def _consenting(rows: sa.CTE, filed: sa.CTE, new: sa.FromClause) -> sa.CTE:
    columns = {
        "id": rows.c.consent_id,
        "resident_id": filed.c.resident_id,
        "kind": constant("number"),
        "subject": rows.c.case_privacy,
        "wording": rows.c.consent_wording,
        "language": rows.c.case_language,
        "given_at": rows.c.case_filed_at,
        "effect_key": rows.c.case_effect_key,
    }
    return insert_selected(Consent, columns, new).cte("consent")


def _owing(rows: sa.CTE, filed: sa.CTE, new: sa.FromClause) -> sa.CTE:
    """The receipt, owed as `messaging.service.owe` would: nothing can speak against it."""
    columns = {
        "id": rows.c.message_id,
        "lane": constant(templates.TEMPLATES["receipt"].lane),
        "template": constant("receipt"),
        "params_sealed": rows.c.message_params,
        "language": rows.c.case_language,
        "resident_id": filed.c.resident_id,
        "case_id": filed.c.id,
        "urgent": sa.true(),
        "state": constant(Sending.OWED),
        "not_before": rows.c.case_filed_at,
        "channel": rows.c.message_channel,
        "owed_at": rows.c.case_filed_at,
        "effect_key": rows.c.case_effect_key,
    }
    return insert_selected(Message, columns, new).cte("message")


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
