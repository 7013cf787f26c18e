"""The documents say what is there: links lead somewhere, commands exist, nothing of one machine is in them."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer.main

from operations.cli import app
from tests.docs.documents import ROOT, anchors, commands, documents, links, name, read

DOCUMENTS = pytest.mark.parametrize("document", documents(), ids=name)

WANTED = {
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "docs/dependencies.md",
    "docs/privacy.md",
    "docs/production.md",
}


def test_the_documents_are_there() -> None:
    assert {name(document) for document in documents()} >= WANTED
    assert read("LICENSE").startswith("MIT License\n\nCopyright (c) 2026 The Baraza authors\n")


@DOCUMENTS
def test_links_and_pictures_lead_to_something(document: Path) -> None:
    for link in links(document.read_text(encoding="utf-8")):
        if re.match(r"(https?|mailto):", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{link}: no such heading"


EXAMPLES = {"gateway/channels/NAME.py", "tests/dialogues/about.en.txt", "packs/nandi"}
"""Files that the recipes of CONTRIBUTING.md tell the reader to make."""


@DOCUMENTS
def test_every_file_named_is_there(document: Path) -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}
    for named in commands(document.read_text(encoding="utf-8")):
        if re.fullmatch(r"[\w.-]+(/[\w.-]+)+/?", named) and named.split("/")[0] in folders - {".venv"}:
            assert (ROOT / named).exists() or named in EXAMPLES, f"`{named}`"


@DOCUMENTS
def test_every_make_target_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    for command in commands(document.read_text(encoding="utf-8")):
        if command.startswith("make "):
            named = [word for word in shlex.split(command)[1:] if "=" not in word]
            assert set(named) <= targets, f"`{command}`"


BARAZA = re.compile(r"(?:[A-Z_]+=\S+ )*(?:\S*/)?baraza (.+)")
IN_A_CONTAINER = re.compile(r"docker compose run --rm (?:[a-z-]+) (.+)")


@DOCUMENTS
def test_every_baraza_command_parses(document: Path) -> None:
    for command in commands(document.read_text(encoding="utf-8")):
        found = BARAZA.fullmatch(command) or IN_A_CONTAINER.fullmatch(command)
        if found:
            parse_baraza(shlex.split(found[1]))


def parse_baraza(arguments: list[str]) -> None:
    """Let the command line read a command without running it. Fails where it would."""
    command: Any = typer.main.get_command(app)
    context: Any = None
    try:
        while arguments and arguments != ["--help"]:
            context = typer.Context(command, parent=context)
            if not hasattr(command, "resolve_command"):
                command.parse_args(context, list(arguments))
                return
            _, command, arguments = command.resolve_command(context, arguments)
    except typer.TyperException as wrong:
        raise AssertionError(f"baraza {' '.join(arguments)}: {wrong}") from None


def test_the_check_of_commands_notices_what_does_not_exist() -> None:
    for wrong in (["fly"], ["staff", "fire"], ["worker", "--lane", "fast"], ["web", "--prot", "1"]):
        with pytest.raises(AssertionError):
            parse_baraza(wrong)


@DOCUMENTS
def test_no_document_names_a_machine_or_a_registry(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.])/(home|root|work|Users|tmp|opt)/", text), "a path of one machine"
    assert not re.search(r"\b(pypi|pythonhosted|docker\.io|ghcr\.io|quay\.io|registry\.)", text), "a registry"
    assert not re.search(r"\b(TODO|FIXME|XXX|TBD|lorem)\b", text)


def test_the_changelog_follows_its_form_and_knows_this_version() -> None:
    text = read("CHANGELOG.md")
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    heads = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert heads[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", head) for head in heads[1:])
    assert version in text
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_folders_of_the_readme_are_the_folders() -> None:
    told = set(re.findall(r"^\| `([a-z]+)/`", read("README.md"), re.MULTILINE))
    there = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "_"))}
    assert told == there - {"build", "dist"} - {path.name for path in ROOT.glob("*.egg-info")}
