"""`baraza pack check`: every mistake an author makes is named with its file and place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.pack import PackError, check_pack, load
from gateway.pack.loading import PACKS


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the Kakamega pack to spoil."""
    copy = tmp_path / "kakamega"
    shutil.copytree(PACKS / "kakamega", copy)
    return copy


def spoil(pack: Path, file: str, old: str, new: str) -> None:
    text = (pack / file).read_text(encoding="utf-8")
    assert old in text, f"{file} no longer holds {old!r}"
    (pack / file).write_text(text.replace(old, new, 1), encoding="utf-8")


MISTAKES = [
    (
        "commitments.toml",
        'lead_department = "finance"',
        'lead_department = "finances"',
        "commitments.toml: commitment 3 (KEKAK0003): department finances is not in departments.toml",
    ),
    (
        "commitments.toml",
        'first = "2027-Q1"',
        'first = "2027-01"',
        "commitments.toml: reporting: Value error, first is a month for monthly reports, as 2026-11, "
        "and a quarter, as 2026-Q4, for quarterly",
    ),
    (
        "commitments.toml",
        "milestones = []",
        """milestones = [
            { code = "m1", output = { en = "A forum" }, starts = 2026-01-01, due = 2025-12-31, source = "A test" },
        ]""",
        "commitments.toml: commitment 1 (KEKAK0001): milestone m1 is due before it starts",
    ),
    (
        "categories.toml",
        'label = { en = "Unfair or rude", sw = "Kuonewa/dharau" }',
        'label = { en = "Unfair or rude" }',
        "categories.toml: category 3 (UNFAIR): label.sw is missing",
    ),
    (
        "categories.toml",
        'label = { en = "Poor service", sw = "Huduma duni" }\n',
        "",
        "categories.toml: category 2 (POOR): label is missing",
    ),
    (
        "categories.toml",
        'code = "POOR"',
        'code = "DELAY"',
        "categories.toml: code DELAY stands for 2 different entries",
    ),
    (
        "categories.toml",
        "danger = true ",
        "dangr = true ",
        "categories.toml: category 6 (DANGER): dangr is not a known key",
    ),
    (
        "categories.toml",
        'referral = "eacc"',
        'referral = "eac"',
        "categories.toml: category 5 (BRIBE): referral eac is not in referrals.toml",
    ),
    (
        "categories.toml",
        "Huduma duni",
        "Huduma duní",
        "categories.toml: category 2 (POOR): label.sw has í, which GSM-7 has not",
    ),
    (
        "categories.toml",
        "Delay or no reply",
        "Delay or no reply or nobody came to see what happened to us",
        "categories.toml: the screen kind takes 2 pages in en: shorten its words",
    ),
    (
        "categories.toml",
        "[[category]]",
        "[[category]",
        "categories.toml: Expected ']]' at the end of an array declaration",
    ),
    ("places.csv", "1003,Chemuche", "1002,Chemuche", "places.csv: ward_code 1002 stands for 2 different entries"),
    (
        "places.csv",
        "1003,Chemuche",
        "1003,",
        "places.csv: line 14 (1003): ward: String should have at least 1 character",
    ),
    ("places.csv", "201,Malava", "200,Malava", "places.csv: area_code 200 stands for 2 different entries"),
    (
        "places.csv",
        ",agreed,",
        ",perhaps,",
        "places.csv: line 2 (0991): checked: Input should be 'agreed', 'disputed' or 'official'",
    ),
    (
        "pack.toml",
        'time_zone = "Africa/Nairobi"',
        'time_zone = "Kenya"',
        "pack.toml: time_zone: Value error, not a time zone",
    ),
    ("pack.toml", "draft_days = 7", "draft_days = 0", "pack.toml: limits.draft_days: Input should be greater than 0"),
    ("pack.toml", 'prefix = "KAK" ', "", "pack.toml: prefix is missing"),
    (
        "pack.toml",
        "[shortcuts]",
        '[shortcuts]\n44 = "nowhere"',
        "pack.toml: shortcuts.44: there is no errand nowhere",
    ),
    (
        "pack.toml",
        "[shortcuts]",
        '[shortcuts]\n1 = "promises"',
        "pack.toml: shortcuts.1: a code is two to six digits, and not 98",
    ),
    ("pack.toml", 'MENYU = "menu"', 'MENYU = "menyu"', "pack.toml: words.MENYU: there is no errand menyu"),
    (
        "pack.toml",
        'MENU = "menu"',
        'ASK = "information"\nMENU = "menu"',
        "pack.toml: words.ASK: texts name the first word, so it must lead to menu",
    ),
    (
        "pack.toml",
        "offered = false",
        "offered = true",
        "pack.toml: language luy: menus/locales has no catalogue for it",
    ),
    (
        "referrals.toml",
        'number = "0800 724 388"\nverified = true',
        'number = "0800 724 388"\nverified = false',
        "referrals.toml: care: county is not a verified referral",
    ),
    (
        "referrals.toml",
        'number = "116"',
        'number = "one one six"',
        "referrals.toml: referral 1 (child): number: String should match pattern",
    ),
    (
        "commitments.toml",
        'area = "climate"',
        'area = "weather"',
        "commitments.toml: commitment 2 (KEKAK0002): area weather is not listed",
    ),
    (
        "commitments.toml",
        'starts = "2025-01"',
        'starts = "January 2025"',
        "commitments.toml: commitment 1 (KEKAK0001): starts: String should match pattern",
    ),
    ("holidays.toml", 'day = "05-01"', 'day = "01-01"', "holidays.toml: day 01-01 stands for 2 different entries"),
    (
        "clocks.toml",
        'unit = "hours"',
        'unit = "days"',
        "clocks.toml: clock 1 (complaint.acknowledge): unit: Input should be",
    ),
    (
        "departments.toml",
        'code = "finance"',
        'code = "Finance Department"',
        "departments.toml: department 4 (Finance Department): code: String should match pattern",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "said"), MISTAKES, ids=[said for *_, said in MISTAKES])
def test_a_mistake_is_named(pack: Path, file: str, old: str, new: str, said: str) -> None:
    spoil(pack, file, old, new)
    assert [problem for problem in check_pack(pack) if problem.startswith(said)], check_pack(pack)


# What a county may leave out: nothing is invented for it.
OPTIONAL = {"people.csv", "boundaries.geojson", "facilities.toml"}


@pytest.mark.parametrize("file", sorted({path.name for path in (PACKS / "kakamega").iterdir()} - OPTIONAL))
def test_a_missing_file_is_named(pack: Path, file: str) -> None:
    (pack / file).unlink()
    assert f"{file}: the file is missing" in check_pack(pack)


def test_a_copy_is_as_good(pack: Path) -> None:
    assert check_pack(pack) == []


def test_a_pack_that_cannot_be_read_stops_the_start_with_every_problem(pack: Path) -> None:
    spoil(pack, "pack.toml", "draft_days = 7", "draft_days = 0")
    spoil(pack, "places.csv", "1003,Chemuche", "1003,")
    with pytest.raises(PackError) as stopped:
        load(pack)
    assert len(stopped.value.problems) == 2


def test_no_such_pack() -> None:
    with pytest.raises(PackError, match="atlantis: no such folder"):
        load("atlantis")


def test_the_version_changes_with_any_file(pack: Path) -> None:
    before = load(pack).version
    spoil(pack, "categories.toml", "Huduma duni", "Huduma mbaya")
    load.cache_clear()
    assert load(pack).version != before


OWN_WORDS = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"

msgid "{said}"
msgstr "{instead}"
"""


def test_a_pack_says_a_text_in_its_own_words(pack: Path) -> None:
    (pack / "texts.sw.po").write_text(OWN_WORDS.format(said="Ombudsman only, SMS me", instead="Karani tu, nipate SMS"))
    (pack / "texts.en.po").write_text(OWN_WORDS.format(said="Ombudsman only, SMS me", instead="The clerk only, SMS me"))
    assert check_pack(pack) == []
    guide = load(pack).guide
    assert guide.say("sw", "Ombudsman only, SMS me") == "Karani tu, nipate SMS"
    assert guide.say("en", "Ombudsman only, SMS me") == "The clerk only, SMS me"
    assert guide.say("sw", "Ombudsman only, no SMS") == "Ombudsman tu, bila SMS", "what it does not say is shared"
    assert load("kakamega").guide.say("en", "Ombudsman only, SMS me") == "Ombudsman only, SMS me"


OWN_MISTAKES = [
    ("Ombudsman onyl, SMS me", "Karani tu", "'Ombudsman onyl, SMS me' is no text of the menus"),
    ("Your ward: {ward}", "Wadi: {wadi}", "'Your ward: {ward}': the placeholders differ"),
    ("Ombudsman only, SMS me", "Karaní tu", "'Ombudsman only, SMS me': í is not in GSM-7"),
]


@pytest.mark.parametrize(("said", "instead", "problem"), OWN_MISTAKES)
def test_a_mistake_in_its_own_words_is_named(pack: Path, said: str, instead: str, problem: str) -> None:
    (pack / "texts.sw.po").write_text(OWN_WORDS.replace("{said}", said).replace("{instead}", instead), encoding="utf-8")
    assert [found for found in check_pack(pack) if found.startswith(f"texts.sw.po: {problem}")], check_pack(pack)


def test_a_pack_may_do_without_ussd_and_a_free_number(pack: Path) -> None:
    spoil(pack, "pack.toml", 'ussd = "*384*1#"\n', "")
    spoil(pack, "referrals.toml", 'care = "county"', "")
    assert check_pack(pack) == []
    guide = load(pack).guide
    assert (guide.ussd_code, guide.care_number, guide.way_in("en")) == ("", "", "SMS MENU to 22384")
