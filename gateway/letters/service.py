"""Verbs on letters: write, sign, answer on paper, and what follows when nobody answers."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.cases.clocks import deadline
from gateway.cases.deadlines import calendar_of
from gateway.cases.models import Case, CaseEvent
from gateway.cases.projection import OVER
from gateway.cases.service import Desk, happened, text_place
from gateway.cases.visibility import in_office
from gateway.errors import Invalid, NotFound, TransitionNotAllowed
from gateway.ids import new_id
from gateway.letters.models import LETTER_NUMBER, Finding, Letter, Recommendation
from gateway.pack import Pack
from gateway.residents.sealing import Vault
from gateway.words import ENGLISH, Words

NEXT = {"notice": "reminder", "reminder": "step_up"}
"""What is prepared when a letter is not answered; a step up goes to the next rung of the ladder."""

TO_DEPARTMENTS = frozenset({"notice", "reminder", "step_up"})
"""What a department's focal person reads too. A letter to a named officer is not the department's to read."""

BATCH = 200


def place(kind: str, row: object) -> str:
    """The place that words of a letter, finding or recommendation are sealed to."""
    return f"{kind}:{row}"


def write(desk: Desk, case: Case, kind: str, text: str, *, addressee: str = "", language: str | None = None) -> Letter:
    """Prepare a letter; it has no number and no force until it is signed. Without an addressee the ladder names one.

    `language` is what it is written in, by default what its writer reads.

    Raises `Invalid` for a notice without a department, and for a right of reply without a named officer.
    """
    if kind in TO_DEPARTMENTS and case.department_code is None:
        raise Invalid("assign the case to a department first", field="kind")
    if kind not in TO_DEPARTMENTS and not addressee:
        raise Invalid("this letter goes to a person: name them", field="addressee")
    rung = _highest(desk.session, case) + 1 if kind == "step_up" else 0
    words = Words(desk.pack, language or desk.language)
    letter = _letter(desk.vault, words, case, kind, rung, text, addressee, desk.now)
    desk.session.add(letter)
    desk.session.flush()
    happened(desk, case, "letter_prepared", audience="internal", data={"letter": str(letter.id), "kind": kind})
    return letter


def tell_decision(desk: Desk, case: Case, decision: CaseEvent, *, addressee: str) -> Letter:
    """Prepare the letter of a decision against the resident, with the words that the resident reads on the phone."""
    words = desk.vault.sealer.open(decision.text_sealed, text_place(decision.id))
    letter = _letter(
        desk.vault, Words(desk.pack, decision.language or ENGLISH), case, "not_ours", 0, words, addressee, desk.now
    )
    letter.tells_id = decision.id
    desk.session.add(letter)
    desk.session.flush()
    data = {"letter": str(letter.id), "kind": "not_ours", "decision": str(decision.id)}
    happened(desk, case, "letter_prepared", audience="internal", data=data)
    return letter


def _highest(session: Session, case: Case) -> int:
    signed = sa.select(sa.func.max(Letter.rung)).where(Letter.case_id == case.id, Letter.signed_at.is_not(None))
    found = session.scalar(signed)
    return int(found or 0)


def _letter(
    vault: Vault, words: Words, case: Case, kind: str, rung: int, text: str, addressee: str, now: datetime
) -> Letter:
    row = new_id()
    named = addressee or title(words, case.department_code, rung)
    return Letter(
        id=row,
        case_id=case.id,
        kind=kind,
        rung=rung,
        department_code=case.department_code,
        language=words.language,
        addressee_sealed=vault.sealer.seal(named, place("letters.addressee", row)),
        text_sealed=vault.sealer.seal(text, place("letters.text", row)),
        prepared_at=now,
    )


def title(words: Words, department: str | None, rung: int) -> str:
    """Who stands on a rung of a department's ladder; the last one for a rung above it."""
    titles = words.pack.desk.titles(department)
    labels = titles[min(rung, len(titles) - 1)]
    office = words.label(labels)
    where = words.department(department) if department else ""
    return f"{office}, {where}" if where and rung == 0 else office


def sign(desk: Desk, case: Case, letter_id: UUID) -> Letter:
    """Give a prepared letter its number, its date and the day to answer by. Raises `TransitionNotAllowed` if it has."""
    letter = _open(desk, case, letter_id)
    if letter.signed_at is not None:
        raise TransitionNotAllowed("it is signed already")
    zone = desk.pack.about.zone
    days = getattr(desk.pack.letters.reply, letter.kind, None)
    count = desk.session.scalar(sa.select(LETTER_NUMBER.next_value()))
    letter.number = f"{desk.pack.about.prefix}/OMB/{desk.now.astimezone(zone).year}/{count:04}"
    letter.signed_by, letter.signed_at = desk.staff.id, desk.now
    if days:
        # As every other limit: it does not end on a Sunday or a holiday, when nobody is in the office to answer.
        by = deadline(desk.now, days, "calendar_days", calendar_of(desk.pack), now=desk.now).due_at
        letter.reply_by = by.astimezone(zone).date() if by else None
    audience = "department" if letter.kind in TO_DEPARTMENTS else "internal"
    data = {"letter": str(letter.id), "kind": letter.kind, "number": letter.number}
    data |= {"reply_by": str(letter.reply_by)} if letter.reply_by else {}
    happened(desk, case, "letter_signed", audience=audience, data=data)
    return letter


def answered(desk: Desk, case: Case, letter_id: UUID, *, text: str, by: str, on: date) -> Letter:
    """File the answer, on paper or by login: who wrote it, when, and its words or what it says.

    Raises `TransitionNotAllowed` for a letter not signed or answered before, `Invalid` for a day that cannot be.
    """
    letter = _open(desk, case, letter_id)
    if letter.signed_at is None or letter.answered_at is not None:
        raise TransitionNotAllowed("it waits for no answer")
    zone = desk.pack.about.zone
    if not letter.signed_at.astimezone(zone).date() <= on <= desk.now.astimezone(zone).date():
        raise Invalid("the answer is written between the letter's day and today", field="on")
    audience = "department" if letter.kind in TO_DEPARTMENTS else "internal"
    data = {"letter": str(letter.id), "number": letter.number, "on": str(on)}
    event = happened(desk, case, "letter_answered", audience=audience, text=f"{by}: {text}", data=data)
    at = datetime.combine(on, datetime.min.time(), zone)
    for one in (letter, *_reminded(desk.session, letter), *_followers(desk.session, letter)):
        one.answered_at, one.answer_event = one.answered_at or at, one.answer_event or event.id
    desk.session.flush()
    return letter


def _reminded(session: Session, letter: Letter) -> list[Letter]:
    """What a reminder reminds of: its answer is the answer to that. An answer from the next authority is not."""
    before = session.get(Letter, letter.follows_id) if letter.kind == "reminder" else None
    return [before] if before else []


def _followers(session: Session, letter: Letter) -> list[Letter]:
    """The signed letters that followed because none came. One prepared and not signed is not needed any more."""
    session.execute(sa.delete(Letter).where(Letter.follows_id == letter.id, Letter.signed_at.is_(None)))
    after = session.scalars(sa.select(Letter).where(Letter.follows_id == letter.id).with_for_update()).all()
    return [found for one in after for found in (one, *_followers(session, one))]


def _open(desk: Desk, case: Case, letter_id: UUID) -> Letter:
    """A letter that this person may work on. Raises `NotFound`."""
    letter = desk.session.scalar(visible(desk, case).where(Letter.id == letter_id).with_for_update())
    if letter is None:
        raise NotFound
    return letter


def visible(desk: Desk, case: Case) -> sa.Select[Letter]:
    """The letters of a visible case that this person reads: a focal person the signed ones to their department."""
    letters = sa.select(Letter).where(Letter.case_id == case.id)
    if in_office(desk.staff):
        return letters
    own = sa.and_(Letter.kind.in_(TO_DEPARTMENTS), Letter.department_code == desk.staff.department_code)
    return letters.where(own, Letter.signed_at.is_not(None))


def follow_up(session: Session, vault: Vault, pack: Pack, now: datetime) -> int:
    """Prepare what follows each letter whose day passed without an answer, once; how many. Nothing leaves unsigned."""
    today = now.astimezone(pack.about.zone).date()
    follower = sa.orm.aliased(Letter)
    late = session.execute(
        sa.select(Letter, Case)
        .join(Case, Case.id == Letter.case_id)
        .where(
            Letter.reply_by < today,
            Letter.answered_at.is_(None),
            Letter.kind.in_(NEXT),
            Case.status.not_in([str(status) for status in OVER]),
            ~sa.exists().where(follower.follows_id == Letter.id),
        )
        .order_by(Letter.reply_by)
        .limit(BATCH)
        .with_for_update(of=Letter, skip_locked=True)
    ).all()
    for letter, case in late:
        _prepare_next(session, vault, pack, letter, case, now)
    return len(late)


def _prepare_next(session: Session, vault: Vault, pack: Pack, letter: Letter, case: Case, now: datetime) -> None:
    kind = NEXT[letter.kind]
    said = Words(pack, letter.language)
    words = said.label(getattr(pack.letters.text, kind)).format(
        number=letter.number,
        date=said.plain_day(letter.signed_at),
        serial=case.serial,
        reply_by=said.plain_day(letter.reply_by),
        days=getattr(pack.letters.reply, kind),
    )
    rung = letter.rung + (kind == "step_up")
    addressee = ""
    if kind != "step_up":
        addressee = vault.sealer.open(letter.addressee_sealed, place("letters.addressee", letter.id))
    following = _letter(vault, said, case, kind, rung, words.strip(), addressee, now)
    following.follows_id = letter.id
    session.add(following)
    session.flush()
    event = insert(CaseEvent).values(
        id=new_id(),
        case_id=case.id,
        at=now,
        kind="letter_late",
        actor="system",
        audience="department",
        data={"letter": str(letter.id), "number": letter.number, "kind": kind, "next": str(following.id)},
    )
    session.execute(event)


def find(desk: Desk, case: Case, text: str, *, adverse: bool) -> Finding:
    """Write down what was found. Against a named officer only after they were heard, or let the time pass.

    Raises `TransitionNotAllowed` otherwise (Fair Administrative Action Act 2015, section 4).
    """
    if adverse and not _heard(desk, case):
        raise TransitionNotAllowed("the officer has the right to reply first: sign that letter, and wait for its day")
    row = new_id()
    sealed = desk.vault.sealer.seal(text, place("findings.text", row))
    finding = Finding(
        id=row, case_id=case.id, adverse=adverse, text_sealed=sealed, made_by=desk.staff.id, made_at=desk.now
    )
    desk.session.add(finding)
    desk.session.flush()
    happened(desk, case, "found", audience="internal", data={"finding": str(row), "adverse": adverse})
    return finding


def _heard(desk: Desk, case: Case) -> bool:
    today = desk.now.astimezone(desk.pack.about.zone).date()
    heard = sa.select(Letter.id).where(
        Letter.case_id == case.id,
        Letter.kind == "right_of_reply",
        sa.or_(Letter.answered_at.is_not(None), Letter.reply_by < today),
    )
    return desk.session.scalar(heard.limit(1)) is not None


def recommend(desk: Desk, case: Case, finding: UUID, *, department: str, text: str, due_on: date) -> Recommendation:
    """Ask a department to do something by a day. Raises `NotFound` for a finding of another case, `Invalid`."""
    known = sa.select(Finding.id).where(Finding.id == finding, Finding.case_id == case.id)
    if desk.session.scalar(known) is None:
        raise NotFound
    if department not in {one.code for one in desk.pack.departments}:
        raise Invalid("the pack has no department with this code", field="department")
    if due_on <= desk.now.astimezone(desk.pack.about.zone).date():
        raise Invalid("the day to do it by lies ahead", field="due_on")
    row = new_id()
    made = Recommendation(
        id=row,
        case_id=case.id,
        finding_id=finding,
        department_code=department,
        text_sealed=desk.vault.sealer.seal(text, place("recommendations.text", row)),
        due_on=due_on,
        made_at=desk.now,
    )
    desk.session.add(made)
    desk.session.flush()
    data = {"recommendation": str(row), "department": department, "due_on": str(due_on)}
    happened(desk, case, "recommended", audience="department", data=data)
    return made


def carry_out(desk: Desk, case: Case, recommendation: UUID, outcome: str, text: str) -> Recommendation:
    """Write down whether it was carried out; the words say what shows it. Raises `NotFound`; may be said anew."""
    of_case = sa.select(Recommendation).where(Recommendation.id == recommendation, Recommendation.case_id == case.id)
    made = desk.session.scalar(of_case.with_for_update())
    if made is None:
        raise NotFound
    made.outcome, made.outcome_at, made.outcome_by = outcome, desk.now, desk.staff.id
    data = {"recommendation": str(made.id), "outcome": outcome}
    happened(desk, case, "recommendation_closed", audience="department", text=text, data=data)
    return made
