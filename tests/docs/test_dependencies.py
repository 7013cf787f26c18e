"""docs/dependencies.md has a line of reason for each package we name, and none for a package that is gone."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.docs.documents import read, rows

PROJECT = tomllib.loads(read("pyproject.toml"))["project"]
GROUPS = {
    "Run time": PROJECT["dependencies"],
    "Embedded stores": PROJECT["optional-dependencies"]["embedded"],
    "Building": PROJECT["optional-dependencies"]["build"],
    "Development": PROJECT["optional-dependencies"]["dev"],
}


def test_every_group_of_the_project_has_its_table() -> None:
    assert set(PROJECT["optional-dependencies"]) == {"embedded", "build", "dev"}


@pytest.mark.parametrize("heading", GROUPS)
def test_each_package_has_its_line_and_each_line_its_package(heading: str) -> None:
    named = [re.split(r"[^A-Za-z0-9_.-]", requirement)[0] for requirement in GROUPS[heading]]
    told = rows(read("docs/dependencies.md"), heading)
    assert [package.strip("`") for package, _ in told] == sorted(named)
    assert all(len(why) > 10 and why.endswith(".") for _, why in told)
