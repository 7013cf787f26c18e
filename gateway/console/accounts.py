"""Accounts of staff, for who keeps them: the list, and a page of each with what can be done."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse

from gateway.console.forms import Action, Said, Values, act
from gateway.console.trouble import NONE, Trouble, attempt, kept_form
from gateway.console.web import OURS, ROOT, Page, Visit, redirect, visit
from gateway.staff import accounts_api as api
from gateway.staff.accounts_api import AccountFilter, AccountIn, AccountOut, ChangeIn, InvitedOut
from gateway.staff.roles import Permission, Role

router = APIRouter(prefix=f"{ROOT}/staff", include_in_schema=False, route_class=Page)

Keeper = Annotated[Visit, Depends(visit(Permission.KEEP_ACCOUNTS))]
Keeping = Annotated[Visit, Depends(visit(Permission.KEEP_ACCOUNTS, fresh=True))]

ACTIONS: dict[str, Action] = {
    "change": Action(Permission.KEEP_ACCOUNTS, api.change, ChangeIn),
    "invite": Action(Permission.KEEP_ACCOUNTS, api.invite),
    "sign-out": Action(Permission.KEEP_ACCOUNTS, api.sign_out),
    "end": Action(Permission.KEEP_ACCOUNTS, api.end),
    "open-again": Action(Permission.KEEP_ACCOUNTS, api.open_again),
}


def _new(_: Visit, said: Values) -> dict[str, Any]:
    """The e-mail has a name of its own in the form: under `email` a form that is kept leaves out who signs in."""
    return {**said, "email": said.get("address", "")}


ADD = {"add": Action(Permission.KEEP_ACCOUNTS, api.add, AccountIn, ready=_new)}


class Asked(AccountFilter):
    """A page of the list, or the one with a form that was kept."""

    kept: str = ""


@router.get("")
def show_all(visit: Keeper, asked: Annotated[Asked, Query()]) -> HTMLResponse:
    """Accounts by e-mail."""
    return _all(visit, asked, kept_form(visit, asked.kept))


@router.post("/do/add", dependencies=[OURS])
def add(visit: Keeping, said: Said) -> Response:
    """Add an account, and go on to its page: there it is invited."""

    def do() -> Response:
        made = AccountOut.model_validate_json(act(visit, ADD, "add", {}, said).body)
        return redirect(f"{ROOT}/staff/{made.id}")

    return attempt(do, "add", said, partial(_all, visit, Asked()))


@router.get("/{person}")
def show(visit: Keeper, person: UUID, kept: str = "") -> HTMLResponse:
    """One account."""
    return _one(visit, person, kept_form(visit, kept))


@router.post("/{person}/do/{action}", dependencies=[OURS])
def do(visit: Keeping, person: UUID, action: str, said: Said) -> Response:
    """Do what a form says; when that cannot be, the page again with what was written in it."""

    def do() -> Response:
        answer = act(visit, ACTIONS, action, {"person": person}, said)
        if action == "invite":
            # Not a page of its own: the link is told this once, and reloading asks whether to send again.
            return _one(visit, person, invited=InvitedOut.model_validate_json(answer.body))
        return redirect(f"{ROOT}/staff/{person}")

    return attempt(do, action, said, partial(_one, visit, person))


def _all(visit: Visit, asked: Asked, trouble: Trouble = NONE) -> HTMLResponse:
    page = api.list_accounts(visit.caller, asked)
    narrowed = asked.model_dump(exclude_none=True, include={"role", "active"}, mode="json")
    return _draw(visit, "staff.html", trouble, page=page, narrowed=narrowed)


def _one(visit: Visit, person: UUID, trouble: Trouble = NONE, invited: InvitedOut | None = None) -> HTMLResponse:
    address = invited.address if invited else ""
    if address.startswith("/"):  # no root address is set: the one that this browser uses
        address = f"{str(visit.request.base_url).rstrip('/')}{address}"
    one = api.read(person, visit.caller)
    return _draw(visit, "staff_one.html", trouble, one=one, invited=invited, address=address)


def _draw(visit: Visit, template: str, trouble: Trouble, **values: object) -> HTMLResponse:
    common: dict[str, object] = {
        "roles": list(Role),
        "pack": visit.context.pack,
    }
    return trouble.page(visit, template, **(common | values))
