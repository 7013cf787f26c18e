"""Promises at the desk: what waits, and one promise with its voices and what each role does about it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import HTMLResponse

from gateway.commitments import api as commitments
from gateway.commitments import periods
from gateway.commitments import progress_api as api
from gateway.console import promise_words
from gateway.console.forms import Said, Values
from gateway.console.promise_forms import act
from gateway.console.trouble import kept_form
from gateway.console.web import OURS, ROOT, Page, Visit, once, redirect, visit
from gateway.errors import BarazaError, Forbidden, Invalid, NotFound, TransitionNotAllowed
from gateway.paging import Page as Cut
from gateway.staff.roles import Permission

router = APIRouter(prefix=f"{ROOT}/promises", include_in_schema=False, route_class=Page)

Reader = Annotated[Visit, Depends(visit(Permission.READ_COMMITMENTS))]

PERIODS = 6
"""How many periods back one can report on by the page."""
CHANGES = 30


@router.get("")
def show_all(visit: Reader) -> HTMLResponse:
    """What waits for you, and every promise with both voices."""
    promises = commitments.list_commitments(visit.caller).items
    return visit.page(
        "promises.html",
        promises=promises,
        titles={promise.ogp_id: promise.title for promise in promises},
        waiting=api.list_waiting(visit.caller),
        pack=visit.context.pack,
        promise_words=promise_words,
    )


@router.get("/{ogp_id}")
def show(visit: Reader, ogp_id: str, kept: str = "") -> HTMLResponse:
    """One promise."""
    written = kept_form(visit, kept)
    return _page(visit, ogp_id, problem=written.problem, action=written.action, said=written.said)


@router.post("/{ogp_id}/do/{action}", dependencies=[OURS])
def do(visit: Reader, ogp_id: str, action: str, said: Said) -> Response:
    """Do what a form says; when that cannot be, the page again with what was written in it."""
    try:
        act(visit, action, ogp_id, said)
    except (Invalid, Forbidden, TransitionNotAllowed, NotFound) as problem:
        return _page(visit, ogp_id, problem=problem, action=action, said=said)
    return redirect(f"{ROOT}/promises/{ogp_id}#{'said' if action in {'report', 'publish', 'return'} else 'main'}")


def _page(
    visit: Visit, ogp_id: str, *, problem: BarazaError | None = None, action: str = "", said: Values | None = None
) -> HTMLResponse:
    caller, pack = visit.caller, visit.context.pack
    promise = api.read_commitment(ogp_id, caller)
    today = visit.context.clock.now().astimezone(pack.about.zone).date()
    links = api.list_links(ogp_id, caller).items if visit.may(Permission.LINK_PROMISES) else []
    return visit.page(
        "promise.html",
        status=problem.status if problem else 200,
        promise=promise,
        reports=api.list_reports(ogp_id, caller).items,
        changes=api.list_changes(ogp_id, caller, Cut(limit=CHANGES)).items,
        links=links,
        ours=visit.signed_in.staff.department_code in {promise.lead_department, *promise.supporting},
        recent=periods.recent(pack.reporting, today, PERIODS),
        election=periods.election_period(pack, today),
        today=today,
        pack=pack,
        promise_words=promise_words,
        once=once(),
        problem=problem,
        action=action,
        said=said or {},
    )
