"""Community scorecards at the desk: name places, open a round, end it, see both voices, make the plan milestones."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import HTMLResponse

from gateway.commitments import api as commitments
from gateway.commitments import checks_api, facilities_api
from gateway.commitments.residents_schemas import FacilityIn, FacilityNameIn, OpenedOut, PlanIn, RoundFilter, RoundIn
from gateway.console import promise_words
from gateway.console.forms import Action, Said, Values, act, by_language, texts
from gateway.console.trouble import NONE, Trouble, attempt, kept_form
from gateway.console.web import OURS, ROOT, Page, Visit, redirect, visit
from gateway.errors import NotFound
from gateway.public.charts import Gap, gaps
from gateway.staff.roles import Permission

router = APIRouter(prefix=f"{ROOT}/scorecards", include_in_schema=False, route_class=Page)

Reader = Annotated[Visit, Depends(visit(Permission.READ_COMMITMENTS))]

SHOWN = 30
"""Rounds on the page, the newest."""

STEPS = 5
"""Lines of an action plan that the form has room for; the API takes more."""


def _plan(_: Visit, said: Values) -> dict[str, Any]:
    """The lines that are filled in: `step1.en`, `step1.sw`, `due1` and so on."""
    steps = []
    for number in range(1, STEPS + 1):
        output = texts(said, f"step{number}")
        if output:
            due = {"due_on": said[f"due{number}"]} if f"due{number}" in said else {}
            steps.append({"output": output} | due)
    return {"promise": said.get("promise", ""), "steps": steps}


ACTIONS: dict[str, Action] = {
    "open": Action(Permission.ASK_RESIDENTS, checks_api.open_round, RoundIn),
    "end": Action(Permission.ASK_RESIDENTS, checks_api.close_round, part="scorecard"),
    "name": Action(Permission.PUBLISH_PROGRESS, facilities_api.name_facility, FacilityIn, ready=by_language("name")),
    "rename": Action(
        Permission.PUBLISH_PROGRESS, facilities_api.rename_facility, FacilityNameIn, ready=by_language("name")
    ),
    "retire": Action(Permission.PUBLISH_PROGRESS, facilities_api.retire_facility),
    "plan": Action(Permission.ASK_RESIDENTS, checks_api.agree_plan, PlanIn, part="scorecard", ready=_plan),
}


@router.get("")
def show(visit: Reader, kept: str = "") -> HTMLResponse:
    """Rounds, newest first."""
    return _page(visit, kept_form(visit, kept))


@router.post("/do/{action}", dependencies=[OURS])
def do(visit: Reader, action: str, said: Said) -> Response:
    """Do what a form says; when that cannot be, the page again with what was written in it."""

    def do() -> Response:
        answer = act(visit, ACTIONS, action, _subject(action, said), said)
        if action == "open":
            # Not a page of its own: the six digits are told this once, and reloading asks whether to send again.
            return _page(visit, opened=OpenedOut.model_validate_json(answer.body))
        return redirect(f"{ROOT}/scorecards")

    return attempt(do, action, said, partial(_page, visit))


def _subject(action: str, said: Values) -> dict[str, Any]:
    """Which place it is about: named by its code, not by an id. Raises `NotFound` for a text that is no code."""
    if action not in ("rename", "retire"):
        return {}
    code = said.get("part", "")
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,32}", code):
        raise NotFound
    return {"facility": code}


def _page(visit: Visit, trouble: Trouble = NONE, opened: OpenedOut | None = None) -> HTMLResponse:
    pack, words = visit.context.pack, visit.words
    rounds = checks_api.list_rounds(visit.caller, RoundFilter(facility="", limit=SHOWN)).items
    items = [words.label(item) for item in pack.guide.score_items] or [str(number) for number in range(1, 6)]
    ends = (words.say(promise_words.WORST), words.say(promise_words.BEST))
    drawn = {}
    for one in rounds:
        if one.residents.means is None and one.staff.means is None:
            continue
        none = [None] * len(items)
        rows = [
            Gap(name, ours, theirs, words.decimal(ours), words.decimal(theirs))
            for name, ours, theirs in zip(items, one.residents.means or none, one.staff.means or none, strict=True)
        ]
        drawn[one.id] = (gaps(words.say(promise_words.BOTH), rows, ends=ends), rows)
    return trouble.page(
        visit,
        "scorecards.html",
        rounds=rounds,
        drawn=drawn,
        opened=opened,
        promises=commitments.list_commitments(visit.caller).items,
        facilities={one.code: one for one in facilities_api.list_facilities(visit.caller).items},
        busy={one.facility for one in rounds if one.open},
        steps=range(1, STEPS + 1),
        pack=pack,
        promise_words=promise_words,
    )
