"""How every page of the desk is asked for and answered: who is signed in, forms of ours only, errors as pages."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlsplit
from uuid import UUID

import structlog
from fastapi import Depends, Form, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from fastapi.templating import Jinja2Templates
from sqlalchemy import exc
from starlette.concurrency import run_in_threadpool

from gateway.cases import files
from gateway.console.refusals import why
from gateway.context import Context
from gateway.errors import BarazaError, Forbidden, Invalid, ProofNeeded, Unauthorized, Unavailable
from gateway.public.words import preferred_languages
from gateway.staff import kept_forms, sessions
from gateway.staff.auth import Caller, may
from gateway.staff.kept_forms import Kept
from gateway.staff.roles import Permission
from gateway.staff.sessions import SignedIn
from gateway.staff.signing_in import Browser
from gateway.words import LANGUAGES, Words

log = structlog.get_logger(__name__)

ROOT = "/console"
STATIC = Path(__file__).parent / "static"
LARGEST = 64 * 1024
"""Bytes of a form; the longest text is some 10,000 characters."""

LARGEST_FILE = files.MOST + LARGEST
"""Bytes of a form with a file in it; its address ends in `attach`."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: with it browsers send forms with the origin "null".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}

_TEMPLATES = Jinja2Templates(directory=Path(__file__).parent / "templates")
_TEMPLATES.env.trim_blocks = _TEMPLATES.env.lstrip_blocks = True


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of somebody who is signed in, both factors given."""

    request: Request
    context: Context
    signed_in: SignedIn
    words: Words

    @property
    def caller(self) -> Caller:
        """The same as the API's."""
        return Caller(self.signed_in.staff, self.context, self.words.language)

    def may(self, permission: Permission) -> bool:
        return may(self.signed_in.staff, permission)

    def demand(self, permission: Permission) -> None:
        """Raise `Forbidden` for a role that does not carry `permission`."""
        if not self.may(permission):
            raise Forbidden(permission=permission.value)

    def page(self, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """A page with the frame of the desk around it."""
        told = {"visit": self, "me": self.signed_in.staff, "form_token": form_token(self.request)}
        return draw(self.request, template, self.words, status=status, **(told | values))


class TooLarge(BarazaError):
    code, status, title = "too_large", 413, "This is too long"


class Page(APIRoute):
    """A route of the desk's pages: refuses forms that are not of ours, and answers errors as pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                if request.method != "GET":
                    _check_origin(request)
                return await handle(request)
            except ProofNeeded:
                return redirect(f"{ROOT}/proof?next={quote(await _onward(request), safe='')}")
            except Unauthorized:
                return redirect(f"{ROOT}/sign-in?next={quote(await _onward(request), safe='')}")
            except BarazaError as error:
                return _error(request, error)
            except RequestValidationError:
                return _error(request, Invalid())
            except (exc.OperationalError, exc.TimeoutError) as error:
                log.warning("store_down", kind=type(error).__name__)
                return _error(request, Unavailable())

        return handler


def _error(request: Request, error: BarazaError) -> HTMLResponse:
    """A page that says what is wrong; who is signed in keeps the desk's frame, and their language."""
    visitor: Visit | None = getattr(request.state, "visitor", None)
    said: dict[str, object] = {"code": error.code, "error": error}
    if visitor is not None:
        return visitor.page("error.html", status=error.status, **said)
    return draw(request, "error.html", words_for(request), status=error.status, **said)


def _check_origin(request: Request) -> None:
    """Raise `Forbidden` for a form of another site (browsers name the origin of every form), `TooLarge`."""
    sent_from = urlsplit(request.headers.get("origin", ""))
    if not sent_from.netloc or sent_from.netloc != request.headers.get("host"):
        raise Forbidden
    length = request.headers.get("content-length", "")
    most = LARGEST_FILE if request.url.path.endswith("/attach") else LARGEST
    if not length.isdigit() or int(length) > most:
        raise TooLarge


def _back(request: Request) -> str:
    """Where to go on after signing in: the page asked for, or the one a form was on."""
    if request.method == "GET":
        return request.url.path + (f"?{request.url.query}" if request.url.query else "")
    came_from = urlsplit(request.headers.get("referer", ""))
    return came_from.path if came_from.netloc == request.headers.get("host") else ROOT


async def _onward(request: Request) -> str:
    """Where to go on after signing in; what was written in a form is kept, and its page shows it again."""
    back = _back(request)
    if request.method == "GET":
        return back
    form = await request.form()
    said = {name: text for name, text in form.items() if isinstance(text, str) and name not in _NOT_WRITTEN}
    id_ = await run_in_threadpool(_keep, request, Kept(request.url.path, said)) if said else None
    return f"{back}?kept={id_}" if id_ else back


_NOT_WRITTEN = frozenset({"form_token", "once", "version", "password", "again", "old", "code", "email", "next"})


def _keep(request: Request, kept: Kept) -> UUID | None:
    """Keep a form for whose session it was. None for a cookie that never was a session."""
    context: Context = request.app.state.context
    cookie = request.cookies.get(cookie_name(request), "")
    with context.work() as session:
        staff = sessions.whose(session, context.vault, cookie) if cookie else None
        return kept_forms.keep(session, context.vault, staff, kept, context.clock.now()) if staff else None


def next_page(wanted: str) -> str:
    """A page of the desk to go on to; home for anything else, so that no link leads away from here."""
    is_ours = wanted == ROOT or wanted.startswith((f"{ROOT}/", f"{ROOT}?"))
    return wanted if is_ours and "\\" not in wanted and not wanted.startswith(f"{ROOT}/sign-") else ROOT


def redirect(to: str) -> RedirectResponse:
    """See other: what follows a form is a page of its own, so that reloading it sends nothing twice."""
    return RedirectResponse(to, status_code=303, headers={"Cache-Control": "no-store"})


def draw(request: Request, template: str, words: Words, *, status: int = 200, **values: object) -> HTMLResponse:
    """A page in one language."""
    context: Context = request.app.state.context
    told: dict[str, object] = {
        "about": context.pack.about,
        "languages": LANGUAGES,
        "language": words.language,
        "words": words,
        "say": words.say,
        "why": partial(why, words),
        "path": request.url.path,
        "now": context.clock.now(),
        "Permission": Permission,
        "training": context.settings.training,
        "provider": context.settings.oidc_name if context.settings.oidc_issuer else None,
        "visit": None,
    }
    page = _TEMPLATES.TemplateResponse(request, template, told | values, status_code=status)
    page.headers.update(HEADERS | {"Content-Language": words.language})
    return page


def words_for(request: Request, staff_language: str | None = None) -> Words:
    """The language a person has chosen, else the one asked for on this page, else what the browser prefers."""
    wanted = [staff_language or "", request.query_params.get("lang", "")]
    wanted += preferred_languages(request.headers.get("accept-language", ""))
    language = next((code for code in wanted if code in LANGUAGES), next(iter(LANGUAGES)))
    return Words(request.app.state.context.pack, language)


def is_secure(request: Request) -> bool:
    """Whether browsers come by https: by the setting, else by what the proxy says."""
    context: Context = request.app.state.context
    return (context.settings.web_url or str(request.base_url)).startswith("https:")


def cookie_name(request: Request) -> str:
    """Under https no other host of the domain, and no page without TLS, can set this cookie (RFC 6265bis, 4.1.3.2)."""
    return "__Host-baraza" if is_secure(request) else "baraza"


def set_cookie(request: Request, response: Response, token: str) -> None:
    """Give the browser its session; it forgets it when it is closed."""
    response.set_cookie(
        cookie_name(request), token, secure=is_secure(request), httponly=True, samesite="strict", path="/"
    )


def drop_cookie(request: Request, response: Response) -> None:
    response.delete_cookie(cookie_name(request), secure=is_secure(request), httponly=True, samesite="strict", path="/")


def browser_of(request: Request) -> Browser:
    """From where somebody asks, for their list of logins."""
    address = request.client.host if request.client else ""
    return Browser(address, request.headers.get("user-agent", "").replace("\0", ""))


def form_token(request: Request) -> str:
    """What every form of a session carries: it can be made only with our key and this browser's cookie."""
    context: Context = request.app.state.context
    cookie = request.cookies.get(cookie_name(request), "")
    return context.vault.lookup.digest("form", cookie).hex()[:32]


def once() -> str:
    """What makes one form count once, however often its button is pressed."""
    return secrets.token_urlsafe(12)


def signed_in(request: Request) -> SignedIn:
    """A dependency: the live session, its second factor given or not. Raises `Unauthorized`."""
    context: Context = request.app.state.context
    cookie = request.cookies.get(cookie_name(request), "")
    with context.work() as session:
        return sessions.find(session, context.vault, cookie, context.clock.now())


def watching(request: Request, permission: Permission) -> Visit:
    """The `Visit` of a page that asks by itself whether anything changed. Raises `Unauthorized`, `Forbidden`."""
    context: Context = request.app.state.context
    cookie = request.cookies.get(cookie_name(request), "")
    with context.work() as session:
        live = sessions.find(session, context.vault, cookie, context.clock.now(), noted=False)
    if not live.proved:
        raise Unauthorized
    if not may(live.staff, permission):
        raise Forbidden(permission=permission.value)
    return Visit(request, context, live, words_for(request, live.staff.language))


def form_of_ours(request: Request, token: Annotated[str, Form(alias="form_token", max_length=64)] = "") -> None:
    """A dependency: raises `Forbidden` for a form that this session's page did not draw."""
    if not hmac.compare_digest(token.encode(), form_token(request).encode()):
        raise Forbidden


def visit(permission: Permission = Permission.OWN_ACCOUNT, *, fresh: bool = False) -> Callable[..., Visit]:
    """A dependency: the `Visit` of somebody whose role carries `permission`.

    Raises `Unauthorized` without both factors, `Forbidden`, and `ProofNeeded` where `fresh` asks for a new code.
    """

    def visiting(request: Request, live: Annotated[SignedIn, Depends(signed_in)]) -> Visit:
        context: Context = request.app.state.context
        if not live.proved:
            raise Unauthorized
        visitor = Visit(request, context, live, words_for(request, live.staff.language))
        request.state.visitor = visitor
        visitor.demand(permission)
        if fresh and not sessions.is_fresh(live.session.proved_at, context.clock.now()):
            raise ProofNeeded
        return visitor

    return visiting


Anybody = Annotated[Visit, Depends(visit())]
OURS = Depends(form_of_ours)
