"""Ideas for the next plan at the desk: collect, publish, refuse with a reason, say where they were taken up."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse

from gateway.commitments import api as commitments
from gateway.commitments import proposals_api
from gateway.commitments.progress_schemas import ProposalDecisionIn, ProposalIn
from gateway.commitments.proposals import MOVES
from gateway.console import promise_words
from gateway.console.forms import Action, Said, Values, by_language, texts
from gateway.console.trouble import NONE, Trouble, kept_form, take
from gateway.console.web import OURS, ROOT, Page, Visit, visit
from gateway.paging import Page as Cut
from gateway.staff.roles import Permission

router = APIRouter(prefix=f"{ROOT}/proposals", include_in_schema=False, route_class=Page)

Reader = Annotated[Visit, Depends(visit(Permission.READ_COMMITMENTS))]

FIRST = Cut()


class IdeasAsked(Cut):
    """Which page of ideas, and the form that was not taken, to be shown again."""

    kept: str = ""


def _to(state: str) -> Action:
    """The decision that moves an idea to `state`."""

    def ready(_: Visit, said: Values) -> dict[str, Any]:
        promise = {"promise": said["promise"]} if "promise" in said else {}
        return {"to": state, "words": texts(said, "words")} | promise

    return Action(Permission.PUBLISH_PROGRESS, proposals_api.decide, ProposalDecisionIn, part="proposal", ready=ready)


ACTIONS: dict[str, Action] = {
    "collect": Action(Permission.LINK_PROMISES, proposals_api.propose, ProposalIn, ready=by_language("title", "text")),
    "publish": _to("published"),
    "refuse": _to("refused"),
    "take-up": _to("taken_up"),
}


@router.get("")
def show(visit: Reader, asked: Annotated[IdeasAsked, Query()]) -> HTMLResponse:
    """A page of ideas, the newest before older ones; on each, those to decide on first."""
    return _page(visit, kept_form(visit, asked.kept), asked)


@router.post("/do/{action}", dependencies=[OURS])
def do(visit: Reader, action: str, said: Said) -> Response:
    """Do what a form says; when that cannot be, the page again with what was written in it."""
    return take(visit, ACTIONS, action, {}, said, again=partial(_page, visit), then=f"{ROOT}/proposals")


def _page(visit: Visit, trouble: Trouble = NONE, asked: Cut = FIRST) -> HTMLResponse:
    found = proposals_api.list_proposals(visit.caller, asked)
    return trouble.page(
        visit,
        "proposals.html",
        ideas=sorted(found.items, key=lambda one: one.status != "collected"),
        next_cursor=found.next_cursor,
        moves=MOVES,
        promises=commitments.list_commitments(visit.caller).items,
        pack=visit.context.pack,
        promise_words=promise_words,
    )
