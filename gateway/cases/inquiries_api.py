"""The staff API on inquiries into many cases at once, and on how much is solved according to whom."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.orm import Session

from gateway import paging, problems
from gateway.cases import inquiries, rates
from gateway.cases.answering import ADDED, CHANGED, IfMatch, Reader, desk_of, versions_of
from gateway.cases.desk_models import Inquiry
from gateway.cases.models import Case
from gateway.cases.schemas import Code, Note, VersionIn, Words
from gateway.cases.service import Desk
from gateway.cases.visibility import visible_to
from gateway.idempotency import Answer, Write, writing
from gateway.messaging.wake import wake
from gateway.residents.sealing import Vault
from gateway.staff.auth import Caller, require
from gateway.staff.roles import Permission

router = APIRouter(
    tags=["inquiries"], dependencies=[Depends(problems.said_once)], responses=problems.declared(*problems.READING)
)
Inside = Annotated[Caller, Depends(require(Permission.READ_STORIES))]
Mover = Annotated[Write, Depends(writing(Permission.MOVE))]


class InquiryOut(BaseModel):
    id: UUID
    status: Literal["open", "closed"]
    title: str
    plan: str
    report: str
    opened_at: datetime
    closed_at: datetime | None
    cases: dict[str, int] = Field(description="How many of its cases that you see are at each status")
    version: int


class InquiryPage(BaseModel):
    items: list[InquiryOut]
    next_cursor: str | None


class InquiryFilter(paging.Page):
    status: Literal["open", "closed"] | None = Field(default=None)


class InquiryIn(VersionIn):
    title: Words
    plan: Note | None = None


class PlanIn(VersionIn):
    plan: Note


_Serial = Annotated[str, Field(min_length=1, max_length=24, pattern=r"^[^\x00]*$")]


class CasesIn(VersionIn):
    cases: Annotated[list[_Serial], Field(min_length=1, max_length=inquiries.MOST)] = Field(description="Serials")


class UpdateIn(VersionIn):
    text: dict[Code, Words] = Field(description="By language; one for every language that a resident of it reads")


class ReportIn(VersionIn):
    report: Note
    text: dict[Code, Words] | None = Field(
        None, description="What its residents read of it, by language; left out, nobody is told"
    )


class ToldOut(BaseModel):
    cases: int
    texted: int = Field(description="Residents who are owed an SMS that says there is something to read")


@router.get("/inquiries")
def list_inquiries(caller: Inside, asked: Annotated[InquiryFilter, Query()]) -> InquiryPage:
    """Inquiries, newest first."""
    vault = caller.context.vault
    with caller.work() as session:
        found = inquiries.list_inquiries(session, status=asked.status, after=asked.after, limit=asked.limit + 1)
        rows, more = paging.cut(found, asked.limit)
        counted = inquiries.counts(session, visible_to(caller.staff), [row.id for row in rows])
    return InquiryPage(
        items=[_shown(vault, row, counted[row.id]) for row in rows],
        next_cursor=paging.encode(rows[-1].id) if more else None,
    )


@router.get("/inquiries/{inquiry}", responses={200: CHANGED[200]})
def read_inquiry(inquiry: UUID, caller: Inside, response: Response) -> InquiryOut:
    """One inquiry; its cases are `GET /cases?inquiry=`."""
    with caller.work() as session:
        context = caller.context
        desk = Desk(session, context.vault, context.pack, caller.staff, caller.now())
        shown = _read(desk, inquiries.open_inquiry(desk, inquiry, changing=False))
    response.headers["ETag"] = f'"{shown.version}"'
    return shown


@router.post("/inquiries", status_code=201, responses=ADDED)
def begin(body: InquiryIn, write: Mover) -> InquiryOut:
    """Open an inquiry."""
    return write.once(lambda session: _opened(write, session, body))  # type: ignore[return-value]  # a finished Response


def _opened(write: Write, session: Session, body: InquiryIn) -> Answer:
    desk = desk_of(write, session)
    shown = _read(desk, inquiries.begin(desk, body.title, body.plan or ""))
    return Answer(shown, status=201, headers={"ETag": f'"{shown.version}"'})


@router.post("/inquiries/{inquiry}/plan", responses=CHANGED)
def write_plan(inquiry: UUID, body: PlanIn, write: Mover, if_match: IfMatch = None) -> InquiryOut:
    """Write the plan anew."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        row = inquiries.open_inquiry(desk, inquiry, versions=versions_of(body.version, if_match))
        inquiries.write_plan(desk, row, body.plan)
        return _answer(desk, row)

    return write.once(do)  # type: ignore[return-value]


@router.post("/inquiries/{inquiry}/cases", responses=CHANGED)
def put_in(inquiry: UUID, body: CasesIn, write: Mover, if_match: IfMatch = None) -> InquiryOut:
    """Put cases into it; each stays a case of its own. 404 unless all are yours to see."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        row = inquiries.open_inquiry(desk, inquiry, versions=versions_of(body.version, if_match))
        inquiries.put_in(desk, row, body.cases)
        return _answer(desk, row)

    return write.once(do)  # type: ignore[return-value]


@router.post("/inquiries/{inquiry}/cases/remove", responses=CHANGED)
def take_out(inquiry: UUID, body: CasesIn, write: Mover, if_match: IfMatch = None) -> InquiryOut:
    """Take cases out of it. 404 unless all are in it."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        row = inquiries.open_inquiry(desk, inquiry, versions=versions_of(body.version, if_match))
        inquiries.take_out(desk, row, body.cases)
        return _answer(desk, row)

    return write.once(do)  # type: ignore[return-value]


@router.post("/inquiries/{inquiry}/updates", status_code=201, responses=problems.declared(409))
def tell_all(
    inquiry: UUID,
    body: UpdateIn,
    write: Annotated[Write, Depends(writing(Permission.REPLY))],
    if_match: IfMatch = None,
) -> ToldOut:
    """One update to all its residents, each in the language they read; the SMS tells them only that it is there."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        row = inquiries.open_inquiry(desk, inquiry, versions=versions_of(body.version, if_match))
        told = inquiries.tell_all(desk, row, body.text)
        return Answer(ToldOut(cases=told.cases, texted=told.texted), status=201)

    answer = write.once(do)
    wake(write.caller.context.valkey, "replies")
    return answer  # type: ignore[return-value]


@router.post("/inquiries/{inquiry}/close", responses=CHANGED)
def close(inquiry: UUID, body: ReportIn, write: Mover, if_match: IfMatch = None) -> InquiryOut:
    """Close it with its report, and tell its residents what came of it; its cases go on as they stand."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        row = inquiries.open_inquiry(desk, inquiry, versions=versions_of(body.version, if_match))
        inquiries.close(desk, row, body.report, body.text or {})
        return _answer(desk, row)

    answer = write.once(do)
    wake(write.caller.context.valkey, "replies")
    return answer  # type: ignore[return-value]


def _answer(desk: Desk, row: Inquiry) -> Answer:
    shown = _read(desk, row)
    return Answer(shown, headers={"ETag": f'"{shown.version}"'})


def _read(desk: Desk, row: Inquiry) -> InquiryOut:
    counted = inquiries.counts(desk.session, visible_to(desk.staff), [row.id])
    return _shown(desk.vault, row, counted[row.id])


def _shown(vault: Vault, row: Inquiry, cases: dict[str, int]) -> InquiryOut:
    words = {part: inquiries.open_part(vault, row, part) for part in ("title", "plan", "report")}
    return InquiryOut(
        id=row.id,
        status=row.status,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        cases=cases,
        version=row.version,
        **words,
    )


class RatesOut(BaseModel):
    """Solved according to staff and according to residents: never one figure."""

    filed: int
    decided: int
    resolved: int
    said_done: int = Field(description="Times that staff said a case is done; a case opened again may count twice")
    with_evidence: int
    yes: int
    partly: int
    no: int
    silent: int = Field(description="Reached, and did not answer in time")
    taken_back: int
    waiting: int
    unreached: int = Field(description="The question is not known to have arrived; never counted as silence")
    according_to_staff: float | None = Field(description="`resolved` of `filed`")
    according_to_residents: float | None = Field(description="`yes` of all answers")


class SolvedOut(BaseModel):
    total: RatesOut
    groups: dict[str, RatesOut]
    unreached: dict[str, int] = Field(
        description="Resolved cases whose resident is not known to have the question, why"
    )


class SolvedFilter(BaseModel):
    model_config = {"extra": "forbid"}

    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    by: rates.By | None = None
    inquiry: UUID | None = None


@router.get("/reports/solved")
def solved(caller: Reader, asked: Annotated[SolvedFilter, Query()]) -> SolvedOut:
    """Cases that you see, filed in the period: how many are solved, said by whom."""
    with caller.work() as session:
        seen = visible_to(caller.staff)
        if asked.inquiry is not None:
            seen = seen.where(Case.inquiry_id == asked.inquiry)
        report = rates.rates(session, seen, since=asked.since, until=asked.until, by=asked.by)
        missing = rates.unreached(session, seen)
    return SolvedOut(
        total=_rates(report.total),
        groups={name: _rates(group) for name, group in report.groups.items()},
        unreached=missing,
    )


def _rates(found: rates.Rates) -> RatesOut:
    return RatesOut(
        **asdict(found),
        according_to_staff=found.according_to_staff,
        according_to_residents=found.according_to_residents,
    )
