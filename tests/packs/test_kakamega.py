"""The Kakamega pack: what the county's residents will meet, and what must not be shown to them."""

from __future__ import annotations

import csv
from pathlib import Path

from gateway.pack import check_pack, load
from menus.engine import State
from menus.layout import show

PACK = load("kakamega")
GUIDE = PACK.guide
DISPUTED = {"1007", "1008", "1042", "1043", "1044", "1045", "1046"}


def test_nothing_is_wrong_with_it() -> None:
    assert check_pack("kakamega") == []


def test_twelve_sub_counties_and_sixty_wards_keyed_by_code() -> None:
    assert [area.code for area in GUIDE.areas] == [str(code) for code in range(199, 211)]
    wards = [ward.code for area in GUIDE.areas for ward in area.wards]
    assert wards == [f"{code:04}" for code in range(991, 1051)]


def test_lugari_is_a_sub_county_and_a_ward() -> None:
    area = GUIDE.area("199")
    assert area is not None
    assert area.name == "Lugari"
    assert GUIDE.ward("0992") == (area, area.wards[1])
    assert area.wards[1].name == "Lugari"


def test_codes_that_sources_dispute_are_marked() -> None:
    assert {row.ward_code for row in PACK.places if row.checked == "disputed"} == DISPUTED


def test_places_csv_opens_in_a_spreadsheet() -> None:
    with (PACK.path / "places.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 60
    assert all(None not in row and None not in row.values() for row in rows)


def test_only_verified_numbers_are_known_to_menus() -> None:
    assert [line.number for line in GUIDE.helplines] == ["116", "0800 724 388"]
    assert GUIDE.care_number == "0800 724 388"
    for language in ("en", "sw"):
        shown = show(State("danger", language), GUIDE).text
        assert "116" in shown
        assert not {"999", "112", "1195"} & set(shown.replace(".", " ").replace(",", " ").split())


def test_only_known_facts_of_the_promises() -> None:
    assert [promise.ogp_id for promise in PACK.commitments] == ["KEKAK0001", "KEKAK0002", "KEKAK0003", "KEKAK0004"]
    assert [promise.ogp_id for promise in PACK.commitments if promise.inferred] == ["KEKAK0002"]
    assert all(promise.milestones == () for promise in PACK.commitments)
    assert {(str(promise.starts_on), str(promise.ends_on)) for promise in PACK.commitments} == {
        ("2025-01-01", "2027-06-30")
    }


def test_the_languages_offered_and_the_slot() -> None:
    assert [known.code for known in GUIDE.languages] == ["en", "sw"]
    assert [known.code for known in PACK.about.languages if not known.offered] == ["luy"]
    assert GUIDE.missing_translations("sw") == []
    assert len(GUIDE.missing_translations("luy")) == len(GUIDE.texts) > 100


def test_the_kiswahili_says_that_nobody_has_reviewed_it() -> None:
    assert PACK.unreviewed == ("sw",)


def test_demo_codes_are_marked_as_such() -> None:
    codes = PACK.about.codes
    assert (codes.ussd, codes.sms, codes.demo) == ("*384*1#", "22384", True)


def test_a_bribe_is_another_bodys_matter() -> None:
    referrals = {entry.code: entry.referral for entry in PACK.categories}
    assert referrals["BRIBE"] == "eacc"
    assert next(line for line in PACK.referrals.referrals if line.code == "eacc").verified is False


def test_the_limits_of_law_carry_their_source() -> None:
    law = {clock.code: (clock.limit, clock.unit) for clock in PACK.clocks if clock.law}
    assert law["information.decision"] == (21, "calendar_days")
    assert law["information.life_or_liberty"] == (48, "hours")
    assert law["my_data.access"] == (7, "calendar_days")
    assert all(clock.source for clock in PACK.clocks)
    assert not any(clock.confirmed for clock in PACK.clocks)


def test_a_pack_is_found_by_name_and_by_path() -> None:
    assert load(PACK.path).about == PACK.about
    assert load(str(PACK.path)).version == PACK.version
    assert Path(PACK.path).name == "kakamega"
