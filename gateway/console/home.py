"""Home: what waits for somebody, oldest first; notices; the morning's digest."""

from __future__ import annotations

import zlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from gateway.cases import api, duties_api
from gateway.cases.duties import READERS
from gateway.cases.duties_api import DutyFilter, DutyPage
from gateway.cases.schemas import CaseFilter, CaseLine, TodoLine
from gateway.commitments import api as commitments
from gateway.commitments import progress_api as progress
from gateway.commitments.progress_schemas import WaitingOut
from gateway.commitments.waiting import MOST, counts
from gateway.console import promise_words, told
from gateway.console.forms import Action, Said, act
from gateway.console.web import OURS, ROOT, Anybody, Page, Visit, once, redirect, visit, watching
from gateway.intake import desk_api
from gateway.intake.desk_schemas import CallbackFilter
from gateway.letters import api as letters
from gateway.messaging import api as messages
from gateway.messaging import channels_api
from gateway.messaging.schemas import MessageFilter
from gateway.staff.roles import Permission

router = APIRouter(prefix=ROOT, include_in_schema=False, route_class=Page)

SHOWN = 5
"""Of each reason, the oldest."""

NOTICES = 20
PROMISES = 8
"""Lines about promises on the page; all of them are under Promises."""
CALLS = 100
"""Calls counted on the page; beyond, it says that there are more."""

ACTIONS = {"seen": Action(Permission.MOVE, duties_api.finish)}


@router.get("")
def home(visit: Anybody) -> HTMLResponse:
    """The to-do list: one query for the counts, one for the oldest of each reason that has any; then the promises."""
    todo = _todo(visit)
    notices = _notices(visit)
    calls = _calls(visit)
    held = _held(visit)
    promises = progress.list_waiting(visit.caller)
    channels = channels_api.list_channels(visit.caller).items if visit.may(Permission.READ_CHANNELS) else []
    counted = counts(promises.items)
    oldest = [(line, _oldest(visit, line)) for line in todo]
    return visit.page(
        "home.html",
        todo=oldest,
        notices=notices,
        calls=calls,
        held=held,
        told=told,
        channels=channels,
        promises=promises.items,
        promises_shown=PROMISES,
        promise_counts=counted,
        all_promises=f"{sum(counted.values())}{'+' if max(counted.values(), default=0) > MOST else ''}",
        promise_words=promise_words,
        titles=_titles(visit, promises.items),
        mark=_mark(todo, notices, (calls, held), promises.items),
        once=once(),
        pack=visit.context.pack,
    )


@router.get("/live")
def live(request: Request) -> Response:
    """What the to-do list says now, in short, for the page that shows it."""
    visit = watching(request, Permission.OWN_ACCOUNT)
    single = (_calls(visit), _held(visit))
    mark = _mark(_todo(visit), _notices(visit), single, progress.list_waiting(visit.caller).items)
    return Response(mark, headers={"Cache-Control": "no-store"})


@router.post("/notices/{duty}/seen", dependencies=[OURS])
def seen(visit: Anybody, duty: UUID, said: Said) -> Response:
    """A notice was seen, or what it asks for is done."""
    act(visit, ACTIONS, "seen", {"duty": duty}, said)
    return redirect(f"{ROOT}#notices")


@router.get("/digest")
def digest(visit: Annotated[Visit, Depends(visit(Permission.READ_CASES))]) -> HTMLResponse:
    """What waited this morning."""
    return visit.page("digest.html", digest=letters.read_digest(visit.caller), told=told, promise_words=promise_words)


def _todo(visit: Visit) -> list[TodoLine]:
    return api.todo(visit.caller).items if visit.may(Permission.READ_CASES) else []


def _notices(visit: Visit) -> DutyPage | None:
    if visit.signed_in.staff.role not in READERS:
        return None
    return duties_api.list_duties(visit.caller, DutyFilter(limit=NOTICES))


def _calls(visit: Visit) -> int:
    """How many calls wait, up to a hundred."""
    if not visit.may(Permission.TAKE_IN):
        return 0
    return len(desk_api.list_callbacks(visit.caller, CallbackFilter(limit=CALLS)).items)


def _held(visit: Visit) -> int:
    """How many texts wait for a decision of staff; one more than `MOST` where there are more."""
    if not visit.may(Permission.REPLY):
        return 0
    found = messages.list_messages(visit.caller, MessageFilter.model_validate({"waits": True, "limit": MOST + 1}))
    return len(found.items)


def _oldest(visit: Visit, line: TodoLine) -> list[CaseLine]:
    wanted = {"waiting": line.waiting, "order": "oldest", "limit": SHOWN}
    return api.list_cases(visit.caller, CaseFilter.model_validate(wanted)).items


def _titles(visit: Visit, waiting: list[WaitingOut]) -> dict[str, dict[str, str]]:
    """What the promises are called, where any waits."""
    return {one.ogp_id: one.title for one in commitments.list_commitments(visit.caller).items} if waiting else {}


def _mark(todo: list[TodoLine], notices: DutyPage | None, single: tuple[int, int], promises: list[WaitingOut]) -> str:
    waiting = [str(one.id) for one in notices.items] if notices else []
    said = repr(
        [
            *((line.waiting, line.count) for line in todo),
            *waiting,
            *single,
            *((one.what, one.about) for one in promises),
        ]
    )
    return f"{zlib.crc32(said.encode()):08x}"
