"""One case as a PDF to hand to another body: facts, story, what happened, letters and findings. Never a number."""

from __future__ import annotations

from typing import Any

from gateway import paper
from gateway.cases import queries as cases
from gateway.cases.explaining import plain_day
from gateway.cases.models import Case
from gateway.cases.sentences import KINDS, STATUSES
from gateway.cases.service import Desk
from gateway.letters import queries as letters

MOST = 2000
"""Events of one case in a bundle."""


def bundle(desk: Desk, case: Case, row: Any) -> bytes:
    """The file of a visible case as `desk.staff` may read it; the story only for who reads stories."""
    opened = cases.opened(desk.pack, desk.vault, desk.staff, row)
    events = cases.timeline(desk.session, desk.staff, case, after=None, limit=MOST)
    told = cases.told(desk.session, desk.vault, desk.pack, desk.staff, case, events)
    zone = desk.pack.about.zone
    story: list[Any] = [
        paper.words(f"Case {case.serial}", paper.TITLE),
        paper.words("The resident's number, name and receipt are not in this file.", paper.SMALL),
        paper.facts(_facts(desk, case)),
        paper.words("What the resident told us", paper.SECTION),
        paper.words(opened.story or "Not yours to read."),
        paper.words("What happened", paper.SECTION),
        paper.table(
            ("When", "What", "Words"),
            [[f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}", one.sentence, one.text or ""] for one in told],
            (28, 72, 70),
        ),
    ]
    story += _letters(desk, case)
    story += _findings(desk, case)
    made = plain_day(desk.now.astimezone(zone).date())
    foot = f"Case {case.serial}, made on {made} by {desk.staff.name}. Confidential."
    return paper.pdf(paper.Sheet(desk.pack.letters.head, foot), f"Case {case.serial}", story)


def _facts(desk: Desk, case: Case) -> list[tuple[str, str]]:
    area, ward = cases.places(desk.pack, case)
    zone = desk.pack.about.zone
    where = ", ".join(place.name for place in (ward, area) if place)
    return [
        ("Kind", KINDS[case.kind]),
        ("Category", case.category),
        ("State", STATUSES.get(case.status, case.status)),
        ("Filed", plain_day(case.filed_at.astimezone(zone).date())),
        ("Place", where or "not told"),
        ("Department", case.department_code or "none"),
        ("Next deadline", plain_day(case.due_at.astimezone(zone).date()) if case.due_at else "none"),
    ]


def _letters(desk: Desk, case: Case) -> list[Any]:
    found = [one for one in letters.letters(desk, case) if one.signed_at]
    if not found:
        return []
    story: list[Any] = [paper.words("Letters", paper.SECTION)]
    for one in found:
        answered = f"answered on {one.answered_at:%Y-%m-%d}" if one.answered_at else "not answered"
        story.append(paper.words(f"{one.number} to {one.addressee}; answer by {one.reply_by}; {answered}", paper.SMALL))
        story.append(paper.words(one.text))
    return story


def _findings(desk: Desk, case: Case) -> list[Any]:
    story: list[Any] = []
    for one in letters.findings(desk, case):
        story += [paper.words("Finding", paper.SECTION), paper.words(one.text)]
        rows = [[part.department, part.text, str(part.due_on), part.outcome or "open"] for part in one.recommendations]
        if rows:
            story.append(paper.table(("To", "Recommendation", "By", "Outcome"), rows, (28, 92, 24, 26)))
    return story
