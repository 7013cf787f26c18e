"""One's own account: logins, password, recovery codes, language."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Response
from fastapi.responses import HTMLResponse

from gateway.console.signing import Typed
from gateway.console.web import OURS, ROOT, Anybody, Page, Visit, redirect, visit
from gateway.errors import BarazaError, Invalid, TooManyTries
from gateway.staff import passwords, second_factor, sessions, signing_in

router = APIRouter(prefix=f"{ROOT}/account", include_in_schema=False, route_class=Page)

Fresh = Annotated[Visit, Depends(visit(fresh=True))]


@router.get("")
def account(visit: Anybody) -> HTMLResponse:
    """Everything about one's own account on one page."""
    return _account(visit)


@router.post("/password", dependencies=[OURS])
def change_password(visit: Fresh, old: Typed = "", password: Typed = "", again: Typed = "") -> Response:
    """A new password; the other sessions end."""
    try:
        passwords.same(password, again)
        signing_in.change_password(visit.context, visit.signed_in.staff, old, password, here=visit.signed_in.session.id)
    except (Invalid, TooManyTries, signing_in.WrongSignIn) as wrong:
        return _account(visit, wrong)
    return redirect(f"{ROOT}/account")


@router.post("/recovery-codes", dependencies=[OURS])
def new_codes(visit: Fresh) -> HTMLResponse:
    """Ten new recovery codes, shown this once."""
    codes = signing_in.new_recovery_codes(visit.context, visit.signed_in.staff)
    return visit.page("recovery_codes.html", codes=codes)


@router.post("/logins/{login}/end", dependencies=[OURS])
def end_login(visit: Anybody, login: UUID) -> Response:
    """End another session of one's own."""
    with visit.context.work() as session:
        sessions.end(session, visit.signed_in.staff.id, login, visit.context.clock.now())
    return redirect(f"{ROOT}/account")


@router.post("/language", dependencies=[OURS])
def choose_language(visit: Anybody, language: Annotated[str, Form(max_length=8)]) -> Response:
    """The language of the desk's pages from now on."""
    signing_in.choose_language(visit.context, visit.signed_in.staff, language)
    return redirect(f"{ROOT}/account")


def _account(visit: Visit, wrong: BarazaError | None = None) -> HTMLResponse:
    staff = visit.signed_in.staff
    with visit.context.work() as session:
        logins = sessions.logins(session, staff.id, visit.context.clock.now())
        left = second_factor.recovery_codes_left(session, staff.id)
    status = wrong.status if wrong else 200
    here = visit.signed_in.session.id
    return visit.page("account.html", status=status, logins=logins, left=left, wrong=wrong, here=here)
