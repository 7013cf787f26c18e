"""The `Guide` of a pack: what menus may know of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.pack import models as m
from gateway.pack import promises as p
from menus import guide as g
from menus.catalogue import Catalogue


def build_guide(
    about: m.PackFile,
    places: tuple[m.PlaceRow, ...],
    categories: m.CategoriesFile,
    referrals: m.ReferralsFile,
    commitments: p.CommitmentsFile,
    clocks: m.ClocksFile,
    catalogues: Mapping[str, Catalogue],
    texts: tuple[str, ...],
    version: str,
    facilities: m.FacilitiesFile | None = None,
) -> g.Guide:
    """All of it frozen, in the order of the files. Numbers that were not verified stay behind."""
    verified = [line for line in referrals.referrals if line.verified]
    return g.Guide(
        version=version,
        titles=MappingProxyType(about.title),
        welcome=about.welcome,
        languages=tuple(g.Language(known.code, known.name) for known in about.languages if known.offered),
        areas=_areas(places),
        categories=tuple(
            g.Category(entry.code, entry.kind, MappingProxyType(entry.label), entry.danger, entry.offered)
            for entry in categories.categories
        ),
        ussd_code=about.codes.ussd,
        sms_code=about.codes.sms,
        care_number=next((line.number for line in verified if line.code == referrals.care), ""),
        catalogue=MappingProxyType({code: known.texts for code, known in catalogues.items()}),
        texts=texts,
        helplines=tuple(g.Helpline(line.number, MappingProxyType(line.name)) for line in verified if line.danger),
        promise_areas=tuple(g.PromiseArea(area.code, MappingProxyType(area.label)) for area in commitments.areas),
        promises=tuple(
            g.Promise(entry.ogp_id, entry.area, MappingProxyType(entry.short), entry.ends)
            for entry in commitments.commitments
        ),
        plan_years=about.plan.years,
        monthly_cap=about.limits.follow_sms_a_month,
        notices_cap=about.limits.notice_sms_a_month,
        questions_cap=about.limits.question_sms_a_month,
        facilities=tuple(
            g.Facility(one.code, MappingProxyType(one.name), one.ward)
            for one in (facilities.facilities if facilities else ())
        ),
        score_items=tuple(MappingProxyType(item) for item in (facilities.items if facilities else ())),
        shortcuts=MappingProxyType(about.shortcuts),
        words=MappingProxyType(about.words),
        remedy=next((MappingProxyType(line.name) for line in verified if line.code == referrals.remedy), g.NONE),
        information_days=_information_days(clocks),
    )


def _information_days(clocks: m.ClocksFile) -> int:
    """Days that a law counts from when the information officer has a request; 0 where none does."""
    rules = (rule for rule in clocks.clocks if rule.code == "information.decision" and rule.law)
    return next((rule.limit for rule in rules if rule.unit == "calendar_days"), 0)


def _areas(places: tuple[m.PlaceRow, ...]) -> tuple[g.Area, ...]:
    codes = list(dict.fromkeys(row.area_code for row in places))
    return tuple(_area([row for row in places if row.area_code == code]) for code in codes)


def _area(rows: list[m.PlaceRow]) -> g.Area:
    wards = tuple(g.Ward(row.ward_code, row.ward, spellings(row.ward_also)) for row in rows)
    return g.Area(rows[0].area_code, rows[0].area, wards, spellings(rows[0].area_also))


def spellings(also: str) -> tuple[str, ...]:
    """The alternative spellings in a field of places.csv."""
    return tuple(name.strip() for name in also.split(";") if name.strip())
