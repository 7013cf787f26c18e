"""The graph of screens as Mermaid text, for documents that draw it themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from operations.authoring.graph import Graph, Node, Row

SHAPES = {"choice": ('["', '"]'), "words": ('[/"', '"/]'), "read": ('("', '")'), "end": ('(["', '"])')}
GUARDED = ('{{"', '"}}')
LONGEST = 32
"""Letters of a label on a line."""

STYLES = (
    "classDef choice fill:#dbeafe,stroke:#1d4ed8,color:#1f2937",
    "classDef words fill:#ccfbf1,stroke:#0f766e,color:#1f2937",
    "classDef read fill:#f1f5f9,stroke:#64748b,color:#1f2937",
    "classDef end_ fill:#1f2937,stroke:#1f2937,color:#ffffff",
    "classDef guarded fill:#f3e8ff,stroke:#7e22ce,stroke-width:3px,color:#1f2937",
)


def draw(graph: Graph) -> str:
    """One `flowchart`: every screen with what it needs, every way with its number and what it asks of the gateway."""
    return "\n".join(["flowchart LR", *(f"  {line}" for line in _lines(graph)), ""])


def _lines(graph: Graph) -> Iterator[str]:
    yield from STYLES
    for node in graph.nodes.values():
        yield _node(node)
    for code, screen in graph.shortcuts:
        yield f'code{code}>"dial {code}"] --> {_id(screen)}'
    for node in graph.nodes.values():
        for row in node.rows:
            for target in row.targets:
                yield f'{_id(node.name)} -- "{_label(row)}" --> {_id(target)}'


def _node(node: Node) -> str:
    before, after = GUARDED if node.guarded else SHAPES[node.kind]
    needs = f"<br/>needs {', '.join(node.needs)}" if node.needs else ""
    style = "guarded" if node.guarded else "end_" if node.kind == "end" else node.kind
    return f"{_id(node.name)}{before}<b>{node.name}</b>{needs}{after}:::{style}"


def _label(row: Row) -> str:
    label = row.labels[0] if len(row.labels) == 1 else f"{row.labels[0]} \u2026"
    short = label if len(label) <= LONGEST else label[: LONGEST - 1].rstrip() + "\u2026"
    effects = "".join(f"<br/>\u25cf {effect}" for effect in row.effects)
    return _plain(f"{row.number}. {short}" if row.number else short) + effects


def _plain(text: str) -> str:
    """`text` with what Mermaid reads as syntax written as its character codes."""
    return re.sub(r'["#;<>&|]', lambda found: f"#{ord(found[0])};", text)


def _id(name: str) -> str:
    """`end` is a word of Mermaid's, and dots are none of an id's letters."""
    return "s_" + name.replace(".", "_")
