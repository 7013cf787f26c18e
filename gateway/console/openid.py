"""To the county's own provider and back: the pages of signing in by OpenID Connect, where it is set up."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from gateway.console.signing import Next
from gateway.console.web import ROOT, Page, browser_of, draw, is_secure, next_page, redirect, set_cookie, words_for
from gateway.context import Context
from gateway.errors import BarazaError, NotFound, TooManyTries
from gateway.staff import openid
from gateway.staff.openid import Back

router = APIRouter(prefix=f"{ROOT}/openid", include_in_schema=False, route_class=Page)

Brought = Annotated[str, Query(max_length=4000)]

REFUSED = (
    openid.OpenIdAway,
    openid.OpenIdRefused,
    openid.OpenIdStale,
    openid.OpenIdUnknown,
    openid.OpenIdUntrusted,
    openid.OpenIdUnverified,
    TooManyTries,
)


@router.get("")
def go(request: Request, next: Next = ROOT) -> Response:  # noqa: A002  # the word in the address
    """To the provider."""
    context = _context(request)
    try:
        address, begun = openid.begin(context, _back(request), next_page(next))
    except openid.OpenIdAway as wrong:
        return _refuse(request, wrong)
    answer = redirect(address)
    # Lax: it must come along when the provider sends the browser back.
    answer.set_cookie(
        _cookie(request),
        begun,
        max_age=openid.TEN_MINUTES,
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
        path="/",
    )
    return answer


@router.get("/back")
def come_back(request: Request, state: Brought = "", code: Brought = "", error: Brought = "") -> Response:
    """Signed in, or on to our own second factor; else the sign-in page with what was wrong."""
    context = _context(request)
    begun = request.cookies.get(_cookie(request), "")
    try:
        token, onward = openid.finish(context, begun, Back(state, code, error), _back(request), browser_of(request))
    except REFUSED as wrong:
        answer: Response = _refuse(request, wrong)
    else:
        # A page, not a redirect: a browser that another site sent here keeps strict cookies back until it moves on.
        to = f"{ROOT}/code?next={quote(next_page(onward), safe='')}"
        answer = draw(request, "came_back.html", words_for(request), to=to)
        set_cookie(request, answer, token)
    answer.delete_cookie(_cookie(request), secure=is_secure(request), httponly=True, samesite="lax", path="/")
    return answer


def _refuse(request: Request, wrong: BarazaError) -> Response:
    told = {"next": ROOT, "email": "", "wrong": wrong}
    return draw(request, "sign_in.html", words_for(request), status=wrong.status, **told)


def _context(request: Request) -> Context:
    """The application's parts. Raises `NotFound` where no provider is set up."""
    context: Context = request.app.state.context
    if not context.settings.oidc_issuer:
        raise NotFound
    return context


def _back(request: Request) -> str:
    """The address that the provider knows us by."""
    context: Context = request.app.state.context
    return (context.settings.web_url or str(request.base_url).rstrip("/")) + f"{ROOT}/openid/back"


def _cookie(request: Request) -> str:
    return "__Host-baraza-openid" if is_secure(request) else "baraza-openid"
