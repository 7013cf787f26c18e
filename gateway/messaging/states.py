"""The life of a message: which state may follow which. A final state never moves back.

`owed` waits to be sent; `held` waits for quiet hours, a paused channel or staff; `leased` is in a worker's hands;
`accepted` means the provider took it; `unknown` means it may have been sent and nobody can tell yet.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    OWED = "owed"
    HELD = "held"
    LEASED = "leased"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"


S = State

FINAL = frozenset({S.DELIVERED, S.FAILED, S.EXPIRED, S.SUPPRESSED})

MOVES: dict[State, frozenset[State]] = {
    S.OWED: frozenset({S.LEASED, S.HELD, S.SUPPRESSED, S.EXPIRED}),
    # The provider reports on a message that it held itself.
    S.HELD: frozenset({S.OWED, S.SUPPRESSED, S.EXPIRED, S.ACCEPTED, S.DELIVERED, S.FAILED}),
    # A lease that ran out before the request left goes back to owed; after it left, nobody knows.
    S.LEASED: frozenset({S.OWED, S.HELD, S.ACCEPTED, S.FAILED, S.UNKNOWN, S.SUPPRESSED, S.EXPIRED, S.DELIVERED}),
    S.ACCEPTED: frozenset({S.DELIVERED, S.FAILED, S.EXPIRED, S.UNKNOWN}),
    # A report ends the doubt; without one, a reply is owed once more, marked as a possible repeat.
    S.UNKNOWN: frozenset({S.ACCEPTED, S.DELIVERED, S.FAILED, S.EXPIRED, S.OWED}),
    S.DELIVERED: frozenset(),
    S.FAILED: frozenset(),
    S.EXPIRED: frozenset(),
    S.SUPPRESSED: frozenset(),
}


def allowed(current: State, to: State) -> bool:
    """Whether a message may move from `current` to `to`."""
    return to in MOVES[current]


def sources(to: State) -> list[State]:
    """The states that may be followed by `to`."""
    return [current for current in State if allowed(current, to)]
