"""What the routes on cases share: path and header parameters, the desk of a write, and its answer."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Depends, Header, Path
from sqlalchemy.orm import Session

from gateway import problems
from gateway.cases import queries
from gateway.cases.models import Case, CaseEvent
from gateway.cases.schemas import EventDone
from gateway.cases.service import Desk
from gateway.idempotency import Answer, Write
from gateway.staff.auth import Caller, require
from gateway.staff.roles import Permission

Serial = Annotated[str, Path(max_length=24, pattern=r"^[^\x00]*$", examples=["KAK-2026-000001"])]
Reader = Annotated[Caller, Depends(require(Permission.READ_CASES))]
IfMatch = Annotated[
    str | None,
    Header(pattern=r'^(\*|"[1-9][0-9]{0,8}")$', description="The `ETag` you saw; 409 when the case has moved on since"),
]
ETAG = {"headers": {"ETag": {"description": "The case's version", "schema": {"type": "string"}}}}
CHANGED: dict[int | str, dict[str, Any]] = {200: ETAG, **problems.declared(409)}
ADDED: dict[int | str, dict[str, Any]] = {201: ETAG, **problems.declared(409)}


def desk_of(write: Write, session: Session) -> Desk:
    """The desk of who writes, in the transaction of the write."""
    context, caller = write.caller.context, write.caller
    return Desk(session, context.vault, context.pack, caller.staff, caller.now(), caller.language)


def versions_of(body: int | None, if_match: str | None) -> tuple[int, ...]:
    """The versions the caller says the case is at."""
    named = re.search(r"\d+", if_match or "")
    return tuple(version for version in (body, int(named[0]) if named else None) if version is not None)


def case_answer(desk: Desk, serial: str) -> Answer:
    """The case as it is now, with its version."""
    opened = queries.opened(desk.pack, desk.vault, desk.staff, queries.read_case(desk.session, desk.staff, serial))
    return Answer(opened, headers={"ETag": f'"{opened.version}"'})


def event_answer(desk: Desk, case: Case, event: CaseEvent) -> Answer:
    """What was just written, with the case's version after it."""
    (told,) = queries.told(desk.session, desk.vault, desk.words, desk.staff, case, [event])
    return Answer(
        EventDone(**told.model_dump(), version=case.version), status=201, headers={"ETag": f'"{case.version}"'}
    )
