"""A form whose session ended while it was written: drawn again with its words once its writer has signed in."""

from __future__ import annotations

from uuid import UUID

from gateway.console.web import Visit
from gateway.errors import BarazaError
from gateway.staff import kept_forms
from gateway.staff.kept_forms import Kept


class Restored(BarazaError):
    """No error: what the page says above a form that was kept."""

    code, status, title = "restored", 200, "Your words were kept"


def read(visit: Visit, form: str) -> Kept | None:
    """What this person wrote; None for what is not theirs, or no longer kept."""
    try:
        id_ = UUID(form)
    except ValueError:
        return None
    with visit.context.work() as session:
        return kept_forms.read(session, visit.context.vault, visit.signed_in.staff.id, id_)
