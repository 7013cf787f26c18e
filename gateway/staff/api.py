"""The staff API on one's own account: who am I, a fresh proof of the second factor, logins."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.security import HTTPAuthorizationCredentials
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway import problems
from gateway.staff import audit, service, sessions, signing_in
from gateway.staff.auth import Caller, bearer, require
from gateway.staff.roles import PERMISSIONS, Permission, Role

router = APIRouter(
    prefix="/me",
    tags=["me"],
    dependencies=[Depends(problems.said_once)],
    responses=problems.declared(*problems.READING),
)

Me = Annotated[Caller, Depends(require(Permission.OWN_ACCOUNT))]
Proved = Annotated[Caller, Depends(require(Permission.OWN_ACCOUNT, fresh=True))]


class MeOut(BaseModel):
    """An account, as its owner sees it."""

    email: str
    name: str
    role: Role
    department: str | None
    permissions: list[Permission]


class ProofIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, StringConstraints(min_length=6, max_length=24, pattern=r"^[^\x00]*$")] = Field(
        description="Six digits of the authenticator, or a recovery code"
    )


class ProofOut(BaseModel):
    until: datetime = Field(description="Until when identity may be revealed and data exported with this token")


class LanguageIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    language: Annotated[str, StringConstraints(min_length=2, max_length=8, pattern=r"^[^\x00]*$")]


_Password = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class PasswordIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    old: _Password
    password: _Password = Field(description="At least 12 characters")


class CodesOut(BaseModel):
    codes: list[str] = Field(description="Each signs in once instead of six digits")


class LoginOut(BaseModel):
    """One sign-in to the desk's pages."""

    id: UUID
    address: str
    agent: str = Field(description="What the browser calls itself")
    began_at: datetime
    seen_at: datetime
    open: bool


class LoginsOut(BaseModel):
    items: list[LoginOut]


@router.get("")
def read_me(caller: Me) -> MeOut:
    """Whose token this is, and what it may do."""
    staff, role = caller.staff, Role(caller.staff.role)
    return MeOut(
        email=staff.email,
        name=staff.name,
        role=role,
        department=staff.department_code,
        permissions=sorted(PERMISSIONS[role]),
    )


@router.post("/proof", responses=problems.declared(429))
def prove(body: ProofIn, caller: Me, credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> ProofOut:
    """Give a code of the second factor for this token: it opens what reveals identity or exports data, for a while."""
    signing_in.prove(caller.context, caller.staff, body.code)
    now = caller.now()
    with caller.work() as session:
        service.token_proved(session, caller.context.vault, credentials.credentials, now)
        audit.record(session, staff_id=caller.staff.id, action="staff.token_proved", subject=str(caller.staff.id))
    return ProofOut(until=now + sessions.FRESH)


@router.post("/language", status_code=204)
def choose_language(body: LanguageIn, caller: Me) -> Response:
    """The language of what the desk says to oneself: its pages, what happened, how a clock counts, files."""
    signing_in.choose_language(caller.context, caller.staff, body.language)
    return Response(status_code=204)


@router.post("/password", status_code=204, responses=problems.declared(429))
def change_password(body: PasswordIn, caller: Proved) -> Response:
    """A new password for the desk's pages; every session there ends. Tokens go on."""
    signing_in.change_password(caller.context, caller.staff, body.old, body.password)
    return Response(status_code=204)


@router.post("/recovery-codes")
def new_recovery_codes(caller: Proved, response: Response) -> CodesOut:
    """Ten new recovery codes, in this answer alone; the old ones stop working."""
    response.headers["Cache-Control"] = "no-store"
    return CodesOut(codes=signing_in.new_recovery_codes(caller.context, caller.staff))


@router.get("/logins")
def list_logins(caller: Me) -> LoginsOut:
    """Where and when one signed in to the desk's pages, newest first."""
    with caller.work() as session:
        found = sessions.logins(session, caller.staff.id, caller.now())
    return LoginsOut(
        items=[
            LoginOut(
                id=row.id,
                address=row.address,
                agent=row.agent,
                began_at=row.created_at,
                seen_at=row.seen_at,
                open=is_open,
            )
            for row, is_open in found
        ]
    )


@router.delete("/logins/{login}", status_code=204)
def end_login(login: UUID, caller: Me) -> Response:
    """End one of one's own sessions at once."""
    with caller.work() as session:
        sessions.end(session, caller.staff.id, login, caller.now())
    return Response(status_code=204)
