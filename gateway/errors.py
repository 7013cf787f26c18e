"""The closed family of errors. A service raises one of these; JSON, USSD and SMS render it (RFC 9457 for JSON)."""

from __future__ import annotations

from collections.abc import Mapping


class Filled(str):
    """A text in English with its `{names}` filled in, which still knows both: another language can say it too."""

    __slots__ = ("text", "values")

    text: str
    values: Mapping[str, object]


def filled(text: str, **values: object) -> Filled:
    """What an error says of its case: the text is in `gateway.console.refusals`, codes among the values are too."""
    said = Filled(text.format_map(values))
    said.text, said.values = text, values
    return said


def no_way(now: str, to: str) -> Filled:
    """What a state machine says of a move that it does not have."""
    return filled("no way leads from “{now}” to “{to}”", now=now, to=to)


class BarazaError(Exception):
    """An error with a code. The detail is for staff: it must hold no number and no story."""

    code = "error"
    status = 500
    title = "Something went wrong"

    def __init__(self, detail: str = "", **members: object) -> None:
        super().__init__(self.code)
        self.detail = detail
        self.members = members


class NotFound(BarazaError):
    code, status, title = "not_found", 404, "There is no such thing, or it is not yours to see"


class Unauthorized(BarazaError):
    code, status, title = "unauthorized", 401, "A valid bearer token is needed"


class Forbidden(BarazaError):
    code, status, title = "forbidden", 403, "Your role may not do this"


class ProofNeeded(BarazaError):
    code, status, title = "proof_needed", 403, "A fresh code of the second factor is needed"


class Invalid(BarazaError):
    code, status, title = "invalid", 422, "The request cannot be taken as it is"


class TooLarge(BarazaError):
    code, status, title = "too_large", 413, "That is more than is taken"


class TransitionNotAllowed(BarazaError):
    code, status, title = "transition_not_allowed", 409, "It cannot move that way"


class SecondPersonNeeded(BarazaError):
    code, status, title = "second_person_needed", 409, "Somebody other than its author must approve this"


class ConsentNeeded(BarazaError):
    code, status, title = "consent_needed", 409, "The resident must agree to this first"


class VersionConflict(BarazaError):
    code, status, title = "version_conflict", 409, "Somebody changed this in the meantime"


class IdempotencyConflict(BarazaError):
    code, status, title = "idempotency_conflict", 409, "This Idempotency-Key was used for another request"


class TooManyTries(BarazaError):
    code, status, title = "too_many_tries", 429, "Too many tries; wait before the next"


class Unavailable(BarazaError):
    code, status, title = "unavailable", 503, "A part is down; nothing was saved"
