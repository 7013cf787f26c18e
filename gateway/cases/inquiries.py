"""Many complaints, one inquiry: cases are grouped, not merged. One plan, one update to all, one report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from gateway.cases import merging
from gateway.cases.desk_models import Inquiry
from gateway.cases.models import Case
from gateway.cases.service import Desk
from gateway.cases.visibility import visible_to
from gateway.errors import Invalid, NotFound, TransitionNotAllowed, VersionConflict, filled
from gateway.ids import new_id
from gateway.messaging import many
from gateway.messaging.models import among
from gateway.residents.models import Resident
from gateway.residents.sealing import Vault
from gateway.staff import audit

MOST = 500
"""Cases that are put into an inquiry by one request."""


def place(inquiry: UUID, part: str) -> str:
    """What a part of an inquiry (`title`, `plan` or `report`) is sealed to."""
    return f"inquiries.{part}:{inquiry}"


def open_part(vault: Vault, inquiry: Inquiry, part: str) -> str:
    """The words of a part; empty when there are none."""
    sealed = getattr(inquiry, f"{part}_sealed")
    return vault.sealer.open(sealed, place(inquiry.id, part)) if sealed else ""


def begin(desk: Desk, title: str, plan: str = "") -> Inquiry:
    """Open an inquiry with a title of the office's own; residents never see it."""
    id_ = new_id()
    row = Inquiry(id=id_, status="open", title_sealed=_seal(desk, id_, "title", title), opened_by=desk.staff.id)
    row.opened_at, row.plan_sealed = desk.now, _seal(desk, id_, "plan", plan)
    desk.session.add(row)
    desk.session.flush()
    _audit(desk, row, "opened")
    return row


def _seal(desk: Desk, inquiry: UUID, part: str, words: str) -> bytes | None:
    return desk.vault.sealer.seal(words, place(inquiry, part)) if words else None


def _audit(desk: Desk, inquiry: Inquiry, action: str, **data: object) -> None:
    audit.record(desk.session, staff_id=desk.staff.id, action=f"inquiry.{action}", subject=str(inquiry.id), data=data)
    desk.session.flush()


def open_inquiry(desk: Desk, id_: UUID, *, versions: tuple[int, ...] = (), changing: bool = True) -> Inquiry:
    """The inquiry, locked until the transaction ends.

    Raises `NotFound`, `VersionConflict` when it is at none of `versions`, `TransitionNotAllowed` when it is to be
    changed and is closed.
    """
    row = desk.session.get(Inquiry, id_, with_for_update={"key_share": True}, populate_existing=True)
    if row is None:
        raise NotFound
    if any(version != row.version for version in versions):
        raise VersionConflict(version=row.version)
    if changing and row.status == "closed":
        raise TransitionNotAllowed("the inquiry is closed")
    if changing:
        flag_modified(row, "status")  # so that the version moves on even when no column of the inquiry does
    return row


def write_plan(desk: Desk, inquiry: Inquiry, plan: str) -> None:
    """What will be done, for the office."""
    inquiry.plan_sealed = _seal(desk, inquiry.id, "plan", plan)
    _audit(desk, inquiry, "planned")


def put_in(desk: Desk, inquiry: Inquiry, serials: Sequence[str]) -> int:
    """Put cases into it, out of whatever inquiry they were in; how many. Raises `NotFound` unless all are seen."""
    ids = _cases(desk, serials)
    _set(desk, ids, inquiry.id)
    data = {"inquiry": str(inquiry.id)}
    merging.record(desk.session, ids, "inquiry_joined", desk.now, actor="staff", staff=desk.staff.id, data=data)
    _audit(desk, inquiry, "joined", cases=sorted(serials))
    return len(ids)


def take_out(desk: Desk, inquiry: Inquiry, serials: Sequence[str]) -> int:
    """Take cases out of it; how many. Raises `NotFound` unless all are in it and to be seen."""
    ids = _cases(desk, serials, Case.inquiry_id == inquiry.id)
    _set(desk, ids, None)
    data = {"inquiry": str(inquiry.id)}
    merging.record(desk.session, ids, "inquiry_left", desk.now, actor="staff", staff=desk.staff.id, data=data)
    _audit(desk, inquiry, "left", cases=sorted(serials))
    return len(ids)


def _cases(desk: Desk, serials: Sequence[str], *where: sa.ColumnElement[bool]) -> list[UUID]:
    wanted = set(serials)
    theirs = visible_to(desk.staff).with_only_columns(Case.id).where(among(Case.serial, wanted), *where)
    ids = list(desk.session.scalars(theirs.order_by(Case.id).with_for_update(key_share=True, of=Case)))
    if len(ids) != len(wanted):
        raise NotFound
    return ids


def _set(desk: Desk, ids: list[UUID], inquiry: UUID | None) -> None:
    desk.session.execute(
        sa.update(Case)
        .where(among(Case.id, ids))
        .values(inquiry_id=inquiry, version=Case.version + 1)
        .execution_options(synchronize_session=False)
    )


@dataclass(frozen=True, slots=True)
class Told:
    """How an update went out."""

    cases: int
    texted: int
    """Residents who are owed an SMS that says there is something to read."""


def tell_all(desk: Desk, inquiry: Inquiry, text: Mapping[str, str], kind: str = "inquiry_update") -> Told:
    """One update to the residents of all its cases, each in the language they read; the SMS is the usual neutral one.

    Who told of the same and is merged with one of them was promised to hear of each step: they are told too.

    The same few statements however many cases there are. Raises `Invalid` that names a language
    which somebody reads and in which there is no text.
    """
    within = sa.select(Case.id).where(Case.inquiry_id == inquiry.id)
    with_them = sa.select(Case.id).where(Case.lead_id.in_(within))
    members = desk.session.execute(
        sa.select(Case.id, Case.reference, Case.privacy, Case.resident_id, _language())
        .outerjoin(Resident, Resident.id == Case.resident_id)
        .where(Case.id.in_(within.union(with_them)))
        .order_by(Case.id)
    ).all()
    spoken = {member.language for member in members}
    missing = {code for code in spoken if not text.get(code, "").strip()}
    if missing:
        names = ", ".join(one.name for one in desk.pack.about.languages if one.code in missing)
        raise Invalid(filled("somebody reads {languages}: there is no text in it", languages=names), field="text")
    for language in sorted(spoken):
        ids = [member.id for member in members if member.language == language]
        words = (desk.vault, text[language].strip(), language)
        merging.record(
            desk.session,
            ids,
            kind,
            desk.now,
            actor="staff",
            staff=desk.staff.id,
            audience="resident",
            words=words,
        )
    news = [
        many.News(member.id, member.resident_id, member.language, {"ref": member.reference})
        for member in members
        if member.privacy == "sms"
    ]
    many.owe_each(desk.session, desk.vault, "reply", news, desk.now)
    _audit(desk, inquiry, "told", cases=len(members))
    return Told(len(members), len(news))


def _language() -> sa.ColumnElement[str]:
    return sa.func.coalesce(Resident.language, Case.language).label("language")


def close(desk: Desk, inquiry: Inquiry, report: str, text: Mapping[str, str]) -> None:
    """Close it with its report; `text`, where there is one, is what its residents read of it, as of an update.

    Its cases go on, each as it stands.
    """
    if text:
        tell_all(desk, inquiry, text, "inquiry_report")
    inquiry.report_sealed, inquiry.closed_at = _seal(desk, inquiry.id, "report", report), desk.now
    inquiry.status = "closed"
    _audit(desk, inquiry, "closed")


def list_inquiries(
    session: Session, *, status: str | None = None, after: UUID | None = None, limit: int = 50
) -> Sequence[Inquiry]:
    """Up to `limit`, newest first, after the one with id `after`."""
    statement = sa.select(Inquiry).order_by(Inquiry.id.desc()).limit(limit)
    if status is not None:
        statement = statement.where(Inquiry.status == status)
    if after is not None:
        statement = statement.where(Inquiry.id < after)
    return session.scalars(statement).all()


def counts(session: Session, desk_staff: sa.Select[Case], inquiries: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """How many cases of each status the reader sees in each inquiry, in one query."""
    seen = desk_staff.with_only_columns(Case.inquiry_id, Case.status, sa.func.count())
    rows = session.execute(seen.where(among(Case.inquiry_id, inquiries)).group_by(Case.inquiry_id, Case.status))
    found: dict[UUID, dict[str, int]] = {id_: {} for id_ in inquiries}
    for inquiry, status, count in rows:
        found[inquiry][status] = count
    return found
