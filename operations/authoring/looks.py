"""How the screens of a pack look, as far as `baraza menu diff` compares them.

Also run as a script, by path, over an older revision of the menus: it imports nothing that is not there already.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import menus.screens as _all_screens  # registers them
from menus.guide import Guide
from menus.walk import Visit, bearers, walk

assert _all_screens

Place = tuple[str, str, str]
"""Bearer, language, screen."""


@dataclass(frozen=True, slots=True)
class Look:
    text: str
    numbers: dict[str, tuple[str, int]]
    """By where an option leads and what it is called: its label and number."""


def looks(guide: Guide) -> dict[Place, Look]:
    """Each screen as it looks first on the way of a stranger, in each language, by USSD and by SMS."""
    found: dict[Place, Look] = {}
    for bearer, played in bearers(guide).items():
        for language in (known.code for known in played.languages):
            found |= {(bearer, language, name): look for name, look in _first(walk(played, language))}
    return found


def _first(visits: Iterable[Visit]) -> Iterator[tuple[str, Look]]:
    seen = set()
    for visit in visits:
        if visit.shown.name in seen:
            continue
        seen.add(visit.shown.name)
        numbers = {
            # Two options may lead alike (categories do): then their words tell them apart.
            f"{option.go.then} {sorted(option.go.keep.items())} {option.go.language}": (option.label, number)
            for number, option in enumerate(visit.drawn.options, 1)
        }
        yield visit.shown.name, Look(visit.shown.text, numbers)


def read(written: str) -> dict[Place, Look]:
    """What this script wrote."""
    return {
        (bearer, language, screen): Look(look["text"], {way: (one, two) for way, (one, two) in look["numbers"].items()})
        for bearer, language, screen, look in json.loads(written)
    }


def main() -> None:
    """Write the looks of a pack (a folder) under the menus of the tree that this process is started in."""
    from gateway.pack import load

    if strays := sorted(_strays(Path.cwd().resolve())):
        sys.exit(f"{strays[0]} is not there")
    found = looks(load(Path(sys.argv[1])).guide)
    json.dump([[*place, asdict(look)] for place, look in found.items()], sys.stdout)


def _strays(tree: Path) -> Iterator[str]:
    """Modules of ours from elsewhere: an editable installation lends what the tree does not have."""
    for name, module in sys.modules.items():
        if name.split(".")[0] in ("menus", "gateway") and not Path(str(module.__file__)).is_relative_to(tree):
            yield name


if __name__ == "__main__":
    main()
