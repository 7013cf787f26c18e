"""The pack that an author names."""

from __future__ import annotations

import menus.screens as _all_screens  # registers them
from gateway.pack import PackError, load
from gateway.pack.loading import PACKS
from menus.guide import Guide
from operations.errors import OperationsError

assert _all_screens.SCREENS


def guide_of(name: str) -> Guide:
    """The guide of a pack by name or folder. Raises OperationsError with what keeps it from being read."""
    try:
        return load(name).guide
    except PackError as wrong:
        raise OperationsError(str(wrong)) from None


def language_of(guide: Guide, code: str | None) -> str:
    """`code`, or the pack's first language. Raises OperationsError where the pack does not speak it."""
    offered = [known.code for known in guide.languages]
    if code is not None and code not in offered:
        raise OperationsError(f"--language: the pack speaks {', '.join(offered)}")
    return code or offered[0]


def names() -> list[str]:
    """Every pack in packs/."""
    return sorted(folder.parent.name for folder in PACKS.glob("*/pack.toml"))
