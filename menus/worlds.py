"""Facts as the gateway may give them, the longest and the emptiest of a pack: for walking every screen of it.

A screen that declares a new need wants its values here; `menus.walk` says so by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from menus import gsm7
from menus.guide import Guide, Ward
from menus.screens.words import PROGRESS, STANDINGS

ANSWER = (
    "We looked into it with the sub-county office [file 12/2026] and the pump at Chemuche will be mended this month; "
    "until then a bowser comes on Tuesdays and Fridays. Call us if it does not, ~ask for the water desk~. "
    "Supercalifragilisticexpialidocious"
    + "x" * 200
    + "\nSecond paragraph, with \u2018quotes\u2019 and an emoji \U0001f642."
)
"""What an officer or the county wrote: long, with a word longer than a screen and letters that no menu has."""

RECEIPT = "48210935579"
OFFICE = "Ethics, Anti-Corruption and Administrative Justice Commission"[:60]
"""An office that a file may go to; the checks of a pack keep names as short as this."""
"""A number that passes for a receipt; it is nobody's."""

DIGITS = "2468"
CODE = "246810"
STORIES = ("Water", "[" + "Story with stars * and quotes \u201c \u201d " * 15 + "]")
TYPED = (*STORIES, RECEIPT, DIGITS, CODE)
"""Words for every screen that takes some: few, many, a receipt, four digits."""

FREE = (ANSWER, ANSWER[:100], *STORIES)
"""What people wrote: its letters are not the author's to choose."""

STRANGER: Mapping[str, Any] = {"known": False, "language": "", "ward": "", "draft": None}


def case(status: str = "received", **changes: Any) -> dict[str, Any]:
    """One case as a list or its own screen gets it."""
    return {
        "found": True,
        "id": "1",
        "reference": RECEIPT[:4],
        "receipt": f"{RECEIPT[:4]}-{RECEIPT[4:7]}-{RECEIPT[7:]}",
        "date": "2026-09-30",
        "status": status,
        "unread": False,
        "asked": False,
        "can_reopen": False,
        "consent": "",
        "consent_office": "caj",
        "consent_said": "",
        "safe": False,
        "can_withdraw": True,
        "readable": True,
        "own": True,
        "answers": [],
        **changes,
    }


def profile(guide: Guide, language: str, **changes: Any) -> dict[str, Any]:
    """A caller of whom everything is remembered, with the longest name of a ward."""
    return {
        "known": True,
        "language": language,
        "ward": longest_ward(guide)[1].code,
        "draft": None,
        "full_answers": False,
        "stopped": "",
        "locked": False,
        "unreachable": False,
        "cases": 17,
        "follows": len(guide.promises),
        **changes,
    }


def longest_ward(guide: Guide) -> tuple[str, Ward]:
    """The area's code and the ward with the longest name."""
    wards = [(area.code, ward) for area in guide.areas for ward in area.wards]
    return max(wards, key=lambda place: gsm7.length(place[1].name))


def longest_category(guide: Guide, kind: str, language: str) -> str:
    """The code of the category with the longest label among one kind's, staff's own included; empty without any."""
    labels = {category.code: category.labels for category in guide.categories if category.kind == kind}

    def length(code: str) -> int:
        return gsm7.length(guide.label(labels[code], language))

    return max(labels, key=length, default="")


def _follows(guide: Guide) -> list[Mapping[str, str]]:
    """Everything that can be followed, at once."""
    promises = [{"kind": "promise", "code": promise.ogp_id} for promise in guide.promises]
    areas = [{"kind": "area", "code": area.code} for area in guide.promise_areas]
    return [*promises, *areas, {"kind": "ward", "code": longest_ward(guide)[1].code}]


def _imported(guide: Guide) -> list[Mapping[str, Any]]:
    """Two promises that the pack does not know, of one area, as long as an import takes them."""
    titles = {language.code: ("Roads, " * 20)[:100] for language in guide.languages}
    area = guide.promise_areas[0].code if guide.promise_areas else ""
    return [
        {"id": f"XXXXX000{n}", "area": area, "titles": titles, "ends": ends} for n, ends in ((1, "2027-06"), (2, ""))
    ]


def _place(guide: Guide) -> dict[str, Any]:
    """A facility with the longest name that staff may give."""
    return {"code": "x", "name": {language.code: ("Dispensary " * 20)[:100] for language in guide.languages}}


def _scorable(guide: Guide) -> list[Mapping[str, Any]]:
    """Something to score in every ward; in one other than the caller's; nowhere."""
    wards, place = [ward.code for area in guide.areas for ward in area.wards], _place(guide)
    found = [{"mine": [place, place], "here": [place] * 3, "wards": wards}] if guide.score_items else []
    found += [{"mine": [], "here": [place], "wards": wards[:1]}] if guide.score_items else []
    return [*found, {"mine": [], "here": [], "wards": []}]


def facts(guide: Guide, language: str) -> dict[str, Sequence[Any]]:
    """Every value worth trying of each fact, by its name."""
    known = profile(guide, language)
    written = [{"date": "2026-11-12", "text": ANSWER}, {"date": "2026-09-30", "text": "Yes."}]
    wordiest = sorted(STANDINGS, key=lambda status: -gsm7.length(guide.say(language, STANDINGS[status])))
    cases = [
        *(case(status) for status in wordiest),
        case("resolved", asked=True, answers=written),
        case("in_progress", unread=True, answers=written),
        case("rejected", answers=written, can_withdraw=False, consent=OFFICE),
        case(wordiest[0], answers=written, answer_by="2026-11-12", consent_said="refused"),
        case(wordiest[0], answers=written, answer_by="2026-11-12", late=True),
        case("confirmed", answers=written, can_withdraw=False, can_reopen=True, safe=True, consent_said="given"),
    ]
    news = {"date": "2026-09-30", "text": ANSWER}
    return {
        "profile": [
            known,
            STRANGER,
            {**known, "ward": "", "stopped": "broadcasts", "full_answers": True},
            {**known, "ward": "no longer there", "stopped": "all"},
            {**known, "locked": True},
        ],
        "cases": [cases[:3], [], cases[-3:], cases],
        "case": [*cases, {"found": False}],
        "looked_up": [
            *cases,
            {"found": False},
            {"found": False, "limited": True},
            case("resolved", readable=False, own=False, can_withdraw=False, can_reopen=True),
            case("in_progress", own=False, can_withdraw=False, answers=written),
        ],
        "promise": [
            {"claim": key, "judged": key, "followed": followed, "latest": latest}
            for key in PROGRESS
            for followed, latest in ((False, None), (True, news))
        ],
        "imported": [[], _imported(guide)],
        "following": [_follows(guide), _follows(guide)[-1:], [], [{"kind": "ward", "code": "no longer there"}]],
        "asked": [
            {"ward": longest_ward(guide)[1].code, "check": "1", "question": ANSWER[:100]},
            {"ward": longest_ward(guide)[1].code, "check": "", "question": ""},
            {"ward": "", "check": "", "question": ""},
        ],
        "scorable": _scorable(guide),
        "scorecard": [{"open": is_open, "name": _place(guide)["name"]} for is_open in (True, False)],
        "score_code": [{"ok": True, "left": 5}, {"ok": False, "left": 4}, {"ok": False, "left": 0}],
        "notices": [{"ward": longest_ward(guide)[1].code}, {"ward": ""}, {"ward": "no longer there"}],
        "unlocked": [{"ok": True, "left": 5}, {"ok": False, "left": 4}, {"ok": False, "left": 0}],
        "filed": [{"receipt": case()["receipt"], "serial": "KAK-2026-000001"}],
    }
