"""Prints the table of settings of docs/production.md out of the code: `python -m tests.docs.settings_table`."""

from __future__ import annotations

import sys

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from gateway.settings import Settings


def lines() -> list[str]:
    """The table's lines, one a setting, in the order of the code; those of the demo come last."""
    told = [_line(name, field) for name, field in Settings.model_fields.items()]
    return ["| setting | default | meaning |", "|---|---|---|", *sorted(told, key=_demo_last)]


def _line(name: str, field: FieldInfo) -> str:
    return f"| `BARAZA_{name.upper()}` | {_default(field)} | {field.description} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be set"
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    return "none" if value in (None, "") else f"`{value}`"


def _demo_last(line: str) -> bool:
    return "demo and" in line.lower() and "tests" in line


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")
