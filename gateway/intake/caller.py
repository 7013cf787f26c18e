"""Who is calling and how they stand: what effects and facts have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from gateway.errors import NotFound
from gateway.pack import Pack
from gateway.residents import service as residents
from gateway.residents.models import Resident
from gateway.residents.sealing import Vault
from menus.engine import State


@dataclass(slots=True, kw_only=True)
class Who:
    """One hop's caller. The number is in memory only as long as the hop."""

    vault: Vault
    pack: Pack
    now: datetime
    channel: str
    """The aggregator's name."""
    way: Literal["ussd", "sms"]
    """How the resident speaks: by dialling, or with the menus played by SMS."""
    number: str
    key: bytes
    """The session's key."""
    text: str
    """Everything typed in the session up to this answer."""
    state: State
    """The state after this answer."""

    def effect_key(self, name: str, position: int) -> bytes:
        """The unique key of what `name` writes for an answer at `position` of this session."""
        return self.vault.lookup.digest("effect", f"{self.key.hex()}:{position}:{name}")

    def within(self, session: Session) -> Caller:
        """The same caller in a unit of work."""
        told = {field.name: getattr(self, field.name) for field in fields(Who)}
        return Caller(session=session, **told)


@dataclass(slots=True, kw_only=True)
class Caller(Who):
    """A caller within one unit of work."""

    session: Session
    _resident: Resident | None = None
    _looked: bool = False

    @property
    def resident(self) -> Resident | None:
        """The caller's row, if the number is kept."""
        if not self._looked:
            self._resident = residents.find(self.session, self.vault, self.number)
            self._looked = True
        return self._resident

    def forget_resident(self) -> None:
        """The row was changed by a statement: look again when next asked."""
        self._looked = False
        self.session.expire_all()


def known(caller: Caller) -> Resident:
    """The caller's row. Raises `NotFound` where the number is not kept."""
    if caller.resident is None:
        raise NotFound("no such resident")
    return caller.resident


Result = Mapping[str, Any]
"""What an effect tells the next screen: facts by name."""

NOTHING: Result = {}
