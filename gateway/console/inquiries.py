"""Inquiries: many complaints, one plan, one update to all, one report."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse

from gateway.cases import api, duties_api, inquiries_api
from gateway.cases.duties import Kind
from gateway.cases.duties_api import DutyFilter
from gateway.cases.inquiries_api import CasesIn, InquiryFilter, InquiryIn, PlanIn, ReportIn, SolvedFilter, UpdateIn
from gateway.cases.schemas import CaseFilter
from gateway.console import told
from gateway.console.forms import Action, Said, Values, act, by_language
from gateway.console.trouble import NONE, Trouble, attempt, kept_form, take
from gateway.console.web import OURS, ROOT, Page, Visit, redirect, visit
from gateway.staff.roles import Permission

router = APIRouter(prefix=f"{ROOT}/inquiries", include_in_schema=False, route_class=Page)

Inside = Annotated[Visit, Depends(visit(Permission.READ_STORIES))]

CASES = 100
"""Cases of an inquiry on its page; all of them are in the list of cases."""


def _serials(_: Visit, said: Values) -> dict[str, Any]:
    """Serials as they were typed, between spaces or commas."""
    return {**said, "cases": re.split(r"[\s,;]+", said.get("cases", "").strip().upper())}


def _report(visit: Visit, said: Values) -> dict[str, Any]:
    """The report, and what residents read of it; all languages left empty, nobody is told."""
    body = by_language("text")(visit, said)
    return {name: value for name, value in body.items() if name != "text" or value}


ACTIONS: dict[str, Action] = {
    "plan": Action(Permission.MOVE, inquiries_api.write_plan, PlanIn),
    "put-in": Action(Permission.MOVE, inquiries_api.put_in, CasesIn, ready=_serials),
    "take-out": Action(Permission.MOVE, inquiries_api.take_out, CasesIn, ready=_serials),
    "update": Action(Permission.REPLY, inquiries_api.tell_all, UpdateIn, ready=by_language("text")),
    "close": Action(Permission.MOVE, inquiries_api.close, ReportIn, ready=_report),
}

BEGIN = {"begin": Action(Permission.MOVE, inquiries_api.begin, InquiryIn)}


@router.get("")
def list_inquiries(visit: Inside, asked: Annotated[InquiryFilter, Query()]) -> HTMLResponse:
    """Every inquiry, newest first."""
    return _list(visit, asked)


def _list(visit: Visit, asked: InquiryFilter, trouble: Trouble = NONE) -> HTMLResponse:
    page = inquiries_api.list_inquiries(visit.caller, asked)
    # Each is told of once in the days that the pack counts over.
    spikes = duties_api.list_duties(visit.caller, DutyFilter(kind=Kind.SPIKE)).items
    told_of = {"page": page, "spikes": spikes} | _common(visit)
    return trouble.page(visit, "inquiries.html", **told_of)


@router.post("", dependencies=[OURS])
def begin(visit: Inside, said: Said) -> Response:
    """Open one."""

    def do() -> Response:
        made = inquiries_api.InquiryOut.model_validate_json(act(visit, BEGIN, "begin", {}, said).body)
        return redirect(f"{ROOT}/inquiries/{made.id}")

    return attempt(do, "begin", said, partial(_list, visit, InquiryFilter()))


@router.get("/{inquiry}")
def show(visit: Inside, inquiry: UUID, kept: str = "") -> HTMLResponse:
    """One inquiry."""
    return _one(visit, inquiry, kept_form(visit, kept))


@router.post("/{inquiry}/do/{action}", dependencies=[OURS])
def do(visit: Inside, inquiry: UUID, action: str, said: Said) -> Response:
    """Do what a form says; when that cannot be, the page again with what was written in it."""
    again, then = partial(_one, visit, inquiry), f"{ROOT}/inquiries/{inquiry}"
    return take(visit, ACTIONS, action, {"inquiry": inquiry}, said, again=again, then=then)


@router.get("/{inquiry}/report")
def report(visit: Inside, inquiry: UUID) -> HTMLResponse:
    """What came of it, to read and to print: its report, and how much is solved, said by whom."""
    shown = inquiries_api.read_inquiry(inquiry, visit.caller, Response())
    solved = inquiries_api.solved(visit.caller, SolvedFilter(inquiry=inquiry))
    cases = api.list_cases(visit.caller, CaseFilter(inquiry=inquiry, order="oldest", limit=CASES))
    told_of = {"inquiry": shown, "solved": solved, "cases": cases.items} | _common(visit)
    return NONE.page(visit, "inquiry_report.html", **told_of)


def _one(visit: Visit, inquiry: UUID, trouble: Trouble) -> HTMLResponse:
    shown = inquiries_api.read_inquiry(inquiry, visit.caller, Response())
    cases = api.list_cases(visit.caller, CaseFilter(inquiry=inquiry, order="oldest", limit=CASES))
    common = _common(visit)
    return trouble.page(visit, "inquiry.html", inquiry=shown, cases=cases.items, **common)


def _common(visit: Visit) -> dict[str, object]:
    return {
        "pack": visit.context.pack,
        "told": told,
    }
