"""The drawing of all screens as SVG: each screen a card with its ways out, in columns from dial to the end.

A line leads to a screen the first time it is reached; every other way to it is named on its card and can be clicked,
since lines back and across would be all that one sees.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from html import escape

from operations.authoring.graph import Graph, Node, Row
from operations.authoring.tidy import Place, arrange

WIDTH, ACROSS, GAP = 252, 64, 18
"""Of a card, between columns, between cards in a column; in pixels, as all lengths here."""

PAD, HEAD, LINE, SMALL = 12, 28, 15, 13
MARGIN, TOP = 40, 150
LETTER, LETTERS = 6.33, 34
"""Width of one letter of the rows' fixed-width type, and how many stand on one line of a card."""
INDENT = 14

COLOURS = {"choice": "#1d4ed8", "words": "#0f766e", "read": "#64748b", "end": "#1f2937", "guarded": "#7e22ce"}
NAMES = {
    "choice": "a choice",
    "words": "words are typed",
    "read": "to read",
    "guarded": "asked, never answered unseen",
    "end": "the end of a session",
}
STYLE = """
text { font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 10.5px; fill: #1f2937 }
.name { font: bold 13px "DejaVu Sans", Helvetica, Arial, sans-serif; fill: #fff }
.note { font: 10px "DejaVu Sans", Helvetica, Arial, sans-serif; fill: #64748b }
.title { font: bold 26px "DejaVu Sans", Helvetica, Arial, sans-serif }
.plain { font: 13px "DejaVu Sans", Helvetica, Arial, sans-serif; fill: #475569 }
.say { fill: #64748b }
.number { font-weight: bold }
.effect { font: bold 10px "DejaVu Sans", Helvetica, Arial, sans-serif; fill: #b45309 }
a text { font: 10px "DejaVu Sans", Helvetica, Arial, sans-serif; fill: #1d4ed8 }
.way { fill: none; stroke: #94a3b8; stroke-width: 1.6 }
"""


@dataclass(slots=True)
class Card:
    """What stands on one card, line by line, and how high it is."""

    node: Node
    height: float
    svg: list[str]
    ports: dict[str, float]
    """How far down the way to each child leaves."""


def draw(graph: Graph) -> str:
    """The whole drawing; a picture of its own that loads nothing."""
    children = _children(graph)
    cards = {name: _card(node, children.get(name, [])) for name, node in graph.nodes.items()}
    alone = [name for name, node in graph.nodes.items() if node.start == "gateway"]
    roots = [name for name, node in graph.nodes.items() if not node.came and name not in alone]
    places = arrange(roots, children, {name: card.height for name, card in cards.items()}, GAP)
    below = max(place.top + cards[name].height for name, place in places.items()) + 2 * GAP
    columns = max(place.column for place in places.values()) + 1
    for number, name in enumerate(alone):
        row, column = divmod(number, columns)
        places[name] = Place(column, below + row * (max(cards[one].height for one in alone) + GAP) + HEAD)
    width: float = 2 * MARGIN + columns * (WIDTH + ACROSS) - ACROSS
    height = max(place.top + cards[name].height for name, place in places.items()) + TOP + MARGIN
    lines = [_way(places, cards, parent, child) for parent, kept in children.items() for child in kept]
    drawn = [_placed(cards[name], *_corner(place)) for name, place in places.items()]
    apart = _text(
        MARGIN, below + TOP + 12, "Shown by the gateway itself when something breaks, or after the end", "plain"
    )
    size = f'viewBox="0 0 {width} {height:.0f}" width="{width}" height="{height:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    return "\n".join([head, *_opening(graph, width, height), *lines, apart, *drawn, "</svg>", ""])


def _children(graph: Graph) -> dict[str, list[str]]:
    """The screens first reached from each screen, in the order of its rows."""
    found: dict[str, list[str]] = {}
    for name, node in graph.nodes.items():
        if node.came and not _circles(graph, name):
            found.setdefault(node.came, []).append(name)
    for parent, kept in found.items():
        order = [target for row in graph.nodes[parent].rows for target in row.targets]
        kept.sort(key=lambda child: order.index(child) if child in order else len(order))
    return found


def _circles(graph: Graph, name: str) -> bool:
    seen, at = {name}, graph.nodes[name].came
    while at:
        if at in seen:
            return True
        seen.add(at)
        at = graph.nodes[at].came
    return False


def _card(node: Node, children: list[str]) -> Card:
    """Name, what the screen says, its ways out."""
    card = Card(node, HEAD + 4, [], {})
    notes = [f"needs {', '.join(node.needs)}"] if node.needs else []
    notes += [f"{node.pages} pages"] if node.pages > 1 else []
    if notes:
        _line(card, " · ".join(notes), "note")
    for said in _wrapped(node.body.replace("\n", " / "), 3):
        _line(card, said, "say")
    if node.rows:
        card.height += 6
    for row in node.rows:
        _row(card, row, children)
    card.height += 8
    return card


def _row(card: Card, row: Row, children: list[str]) -> None:
    middle = card.height + LINE / 2
    for target in row.targets:
        if target in children:
            card.ports.setdefault(target, middle)
    number = row.number or "\u270e"
    card.svg.append(_text(PAD, card.height + 11, number, "number"))
    for text in _wrapped(" · ".join(row.labels), 4, len(number) + 1):
        card.svg.append(_text(PAD + (len(number) + 1) * LETTER, card.height + 11, text))
        card.height += LINE
    for effect in row.effects:
        _line(card, f"\u25cf {effect}", "effect", SMALL, INDENT)
    _also(card, [target for target in row.targets if card.ports.get(target) != middle])
    card.height += 2


def _also(card: Card, targets: list[str]) -> None:
    """Where a row leads without a line of its own: names to click, as many on a line as it takes."""
    x: float = PAD + INDENT
    for target in targets:
        width = 6.1 * (len(target) + 2) + 6
        if x + width > WIDTH - PAD and x > PAD + INDENT:
            x, card.height = PAD + INDENT, card.height + SMALL
        card.svg.append(f'<a href="#{target}">{_text(x, card.height + 10, chr(0x2192) + " " + target)}</a>')
        x += width
    card.height += SMALL if targets else 0


def _line(card: Card, text: str, style: str, height: float = LINE, indent: float = 0) -> None:
    card.svg.append(_text(PAD + indent, card.height + 11, text, style))
    card.height += height


def _wrapped(text: str, most: int, indent: int = 0) -> list[str]:
    return textwrap.wrap(text, LETTERS - indent, max_lines=most, placeholder=" \u2026")


def _placed(card: Card, x: float, y: float) -> str:
    node = card.node
    colour = COLOURS["guarded" if node.guarded else node.kind]
    round_ = 20 if node.kind == "end" else 4 if node.guarded else 9
    edge = 3.5 if node.guarded else 1.5
    dashes = ' stroke-dasharray="6 4"' if node.kind == "words" else ""
    tab = f"M0 {HEAD} V{round_} Q0 0 {round_} 0 H{WIDTH - round_} Q{WIDTH} 0 {WIDTH} {round_} V{HEAD} Z"
    ports = "".join(f'<circle cx="{WIDTH}" cy="{down:.1f}" r="3.5" fill="{colour}"/>' for down in card.ports.values())
    return (
        f'<g id="{node.name}" transform="translate({x:.1f} {y:.1f})">'
        f'<rect width="{WIDTH}" height="{card.height:.1f}" rx="{round_}" fill="#fff" stroke="{colour}"'
        f' stroke-width="{edge}"{dashes}/><path d="{tab}" fill="{colour}"/>'
        f"{_text(PAD, 19, node.name, 'name')}{''.join(card.svg)}{ports}</g>"
    )


def _corner(place: Place) -> tuple[float, float]:
    return MARGIN + place.column * (WIDTH + ACROSS), TOP + place.top


def _way(places: dict[str, Place], cards: dict[str, Card], parent: str, child: str) -> str:
    (x, y), (to_x, to_y) = _corner(places[parent]), _corner(places[child])
    x, y, to_y = x + WIDTH, y + cards[parent].ports.get(child, HEAD / 2), to_y + HEAD / 2
    bend = ACROSS * 0.55
    return (
        f'<path class="way" marker-end="url(#tip)" '
        f'd="M{x:.1f} {y:.1f} C{x + bend:.1f} {y:.1f} {to_x - bend:.1f} {to_y:.1f} {to_x - 3:.1f} {to_y:.1f}"/>'
    )


def _opening(graph: Graph, width: float, height: float) -> list[str]:
    """Background, title, and what the colours mean."""
    codes = ", ".join(f"{code} {screen}" for code, screen in graph.shortcuts)
    said = (
        f"All screens over {graph.bearer} in {graph.spoken}, walked from dial to the end. "
        "0 back, 00 main menu and 98 more work everywhere and are not drawn."
        + (f" Codes to dial: {codes}." if codes else "")
    )
    legend, at = [], float(MARGIN)
    for kind, meaning in NAMES.items():
        legend.append(f'<rect x="{at}" y="102" width="22" height="14" rx="4" fill="{COLOURS[kind]}"/>')
        legend.append(_text(at + 30, 114, meaning, "plain"))
        at += 52 + 7.6 * len(meaning)
    legend.append(_text(at, 114, "\u25cf what it asks of the gateway", "effect"))
    legend.append(_text(at + 210, 114, "\u2192 also leads there", "plain"))
    return [
        f"<title>{escape(graph.title)}: all screens</title><style>{STYLE}</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 L8 4 L0 8 Z" fill="#94a3b8"/></marker></defs>',
        f'<rect width="{width}" height="{height:.0f}" fill="#f8fafc"/>',
        _text(MARGIN, 54, graph.title, "title"),
        _text(MARGIN, 80, said, "plain"),
        *legend,
    ]


def _text(x: float, y: float, text: str, style: str = "") -> str:
    named = f' class="{style}"' if style else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{named} xml:space="preserve">{escape(text)}</text>'
