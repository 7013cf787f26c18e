"""The life of a broadcast: which status may follow which. `cancelled` and `done` are final.

A `draft` waits for approval; `adding` is approved, and its recipients are being added; `running` is owed and goes out;
`paused` keeps what has not left; `done` has nothing left to send, though reports may still come.
"""

from __future__ import annotations

from enum import StrEnum

from gateway.errors import TransitionNotAllowed, filled


class Status(StrEnum):
    DRAFT = "draft"
    ADDING = "adding"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    DONE = "done"


CLAIMS = ("update", "digest")
"""Kinds that carry what a government says of itself: in an election period nothing of them leaves."""

ELECTION = "election_period"
"""Why such a broadcast is paused."""

S = Status

MOVES: dict[Status, frozenset[Status]] = {
    S.DRAFT: frozenset({S.ADDING, S.CANCELLED}),
    # Nothing leaves before all are added: there is nothing to pause.
    S.ADDING: frozenset({S.RUNNING, S.CANCELLED}),
    S.RUNNING: frozenset({S.PAUSED, S.CANCELLED, S.DONE}),
    S.PAUSED: frozenset({S.RUNNING, S.CANCELLED}),
    S.CANCELLED: frozenset(),
    S.DONE: frozenset(),
}


def check_move(current: str, to: Status, *, only_from: Status | None = None) -> None:
    """Raises `TransitionNotAllowed` when a broadcast may not move from `current` to `to`.

    `only_from` narrows it: an approval starts drafts alone, and to resume needs a pause.
    """
    if to not in MOVES[Status(current)] or (only_from is not None and current != only_from):
        raise TransitionNotAllowed(filled("a text that is “{now}” cannot become “{to}” that way", now=current, to=to))
