"""One case as a PDF to hand to another body: facts, story, what happened, letters and findings. Never a number."""

from __future__ import annotations

from typing import Any

from gateway import paper
from gateway.cases import queries as cases
from gateway.cases.models import Case
from gateway.cases.sentences import KINDS, OUTCOMES, STATUSES
from gateway.cases.service import Desk
from gateway.letters import queries as letters

MOST = 2000
"""Events of one case in a bundle."""


def bundle(desk: Desk, case: Case, row: Any, *, training: bool = False) -> bytes:
    """The file of a visible case as `desk.staff` may read it; the story only for who reads stories."""
    words, say = desk.words, desk.words.say
    opened = cases.opened(desk.pack, desk.vault, desk.staff, row)
    events = cases.timeline(desk.session, desk.staff, case, after=None, limit=MOST)
    told = cases.told(desk.session, desk.vault, words, desk.staff, case, events)
    zone = desk.pack.about.zone
    story: list[Any] = [
        paper.words(say("Case {serial}", serial=case.serial), paper.TITLE),
        paper.words(say("The resident's number, name and receipt are not in this file."), paper.SMALL),
        paper.facts(_facts(desk, case)),
        paper.words(say("What the resident told us"), paper.SECTION),
        paper.words(opened.story or say("Not yours to read.")),
        paper.words(say("What happened"), paper.SECTION),
        paper.table(
            (say("When"), say("What"), say("Words")),
            [[f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}", one.sentence, one.text or ""] for one in told],
            (28, 72, 70),
        ),
    ]
    story += _letters(desk, case)
    story += _findings(desk, case)
    foot = say(
        "Case {serial}, made on {day} by {name}. Confidential.",
        serial=case.serial,
        day=words.whole_day(desk.now),
        name=desk.staff.name,
    )
    sheet = words.sheet(desk.pack.letters.head_in(words.language), foot, training=training)
    return paper.pdf(sheet, say("Case {serial}", serial=case.serial), story)


def _facts(desk: Desk, case: Case) -> list[tuple[str, str]]:
    area, ward = cases.places(desk.pack, case)
    words, say = desk.words, desk.words.say
    category = desk.pack.guide.category(case.category)
    where = ", ".join(place.name for place in (ward, area) if place)
    return [
        (say("Kind"), say(KINDS[case.kind])),
        (say("About"), words.label(category.labels) if category else case.category),
        (say("Status"), say(STATUSES.get(case.status, case.status))),
        (say("Filed"), words.whole_day(case.filed_at)),
        (say("Place"), where or say("place not told")),
        (say("Department"), words.department(case.department_code) if case.department_code else say("none")),
        (say("Next deadline"), words.whole_day(case.due_at) if case.due_at else say("none")),
    ]


def _letters(desk: Desk, case: Case) -> list[Any]:
    found = [one for one in letters.letters(desk, case) if one.signed_at]
    if not found:
        return []
    words, say = desk.words, desk.words.say
    story: list[Any] = [paper.words(say("Letters"), paper.SECTION)]
    for one in found:
        parts = [say("{number} to {addressee}", number=one.number, addressee=one.addressee)]
        if one.reply_by:
            parts.append(say("answer by {day}", day=words.day(one.reply_by)))
        done = say("answered on {day}", day=words.day(one.answered_at)) if one.answered_at else say("not answered")
        story.append(paper.words("; ".join([*parts, done]), paper.LEAD))
        story.append(paper.words(one.text))
    return story


def _findings(desk: Desk, case: Case) -> list[Any]:
    words, say = desk.words, desk.words.say
    story: list[Any] = []
    for one in letters.findings(desk, case):
        story += [paper.words(say("Finding"), paper.SECTION), paper.words(one.text)]
        rows = [
            [
                words.department(part.department),
                part.text,
                words.day(part.due_on),
                say(OUTCOMES[part.outcome]) if part.outcome else say("open"),
            ]
            for part in one.recommendations
        ]
        head = (say("To"), say("Recommendation"), say("By"), say("Outcome"))
        if rows:
            story.append(paper.table(head, rows, (38, 78, 28, 26)))
    return story
