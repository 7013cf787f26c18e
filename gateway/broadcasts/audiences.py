"""Whom a broadcast is for: who follows its promise, who gets notices for its places. Nobody else is ever texted."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from gateway.broadcasts.models import NoticeReader
from gateway.commitments import follows
from gateway.commitments.models import Follow
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
        {"where": "body.places", "message": f"no ward or sub-county has the code {code}"}
        for code in places
        if not wards_in(pack, code)
    ]


def audience(pack: Pack, row: Broadcast) -> Audience:
    """Whom it reaches: who follows the promise, in whichever way; who gets notices for the places; or who does both.

    Nobody is texted who did not ask for it: a ward remembered for the menus is no consent to SMS.
    """
    people, limits = people_of(pack, row, Follow.until.is_(None), NoticeReader.until.is_(None)), pack.about.limits
    cap = limits.follow_sms_a_month if row.topic else limits.notice_sms_a_month
    return Audience(sa.intersect(*people), row.topic, list(row.bodies), cap, row.languages)


def people_of(
    pack: Pack, row: Broadcast, following: sa.ColumnElement[bool], reading: sa.ColumnElement[bool]
) -> list[sa.Select[tuple[UUID]]]:
    """The selections that a resident must be in, each of them."""
    people: list[sa.Select[tuple[UUID]]] = []
    wards = {ward for code in row.places for ward in wards_in(pack, code)}
    if row.topic:
        people.append(follows.followers(row.topic, sorted(wards), following))
    if row.kind == NOTICE and (row.places or not row.topic):
        readers = sa.select(NoticeReader.resident_id).where(reading)
        people.append(readers.where(NoticeReader.ward_code.in_(sorted(wards))) if row.places else readers)
    return people
