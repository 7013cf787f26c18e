"""The staff API on accounts: for who keeps them. What changes one wants a fresh code of the second factor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.orm import Session

from gateway import paging, problems
from gateway.errors import Invalid
from gateway.idempotency import Answer, Write, writing
from gateway.paging import Page
from gateway.staff import accounts, invitations, service
from gateway.staff.accounts import Kept
from gateway.staff.auth import Caller, require
from gateway.staff.roles import Permission, Role

router = APIRouter(
    prefix="/staff",
    tags=["staff"],
    dependencies=[Depends(problems.said_once)],
    responses=problems.declared(*problems.READING),
)

Keeper = Annotated[Caller, Depends(require(Permission.KEEP_ACCOUNTS))]
Keeping = Annotated[Write, Depends(writing(Permission.KEEP_ACCOUNTS, fresh=True))]

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00]*$")]
Department = Annotated[str, StringConstraints(max_length=16, pattern=r"^[A-Za-z0-9_-]*$")]


class ChangeIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name
    role: Role
    department: Department | None = Field(None, description="Of a focal person, and of nobody else")


class AccountIn(ChangeIn):
    email: Annotated[str, StringConstraints(min_length=3, max_length=254, pattern=r"^[^\x00]*$")]


class AccountOut(BaseModel):
    """An account of staff, with how it is signed in to."""

    id: UUID
    email: str
    name: str
    role: Role
    department: str | None
    active: bool
    added_at: datetime
    factor_since: datetime | None = Field(description="When password and second factor were set; null: never")
    invited_until: datetime | None = Field(description="Until when a link to set them is good")
    signed_in_at: datetime | None = Field(description="The last sign-in, as far as sign-ins are kept")


class AccountFilter(Page):
    role: Role | None = None
    active: bool | None = None


class AccountPage(BaseModel):
    items: list[AccountOut]
    next_cursor: str | None


class InvitedOut(BaseModel):
    address: str = Field(description="Told this once: whoever holds it sets password and second factor")
    until: datetime


@router.get("")
def list_accounts(caller: Keeper, asked: Annotated[AccountFilter, Query()]) -> AccountPage:
    """Accounts by e-mail, those that ended too."""
    with caller.work() as session:
        found = accounts.listed(
            session, caller.now(), role=asked.role, active=asked.active, after=asked.after, limit=asked.limit + 1
        )
    rows, more = paging.cut(found, asked.limit)
    return AccountPage(
        items=[_out(row) for row in rows], next_cursor=paging.encode(rows[-1].staff.id) if more else None
    )


@router.post("", status_code=201, responses=problems.declared(409))
def add(body: AccountIn, write: Keeping) -> AccountOut:
    """Add an account. Nobody can sign in to it before its invitation is taken."""

    def do(session: Session) -> Answer:
        caller = write.caller
        _known(caller, body.department)
        row = service.add_staff(
            session,
            email=body.email,
            name=body.name,
            role=body.role,
            department=body.department or None,
            now=caller.now(),
            by=caller.staff.id,
        )
        return Answer(_out(accounts.find(session, row.id, caller.now())), status=201)

    return write.once(do)  # type: ignore[return-value]  # a finished Response; the annotation documents its body


@router.get("/{person}")
def read(person: UUID, caller: Keeper) -> AccountOut:
    """One account."""
    with caller.work() as session:
        return _out(accounts.find(session, person, caller.now()))


@router.post("/{person}/change", responses=problems.declared(409))
def change(person: UUID, body: ChangeIn, write: Keeping) -> AccountOut:
    """A new name, role or department, from the next request of that person on. Not of one's own account."""
    _known(write.caller, body.department)
    said = body.model_dump() | {"department": body.department or None}
    return _done(write, person, lambda session: accounts.change(session, person, **said, by=write.caller.staff))


@router.post("/{person}/invitation", responses=problems.declared(409))
def invite(person: UUID, write: Keeping) -> InvitedOut:
    """A link to set password and second factor, good once, for 72 hours; also for who lost them. The older one ends."""

    def do(session: Session) -> Answer:
        caller, now = write.caller, write.caller.now()
        email = accounts.find(session, person, now).staff.email
        secret = invitations.invite(session, caller.context.vault, email=email, now=now, by=caller.staff.id)
        address = f"{caller.context.settings.web_url or ''}/console/join/{secret}"
        return Answer(InvitedOut(address=address, until=now + invitations.VALID), headers={"Cache-Control": "no-store"})

    return write.once(do)  # type: ignore[return-value]


@router.post("/{person}/sign-out", responses=problems.declared(409))
def sign_out(person: UUID, write: Keeping) -> AccountOut:
    """End every session and API token of this account. Its password and second factor go on."""
    caller = write.caller
    return _done(write, person, lambda session: accounts.sign_out(session, person, now=caller.now(), by=caller.staff))


@router.post("/{person}/end", responses=problems.declared(409))
def end(person: UUID, write: Keeping) -> AccountOut:
    """No more access; password and second factor are forgotten. What the person did stays under their name."""
    caller = write.caller
    return _done(write, person, lambda session: accounts.end(session, person, now=caller.now(), by=caller.staff))


@router.post("/{person}/open-again", responses=problems.declared(409))
def open_again(person: UUID, write: Keeping) -> AccountOut:
    """Access again for who comes back, by a new invitation."""
    return _done(write, person, lambda session: accounts.open_again(session, person, by=write.caller.staff))


def _done(write: Write, person: UUID, verb: Callable[[Session], None]) -> AccountOut:
    def do(session: Session) -> Answer:
        verb(session)
        return Answer(_out(accounts.find(session, person, write.caller.now())))

    return write.once(do)  # type: ignore[return-value]


def _known(caller: Caller, department: str | None) -> None:
    if department and department not in {known.code for known in caller.context.pack.departments}:
        raise Invalid("the pack has no department with this code", field="department")


def _out(kept: Kept) -> AccountOut:
    staff = kept.staff
    return AccountOut(
        id=staff.id,
        email=staff.email,
        name=staff.name,
        role=Role(staff.role),
        department=staff.department_code,
        active=staff.active,
        added_at=staff.created_at,
        factor_since=kept.factor_since,
        invited_until=kept.invited_until,
        signed_in_at=kept.signed_in_at,
    )
