"""docs/privacy.md names every personal and secret column, and each role with what it may do, as the code has them."""

from __future__ import annotations

import re

from gateway.database import Class
from gateway.models import Base
from gateway.staff.roles import PERMISSIONS
from tests.docs.documents import read, rows

TEXT = read("docs/privacy.md")


def test_personal_and_secret_columns_are_all_told() -> None:
    told = {
        (re.findall(r"`(\w+)`", table)[0], name, kind)
        for table, *cells in rows(TEXT, "Columns with personal or secret values")
        for kind, cell in zip((Class.PERSONAL, Class.SECRET), cells, strict=True)
        for name in re.findall(r"`(\w+)`", cell)
    }
    there = {
        (table.name, column.name, column.info["class"])
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.info["class"] in {Class.PERSONAL, Class.SECRET}
    }
    assert told == there


def test_what_is_told_to_be_sealed_or_in_the_clear_is_in_tables_that_exist() -> None:
    places = " ".join(place for place, *_ in rows(TEXT, "What is kept where") if place.startswith("Postgres"))
    assert set(re.findall(r"`(\w+)`", places)) <= set(Base.metadata.tables)


def test_roles_are_told_with_what_they_may_do() -> None:
    told = {role: set(permissions.split(", ")) for role, permissions in rows(TEXT, "Staff by role")}
    assert told == {role.value: {str(permission) for permission in given} for role, given in PERMISSIONS.items()}
