"""What a form says, as the API's own bodies: the desk's pages do nothing that the API does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from gateway.cases import api, sharing_api
from gateway.cases.schemas import AssignIn, MoveIn, NoteIn, ReplyIn
from gateway.cases.sharing_schemas import ReasonIn, SummaryIn
from gateway.console.web import Visit
from gateway.errors import Forbidden, Invalid, NotFound
from gateway.idempotency import Write
from gateway.staff.roles import Permission

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do to a case: the permission it wants, the body it takes, and the API's route that does it."""

    permission: Permission
    body: type[BaseModel]
    do: Callable[..., Any]
    fields: tuple[str, ...]


P = Permission

ACTIONS: dict[str, Action] = {
    "reply": Action(P.REPLY, ReplyIn, api.reply, ("text", "everybody")),
    "note": Action(P.WRITE_NOTES, NoteIn, api.add_note, ("text", "audience")),
    "assign": Action(P.ASSIGN, AssignIn, api.assign, ("assignee", "department")),
    "move": Action(P.MOVE, MoveIn, api.move, ("to", "reason", "evidence", "office", "reference")),
    "summary": Action(P.RELEASE_WORDS, SummaryIn, sharing_api.summarise, ("text",)),
    "release": Action(P.RELEASE_WORDS, ReasonIn, sharing_api.release_words, ("reason",)),
    "withhold": Action(P.RELEASE_WORDS, ReasonIn, sharing_api.withhold_words, ("reason",)),
}


async def form_values(request: Request) -> Values:
    """A dependency: the fields of a form, each once; a field left empty is not said."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str) and value.strip()}


Said = Annotated[Values, Depends(form_values)]


def act(visit: Visit, name: str, serial: str, said: Values) -> None:
    """Do what a form says, once however often it is sent. Raises what the API's route raises."""
    action = ACTIONS.get(name)
    if action is None:
        raise NotFound
    if not visit.may(action.permission):
        raise Forbidden(permission=action.permission.value)
    known = {field: said[field] for field in (*action.fields, "version") if field in said}
    known = {field: value for field, value in known.items() if field in action.body.model_fields}
    if name == "assign" and "to" in said:  # one list of people and departments
        kind, _, who = said["to"].partition(":")
        known["assignee" if kind == "person" else "department"] = who
    try:
        body = action.body.model_validate_strings(known)
    except ValidationError as error:
        raise Invalid(field=str(error.errors()[0]["loc"][-1])) from None
    digest = visit.context.vault.lookup.digest("request", f"{name}\0{serial}\0{sorted(known.items())}")
    action.do(serial=serial, body=body, write=Write(visit.caller, key_of(said, serial), digest))


def key_of(said: Values, serial: str) -> str | None:
    """The key under which a form happens once: made when its page was drawn."""
    once = said.get("once", "")
    return f"form:{once[:64]}:{serial}" if once.isascii() and once else None
