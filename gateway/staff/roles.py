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
    OWN_ACCOUNT = "own_account"
    """One's own sign-in, language and saved lists."""
    READ_CASES = "read_cases"
    READ_STORIES = "read_stories"
    """The resident's own words, and everything written inside the Ombudsman's office."""
    WRITE_NOTES = "write_notes"
    ASSIGN = "assign"
    REPLY = "reply"
    MOVE = "move"
    SUPERVISE = "supervise"
    """Cases of residents who are punished for complaining, and whatever waits for a supervisor."""
    PUBLISH_UPDATES = "publish_updates"
    EXPORT = "export"
    """Lists, the quarterly return and the bundle of one case, as files; a number is in none of them."""
    READ_MESSAGES = "read_messages"
    READ_COMMITMENTS = "read_commitments"
    READ_CHANNELS = "read_channels"
    RESUME_CHANNELS = "resume_channels"
    """Let a channel send again that the aggregator's refusal stopped."""
    MARK_CONFLICT = "mark_conflict"
    LIFT_CONFLICT = "lift_conflict"
    RELEASE_WORDS = "release_words"
    """Write the summary that the department reads, and let it read the resident's own words."""
    SEE_IDENTITY = "see_identity"
    """A resident's number, for a reason that is written down."""
    TAKE_IN = "take_in"
    """Type in what came by voice or on paper, and work off the list of calls that residents asked for."""
    PLAN_LEAVE = "plan_leave"
    """One's own days away; a supervisor's permission is over everybody's."""
    REPORT_PROGRESS = "report_progress"
    """Report on a promise and answer queries, for one's own institution."""
    MONITOR = "monitor"
    """Judge promises, audit claims and ask institutions, independently of who publishes."""
    PUBLISH_PROGRESS = "publish_progress"
    """Publish reports of institutions or send them back, import the plan, and name the places that can be scored."""
    LINK_PROMISES = "link_promises"
    """Tie cases and categories to promises, and collect ideas for a next plan."""
    ASK_RESIDENTS = "ask_residents"
    """Ask residents whether something claimed is so, open rounds of a scorecard, and tell what came of them."""

    KEEP_ACCOUNTS = "keep_accounts"
    """Accounts of staff: add, change, invite, sign out, end."""
    READ_TRAIL = "read_trail"
    """The audit trail, and the settings in force."""


P = Permission
_OWN = {P.OWN_ACCOUNT, P.READ_COMMITMENTS}
_DESK = _OWN | {
    P.READ_CASES,
    P.READ_STORIES,
    P.WRITE_NOTES,
    P.ASSIGN,
    P.READ_MESSAGES,
    P.MARK_CONFLICT,
    P.TAKE_IN,
    P.PLAN_LEAVE,
    P.READ_CHANNELS,
}
_OFFICER = (
    _DESK
    | {P.REPLY, P.MOVE, P.PUBLISH_UPDATES, P.RELEASE_WORDS, P.SEE_IDENTITY, P.EXPORT, P.LINK_PROMISES}
    | {P.ASK_RESIDENTS}
)

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.INTAKE: frozenset(_DESK),
    Role.OFFICER: frozenset(_OFFICER),
    Role.FOCAL: frozenset(_OWN | {P.READ_CASES, P.WRITE_NOTES, P.PLAN_LEAVE, P.REPORT_PROGRESS}),
    Role.SUPERVISOR: frozenset(_OFFICER | {P.LIFT_CONFLICT, P.RESUME_CHANNELS, P.SUPERVISE, P.PUBLISH_PROGRESS}),
    Role.OVERSIGHT: frozenset(_OWN | {P.READ_CASES, P.EXPORT, P.MONITOR, P.ASK_RESIDENTS}),
    # An administrator keeps accounts and machines, and reads no case.
    Role.ADMIN: frozenset(_OWN | {P.READ_CHANNELS, P.RESUME_CHANNELS, P.KEEP_ACCOUNTS, P.READ_TRAIL}),
}
