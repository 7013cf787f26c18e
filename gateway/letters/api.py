"""The staff API on letters, findings, recommendations and the morning's digest."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.orm import Session

from gateway import paging, problems
from gateway.cases import queries as cases
from gateway.cases.answering import IfMatch, Reader, Serial, desk_of, versions_of
from gateway.cases.models import Case
from gateway.cases.service import Desk, open_case
from gateway.idempotency import Answer, Write, writing
from gateway.letters import digest, paper, queries, service
from gateway.letters.schemas import (
    AnswerIn,
    DigestOut,
    FindingIn,
    FindingList,
    FindingOut,
    LetterIn,
    LetterList,
    LetterOut,
    OutcomeIn,
    RecommendationIn,
)
from gateway.staff.auth import Caller
from gateway.staff.roles import Permission

router = APIRouter(
    tags=["letters"],
    dependencies=[Depends(problems.said_once)],
    responses=problems.declared(*problems.READING),
)

Writing = Annotated[Write, Depends(writing(Permission.MOVE))]
Noting = Annotated[Write, Depends(writing(Permission.WRITE_NOTES))]
_CONFLICT = problems.declared(409)
_PDF = {200: {"content": {"application/pdf": {}}, "description": "The letter, to print"}}


def _desk(caller: Caller, session: Session) -> Desk:
    return Desk(session, caller.context.vault, caller.context.pack, caller.staff, caller.now())


@router.get("/cases/{serial}/letters")
def list_letters(serial: Serial, caller: Reader, asked: Annotated[paging.Page, Query()]) -> LetterList:
    """The letters about a case, oldest first. A department reads those to itself, once they are signed."""
    with caller.work() as session:
        case = cases.read_case(session, caller.staff, serial)[0]
        found = queries.letters(_desk(caller, session), case, after=asked.after, limit=asked.limit + 1)
    rows, more = paging.cut(found, asked.limit)
    return LetterList(items=list(rows), next_cursor=paging.encode(rows[-1].id) if more else None)


@router.get("/cases/{serial}/letters/{letter}/paper", response_class=Response, responses={**_PDF})  # type: ignore[dict-item]
def print_letter(serial: Serial, letter: UUID, caller: Reader) -> Response:
    """The letter as PDF, to print and sign."""
    with caller.work() as session:
        case = cases.read_case(session, caller.staff, serial)[0]
        found, signer = queries.letter(_desk(caller, session), case, letter)
        pack, vault, training = caller.context.pack, caller.context.vault, caller.context.settings.training
        body = paper.printed(pack, vault, case, found, signer=signer, training=training)
    return Response(body, media_type="application/pdf", headers={"Cache-Control": "no-store"})


@router.post("/cases/{serial}/letters", status_code=201, responses=_CONFLICT)
def write_letter(serial: Serial, body: LetterIn, write: Writing, if_match: IfMatch = None) -> LetterOut:
    """Prepare a letter. It has no force until somebody signs it."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = open_case(desk, serial, versions=versions_of(body.version, if_match))
        made = service.write(desk, case, body.kind, body.text, addressee=body.addressee or "", language=body.language)
        return Answer(queries.told(desk, made), status=201)

    return write.once(do)  # type: ignore[return-value]  # a finished Response; the annotation documents its body


@router.post("/cases/{serial}/letters/{letter}/sign", responses=_CONFLICT)
def sign_letter(serial: Serial, letter: UUID, write: Writing, if_match: IfMatch = None) -> LetterOut:
    """Sign it: it gets its number, its date and the day to answer by."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = open_case(desk, serial, versions=versions_of(None, if_match))
        return Answer(queries.told(desk, service.sign(desk, case, letter)))

    return write.once(do)  # type: ignore[return-value]


@router.post("/cases/{serial}/letters/{letter}/answer", responses=_CONFLICT)
def answer_letter(serial: Serial, letter: UUID, body: AnswerIn, write: Noting, if_match: IfMatch = None) -> LetterOut:
    """File the answer that came on paper, or answer for your department."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = open_case(desk, serial, versions=versions_of(body.version, if_match))
        answered = service.answered(desk, case, letter, text=body.text, by=body.by, on=body.on)
        return Answer(queries.told(desk, answered))

    return write.once(do)  # type: ignore[return-value]


@router.get("/cases/{serial}/findings")
def list_findings(serial: Serial, caller: Reader, asked: Annotated[paging.Page, Query()]) -> FindingList:
    """What was found about a case, oldest first, and whether what was asked for was carried out."""
    with caller.work() as session:
        return _found(_desk(caller, session), cases.read_case(session, caller.staff, serial)[0], asked)


def _found(desk: Desk, case: Case, asked: paging.Page) -> FindingList:
    rows, more = paging.cut(queries.findings(desk, case, after=asked.after, limit=asked.limit + 1), asked.limit)
    return FindingList(items=list(rows), next_cursor=paging.encode(rows[-1].id) if more else None)


@router.post("/cases/{serial}/findings", status_code=201, responses=_CONFLICT)
def make_finding(serial: Serial, body: FindingIn, write: Writing, if_match: IfMatch = None) -> FindingOut:
    """Write down what was found; against a named officer only once they could reply."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = open_case(desk, serial, versions=versions_of(body.version, if_match))
        made = service.find(desk, case, body.text, adverse=body.adverse)
        return Answer(queries.finding(desk, case, made.id), status=201)

    return write.once(do)  # type: ignore[return-value]


@router.post("/cases/{serial}/findings/{finding}/recommendations", status_code=201, responses=_CONFLICT)
def recommend(
    serial: Serial, finding: UUID, body: RecommendationIn, write: Writing, if_match: IfMatch = None
) -> FindingOut:
    """Ask a department to do something by a day."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = open_case(desk, serial, versions=versions_of(body.version, if_match))
        service.recommend(desk, case, finding, department=body.department, text=body.text, due_on=body.due_on)
        return Answer(queries.finding(desk, case, finding), status=201)

    return write.once(do)  # type: ignore[return-value]


@router.post("/cases/{serial}/recommendations/{recommendation}/outcome", responses=_CONFLICT)
def carry_out(
    serial: Serial, recommendation: UUID, body: OutcomeIn, write: Writing, if_match: IfMatch = None
) -> FindingList:
    """Say whether it was carried out, and what shows it."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = open_case(desk, serial, versions=versions_of(body.version, if_match))
        service.carry_out(desk, case, recommendation, body.outcome, body.text)
        return Answer(_found(desk, case, paging.Page()))

    return write.once(do)  # type: ignore[return-value]


@router.get("/digest")
def read_digest(caller: Reader) -> DigestOut:
    """What waits for you today, as it stood this morning; made now when the morning's is not there yet."""
    with caller.work() as session:
        made = digest.make(session, caller.context.pack, caller.staff, caller.now())
        return DigestOut(day=made.day, made_at=made.made_at, lists=made.lists)
