"""What is wrong in a pack, for its author: each line names file and place."""

from __future__ import annotations

from pathlib import Path

from gateway.pack.loading import folder, read


def check_pack(path: str | Path) -> list[str]:
    """Everything wrong in the pack at `path`; empty when it can be used."""
    _pack, problems = read(folder(path))
    return problems
