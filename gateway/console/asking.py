"""What residents are asked about a promise: count first, ask, approve, end, and tell what came of it."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import HTMLResponse

from gateway.broadcasts import api as broadcasts
from gateway.broadcasts.schemas import DryRunOut
from gateway.commitments import checks_api
from gateway.commitments import progress_api as api
from gateway.commitments.checks import ROOM, UNCLAIMED
from gateway.commitments.residents_schemas import CheckFilter, CheckIn, OutcomeIn
from gateway.console import promise_words
from gateway.console.forms import Action, Said, body_of, by_language
from gateway.console.trouble import NONE, Trouble, attempt, kept_form, take
from gateway.console.web import OURS, ROOT, Page, Visit, visit
from gateway.errors import NotFound
from gateway.staff.roles import Permission

router = APIRouter(prefix=f"{ROOT}/promises/{{ogp_id}}/asked", include_in_schema=False, route_class=Page)

Reader = Annotated[Visit, Depends(visit(Permission.READ_COMMITMENTS))]

SHOWN = 50
"""Questions on the page, the newest."""

_words = by_language("text")

ACTIONS: dict[str, Action] = {
    "ask": Action(Permission.ASK_RESIDENTS, checks_api.ask, CheckIn, ready=_words),
    "end": Action(Permission.ASK_RESIDENTS, checks_api.close, part="check"),
    "outcome": Action(Permission.ASK_RESIDENTS, checks_api.tell_outcome, OutcomeIn, part="check", ready=_words),
    "approve": Action(Permission.PUBLISH_UPDATES, broadcasts.approve, part="broadcast"),
    "cancel": Action(Permission.PUBLISH_UPDATES, broadcasts.cancel, part="broadcast"),
}


@router.get("")
def show(visit: Reader, ogp_id: str, kept: str = "") -> HTMLResponse:
    """Every question about one promise, and the form for another."""
    return _page(visit, ogp_id, kept_form(visit, kept))


@router.post("/do/count", dependencies=[OURS])
def count(visit: Reader, ogp_id: str, said: Said) -> Response:
    """How many would be asked, at what cost: nothing is kept or sent."""
    visit.demand(Permission.ASK_RESIDENTS)
    written = {**said, "promise": ogp_id}

    def do() -> Response:
        counted = checks_api.rehearse(body_of(CheckIn, _words(visit, written)), visit.caller)
        return _page(visit, ogp_id, Trouble(None, "ask", written), counted)

    return attempt(do, "ask", written, partial(_page, visit, ogp_id))


@router.post("/do/{action}", dependencies=[OURS])
def do(visit: Reader, ogp_id: str, action: str, said: Said) -> Response:
    """Do what a form says; when that cannot be, the page again with what was written in it."""
    written = {**said, "promise": ogp_id}
    again, then = partial(_page, visit, ogp_id), f"{ROOT}/promises/{ogp_id}/asked"
    return take(visit, ACTIONS, action, {}, written, again=again, then=then)


def _page(visit: Visit, ogp_id: str, trouble: Trouble = NONE, counted: DryRunOut | None = None) -> HTMLResponse:
    caller, pack = visit.caller, visit.context.pack
    promise = api.read_commitment(ogp_id, caller)
    found = checks_api.list_checks(caller, CheckFilter(promise=ogp_id, limit=SHOWN)).items
    planned = {
        carrier: _dry_run(visit, carrier)
        for check in found
        for carrier, carried in ((check.broadcast, check.carried), (check.outcome_broadcast, check.outcome_carried))
        if carrier and carried == "draft" and (check.open or carrier == check.outcome_broadcast)
    }
    return trouble.page(
        visit,
        "asked.html",
        promise=promise,
        checks=found,
        planned=planned,
        claimed=[step for step in promise.milestones if step.claimed not in UNCLAIMED],
        whole=promise.claim not in UNCLAIMED,
        counted=counted,
        room=ROOM,
        pack=pack,
        promise_words=promise_words,
    )


def _dry_run(visit: Visit, carrier: UUID) -> DryRunOut | None:
    """What approving a text that waits would do, for who may approve it."""
    if not visit.may(Permission.PUBLISH_UPDATES):
        return None
    try:
        return broadcasts.plan(carrier, visit.caller)
    except NotFound:
        return None
