"""What the forms on promises say, as the API's own bodies: the pages do nothing that the API does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from gateway.commitments import api as promises
from gateway.commitments import progress_api as api
from gateway.commitments import progress_schemas as s
from gateway.commitments.schemas import UpdateIn
from gateway.console.forms import Values, key_of
from gateway.console.web import Visit
from gateway.errors import Forbidden, Invalid, NotFound
from gateway.idempotency import Write
from gateway.staff.roles import Permission

P = Permission


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do: the permission it wants, what the form says as the API's body, and the route that does it."""

    permission: Permission
    body: type[BaseModel]
    read: Callable[[Values], dict[str, Any]]
    do: Callable[..., Any]
    about: str
    """What the route is about: the promise (`ogp_id`), or what the hidden field `of` names."""


def _plain(*fields: str) -> Callable[[Values], dict[str, Any]]:
    return lambda said: {field: said[field] for field in fields if field in said}


def _with_evidence(*fields: str) -> Callable[[Values], dict[str, Any]]:
    return lambda said: _plain(*fields)(said) | {"evidence": _group(said, "evidence", ("what", "where"))}


def _report(said: Values) -> dict[str, Any]:
    steps = [
        {"milestone": name.removeprefix("step:"), "claimed": claimed, "words": said.get(f"words:{name[5:]}", "")}
        for name, claimed in said.items()
        if name.startswith("step:")
    ]
    readings = [
        {"indicator": name.removeprefix("value:"), "value": value, "on": said.get(f"on:{name[6:]}", "")}
        for name, value in said.items()
        if name.startswith("value:")
    ]
    plain = _with_evidence("period", "claim", "language", "activities", "obstacles", "next_steps")(said)
    visits = _group(said, "visit", ("on", "who", "where", "found"))
    return plain | {"site_visits": visits, "milestones": steps, "readings": readings}


def _group(said: Values, name: str, parts: tuple[str, ...]) -> list[dict[str, str]]:
    """The one group of fields `name_part`, when any of them is filled in."""
    one = {part: said[f"{name}_{part}"] for part in parts if f"{name}_{part}" in said}
    return [one] if one else []


def _publication(said: Values) -> dict[str, Any]:
    text = {name.removeprefix("text_"): text for name, text in said.items() if name.startswith("text_")}
    return {"text": text} if text else {}


def _news(said: Values) -> dict[str, Any]:
    return _publication(said) | ({"places": [said["ward"]]} if "ward" in said else {})


class UnlinkIn(BaseModel):
    link: UUID


def _unlink(ogp_id: str, body: UnlinkIn, write: Write) -> object:
    return api.unlink(ogp_id, body.link, write)


ACTIONS: Mapping[str, Action] = {
    "report": Action(P.REPORT_PROGRESS, s.ReportIn, _report, api.report, "ogp_id"),
    "answer": Action(P.REPORT_PROGRESS, s.AnswerIn, _with_evidence("text", "language"), api.answer_query, "query"),
    "publish": Action(P.PUBLISH_PROGRESS, s.ReportPublishIn, _publication, api.publish_report, "report"),
    "return": Action(P.PUBLISH_PROGRESS, s.ReasonIn, _plain("reason"), api.send_back, "report"),
    "news": Action(P.PUBLISH_UPDATES, UpdateIn, _news, promises.publish, "ogp_id"),
    "assess": Action(
        P.MONITOR,
        s.AssessmentIn,
        _with_evidence("judged", "milestone", "reasons", "language"),
        api.assess,
        "ogp_id",
    ),
    "audit": Action(
        P.MONITOR, s.AuditIn, _with_evidence("corrected_to", "found", "language"), api.audit_claim, "claim"
    ),
    "ask": Action(P.MONITOR, s.QueryIn, _plain("department", "question", "language", "due_on"), api.ask, "ogp_id"),
    "link": Action(P.LINK_PROMISES, s.LinkIn, _plain("case", "category"), api.link, "ogp_id"),
    "unlink": Action(P.LINK_PROMISES, UnlinkIn, _plain("link"), _unlink, "ogp_id"),
}


def act(visit: Visit, name: str, ogp_id: str, said: Values) -> None:
    """Do what a form says, once however often it is sent. Raises what the API's route raises."""
    action = ACTIONS.get(name)
    if action is None:
        raise NotFound
    if not visit.may(action.permission):
        raise Forbidden(permission=action.permission.value)
    known = action.read(said)
    try:
        body = action.body.model_validate(known)
    except ValidationError as error:
        raise Invalid(field=str(error.errors()[0]["loc"][0])) from None
    try:
        about = ogp_id if action.about == "ogp_id" else UUID(said.get("of", ""))
    except ValueError:
        raise NotFound from None
    digest = visit.context.vault.lookup.digest("request", f"{name}\0{about}\0{body.model_dump_json()}")
    write = Write(visit.caller, key_of(said, f"{name}:{about}"), digest)
    action.do(**{action.about: about}, body=body, write=write)
