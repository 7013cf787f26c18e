"""Texts at the desk: those to many that wait, go out or rest, and those that wait until staff decide about them."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import HTMLResponse

from gateway.broadcasts import api as broadcasts
from gateway.broadcasts.schemas import BroadcastFilter, BroadcastOut, DryRunOut
from gateway.broadcasts.states import CLAIMS
from gateway.commitments import api as commitments
from gateway.commitments.periods import is_election
from gateway.console import promise_words, told
from gateway.console.forms import Action, Said, identity
from gateway.console.trouble import NONE, Trouble, kept_form, take
from gateway.console.web import OURS, ROOT, Page, Visit, visit
from gateway.errors import TransitionNotAllowed
from gateway.messaging import api as messages
from gateway.messaging.schemas import DecisionIn, MessageFilter
from gateway.staff.roles import Permission

router = APIRouter(prefix=f"{ROOT}/texts", include_in_schema=False, route_class=Page)

Reader = Annotated[Visit, Depends(visit(Permission.READ_MESSAGES))]

SHOWN = 50
"""Of each kind, the newest."""

ACTIONS: dict[str, Action] = {
    "approve": Action(Permission.PUBLISH_UPDATES, broadcasts.approve, part="broadcast"),
    "pause": Action(Permission.PUBLISH_UPDATES, broadcasts.pause, part="broadcast"),
    "resume": Action(Permission.PUBLISH_UPDATES, broadcasts.resume, part="broadcast"),
    "cancel": Action(Permission.PUBLISH_UPDATES, broadcasts.cancel, part="broadcast"),
    "send-again": Action(Permission.REPLY, messages.release, DecisionIn, part="message"),
    "give-up": Action(Permission.REPLY, messages.give_up, DecisionIn, part="message"),
}


@router.get("")
def show(visit: Reader, kept: str = "") -> HTMLResponse:
    """Texts to many that are not over, and single ones that wait for a decision."""
    return _page(visit, kept_form(visit, kept))


@router.get("/{broadcast}")
def show_one(visit: Reader, broadcast: UUID, kept: str = "") -> HTMLResponse:
    """One text to many: of a draft what approving it would do, counted now, above the form that approves it."""
    return _one(visit, broadcast, kept_form(visit, kept))


@router.post("/do/{action}", dependencies=[OURS])
def do(visit: Reader, action: str, said: Said) -> Response:
    """Do what a form says; when that cannot be, its page again with what was written in it."""
    again = partial(_one, visit, identity(said.get("part", ""))) if action == "approve" else partial(_page, visit)
    return take(visit, ACTIONS, action, {}, said, again=again, then=f"{ROOT}/texts")


def _page(visit: Visit, trouble: Trouble = NONE) -> HTMLResponse:
    caller = visit.caller
    found = broadcasts.list_broadcasts(caller, BroadcastFilter.model_validate({"unfinished": True, "limit": SHOWN}))
    held = messages.list_messages(caller, MessageFilter.model_validate({"waits": True, "limit": SHOWN}))
    return _draw(
        visit,
        "texts.html",
        trouble,
        many=found.items,
        progress=broadcasts.progress_of(caller, found.items),
        more=found.next_cursor is not None,
        held=held.items,
        more_held=held.next_cursor is not None,
    )


def _one(visit: Visit, broadcast: UUID, trouble: Trouble = NONE) -> HTMLResponse:
    one = broadcasts.read(broadcast, visit.caller)
    return _draw(visit, "text.html", trouble, one=one, plan=_planned(visit, one))


def _draw(visit: Visit, template: str, trouble: Trouble, **values: object) -> HTMLResponse:
    """A page about texts to many, with what each of them needs."""
    context = visit.context
    common: dict[str, object] = {
        "titles": {one.ogp_id: one.title for one in commitments.list_commitments(visit.caller).items},
        "election": is_election(context.pack, context.clock.now()),
        "claims": CLAIMS,
        "pack": context.pack,
        "promise_words": promise_words,
        "told": told,
    }
    return trouble.page(visit, template, **(common | values))


def _planned(visit: Visit, one: BroadcastOut) -> DryRunOut | None:
    """What approving a draft would do, for who may approve one: all of its readers are counted."""
    if one.status != "draft" or not visit.may(Permission.PUBLISH_UPDATES):
        return None
    try:
        return broadcasts.plan(UUID(one.id), visit.caller)
    except TransitionNotAllowed:  # decided on this moment
        return None
