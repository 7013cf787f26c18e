"""Pages to sign in, to take an invitation, to give the second factor again, and to sign out."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import segno
from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from gateway.console.web import (
    OURS,
    ROOT,
    Anybody,
    Page,
    browser_of,
    draw,
    drop_cookie,
    form_token,
    next_page,
    redirect,
    set_cookie,
    signed_in,
    words_for,
)
from gateway.context import Context
from gateway.errors import BarazaError, Invalid, TooManyTries
from gateway.staff import invitations, passwords, second_factor, sessions, signing_in
from gateway.staff.sessions import SignedIn

router = APIRouter(prefix=ROOT, include_in_schema=False, route_class=Page)

Next = Annotated[str, Query(max_length=500)]
Typed = Annotated[str, Form(max_length=500)]
Live = Annotated[SignedIn, Depends(signed_in)]


@router.get("/sign-in")
def ask_password(request: Request, next: Next = ROOT) -> HTMLResponse:  # noqa: A002  # the word in the address
    """E-mail and password."""
    return draw(request, "sign_in.html", words_for(request), next=next_page(next), email="")


@router.post("/sign-in")
def take_password(request: Request, email: Typed = "", password: Typed = "", next: Typed = ROOT) -> Response:  # noqa: A002
    """On to the second factor, or the same page with what was wrong."""
    onward = next_page(next)
    try:
        token = signing_in.with_password(_context(request), email, password, browser_of(request))
    except (signing_in.WrongSignIn, TooManyTries) as wrong:
        told = {"next": onward, "email": email, "wrong": wrong}
        return draw(request, "sign_in.html", words_for(request), status=wrong.status, **told)
    answer = redirect(f"{ROOT}/code?next={quote(onward, safe='')}")
    set_cookie(request, answer, token)
    return answer


@router.get("/code")
def ask_code(request: Request, live: Live, next: Next = ROOT) -> Response:  # noqa: A002
    """The second factor."""
    if live.proved:
        return redirect(next_page(next))
    return _ask_code(request, live, next_page(next))


@router.get("/proof")
def ask_proof(request: Request, visit: Anybody, next: Next = ROOT) -> HTMLResponse:  # noqa: A002
    """The second factor once more, before what is guarded."""
    return _ask_code(request, visit.signed_in, next_page(next))


@router.post("/code", dependencies=[OURS])
def take_code(request: Request, live: Live, code: Typed = "", next: Typed = ROOT) -> Response:  # noqa: A002
    """Signed in, under a new cookie; or the same page with what was wrong."""
    onward = next_page(next)
    try:
        token = signing_in.with_code(_context(request), live, code)
    except (signing_in.WrongCode, TooManyTries) as wrong:
        return _ask_code(request, live, onward, wrong)
    answer = redirect(onward)
    set_cookie(request, answer, token)
    return answer


def _ask_code(request: Request, live: SignedIn, onward: str, wrong: BarazaError | None = None) -> HTMLResponse:
    return draw(
        request,
        "code.html",
        words_for(request, live.staff.language),
        status=wrong.status if wrong else 200,
        next=onward,
        again=live.proved,
        wrong=wrong,
        form_token=form_token(request),
        email=live.staff.email,
        demo=_context(request).settings.demo,
    )


@router.post("/sign-out", dependencies=[OURS])
def sign_out(request: Request, live: Live) -> Response:
    """End this session at once."""
    signing_in.sign_out(_context(request), live.session)
    answer = redirect(f"{ROOT}/sign-in")
    drop_cookie(request, answer)
    return answer


@router.get("/join/{token}")
def show_invitation(request: Request, token: str) -> HTMLResponse:
    """Choose a password and link an authenticator."""
    return _invitation(request, token)


@router.post("/join/{token}")
def take_invitation(
    request: Request, token: str, password: Typed = "", again: Typed = "", code: Typed = ""
) -> Response:
    """Signed in for the first time: the recovery codes, this once."""
    context = _context(request)
    try:
        passwords.same(password, again)
        signing_in.count_join(context, token)
        now, wall = context.clock.now(), context.clock.wall()
        with context.work() as session:
            staff, codes = invitations.accept(
                session, context.vault, token, password=password, code=code, wall=wall, now=now
            )
            browser = browser_of(request)
            cookie = sessions.begin(
                session,
                context.vault,
                staff.id,
                address=browser.address,
                agent=browser.agent,
                now=now,
                proved=True,
            )
    except (Invalid, TooManyTries) as wrong:
        return _invitation(request, token, wrong)
    answer = draw(request, "recovery_codes.html", words_for(request), codes=codes)
    set_cookie(request, answer, cookie)
    return answer


def _invitation(request: Request, token: str, wrong: BarazaError | None = None) -> HTMLResponse:
    context = _context(request)
    words = words_for(request)
    with context.work() as session:
        invited = invitations.read(session, context.vault, token, context.clock.now())
    issuer = f"Baraza {words.label(context.pack.about.place)}"
    address = second_factor.address(invited.secret, email=invited.staff.email, issuer=issuer)
    return draw(
        request,
        "join.html",
        words,
        status=wrong.status if wrong else 200,
        staff=invited.staff,
        picture=segno.make(address, error="m").svg_inline(scale=4, border=2, svgclass="qr", lineclass=None),
        secret=" ".join(invited.secret[at : at + 4] for at in range(0, len(invited.secret), 4)),
        wrong=wrong,
    )


def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context
