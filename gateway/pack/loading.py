"""From a folder of TOML and CSV to a `Pack`, its `Guide` built once."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from babel.messages.pofile import PoFileError
from pydantic import BaseModel, ValidationError

import menus
from gateway.pack import figures
from gateway.pack import handling as h
from gateway.pack import models as m
from gateway.pack import promises as p
from gateway.pack.guides import build_guide
from menus import catalogue
from menus.catalogue import Catalogue
from menus.guide import Guide

PACKS = Path(__file__).parents[2] / "packs"
MENUS = Path(menus.__file__).parent
LOCALES = MENUS / "locales"

File = TypeVar("File", bound=BaseModel)


class PackError(Exception):
    """A pack cannot be used; the text names file and place of each thing that is wrong, a line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Pack:
    """A jurisdiction: all that a county edits."""

    path: Path
    version: str
    """Changes with any file of the pack, any catalogue and the menus' own code."""
    about: m.PackFile
    places: tuple[m.PlaceRow, ...]
    categories: tuple[m.Category, ...]
    departments: tuple[m.Department, ...]
    referrals: m.ReferralsFile
    promise_areas: tuple[p.PromiseArea, ...]
    commitments: tuple[p.Commitment, ...]
    proposals: tuple[p.Proposal, ...]
    reporting: p.Reporting
    elections: tuple[p.Election, ...]
    clocks: tuple[m.ClockRule, ...]
    holidays: m.HolidaysFile
    letters: h.LettersFile
    routing: h.RoutingFile
    replies: tuple[h.Canned, ...]
    desk: m.DeskFile
    facilities: tuple[m.Facility, ...]
    people: Mapping[str, figures.People]
    """How many live in a sub-county, by its code; empty where nobody supplied it."""
    boundaries: Mapping[str, tuple[figures.Ring, ...]]
    """Outlines of wards by their code; empty where nobody supplied them."""
    catalogues: Mapping[str, Catalogue]
    guide: Guide

    @property
    def unreviewed(self) -> tuple[str, ...]:
        """The languages whose texts no reviewer has signed yet."""
        return tuple(code for code, catalogue in self.catalogues.items() if not catalogue.is_reviewed)


def folder(name_or_path: str | Path) -> Path:
    """The folder of a pack given by its name in packs/, or by a path."""
    named = PACKS / name_or_path
    return named if Path(name_or_path).name == str(name_or_path) and named.is_dir() else Path(name_or_path)


@lru_cache(maxsize=4)
def load(name_or_path: str | Path) -> Pack:
    """The pack, read once a process. Raises `PackError` when a file is missing or malformed."""
    pack, problems = read(folder(name_or_path))
    if pack is None:
        raise PackError(problems)
    return pack


def read(path: Path) -> tuple[Pack | None, list[str]]:
    """The pack in `path`, or none and what keeps it from being read."""
    problems: list[str] = []
    if not path.is_dir():
        return None, [f"{path}: no such folder"]
    about = _toml(path / "pack.toml", m.PackFile, problems)
    places = _places(path / "places.csv", problems)
    categories = _toml(path / "categories.toml", m.CategoriesFile, problems)
    departments = _toml(path / "departments.toml", m.DepartmentsFile, problems)
    referrals = _toml(path / "referrals.toml", m.ReferralsFile, problems)
    commitments = _toml(path / "commitments.toml", p.CommitmentsFile, problems)
    clocks = _toml(path / "clocks.toml", m.ClocksFile, problems)
    holidays = _toml(path / "holidays.toml", m.HolidaysFile, problems)
    letters = _toml(path / "letters.toml", h.LettersFile, problems)
    routing = _toml(path / "routing.toml", h.RoutingFile, problems)
    replies = _toml(path / "replies.toml", h.RepliesFile, problems)
    desk = _toml(path / "desk.toml", m.DeskFile, problems)
    scored = path / "facilities.toml"
    facilities = _toml(scored, m.FacilitiesFile, problems) if scored.is_file() else None
    people, boundaries = figures.people(path, problems), figures.boundaries(path, problems)
    languages = [known.code for known in about.languages if known.offered] if about else []
    texts, catalogues = _catalogues(path, languages, problems)
    if not (about and categories and departments and referrals and commitments and clocks and holidays):
        return None, problems
    if not (routing and letters and desk):
        return None, problems
    if problems:
        return None, problems
    version = fingerprint(path)
    guide = build_guide(
        about, places, categories, referrals, commitments, clocks, catalogues, texts, version, facilities
    )
    pack = Pack(
        path=path,
        version=version,
        about=about,
        places=places,
        categories=categories.categories,
        departments=departments.departments,
        referrals=referrals,
        promise_areas=commitments.areas,
        commitments=commitments.commitments,
        proposals=commitments.proposals,
        reporting=commitments.reporting,
        elections=commitments.elections,
        clocks=clocks.clocks,
        holidays=holidays,
        letters=letters,
        routing=routing,
        replies=replies.replies if replies else (),
        desk=desk,
        facilities=facilities.facilities if facilities else (),
        people=people,
        boundaries=boundaries,
        catalogues=catalogues,
        guide=guide,
    )
    return pack, problems


def fingerprint(path: Path) -> str:
    """A short hash of everything that gives a digit its meaning."""
    own = (file for kind in ("*.toml", "*.csv", "*.po") for file in path.glob(kind))
    files = [*own, *LOCALES.rglob("*.po"), *MENUS.rglob("*.py")]
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda f: (f.parent.name, f.name)):
        digest.update(f"{file.parent.name}/{file.name}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _toml(file: Path, model: type[File], problems: list[str]) -> File | None:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        return model.model_validate(data)
    except FileNotFoundError:
        problems.append(f"{file.name}: the file is missing")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{file.name}: {error}")
    except ValidationError as error:
        problems.extend(f"{file.name}: {_where(data, fault['loc'])}{_what(fault)}" for fault in error.errors())
    return None


def _where(data: Any, place: tuple[int | str, ...]) -> str:
    """`category 3 (DELAY): label.sw` out of `("category", 2, "label", "sw")`."""
    if len(place) > 1 and isinstance(place[1], int):
        section, number, *rest = place
        entry = data[section][number]
        code = next(
            (str(entry[key]) for key in ("code", "ogp_id", "day", "date") if isinstance(entry, dict) and key in entry),
            "",
        )
        named = f" ({code})" if code else ""
        return f"{section} {place[1] + 1}{named}: {'.'.join(map(str, rest))}"
    return ".".join(map(str, place))


def _what(fault: Mapping[str, Any]) -> str:
    if fault["type"] == "missing":
        return " is missing"
    if fault["type"] == "extra_forbidden":
        return " is not a known key"
    return f": {fault['msg']}"


def _places(file: Path, problems: list[str]) -> tuple[m.PlaceRow, ...]:
    if not file.is_file():
        problems.append(f"{file.name}: the file is missing")
        return ()
    rows = []
    with file.open(encoding="utf-8", newline="") as lines:
        for number, line in enumerate(csv.DictReader(lines), 2):
            try:
                rows.append(m.PlaceRow.model_validate({key: value or "" for key, value in line.items() if key}))
            except ValidationError as error:
                code = line.get("ward_code") or "no ward_code"
                problems.extend(
                    f"{file.name}: line {number} ({code}): {'.'.join(map(str, fault['loc']))}{_what(fault)}"
                    for fault in error.errors()
                )
    return tuple(rows)


def _catalogues(path: Path, languages: list[str], problems: list[str]) -> tuple[tuple[str, ...], dict[str, Catalogue]]:
    """Every English text, and the catalogues of the languages offered, each with the pack's own words over it.

    English has none, unless the pack says some of its texts otherwise.
    """
    with (LOCALES / "baraza.pot").open("rb") as template:
        texts = tuple(catalogue.read(template, "en").texts)
    found = {}
    for language in languages:
        shared = Catalogue("en", "", "", {})
        if language != "en":
            shared = _catalogue(LOCALES / language / "LC_MESSAGES" / "baraza.po", f"{language}/baraza.po", problems)
        own = path / f"texts.{language}.po"
        if own.is_file():
            shared = catalogue.over(shared, _catalogue(own, own.name, problems))
        if shared.texts:
            found[language] = shared
    return texts, found


def _catalogue(file: Path, name: str, problems: list[str]) -> Catalogue:
    """A catalogue; empty, and a problem more, where it cannot be read."""
    language = file.parts[-3] if file.name == "baraza.po" else file.name.split(".")[1]
    try:
        with file.open("rb") as po:
            return catalogue.read(po, language)
    except FileNotFoundError:
        problems.append(f"pack.toml: language {language}: menus/locales has no catalogue for it")
    except (PoFileError, ValueError, LookupError) as error:
        problems.append(f"{name}: {error}")
    return Catalogue(language, "", "", {})
