"""The phone that texts, in a terminal: it says what a gateway says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from operations.authoring.county import County
from operations.authoring.packs import guide_of
from operations.authoring.texts import Texts
from operations.cli import app
from tests.dialogues.player import SCRIPTS, Player

RUN = CliRunner()
BY_SMS = sorted((SCRIPTS / "by_sms").glob("*.txt"))
HOMES = {"id": "madiun", "en": "kakamega", "sw": "kakamega"}

COMPLAINT = ("MENU", "1", "2", "1", "3", "9", "Lampu jalan di depan pasar mati sejak Juni", "1")


class Phones:
    """What the player of the scripts asks of phones that text; no SMS comes here that nobody asked for."""

    def __init__(self, county: County) -> None:
        self._texts = Texts(county)

    def text(self, number: str, words: str) -> str:
        return "\n---\n".join(self._texts.text(number, words))

    answer = text

    def sms(self, number: str) -> None:
        return None

    def dial(self, number: str, code: str) -> str:
        raise AssertionError("nobody dials here")

    def bring(self, number: str, text: str) -> str:
        raise AssertionError("there are no hops here")

    def give(self, name: str, value: Any) -> None:
        raise AssertionError("no script by SMS is given facts")


@pytest.mark.parametrize("script", BY_SMS, ids=lambda path: path.stem)
def test_what_is_told_over_real_stores_is_told_in_memory(script: Path) -> None:
    county = County(guide_of(HOMES[script.suffixes[0][1:]]))
    Player(Phones(county), county).play(script.read_text(encoding="utf-8"))


def test_madiuns_whole_complaint_in_the_terminal() -> None:
    done = RUN.invoke(app, ["menu", "play", "--pack", "madiun"], input="\n".join((*COMPLAINT, "STATUS")) + "\n")
    assert done.exit_code == 0, done.output
    assert "SMS 98765 to +62" in done.output
    assert "4821-093-5579" in done.output
    assert "4821, 12 Nov: diterima" in done.output
    assert done.output.count("/160") == len(COMPLAINT) + 1


def test_kakamega_is_texted_where_asked() -> None:
    done = RUN.invoke(app, ["menu", "play", "--sms"], input="habari\nMENU\n1\n")
    first, _, rest = done.output.partition("< MENU")
    assert "SMS 22384 to +254711000111" in first
    assert "*384*1#" in first, "who only writes is told what to dial"
    assert "Choose language" in rest
    assert "1. Make a complaint" in rest


def test_a_gateway_is_not_texted() -> None:
    done = RUN.invoke(app, ["menu", "play", "--pack", "madiun", "--against", "http://127.0.0.1:9/x"])
    assert "USSD alone" in str(done.exception)
