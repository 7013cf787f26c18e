"""The drawing of all screens: what is drawn was walked, nothing covers anything, and it is whole by itself."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import pytest

from gateway.pack import load
from menus.engine import SCREENS
from menus.walk import absent, bearers
from operations.authoring import drawing, mermaid
from operations.authoring.graph import Graph, Row, build
from operations.authoring.packs import names
from operations.authoring.tidy import arrange

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = Path(__file__).parents[2] / "docs" / "menu.svg"


@cache
def graph_of(pack: str) -> Graph:
    guide = load(pack).guide
    return build(guide, guide.languages[0].code)


def row(graph: Graph, screen: str, label: str) -> Row:
    return next(row for row in graph.nodes[screen].rows if any(one.startswith(label) for one in row.labels))


@pytest.mark.parametrize("pack", names())
def test_every_screen_of_the_pack_is_a_card(pack: str) -> None:
    guide = next(iter(bearers(load(pack).guide).values()))
    assert set(graph_of(pack).nodes) == set(SCREENS) - absent(guide)


def test_ways_are_numbered_named_and_say_what_they_ask_for() -> None:
    graph = graph_of("kakamega")
    make = row(graph, "menu", "Make a complaint")
    assert (make.number, make.targets, make.effects) == ("1", ("kind",), ())
    send = row(graph, "confirm", "Send")
    assert set(send.targets) == {"end.receipt", "end.nosms", "end.info", "receipt.write"}
    assert send.effects == ("file case",)
    assert row(graph, "story", "words").targets == ("confirm", "story.more")
    assert row(graph, "story", "words").number == ""
    areas = row(graph, "subcounty", "Lugari")
    assert (areas.number, len(areas.labels), areas.targets) == ("1-12", 12, ("ward",))
    assert row(graph, "kind", "Someone in danger").targets == ("danger",)
    assert row(graph, "resume", "Continue").targets == ("story.more", "confirm")


def test_cards_know_what_they_are() -> None:
    nodes = graph_of("kakamega").nodes
    assert (nodes["menu"].kind, nodes["story"].kind, nodes["end.receipt"].kind) == ("choice", "words", "end")
    assert nodes["privacy"].guarded
    assert not nodes["kind"].guarded
    assert nodes["case"].needs == ("case",)
    assert dict(graph_of("kakamega").shortcuts)["11"] == "kind"


@pytest.mark.parametrize("pack", names())
def test_the_picture_is_whole_legible_and_loads_nothing(pack: str) -> None:
    text = drawing.draw(graph_of(pack))
    assert len(text.encode()) < 200_000
    assert not re.search(r"(href|src)=\"(?!#)|url\((?!#)|@import|<script|<image", text)
    root = ET.fromstring(text)  # noqa: S314  # our own
    cards = {card.get("id"): card for card in root.iter(f"{SVG}g")}
    assert set(cards) == set(graph_of(pack).nodes)
    for link in root.iter(f"{SVG}a"):
        assert link.get("href", "").removeprefix("#") in cards
    boxes = [box(card) for card in cards.values()]
    for number, one in enumerate(boxes):
        assert one[2] <= float(root.get("width", 0))
        assert one[3] <= float(root.get("height", 0))
        assert not any(covers(one, other) for other in boxes[number + 1 :])
    for card in cards.values():
        width = float(card.find(f"{SVG}rect").get("width", 0))  # type: ignore[union-attr]  # every card has one
        for line in card.findall(f"{SVG}text"):
            wide = 6.33 if line.get("class") in (None, "say", "number") else 0
            assert float(line.get("x", 0)) + wide * len(line.text or "") <= width, line.text


Box = tuple[float, float, float, float]


def box(card: ET.Element) -> Box:
    found = re.findall(r"[\d.]+", card.get("transform", ""))
    x, y = float(found[0]), float(found[1])
    rect = card.find(f"{SVG}rect")
    assert rect is not None
    return x, y, x + float(rect.get("width", 0)), y + float(rect.get("height", 0))


def covers(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_the_picture_in_the_documents_has_every_screen() -> None:
    """Else: `baraza menu graph -o docs/menu.svg`."""
    text = DRAWN.read_text(encoding="utf-8")
    assert set(re.findall(r'<g id="([^"]+)"', text)) == set(graph_of("kakamega").nodes)
    assert len(text.encode()) < 200_000


def test_mermaid_has_a_line_for_every_way() -> None:
    graph = graph_of("kakamega")
    lines = mermaid.draw(graph).splitlines()
    assert lines[0] == "flowchart LR"
    assert '  s_menu -- "1. Make a complaint" --> s_kind' in lines
    assert '  s_confirm -- "1. Send<br/>● file case" --> s_end_receipt' in lines
    assert '  s_privacy{{"<b>privacy</b>"}}:::guarded' in lines
    ways = sum(len(row.targets) for node in graph.nodes.values() for row in node.rows)
    assert sum(" -- " in line for line in lines) == ways
    assert all(re.fullmatch(r'[^"]*("[^"]*"[^"]*)*', line) for line in lines), "a quote inside a label"


def test_cards_of_different_heights_never_touch_and_parents_stand_by_their_first_child() -> None:
    heights = {"a": 10.0, "b": 50.0, "c": 20.0, "d": 30.0, "e": 5.0}
    places = arrange(["a", "e"], {"a": ["b", "c"], "c": ["d"]}, heights, gap=2)
    assert {name: (place.column, place.top) for name, place in places.items()} == {
        "a": (0, 0),
        "b": (1, 0),
        "c": (1, 52),
        "d": (2, 52),
        "e": (0, 12),
    }
