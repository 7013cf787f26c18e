"""The staff API on what is said of promises: reports, judgements, queries, links to cases, history."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy.orm import Session

from gateway import paging, problems
from gateway.broadcasts import service as broadcasts
from gateway.broadcasts.schemas import BroadcastRef
from gateway.commitments import history, links, monitoring, reports, service, voices, wire
from gateway.commitments import progress_schemas as s
from gateway.commitments.api import OgpId, told
from gateway.commitments.periods import is_election
from gateway.commitments.waiting import waiting
from gateway.commitments.watch_models import CommitmentLink, CommitmentQuery
from gateway.errors import Invalid
from gateway.idempotency import Answer, Write, writing
from gateway.messaging.wake import wake
from gateway.staff.auth import Caller, require
from gateway.staff.roles import Permission

router = APIRouter(
    tags=["progress"],
    dependencies=[Depends(problems.said_once)],
    responses=problems.declared(*problems.READING),
)

Reader = Annotated[Caller, Depends(require(Permission.READ_COMMITMENTS))]
Reporting = Annotated[Write, Depends(writing(Permission.REPORT_PROGRESS))]
Publishing = Annotated[Write, Depends(writing(Permission.PUBLISH_PROGRESS))]
Watching = Annotated[Write, Depends(writing(Permission.MONITOR))]
Linking = Annotated[Write, Depends(writing(Permission.LINK_PROMISES))]
_CONFLICT = problems.declared(409)


@router.get("/progress/todo")
def list_waiting(caller: Reader) -> s.WaitingList:
    """What waits for you: reports and answers your institution owes, reports to publish, claims nobody looked at."""
    with caller.work() as session:
        found = waiting(session, caller.context.pack, caller.staff, caller.now())
    items = [s.WaitingOut.model_validate(one, from_attributes=True) for one in found]
    return s.WaitingList(items=items, election=is_election(caller.context.pack, caller.now()))


@router.get("/commitments/{ogp_id}")
def read_commitment(ogp_id: OgpId, caller: Reader) -> s.CommitmentDetail:
    """A promise with its voices side by side."""
    with caller.work() as session:
        found = voices.voices_of(session, caller.context.pack, ogp_id, caller.now())
        latest = service.latest(session, [ogp_id])
    return wire.detail(told(found.commitment, latest.get(ogp_id)), found)


@router.get("/commitments/{ogp_id}/changes")
def list_changes(ogp_id: OgpId, caller: Reader, asked: Annotated[paging.Page, Query()]) -> s.ChangePage:
    """What became public or changed, newest first; nothing is ever edited here."""
    with caller.work() as session:
        service.read_commitment(session, ogp_id)
        found = history.changes(session, ogp_id, after=asked.after, limit=asked.limit + 1)
    rows, more = paging.cut(found, asked.limit)
    items = [s.ChangeOut.model_validate(row, from_attributes=True) for row in rows]
    return s.ChangePage(items=items, next_cursor=paging.encode(rows[-1].id) if more else None)


@router.get("/commitments/{ogp_id}/reports")
def list_reports(ogp_id: OgpId, caller: Reader) -> s.ReportList:
    """Reports of institutions, newest first, at most 100; those not published only for who may read them."""
    with caller.work() as session:
        service.read_commitment(session, ogp_id)
        rows = reports.visible(session, caller.staff, ogp_id)
        return s.ReportList(items=wire.reports(session, [(row[0], row[1], row[2]) for row in rows]))


@router.post("/commitments/{ogp_id}/reports", status_code=201, responses=_CONFLICT)
def report(ogp_id: OgpId, body: s.ReportIn, write: Reporting) -> s.ReportOut:
    """Report for your own institution. Internal until a supervisor publishes it."""
    _check_language(write, body.language)
    draft = reports.Draft(
        **body.model_dump(include={"period", "claim", "language", "activities", "obstacles", "next_steps"}),
        evidence=[one.model_dump() for one in body.evidence],
        site_visits=[one.model_dump(mode="json") for one in body.site_visits],
        steps=[reports.StepClaim(one.milestone, one.claimed, one.words) for one in body.milestones],
        measured=[reports.Measured(one.indicator, one.on, one.value, one.source) for one in body.readings],
    )

    def do(session: Session) -> Answer:
        caller = write.caller
        pack = caller.context.pack
        row = reports.report(session, pack, ogp_id=ogp_id, draft=draft, staff=caller.staff, now=caller.now())
        return Answer(wire.reports(session, [(row, None, False)])[0], status=201)

    return write.once(do)  # type: ignore[return-value]  # a finished Response; the annotation documents its body


@router.post("/reports/{report}/publish", responses=_CONFLICT)
def publish_report(report: UUID, body: s.ReportPublishIn, write: Publishing) -> s.ReportPublished:
    """Make a report public as it is; with `text`, publish news of it too, which followers are owed by SMS."""

    def do(session: Session) -> Answer:
        caller = write.caller
        pack, now = caller.context.pack, caller.now()
        row = reports.publish(session, pack, report_id=report, staff=caller.staff, now=now)
        carried, recipients = None, 0
        if body.text is not None:
            news = service.publish(session, pack, ogp_id=row.ogp_id, text=body.text, staff=caller.staff, now=now)
            broadcast = broadcasts.read(session, news.broadcast_id)
            carried, recipients = BroadcastRef(id=str(broadcast.id), status=broadcast.status), broadcast.recipients
        (out,) = wire.reports(session, [(row, reports.decision_of(session, row), False)])
        held_back = body.text is not None and is_election(pack, now)
        published = s.ReportPublished(**out.model_dump(), recipients=recipients, broadcast=carried, held_back=held_back)
        return Answer(published)

    answer = write.once(do)
    wake(write.caller.context.valkey, "broadcasts")
    return answer  # type: ignore[return-value]


@router.post("/reports/{report}/return", responses=_CONFLICT)
def send_back(report: UUID, body: s.ReasonIn, write: Publishing) -> s.ReportOut:
    """Send a report back with a reason. The institution reports again; this one stays, and is never public."""

    def do(session: Session) -> Answer:
        caller = write.caller
        row = reports.send_back(session, report_id=report, reason=body.reason, staff=caller.staff, now=caller.now())
        return Answer(wire.reports(session, [(row, reports.decision_of(session, row), False)])[0])

    return write.once(do)  # type: ignore[return-value]


@router.post("/commitments/{ogp_id}/assessments", status_code=201, responses=_CONFLICT)
def assess(ogp_id: OgpId, body: s.AssessmentIn, write: Watching) -> s.AssessmentOut:
    """Judge a promise or a milestone on the scale of the Open Government Partnership. Public at once."""
    _check_language(write, body.language)

    def do(session: Session) -> Answer:
        caller = write.caller
        said = body.model_dump(mode="json")
        row = monitoring.assess(session, ogp_id=ogp_id, staff=caller.staff, now=caller.now(), **said)
        codes = voices.milestone_codes(session, [ogp_id])
        return Answer(wire.assessment(row, codes), status=201)

    return write.once(do)  # type: ignore[return-value]


@router.post("/claims/{claim}/audits", status_code=201, responses=_CONFLICT)
def audit_claim(claim: UUID, body: s.AuditIn, write: Watching) -> s.AuditOut:
    """Say of one published claim that it holds, or what holds instead. Public at once."""
    _check_language(write, body.language)

    def do(session: Session) -> Answer:
        caller = write.caller
        said = body.model_dump(mode="json")
        row = monitoring.audit_claim(session, claim=claim, staff=caller.staff, now=caller.now(), **said)
        return Answer(s.AuditOut.model_validate(row, from_attributes=True), status=201)

    return write.once(do)  # type: ignore[return-value]


@router.post("/commitments/{ogp_id}/queries", status_code=201, responses=_CONFLICT)
def ask(ogp_id: OgpId, body: s.QueryIn, write: Watching) -> s.QueryOut:
    """Ask an institution something, with a day to answer by. Public at once."""
    _check_language(write, body.language)

    def do(session: Session) -> Answer:
        caller = write.caller
        now = caller.now()
        today = now.astimezone(caller.context.pack.about.zone).date()
        row = monitoring.ask(session, ogp_id=ogp_id, today=today, staff=caller.staff, now=now, **body.model_dump())
        return Answer(wire.query(voices.Asked(row, None, False)), status=201)

    return write.once(do)  # type: ignore[return-value]


@router.post("/queries/{query}/answer", status_code=201, responses=_CONFLICT)
def answer_query(query: UUID, body: s.AnswerIn, write: Reporting) -> s.QueryOut:
    """Answer a query to your own institution. Public at once."""
    _check_language(write, body.language)

    def do(session: Session) -> Answer:
        caller = write.caller
        now = caller.now()
        said = body.model_dump(mode="json")
        monitoring.answer(session, query=query, staff=caller.staff, now=now, **said)
        session.flush()
        (asked,) = voices.queries(session, now.date(), CommitmentQuery.id == query)
        return Answer(wire.query(asked), status=201)

    return write.once(do)  # type: ignore[return-value]


@router.get("/commitments/{ogp_id}/links")
def list_links(ogp_id: OgpId, caller: Annotated[Caller, Depends(require(Permission.LINK_PROMISES))]) -> s.LinkList:
    """Which cases and categories concern a promise, newest first, at most 200."""
    with caller.work() as session:
        service.read_commitment(session, ogp_id)
        rows = links.links(session, caller.staff, ogp_id)
    return s.LinkList(
        items=[s.LinkOut(id=row.id, case=serial, category=row.category, made_at=row.made_at) for row, serial in rows]
    )


@router.post("/commitments/{ogp_id}/links", status_code=201, responses=_CONFLICT)
def link(ogp_id: OgpId, body: s.LinkIn, write: Linking) -> s.LinkOut:
    """Say that a case, or every case of a category, concerns a promise. Twice is once."""

    def do(session: Session) -> Answer:
        caller = write.caller
        staff, pack = caller.staff, caller.context.pack
        made = links.link(session, pack, ogp_id=ogp_id, staff=staff, now=caller.now(), **body.model_dump())
        row = session.get_one(CommitmentLink, made)
        return Answer(s.LinkOut(id=made, case=body.case, category=row.category, made_at=row.made_at), status=201)

    return write.once(do)  # type: ignore[return-value]


@router.post("/commitments/{ogp_id}/links/{link}/end", responses=_CONFLICT)
def unlink(ogp_id: OgpId, link: UUID, write: Linking) -> s.LinkList:
    """It does not concern the promise after all. The link stays in the books."""

    def do(session: Session) -> Answer:
        staff = write.caller.staff
        links.unlink(session, ogp_id=ogp_id, link=link, staff=staff, now=write.caller.now())
        return Answer(
            s.LinkList(
                items=[
                    s.LinkOut(id=row.id, case=serial, category=row.category, made_at=row.made_at)
                    for row, serial in links.links(session, staff, ogp_id)
                ]
            )
        )

    return write.once(do)  # type: ignore[return-value]


def _check_language(write: Write, code: str) -> None:
    if code not in {language.code for language in write.caller.context.pack.about.languages}:
        raise Invalid("this pack has no such language", field="language")
