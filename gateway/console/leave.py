"""Days away: one's own, a supervisor's for everybody; and who takes the cases meanwhile."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse

from gateway.cases import routing_api
from gateway.cases.routing_schemas import AbsenceIn, HandOverIn
from gateway.console import told
from gateway.console.cases import takers
from gateway.console.forms import Action, Said
from gateway.console.trouble import Trouble, kept_form, take
from gateway.console.web import OURS, ROOT, Page, Visit, visit
from gateway.paging import Page as Cut
from gateway.staff.roles import Permission, Role

router = APIRouter(prefix=f"{ROOT}/leave", include_in_schema=False, route_class=Page)

Planner = Annotated[Visit, Depends(visit(Permission.PLAN_LEAVE))]

ACTIONS = {
    "plan": Action(Permission.PLAN_LEAVE, routing_api.plan_leave, AbsenceIn),
    "cancel": Action(Permission.PLAN_LEAVE, routing_api.cancel_leave, part="absence"),
    "hand-over": Action(Permission.ASSIGN, routing_api.hand_over, HandOverIn, part="absence"),
}


class Asked(Cut):
    """A page of the list, or the one with a form that was kept."""

    kept: str = ""


@router.get("")
def show(visit: Planner, asked: Annotated[Asked, Query()]) -> HTMLResponse:
    """Who is away, from when to when."""
    return _leave(visit, kept_form(visit, asked.kept), asked)


@router.post("/do/{action}", dependencies=[OURS])
def do(visit: Planner, action: str, said: Said) -> Response:
    """Do what a form says; when that cannot be, the page again with what was written in it."""
    again = partial(_leave, visit, asked=Cut())
    return take(visit, ACTIONS, action, {}, said, again=again, then=f"{ROOT}/leave")


def _leave(visit: Visit, trouble: Trouble, asked: Cut) -> HTMLResponse:
    page = routing_api.list_absences(visit.caller, asked)
    supervises = visit.signed_in.staff.role == Role.SUPERVISOR
    with visit.context.work() as session:
        people = takers(session)
    return trouble.page(
        visit,
        "leave.html",
        page=page,
        names={person.email: person.name for person in people},
        people=people if supervises else [],
        others=people if visit.may(Permission.ASSIGN) else [],
        today=visit.context.clock.now().astimezone(visit.context.pack.about.zone).date(),
        told=told,
    )
