"""Facts that screens declare (`needs=`): read in the hop's unit of work, after its effects, before it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from gateway.broadcasts import readers
from gateway.cases import deadlines, resolution, voice
from gateway.cases.filing import filed_as, receipt_place
from gateway.cases.models import Case, CaseEvent
from gateway.cases.states import Status, allowed
from gateway.commitments import answerers, checks, facilities, follows, scorecards
from gateway.commitments import service as commitments
from gateway.errors import NotFound
from gateway.intake import statements
from gateway.intake.caller import Caller
from gateway.intake.models import Draft
from gateway.residents import service as residents
from menus import receipt as receipts

LISTED_CASES = 20
"""Cases a list on a feature phone shows at most; older ones open with their receipt."""

A_DAY = timedelta(hours=24)


def profile(caller: Caller) -> Mapping[str, Any]:
    """What is remembered of the caller, at dial."""
    row = statements.PROFILE.within(caller.session, statements.profile_values(caller))
    return statements.profile_of(caller, row)


def _unread(case_id: Any) -> Any:
    return sa.exists().where(CaseEvent.case_id == case_id, *voice.WORDS_FOR_RESIDENT, CaseEvent.read_at.is_(None))


def my_cases(caller: Caller) -> list[Mapping[str, Any]]:
    """The caller's cases, newest first."""
    if caller.resident is None:
        return []
    rows = caller.session.execute(
        sa.select(Case.id, Case.reference, Case.filed_at, Case.status, _unread(Case.id).label("unread"))
        .where(Case.resident_id == caller.resident.id)
        .order_by(Case.id.desc())
        .limit(LISTED_CASES)
    )
    return [
        {
            "id": str(row.id),
            "reference": row.reference,
            "date": _day(caller, row.filed_at),
            "status": row.status,
            "unread": row.unread,
            "asked": row.status == Status.RESOLVED,
        }
        for row in rows
    ]


def _day(caller: Caller, moment: Any) -> str:
    day: str = moment.astimezone(caller.pack.about.zone).date().isoformat()
    return day


def my_case(caller: Caller) -> Mapping[str, Any]:
    """The case chosen from the list, with the answers to read; only the number that filed it gets them."""
    chosen = caller.state.answers.get("case", "")
    if caller.resident is None or not chosen:
        return {"found": False}
    case = caller.session.scalar(sa.select(Case).where(Case.id == UUID(chosen), Case.resident_id == caller.resident.id))
    return _shown(caller, case, readable=True) if case else {"found": False}


def looked_up(caller: Caller) -> Mapping[str, Any]:
    """The case of a typed receipt. Words only where no number was kept, or to the number that filed."""
    digest = caller.vault.lookup.digest("guesser", caller.number)
    tries = residents.count_guess(caller.session, kind="receipt", subject=digest, now=caller.now, window=A_DAY)
    if tries > caller.pack.about.limits.receipt_guesses_a_day:
        return {"limited": True, "found": False}
    digits = receipts.bare(caller.state.answers.get("receipt", ""))
    case = caller.session.scalar(
        sa.select(Case).where(Case.receipt_lookup == caller.vault.lookup.digest("receipt", digits))
    )
    if case is None:
        return {"found": False}
    residents.forgive_guesses(caller.session, kind="receipt", subject=digest)
    # Where no number is kept, who holds the receipt is the resident.
    own = case.privacy == "not_kept" or (caller.resident is not None and case.resident_id == caller.resident.id)
    return _shown(caller, case, readable=own, own=own)


def _shown(caller: Caller, case: Case, *, readable: bool, own: bool = True) -> Mapping[str, Any]:
    asked = own and case.status == Status.RESOLVED
    if asked:
        resolution.seen(caller.session, case.id, caller.now)
    office = caller.pack.referrals.office(case.refer_to) if case.consent == "asked" and own else None
    return {
        "found": True,
        "id": str(case.id),
        "reference": case.reference,
        "receipt": receipts.pretty(caller.vault.sealer.open(case.receipt_sealed, receipt_place(case.id))),
        "date": _day(caller, case.filed_at),
        "status": case.status,
        "asked": asked,
        "can_reopen": not asked and resolution.may_reopen(caller.pack, case, caller.now),
        "consent": caller.pack.guide.label(office.name, caller.state.language) if office else "",
        "consent_office": (own and case.refer_to) or "",
        "consent_said": case.consent if own and case.consent in ("given", "refused") else "",
        "safe": case.reprisal_at is not None,
        "can_withdraw": own and allowed(Status(case.status), Status.WITHDRAWN),
        "readable": readable,
        "own": own,
        "answers": _answers(caller, case.id) if readable else [],
        **(_answer_by(caller, case) if readable else {}),
    }


def _answer_by(caller: Caller, case: Case) -> Mapping[str, Any]:
    """Until when an answer is due, as the desk's clock counts it, and whether that day is over."""
    if case.due_at is None:
        return {}
    marks = deadlines.marks_of(caller.session, [(case.id, case.filed_at)])[case.id]
    due = deadlines.answer_due(caller.pack, case, marks)
    return {"answer_by": _day(caller, due), "late": caller.now > due} if due else {}


def _answers(caller: Caller, case_id: UUID) -> list[Mapping[str, Any]]:
    rows = caller.session.execute(
        sa.select(CaseEvent.id, CaseEvent.at, CaseEvent.text_sealed)
        .where(CaseEvent.case_id == case_id, *voice.WORDS_FOR_RESIDENT)
        .order_by(CaseEvent.id.desc())
        .limit(10)
    )
    return [
        {
            "date": _day(caller, row.at),
            "text": caller.vault.sealer.open(row.text_sealed, f"case_events.text:{row.id}"),
        }
        for row in rows
    ]


def imported(caller: Caller) -> list[Mapping[str, Any]]:
    """Promises that an import brought, and the pack does not know."""
    found = commitments.imported(caller.session, caller.pack.guide)
    return [{"id": one.ogp_id, "area": one.area, "titles": dict(one.titles), "ends": one.ends} for one in found]


def promise(caller: Caller) -> Mapping[str, Any]:
    """What is said of the promise chosen, and whether the caller follows it."""
    resident = caller.resident.id if caller.resident else None
    chosen, zone = caller.state.answers["promise"], caller.pack.about.zone
    return commitments.facts(caller.session, chosen, resident, caller.state.language, zone=zone)


def following(caller: Caller) -> list[Mapping[str, Any]]:
    """What the caller follows."""
    if caller.resident is None:
        return []
    return [
        {"kind": one.kind.value, "code": one.code} for one in follows.followed_by(caller.session, caller.resident.id)
    ]


def asked(caller: Caller) -> Mapping[str, Any]:
    """The ward that the caller may be asked about, and the question that waits for them."""
    nothing = {"ward": "", "check": "", "question": ""}
    if caller.resident is None or not (ward := answerers.asked.ward_of(caller.session, caller.resident.id)):
        return nothing
    found = checks.open_for(caller.session, caller.resident.id, caller.now)
    if found is None or checks.given_by(caller.session, found.id, caller.resident.id) is not None:
        return nothing | {"ward": ward}
    return {"ward": ward, "check": str(found.id), "question": found.question[caller.state.language]}


def scorable(caller: Caller) -> Mapping[str, Any]:
    """What can be scored in the caller's ward and in the one chosen, and which wards have something."""
    found = facilities.current(caller.session, caller.pack).values()
    own = caller.resident.ward_code if caller.resident is not None else None
    of: dict[str | None, list[Mapping[str, Any]]] = {own: [], caller.state.answers.get("scored_ward"): []}
    for place in found:
        if place.ward in of:
            of[place.ward].append({"code": place.code, "name": dict(place.name)})
    wards = list(dict.fromkeys(place.ward for place in found))
    return {"mine": of[own], "here": of[caller.state.answers.get("scored_ward")], "wards": wards}


def scorecard(caller: Caller) -> Mapping[str, Any]:
    """What the facility chosen is called, and whether it can be scored now."""
    code = caller.state.answers["facility"]
    place = facilities.find(caller.session, caller.pack, code)
    named = dict(place.name) if place else {caller.pack.guide.languages[0].code: code}
    return {"open": scorecards.open_of(caller.session, code, caller.now) is not None, "name": named}


def score_code(caller: Caller) -> Mapping[str, Any]:
    """Whether the digits typed are the code of the round; tries are counted."""
    limit = caller.pack.about.limits.unlock_guesses_a_day
    subject = caller.vault.lookup.digest("guesser", caller.number)
    tries = residents.count_guess(caller.session, kind="score", subject=subject, now=caller.now, window=A_DAY)
    one = scorecards.open_of(caller.session, caller.state.answers["facility"], caller.now)
    if tries > limit or one is None:
        return {"ok": False, "left": 0}
    if not scorecards.is_code(caller.vault, one, caller.state.answers.get("code", "")):
        return {"ok": False, "left": limit - tries}
    residents.forgive_guesses(caller.session, kind="score", subject=subject)
    return {"ok": True, "left": limit}


def notices(caller: Caller) -> Mapping[str, Any]:
    """The ward whose notices the caller gets by SMS."""
    resident = caller.resident
    return {"ward": readers.notices.ward_of(caller.session, resident.id) if resident is not None else ""}


def unlocked(caller: Caller) -> Mapping[str, Any]:
    """Whether the four digits typed are the resident's."""
    resident, limit = caller.resident, caller.pack.about.limits.unlock_guesses_a_day
    if resident is None:
        return {"ok": True, "left": limit}
    subject = caller.vault.lookup.digest("guesser", caller.number)
    tries = residents.count_guess(caller.session, kind="lock", subject=subject, now=caller.now, window=A_DAY)
    if tries > limit:
        return {"ok": False, "left": 0}
    if not residents.unlocks(caller.vault, resident, caller.state.answers.get("unlock", "")):
        return {"ok": False, "left": limit - tries}
    residents.forgive_guesses(caller.session, kind="lock", subject=subject)
    return {"ok": True, "left": limit}


def filed(caller: Caller) -> Mapping[str, Any]:
    """What this session filed: the effect's own result, found again when the session was rebuilt after it."""
    case = caller.session.scalar(sa.select(Draft.case_id).where(Draft.session_key == caller.key))
    if case is None:
        raise NotFound("this session filed nothing")
    known = filed_as(caller.session, caller.vault, case)
    return {"receipt": receipts.pretty(known.receipt), "serial": known.serial}


FACTS: dict[str, Callable[[Caller], Any]] = {
    "profile": profile,
    "filed": filed,
    "cases": my_cases,
    "case": my_case,
    "looked_up": looked_up,
    "promise": promise,
    "imported": imported,
    "following": following,
    "asked": asked,
    "scorable": scorable,
    "scorecard": scorecard,
    "score_code": score_code,
    "notices": notices,
    "unlocked": unlocked,
}
