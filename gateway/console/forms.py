"""What a form says, as the API's own bodies: the desk's pages do nothing that the API does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from gateway.console.web import Visit
from gateway.errors import Forbidden, Invalid, NotFound
from gateway.idempotency import Write
from gateway.staff.roles import Permission

Values = Mapping[str, str]
B = TypeVar("B", bound=BaseModel)


def as_said(_: Visit, said: Values) -> dict[str, Any]:
    """The fields of the form as they are."""
    return dict(said)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do: the permission it wants, the API's route that does it, and the body that route takes."""

    permission: Permission
    do: Callable[..., Any]
    body: type[BaseModel] | None = None
    page: str = "case"
    """Which page its form is on: where a form that cannot be taken is shown again."""
    part: str = ""
    """The route's name for what of the case it is done to, a letter or a conflict; the form's `part` holds its id."""
    ready: Callable[[Visit, Values], dict[str, Any]] = as_said
    """From the form's fields to the body's."""


def by_language(*fields: str) -> Callable[[Visit, Values], dict[str, Any]]:
    """Reads fields `text.en`, `text.sw` into one text by language, for each of `fields`."""

    def ready(_: Visit, said: Values) -> dict[str, Any]:
        return {**said} | {field: texts(said, field) for field in fields}

    return ready


def texts(said: Values, field: str) -> dict[str, str]:
    """What the form says in `field`, by language."""
    return {name.removeprefix(f"{field}."): words for name, words in said.items() if name.startswith(f"{field}.")}


async def form_values(request: Request) -> Values:
    """A dependency: the fields of a form, each once; a field left empty is not said."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str) and value.strip()}


Said = Annotated[Values, Depends(form_values)]


def act(visit: Visit, actions: Mapping[str, Action], name: str, subject: Mapping[str, Any], said: Values) -> Any:
    """Do what a form says, once however often it is sent. Raises what the API's route raises."""
    action = actions.get(name)
    if action is None:
        raise NotFound
    if not visit.may(action.permission):
        raise Forbidden(permission=action.permission.value)
    path = dict(subject)
    if action.part:
        path[action.part] = identity(said.get("part", ""))
    body = body_of(action.body, action.ready(visit, said)) if action.body else None
    about = "\0".join(str(value) for value in path.values())
    told = body.model_dump_json() if body else ""
    digest = visit.context.vault.lookup.digest("request", f"{name}\0{about}\0{told}")
    write = Write(visit.caller, key_of(said, f"{name}:{about}"), digest)
    return action.do(**path, body=body, write=write) if body else action.do(**path, write=write)


def identity(said: str) -> UUID:
    """An id that a form names. Raises `NotFound` for what is none."""
    try:
        return UUID(said)
    except ValueError:
        raise NotFound from None


def body_of(model: type[B], said: Mapping[str, Any]) -> B:
    """What a form says as a body of the API. Raises `Invalid` that names the field."""
    known = {name: value for name, value in said.items() if name in model.model_fields}
    try:
        # A form has texts alone: they are read as what they stand for. A list is ours, made of texts.
        return model.model_validate(known) if _has_list(known) else model.model_validate_strings(known)
    except ValidationError as error:
        where = error.errors()[0]["loc"]
        raise Invalid(field=str(where[0]) if where else "") from None


def _has_list(known: dict[str, Any]) -> bool:
    """Whether one of the fields is a list; the version beside it becomes a number."""
    if not any(isinstance(value, list) for value in known.values()):
        return False
    if str(known.get("version", "")).isdigit():
        known["version"] = int(known["version"])
    return True


def key_of(said: Values, about: str) -> str | None:
    """The key under which a form happens once: made when its page was drawn."""
    once = said.get("once", "")
    return f"form:{once[:64]}:{about.replace(chr(0), ':')}"[:128] if once.isascii() and once else None
