"""The documents of the repository, and what they name: links, pictures, commands, tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

_SKIP = {".venv", "build", "dist", "node_modules", "peers"}
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def documents() -> list[Path]:
    """Every Markdown file that is ours."""
    found = (path for path in ROOT.rglob("*.md") if not _SKIP & set(path.relative_to(ROOT).parts))
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(ROOT).parts))


def name(path: Path) -> str:
    """How a test calls a document."""
    return str(path.relative_to(ROOT))


def read(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def without_code(text: str) -> str:
    """The prose of a document."""
    return re.sub(r"`[^`\n]*`", "", _FENCE.sub("", text))


def links(text: str) -> list[str]:
    """Where the links and pictures of a document lead."""
    prose = without_code(text)
    return re.findall(r"\]\(<?([^)>\s]+)>?(?: \"[^\"]*\")?\)", prose) + re.findall(r"(?:src|href)=\"([^\"]+)\"", prose)


def anchors(text: str) -> set[str]:
    """What a `#…` may point at: every heading, spelled as the usual renderers do."""
    titles = re.findall(r"^#{1,6} +(.+?) *$", _FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def commands(text: str) -> Iterator[str]:
    """Every line of a shell block, without prompt and remark, and every `code span`; continued lines are joined."""
    for language, block in _FENCE.findall(text):
        if language in {"sh", "console"}:
            for line in block.replace("\\\n", " ").splitlines():
                yield re.sub(r"\s+# .*$", "", line.removeprefix("$ ")).strip()
    yield from re.findall(r"`([^`\n]+)`", _FENCE.sub("", text))


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    section = re.split(r"^#{1,6} ", text.split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line[1:].removesuffix("|").split("|")] for line in lines[2:]]
