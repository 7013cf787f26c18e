"""Who is behind a case: a label that tells nobody, and the number, for a reason that is written down."""

from __future__ import annotations

from gateway.cases import duties
from gateway.cases.models import Case, CaseEvent
from gateway.cases.service import Desk, happened
from gateway.cases.visibility import in_office
from gateway.errors import NotFound
from gateway.residents.models import Resident
from gateway.residents.sealing import Vault
from gateway.residents.service import open_number
from gateway.staff import audit


def resident_label(vault: Vault, case: Case, *, inside: bool) -> str:
    """`resident 7F3`. Inside the Ombudsman's office one person's cases share it; outside no two cases of theirs do.

    Three digits name somebody within a talk about some cases; 4096 labels repeat, so none is an identity.
    """
    whose = f"resident:{case.resident_id}" if inside and case.resident_id else f"case:{case.id}"
    return f"resident {vault.lookup.digest('resident_label', whose).hex()[:3].upper()}"


def reveal(desk: Desk, case: Case, reason: str) -> str:
    """The number (E.164) of who filed the case. The event and the audit entry keep that it was seen, by whom and why.

    Raises `NotFound` when no number is kept.
    """
    resident = desk.session.get(Resident, case.resident_id) if case.resident_id else None
    if resident is None:
        raise NotFound("no number is kept for this case")
    happened(desk, case, "identity_seen", audience="internal", text=reason)
    return open_number(desk.vault, resident.id, resident.number_sealed)


def ask(desk: Desk, case: Case, reason: str) -> CaseEvent:
    """Somebody who may not see the number needs it, or a call to its owner: who may see it decides and acts.

    Raises `NotFound` when no number is kept.
    """
    if case.resident_id is None:
        raise NotFound("no number is kept for this case")
    duties.add(desk.session, case, duties.Kind.IDENTITY, desk.now, by=desk.staff.name)
    audience = "internal" if in_office(desk.staff) else "department"
    return happened(desk, case, "identity_asked", audience=audience, text=reason)


def reveal_for_call(desk: Desk, resident: Resident, callback: object, reason: str) -> str:
    """The number (E.164) of who asked to be called. It belongs to no case: the audit entry alone keeps the reason."""
    audit.record(
        desk.session,
        staff_id=desk.staff.id,
        action="callback.number_seen",
        subject=str(callback),
        data={"reason": reason},
    )
    return open_number(desk.vault, resident.id, resident.number_sealed)
