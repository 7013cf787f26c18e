"""What goes with a case, a page each: is it ours, letters and findings, who may know what, other cases."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import HTMLResponse

from gateway.cases import admissibility_api, api, inquiries_api, merging_api, sharing_api
from gateway.cases.inquiries_api import InquiryFilter
from gateway.console.case import WHOLE, Exporter, draw_page, page_of_case
from gateway.console.cases import Reader, takers
from gateway.console.trouble import Trouble, kept_form
from gateway.console.web import ROOT, Page, Visit, visit
from gateway.exports import api as exports
from gateway.letters import api as letters
from gateway.staff.roles import Permission

router = APIRouter(prefix=f"{ROOT}/cases/{{serial}}", include_in_schema=False, route_class=Page)

Inside = Annotated[Visit, Depends(visit(Permission.READ_STORIES))]


@router.get("/ours")
def show_ours(visit: Inside, serial: str, kept: str = "") -> HTMLResponse:
    """Is it ours?"""
    return _ours(visit, serial, kept_form(visit, kept))


@page_of_case("ours")
def _ours(visit: Visit, serial: str, trouble: Trouble) -> HTMLResponse:
    case = api.read_case(serial, visit.caller, Response())
    sheet = admissibility_api.read_sheet(serial, visit.caller)
    turned = admissibility_api.read_letter(serial, visit.caller).letter
    return draw_page(visit, "ours.html", case, trouble, sheet=sheet, turned=turned)


@router.get("/letters")
def show_letters(visit: Reader, serial: str, kept: str = "") -> HTMLResponse:
    """Letters, findings, recommendations."""
    return _letters(visit, serial, kept_form(visit, kept))


@page_of_case("letters")
def _letters(visit: Visit, serial: str, trouble: Trouble) -> HTMLResponse:
    case = api.read_case(serial, visit.caller, Response())
    found = letters.list_letters(serial, visit.caller, WHOLE).items
    findings = letters.list_findings(serial, visit.caller, WHOLE).items
    today = visit.context.clock.now().astimezone(visit.context.pack.about.zone).date()
    return draw_page(visit, "letters.html", case, trouble, letters=found, findings=findings, today=today)


@router.get("/letters/{letter}.pdf")
def print_letter(visit: Reader, serial: str, letter: UUID) -> Response:
    """A letter, to print and sign."""
    return letters.print_letter(serial, letter, visit.caller)


@router.get("/access")
def show_access(visit: Inside, serial: str, kept: str = "") -> HTMLResponse:
    """Who may know what: summary and words for the department, conflicts, punishment."""
    return _access(visit, serial, kept_form(visit, kept))


@page_of_case("access")
def _access(visit: Visit, serial: str, trouble: Trouble) -> HTMLResponse:
    case = api.read_case(serial, visit.caller, Response())
    conflicts = sharing_api.list_conflicts(serial, visit.caller).items
    with visit.context.work() as session:
        people = takers(session)
    return draw_page(visit, "access.html", case, trouble, conflicts=conflicts, people=people)


@router.get("/others")
def show_others(visit: Inside, serial: str, kept: str = "") -> HTMLResponse:
    """Merged with, and in which inquiry."""
    return _others(visit, serial, kept_form(visit, kept))


@page_of_case("others")
def _others(visit: Visit, serial: str, trouble: Trouble) -> HTMLResponse:
    case = api.read_case(serial, visit.caller, Response())
    merged = merging_api.merged(serial, visit.caller, WHOLE)
    open_ones = inquiries_api.list_inquiries(visit.caller, InquiryFilter(status="open", limit=100)).items
    mine = inquiries_api.read_inquiry(UUID(case.inquiry), visit.caller, Response()) if case.inquiry else None
    return draw_page(visit, "others.html", case, trouble, merged=merged, inquiries=open_ones, mine=mine)


@router.get("/bundle.pdf")
def bundle(visit: Exporter, serial: str) -> Response:
    """The case as a file to hand on."""
    return exports.export_case(serial, visit.caller)
