"""Whom a broadcast is for: who follows its promise, who gets notices for its places. Nobody else is ever texted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gateway.broadcasts.models import NoticeReader
from gateway.commitments import follows
from gateway.commitments.answerers import OUTCOME, QUESTION
from gateway.commitments.asking_models import Answerer, Check, CheckAnswer
from gateway.commitments.models import Follow
from gateway.errors import filled
from gateway.messaging.audience import Audience
from gateway.messaging.models import Broadcast
from gateway.pack import Pack

UPDATE, NOTICE = "update", "notice"
"""News of a promise, published with it; a word of the desk, by SMS alone."""


def wards_in(pack: Pack, code: str) -> list[str]:
    """Codes of the wards of a sub-county, or the code of a ward itself; empty for any other."""
    area = pack.guide.area(code)
    if area is not None:
        return [ward.code for ward in area.wards]
    return [code] if pack.guide.ward(code) else []


def unknown_places(pack: Pack, places: Sequence[str]) -> list[dict[str, str]]:
    """A fault for each code that is no ward and no sub-county."""
    return [
        {"where": "body.places", "message": filled("no ward or sub-county has the code {code}", code=code)}
        for code in places
        if not wards_in(pack, code)
    ]


def audience(pack: Pack, row: Broadcast) -> Audience:
    """Whom it reaches: who follows the promise, in whichever way; who gets notices for the places; who does both; who
    may be asked about the ward; who answered what this came of.

    Nobody is texted who did not ask for it: a ward remembered for the menus is no consent to SMS.
    """
    limits, template = pack.about.limits, "update"
    cap: int | None = limits.follow_sms_a_month if row.topic else limits.notice_sms_a_month
    if row.kind == QUESTION:
        cap, template = limits.question_sms_a_month, "check"
    elif row.kind == OUTCOME:
        cap, template = None, "outcome"
    together = limits.promises_sms_a_month if row.kind == UPDATE else None
    people = sa.intersect(*people_of(pack, row))
    return Audience(people, row.topic, list(row.bodies), cap, together, row.languages, template)


def people_of(pack: Pack, row: Broadcast, left_since: datetime | None = None) -> list[sa.Select[tuple[UUID]]]:
    """The selections that a resident must be in, each of them; or those of who left them since a moment."""

    def there(agreed: type[Follow | NoticeReader | Answerer]) -> sa.ColumnElement[bool]:
        return agreed.until.is_(None) if left_since is None else agreed.until >= left_since

    wards = sorted({ward for code in row.places for ward in wards_in(pack, code)})
    if row.kind in (QUESTION, OUTCOME):
        willing = sa.select(Answerer.resident_id).where(there(Answerer))
        if row.kind == QUESTION:
            return [willing.where(Answerer.ward_code.in_(wards))]
        answered = sa.select(CheckAnswer.resident_id).join(Check, Check.id == CheckAnswer.check_id)
        return [willing, answered.where(Check.outcome_broadcast_id == row.id)]
    people: list[sa.Select[tuple[UUID]]] = []
    if row.topic:
        people.append(follows.followers(row.topic, wards, there(Follow)))
    if row.kind == NOTICE and (row.places or not row.topic):
        readers = sa.select(NoticeReader.resident_id).where(there(NoticeReader))
        people.append(readers.where(NoticeReader.ward_code.in_(wards)) if row.places else readers)
    return people
