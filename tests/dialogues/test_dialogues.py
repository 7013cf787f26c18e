"""Every dialogue script, played over the pure menus."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.pack import load
from operations.authoring.county import County
from tests.dialogues.player import Player, scripts


@pytest.mark.parametrize("script", scripts(), ids=lambda path: path.stem)
def test_dialogue(script: Path) -> None:
    county = County(load("kakamega").guide)
    Player(county, county).play(script.read_text(encoding="utf-8"))


def test_every_journey_is_told_in_both_languages() -> None:
    told = {path.stem for path in scripts()}
    journeys = {name.rpartition(".")[0] for name in told}
    assert {f"{journey}.{language}" for journey in journeys for language in ("en", "sw")} == told
