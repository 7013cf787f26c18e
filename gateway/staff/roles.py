"""The six roles and what each may do. Permissions are named at the route; one query builder decides visibility."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    INTAKE = "intake"
    OFFICER = "officer"
    FOCAL = "focal"
    SUPERVISOR = "supervisor"
    OVERSIGHT = "oversight"
    ADMIN = "admin"


class Permission(StrEnum):
    READ_CASES = "read_cases"
    READ_STORIES = "read_stories"
    """The resident's own words, and everything written inside the Ombudsman's office."""
    WRITE_NOTES = "write_notes"
    ASSIGN = "assign"
    REPLY = "reply"
    MOVE = "move"
    PUBLISH_UPDATES = "publish_updates"
    READ_MESSAGES = "read_messages"
    READ_COMMITMENTS = "read_commitments"


P = Permission
_DESK = {P.READ_CASES, P.READ_STORIES, P.WRITE_NOTES, P.ASSIGN, P.READ_MESSAGES, P.READ_COMMITMENTS}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.INTAKE: frozenset(_DESK),
    Role.OFFICER: frozenset(_DESK | {P.REPLY, P.MOVE, P.PUBLISH_UPDATES}),
    Role.FOCAL: frozenset({P.READ_CASES, P.WRITE_NOTES, P.READ_COMMITMENTS}),
    Role.SUPERVISOR: frozenset(_DESK | {P.REPLY, P.MOVE, P.PUBLISH_UPDATES}),
    Role.OVERSIGHT: frozenset({P.READ_CASES, P.READ_COMMITMENTS}),
    # An administrator keeps accounts and machines, and reads no case.
    Role.ADMIN: frozenset({P.READ_COMMITMENTS}),
}
