"""The staff API on files to take away. Each asks for a fresh proof of the second factor and leaves an audit row."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway import problems
from gateway.cases.answering import Serial
from gateway.cases.schemas import CaseFilter
from gateway.cases.service import Desk
from gateway.exports import service
from gateway.staff.auth import Caller, require
from gateway.staff.roles import Permission

router = APIRouter(
    prefix="/exports",
    tags=["exports"],
    dependencies=[Depends(problems.said_once)],
    responses=problems.declared(*problems.READING),
)

Exporter = Annotated[Caller, Depends(require(Permission.EXPORT, fresh=True))]

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def _files(*forms: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "The file", "content": {TYPES[form].partition(";")[0]: {} for form in forms}}}


class ListAsked(CaseFilter):
    """A list as a file: everything the filter finds, whatever `limit` says."""

    format: Literal["csv", "xlsx"] = "csv"


@router.get("/cases", response_class=Response, responses=_files("csv", "xlsx"))
def export_cases(caller: Exporter, asked: Annotated[ListAsked, Query()]) -> Response:
    """The cases you see, without stories, numbers or receipts."""
    with caller.work() as session:
        body = service.case_list(_desk(caller, session), asked, asked.format)
    return _file(body, asked.format, "cases")


class ReturnAsked(BaseModel):
    """A quarter, as a table or on paper."""

    model_config = ConfigDict(extra="forbid")

    quarter: Annotated[str, StringConstraints(pattern=r"^20[0-9][0-9]-Q[1-4]$")] = Field(examples=["2026-Q3"])
    format: Literal["csv", "pdf"] = "csv"


@router.get("/caj", response_class=Response, responses=_files("csv", "pdf"))
def export_return(caller: Exporter, asked: Annotated[ReturnAsked, Query()]) -> Response:
    """The quarterly return to the Commission on Administrative Justice. Its columns are provisional."""
    with caller.work() as session:
        body = service.quarterly_return(
            _desk(caller, session), asked.quarter, asked.format, training=caller.context.settings.training
        )
    return _file(body, asked.format, f"caj-{asked.quarter}")


@router.get("/cases/{serial}", response_class=Response, responses=_files("pdf"))
def export_case(serial: Serial, caller: Exporter) -> Response:
    """One case as PDF, to hand to another body: without number, name and receipt."""
    with caller.work() as session:
        body = service.case_bundle(_desk(caller, session), serial, training=caller.context.settings.training)
    return _file(body, "pdf", serial)


def _desk(caller: Caller, session: Any) -> Desk:
    return Desk(session, caller.context.vault, caller.context.pack, caller.staff, caller.now(), caller.language)


def _file(body: bytes, form: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"', "Cache-Control": "no-store"}
    return Response(body, media_type=TYPES[form], headers=headers)
