"""The life of a case: which status may follow which. Merge, visibility, delivery and identity are not statuses."""

from __future__ import annotations

from enum import StrEnum

KINDS = ("complaint", "information", "feedback")


class Status(StrEnum):
    RECEIVED = "received"
    TRIAGE = "triage"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    WAITING_RESIDENT = "waiting_resident"
    REFERRED = "referred"
    RESOLVED = "resolved"
    CONFIRMED = "confirmed"
    CLOSED_UNCONFIRMED = "closed_unconfirmed"
    REOPENED = "reopened"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


S = Status

MOVES: dict[Status, frozenset[Status]] = {
    S.RECEIVED: frozenset({S.TRIAGE, S.ASSIGNED, S.REFERRED, S.REJECTED, S.WITHDRAWN}),
    S.TRIAGE: frozenset({S.ASSIGNED, S.REFERRED, S.REJECTED, S.WITHDRAWN}),  # at most 3 working days, see clocks
    S.ASSIGNED: frozenset(
        {S.IN_PROGRESS, S.TRIAGE, S.WAITING_RESIDENT, S.REFERRED, S.RESOLVED, S.REJECTED, S.WITHDRAWN}
    ),
    S.IN_PROGRESS: frozenset({S.ASSIGNED, S.WAITING_RESIDENT, S.REFERRED, S.RESOLVED, S.REJECTED, S.WITHDRAWN}),
    S.WAITING_RESIDENT: frozenset({S.IN_PROGRESS, S.REFERRED, S.RESOLVED, S.REJECTED, S.WITHDRAWN}),
    S.REFERRED: frozenset({S.IN_PROGRESS, S.RESOLVED, S.WITHDRAWN}),  # another body has it; still ours to follow
    S.RESOLVED: frozenset({S.CONFIRMED, S.CLOSED_UNCONFIRMED, S.REOPENED}),  # only the resident or silence decides
    S.CONFIRMED: frozenset({S.REOPENED}),  # free for 30 days
    S.CLOSED_UNCONFIRMED: frozenset({S.CONFIRMED, S.REOPENED}),
    # To confirmed: the resident answered "not solved" by mistake and takes it back.
    S.REOPENED: frozenset(
        {S.ASSIGNED, S.IN_PROGRESS, S.WAITING_RESIDENT, S.REFERRED, S.RESOLVED, S.CONFIRMED, S.WITHDRAWN}
    ),
    S.REJECTED: frozenset({S.REOPENED, S.REFERRED}),  # on review; or the resident agrees that another body gets it
    S.WITHDRAWN: frozenset({S.REOPENED}),  # the resident thinks again
}

# Nothing more is done on it, until it is opened again.
CLOSED = frozenset({S.CONFIRMED, S.CLOSED_UNCONFIRMED, S.REJECTED, S.WITHDRAWN})

# Work for whoever has it: it is neither closed, nor is it the resident's turn to say whether it is solved.
OPEN = tuple(sorted(set(Status) - CLOSED - {S.RESOLVED}))

# Opening one of these again climbs a rung of the pack's ladder: it was said to be done, and is not.
SAID_DONE = frozenset({S.RESOLVED, S.CONFIRMED, S.CLOSED_UNCONFIRMED})

# Moves that only the resident makes, or the clock on the resident's silence; staff cannot close their own work.
RESIDENTS_OWN = frozenset({S.CONFIRMED, S.CLOSED_UNCONFIRMED, S.WITHDRAWN})

# Moves that staff must explain.
NEED_REASON = frozenset({S.REJECTED, S.REFERRED, S.RESOLVED, S.REOPENED, S.WAITING_RESIDENT})

# Moves that the resident hears of.
TOLD = frozenset({S.IN_PROGRESS, S.WAITING_RESIDENT, S.REFERRED, S.RESOLVED, S.REJECTED, S.REOPENED})


def allowed(current: Status, to: Status) -> bool:
    """Whether a case may move from `current` to `to`."""
    return to in MOVES[current]
