"""Facts as the gateway may give them, the longest and the emptiest, for walking every screen."""

from __future__ import annotations

from typing import Any

from menus.screens.words import PROGRESS, STANDINGS

ANSWER = (
    "We looked into it with the sub-county office [file 12/2026] and the pump at Chemuche will be mended this month; "
    "until then a bowser comes on Tuesdays and Fridays. Call us if it does not, ~ask for the water desk~. "
    "Supercalifragilisticexpialidocious"
    + "x" * 200
    + "\nSecond paragraph, with \u2018quotes\u2019 and an emoji \U0001f642."
)


def case(status: str = "received", **changes: Any) -> dict[str, Any]:
    return {
        "found": True,
        "id": "1",
        "reference": "4821",
        "receipt": "4821-093-5579",
        "date": "2026-09-30",
        "status": status,
        "unread": False,
        "asked": False,
        "can_withdraw": True,
        "readable": True,
        "own": True,
        "answers": [],
        **changes,
    }


ANSWERED = [{"date": "2026-11-12", "text": ANSWER}, {"date": "2026-09-30", "text": "Yes."}]

CASES = [
    *(case(status) for status in STANDINGS),
    case("resolved", asked=True, answers=ANSWERED),
    case("in_progress", unread=True, answers=ANSWERED),
    case("rejected", answers=ANSWERED, can_withdraw=False),
]

PROFILE = {
    "known": True,
    "language": "sw",
    "ward": "1016",
    "draft": None,
    "full_answers": False,
    "stopped": "",
    "locked": False,
    "unreachable": False,
    "cases": 17,
    "follows": 4,
}

STRANGER = {"known": False, "language": "", "ward": "", "draft": None}

FACTS: dict[str, list[Any]] = {
    "profile": [
        STRANGER,
        PROFILE,
        {**PROFILE, "ward": "", "stopped": "broadcasts", "full_answers": True},
        {**PROFILE, "ward": "9999", "stopped": "all", "language": "en"},
        {**PROFILE, "locked": True},
    ],
    "cases": [[], CASES[:2], CASES],
    "case": [*CASES, {"found": False}],
    "looked_up": [
        *CASES,
        {"found": False},
        {"found": False, "limited": True},
        case("resolved", readable=False, own=False, can_withdraw=False),
        case("in_progress", own=False, can_withdraw=False, answers=ANSWERED),
    ],
    "promise": [
        {"claim": key, "judged": key, "followed": followed, "latest": latest}
        for key in PROGRESS
        for followed, latest in ((False, None), (True, {"date": "2026-09-30", "text": ANSWER}))
    ],
    "unlocked": [{"ok": True, "left": 5}, {"ok": False, "left": 4}, {"ok": False, "left": 0}],
    "filed": [{"receipt": "4821-093-5579", "serial": "KAK-2026-000001"}],
}
