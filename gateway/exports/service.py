"""Exports: each is a file and an audit row; what is in it is decided by who asks."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.cases import queries as cases
from gateway.cases.schemas import CaseFilter
from gateway.cases.service import Desk
from gateway.errors import Forbidden
from gateway.exports import bundle, caj, lists
from gateway.staff import audit
from gateway.staff.roles import PERMISSIONS, Permission, Role


def case_list(desk: Desk, wanted: CaseFilter, form: str) -> bytes:
    """The cases `desk.staff` sees and `wanted` asks for, as `csv` or `xlsx`."""
    said = {name: str(value) for name, value in wanted.model_dump(exclude_none=True).items() if name in _FILTERS}
    _record(desk, "cases", form, **said)
    lines = lists.rows(desk.session, desk.vault, desk.pack, desk.staff, wanted)
    return _file(lines, lists.heads(), form, "Cases")


_FILTERS = frozenset({"status", "kind", "category", "ward", "department"})
"""What the audit trail keeps of a filter; a receipt or an e-mail is not among it."""


def quarterly_return(desk: Desk, quarter: str, form: str, *, training: bool = False) -> bytes:
    """The return to the CAJ as `csv` or `pdf`. Raises `Invalid` for what is no quarter."""
    over = caj.quarter(desk.pack, quarter)
    _record(desk, "caj", form, quarter=quarter)
    lines = caj.counted(desk.session, desk.pack, desk.staff, over)
    if form == "pdf":
        return caj.as_pdf(desk.pack, over, lines, made=desk.now, training=training)
    return _file(iter([*lines, [caj.UNCONFIRMED]]), list(caj.HEAD), "csv", "Return")


def case_bundle(desk: Desk, serial: str, *, training: bool = False) -> bytes:
    """One case as PDF. Raises `NotFound` when it is not theirs to see."""
    row = cases.read_case(desk.session, desk.staff, serial)
    _record(desk, "case", "pdf", subject=serial)
    return bundle.bundle(desk, row[0], row, training=training)


def _file(lines: Iterator[list[object]], head: list[str], form: str, title: str) -> bytes:
    if form == "xlsx":
        return lists.as_xlsx(lines, head, title)
    return "".join(lists.as_csv(lines, head)).encode()


def _record(desk: Desk, what: str, form: str, *, subject: str = "", **said: str) -> None:
    """The audit row, in the transaction that reads. Raises `Forbidden` for a role that exports nothing."""
    if Permission.EXPORT not in PERMISSIONS[Role(desk.staff.role)]:
        raise Forbidden(permission=Permission.EXPORT.value)
    data = {"form": form, **said}
    audit.record(desk.session, staff_id=desk.staff.id, action=f"export.{what}", subject=subject, data=data)
    desk.session.flush()
