"""`baraza menu …` as an author runs it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from gateway.pack.loading import PACKS
from operations.cli import app

RUN = CliRunner()


def test_check_prints_the_longest_look_of_each_screen() -> None:
    done = RUN.invoke(app, ["menu", "check", "madiun"])
    assert done.exit_code == 0, done.output
    (line,) = [line for line in done.output.splitlines() if line.strip().startswith("privacy ")]
    assert line.split()[1] == "choice"
    assert "nothing wrong" in done.output


def test_check_fails_and_names_screen_and_way(tmp_path: Path) -> None:
    pack = tmp_path / "madiun"
    shutil.copytree(PACKS / "madiun", pack)
    about = (pack / "pack.toml").read_text(encoding="utf-8")
    title = about.index("\n[title]")
    line = about.index("id = ", title)
    end = about.index("\n", line)
    (pack / "pack.toml").write_text(about[:line] + 'id = "Kota \u2019Madiun\u2019"' + about[end:], encoding="utf-8")
    done = RUN.invoke(app, ["menu", "check", str(pack)])
    assert done.exit_code == 1
    assert "menu (id, SMS): GSM-7 has no \u2019" in done.output


def test_check_of_nothing_is_one_line() -> None:
    done = RUN.invoke(app, ["menu", "check", "nowhere"])
    assert done.exit_code != 0
    assert "no such folder" in str(done.exception)


@pytest.mark.parametrize(("form", "start"), [("svg", "<svg "), ("mermaid", "flowchart LR\n")])
def test_graph_writes_a_file_or_prints(form: str, start: str, tmp_path: Path) -> None:
    out = tmp_path / "menu"
    written = RUN.invoke(app, ["menu", "graph", "--pack", "madiun", "--format", form, "-o", str(out)])
    assert (written.exit_code, written.output) == (0, "")
    printed = RUN.invoke(app, ["menu", "graph", "--pack", "madiun", "--format", form])
    assert printed.output == out.read_text(encoding="utf-8")
    assert printed.output.startswith(start)


def test_a_language_that_the_pack_does_not_speak_is_one_line() -> None:
    done = RUN.invoke(app, ["menu", "graph", "--language", "fr"])
    assert str(done.exception) == "--language: the pack speaks en, sw"


def test_every_command_takes_a_data_folder() -> None:
    def without(command: Any, *path: str) -> Iterator[str]:
        for name, sub in getattr(command, "commands", {}).items():
            yield from without(sub, *path, name)
        if not hasattr(command, "commands") and not any("--data" in one.opts for one in command.params):
            yield " ".join(path)

    assert list(without(get_command(app))) == []
