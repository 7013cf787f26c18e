"""The phone in a terminal, and what a change does to screens."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cases.models import Case
from gateway.context import Context
from gateway.pack import load
from gateway.pack.loading import PACKS
from menus.guide import Guide
from operations.authoring import revisions
from operations.authoring.diff import Difference
from operations.authoring.diff import compare as compare_looks
from operations.authoring.looks import looks
from operations.cli import app
from tests.conftest import SECRET
from tests.intake.test_hops import COMPLAINT, count
from tests.web import serve

RUN = CliRunner()
GUIDE = replace(load("kakamega").guide, words={})


looks_of = cache(looks)
"""A walk over all screens of a pack takes seconds: each is walked once."""


@pytest.fixture(autouse=True)
def walked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operations.authoring.looks.looks", looks_of)


def compare(old: Guide, new: Guide) -> Difference:
    return compare_looks(looks_of(old), looks_of(new))


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the Kakamega pack to change."""
    copy = tmp_path / "changed"
    shutil.copytree(PACKS / "kakamega", copy)
    return copy


def edit(pack: Path, file: str, old: str, new: str) -> None:
    text = (pack / file).read_text(encoding="utf-8")
    assert old in text
    (pack / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def swap_two_categories(pack: Path) -> None:
    """Poor service comes after Unfair or rude."""
    text = (pack / "categories.toml").read_text(encoding="utf-8")
    head, *blocks = text.split("[[category]]\n")
    blocks[1], blocks[2] = blocks[2], blocks[1]
    (pack / "categories.toml").write_text("[[category]]\n".join([head, *blocks]), encoding="utf-8")


def typed(*answers: str) -> str:
    return "\n".join(answers) + "\n"


def test_a_complaint_in_the_terminal_with_nothing_stored() -> None:
    done = RUN.invoke(app, ["menu", "play"], input=typed(*COMPLAINT))
    assert done.exit_code == 0, done.output
    assert "Receipt: 4821-093-5579" in done.output
    assert "end" in done.output.splitlines()[-1]
    assert done.output.count("/156") == 9
    assert "118/156" in done.output, "each screen with its count"


def test_after_the_end_a_line_dials_again_and_the_county_remembers() -> None:
    done = RUN.invoke(app, ["menu", "play", "--number", "+254733000333"], input=typed(*COMPLAINT, "", "3"))
    last = done.output[done.output.rindex("My cases") :]
    assert "1. 4821, 12 Nov: received" in last
    assert "+254733000333" in done.output


@pytest.fixture
def address(context: Context) -> Iterator[str]:
    with serve(context.settings) as root:
        yield root


def test_against_a_gateway_that_runs(address: str, context: Context) -> None:
    callback = f"{address}/channels/africastalking/{SECRET}/ussd"
    done = RUN.invoke(app, ["menu", "play", "--against", callback], input=typed(*COMPLAINT))
    assert "Receipt:" in done.output
    assert count(context, Case) == 1


def test_a_gateway_that_does_not_answer_is_one_line_without_the_secret() -> None:
    done = RUN.invoke(app, ["menu", "play", "--against", f"http://127.0.0.1:9/channels/x/{SECRET}/ussd"], input="1\n")
    assert str(done.exception).startswith("--against: ")
    assert SECRET not in str(done.exception) + done.output


def test_the_same_pack_changes_no_screen() -> None:
    assert compare(GUIDE, GUIDE).is_empty


def test_other_words_are_shown_line_by_line_and_renumber_nothing() -> None:
    labels = {"en": "A bribe was asked", "sw": "Kuitishwa hongo"}
    categories = tuple(replace(one, labels=labels) if one.code == "BRIBE" else one for one in GUIDE.categories)
    found = compare(GUIDE, replace(GUIDE, categories=categories))
    (change,) = found.changed
    assert (change.screen, change.language, change.now - change.was) == ("kind", "en", 6)
    assert [line for line in change.lines if line[0] in "+-"] == ["-5. Bribe asked", "+5. A bribe was asked"]
    assert not found.renumbers


def test_options_that_swap_places_are_renumbered_in_every_language() -> None:
    first, second, third, *rest = GUIDE.categories
    found = compare(GUIDE, replace(GUIDE, categories=(first, third, second, *rest)))
    assert {change.language for change in found.changed} == {"en", "sw"}
    moved = {(one.label, one.was, one.now) for change in found.changed for one in change.moved}
    assert {("Poor service", 2, 3), ("Unfair or rude", 3, 2), ("Huduma duni", 2, 3)} <= moved
    assert found.renumbers


def test_an_option_added_at_the_end_renumbers_nothing() -> None:
    first = GUIDE.categories[0]
    other = replace(first, code="NEW", labels={"en": "Something", "sw": "Kitu"})
    complaints = [one for one in GUIDE.categories if one.kind == "complaint" and one.offered]
    at = GUIDE.categories.index(complaints[-1]) + 1
    found = compare(GUIDE, replace(GUIDE, categories=(*GUIDE.categories[:at], other, *GUIDE.categories[at:])))
    assert {change.screen for change in found.changed} == {"kind"}
    assert not found.renumbers


def test_screens_that_come_and_go_are_named() -> None:
    without = replace(GUIDE, care_number="")
    assert {name for _, _, name in compare(GUIDE, without).gone} == {"settings.call"}
    assert {name for _, _, name in compare(without, GUIDE).added} == {"settings.call"}


def test_the_command_fails_on_renumbering_only_where_asked(pack: Path) -> None:
    swap_two_categories(pack)
    plain = RUN.invoke(app, ["menu", "diff", "kakamega", str(pack)])
    assert plain.exit_code == 0, plain.output
    assert "renumbered Poor service: 2 is now 3" in plain.output
    assert RUN.invoke(app, ["menu", "diff", "kakamega", str(pack), "--fail-on-renumbering"]).exit_code == 1


def test_the_command_lets_other_words_pass(pack: Path) -> None:
    edit(pack, "categories.toml", 'en = "Bribe asked"', 'en = "A bribe was asked"')
    done = RUN.invoke(app, ["menu", "diff", "kakamega", str(pack), "--fail-on-renumbering"])
    assert done.exit_code == 0, done.output
    assert "+5. A bribe was asked" in done.output
    assert "6 longer" in done.output


def commit(tree: Path) -> None:
    subprocess.run(["git", "add", "-A"], cwd=tree, check=True)
    author = ["-c", "user.name=A", "-c", "user.email=a@test.example"]
    subprocess.run(["git", *author, "commit", "-qm", "As it was"], cwd=tree, check=True)


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of its own with one commit, and in it the pack of Madiun as somebody has just changed it."""
    for part in revisions.PARTS:
        shutil.copytree(revisions.ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "As it was"]):
        subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@test.example", *words], cwd=tmp_path, check=True
        )
    monkeypatch.setattr(revisions, "ROOT", tmp_path)
    edit(tmp_path / "packs" / "madiun", "categories.toml", 'id = "Layanan buruk"', 'id = "Pelayanan buruk"')
    return tmp_path


def test_a_pack_is_compared_with_what_git_has(history: Path) -> None:
    pack = str(history / "packs" / "madiun")
    done = RUN.invoke(app, ["menu", "diff", pack, "--against", "HEAD"])
    assert done.exit_code == 0, done.output
    assert [line.strip() for line in done.output.splitlines() if line.strip()[0] in "+-"][:2] == [
        "-2.Layanan buruk",
        "+2.Pelayanan buruk",
    ]
    assert "no revision v0" in str(RUN.invoke(app, ["menu", "diff", pack, "--against", "v0"]).exception)
    outside = RUN.invoke(app, ["menu", "diff", "kakamega", "--against", "HEAD"])
    assert "is not in the history" in str(outside.exception)
    (history / "menus" / "walk.py").unlink()
    commit(history)
    broken = RUN.invoke(app, ["menu", "diff", pack, "--against", "HEAD"])
    assert "cannot be walked by this version: menus.walk is not there" in str(broken.exception)
    shutil.rmtree(history / ".git")
    assert "no git history" in str(RUN.invoke(app, ["menu", "diff", pack, "--against", "HEAD"]).exception)


def test_one_pack_alone_wants_a_revision() -> None:
    assert "--against a revision" in str(RUN.invoke(app, ["menu", "diff", "kakamega"]).exception)
