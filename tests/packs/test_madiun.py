"""The Madiun pack: a second home without code, and nothing in it that nobody has said."""

from __future__ import annotations

import csv

import pytest

from gateway.messaging.segments import segments
from gateway.messaging.templates import TEMPLATES, render
from gateway.pack import check_pack, load
from menus import gsm7
from menus.engine import SCREENS, State
from menus.layout import count_pages, show
from tests.messaging.test_texts import SAMPLES

PACK = load("madiun")
GUIDE = PACK.guide


def test_nothing_is_wrong_with_it() -> None:
    assert check_pack("madiun") == []


def test_three_kecamatan_of_nine_kelurahan_keyed_by_code() -> None:
    assert [(area.code, area.name) for area in GUIDE.areas] == [
        ("35.77.01", "Kartoharjo"),
        ("35.77.02", "Manguharjo"),
        ("35.77.03", "Taman"),
    ]
    for area in GUIDE.areas:
        assert [ward.code for ward in area.wards] == [f"{area.code}.{number}" for number in range(1001, 1010)]
        assert area.name in {ward.name for ward in area.wards}, "each kecamatan holds a kelurahan of its own name"


def test_places_csv_opens_in_a_spreadsheet() -> None:
    with (PACK.path / "places.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 27
    assert all(None not in row and None not in row.values() for row in rows)


def test_there_is_no_ussd_and_the_way_in_is_a_word() -> None:
    assert GUIDE.ussd_code == ""
    assert list(GUIDE.words) == ["MENU", "LAPOR", "IKUTI"]
    assert GUIDE.way_in("id") == "SMS MENU ke 98765"
    assert PACK.about.codes.demo


def test_the_indonesian_says_everything_and_that_nobody_has_reviewed_it() -> None:
    assert GUIDE.missing_translations("id") == []
    assert PACK.unreviewed == ("id",)


def test_three_kinds_as_sp4n_lapor_has_them_and_ideas_called_ideas() -> None:
    options = show(State("menu", "id"), GUIDE).text.splitlines()
    assert {"1. Buat pengaduan", "2. Minta informasi", "6. Sampaikan aspirasi"} <= set(options)
    ideas = [category.labels["id"] for category in GUIDE.offered("feedback")]
    assert ideas[:3] == [
        "Gagasan: kelurahan wisata",
        "Gagasan: bebas pengangguran",
        "Gagasan: satu data kelurahan",
    ]


def test_the_clocks_of_sp4n_lapor_with_their_confidence() -> None:
    clocks = {clock.code: (clock.limit, clock.unit, clock.confidence) for clock in PACK.clocks}
    assert clocks["complaint.triage"] == (3, "working_days", "H")
    assert clocks["complaint.answer"] == (5, "working_days", "H")
    assert clocks["complaint.confirm"] == (10, "calendar_days", "H")
    assert [clocks[f"{name}.decision"] for name in ("normative", "plain", "weighty")] == [
        (5, "working_days", "M"),
        (14, "working_days", "M"),
        (60, "working_days", "M"),
    ]
    assert not any(clock.confirmed or clock.law for clock in PACK.clocks)


def test_only_the_commitment_that_was_seen() -> None:
    assert [(promise.ogp_id, promise.inferred, promise.milestones) for promise in PACK.commitments] == [
        ("IDMDI0003", False, ())
    ]


def test_only_verified_numbers_are_known_to_menus() -> None:
    assert [(line.code, line.number) for line in PACK.referrals.referrals if line.verified] == [("lapor", "1708")]
    assert (GUIDE.helplines, GUIDE.care_number) == ((), "")
    shown = show(State("danger", "id"), GUIDE).text
    assert shown.startswith("Kami bukan layanan darurat.")
    assert not any(digit in shown.splitlines()[0] for digit in "0123456789")


def test_no_word_of_another_home_is_left() -> None:
    said = " ".join(GUIDE.catalogue["id"].values())
    for foreign in ("Ombudsman", "M-Pesa", "kaunti", "county", "dial ", "*384"):
        assert foreign.lower() not in said.lower()


def test_no_legal_days_are_promised_that_nobody_has_read() -> None:
    filed = {"filed": {"receipt": "4821-093-5579", "serial": "MDN-2026-000001"}}
    shown = show(State("end.info", "id", facts=filed), GUIDE).text
    assert "hari" not in shown


@pytest.mark.parametrize(
    "template", [name for name in TEMPLATES if name not in ("reply_full", "update", "check", "outcome", "status")]
)
def test_every_text_is_one_part_because_parts_get_lost(template: str) -> None:
    longest = TEMPLATES[template].longest
    values = {name: SAMPLES.get(name, ("kata " * 200)[:size].strip()) for name, size in longest.items()}
    text = render(GUIDE, template, "id", values)
    assert segments(text) == 1, text


def test_three_cases_fit_into_one_status_text() -> None:
    states = ("diteruskan ke instansi lain", "kami perlu jawaban Anda", "di instansi")
    lines = "\n".join(f"4821, 30 Nov: {state}" for state in states)
    assert segments(render(GUIDE, "status", "id", {"lines": lines})) == 1


@pytest.mark.parametrize("area", [area.code for area in GUIDE.areas])
def test_nine_kelurahan_take_one_text(area: str) -> None:
    for name in ("ward", "settings.ward.ward"):
        state = State(name, "id", answers={"area": area})
        assert name in SCREENS
        assert count_pages(state, GUIDE) == 1
        assert gsm7.length(show(state, GUIDE).text) <= 156
