"""Who is calling and how they stand: what effects and facts have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from gateway.pack import Pack
from gateway.residents import service as residents
from gateway.residents.models import Resident
from gateway.residents.sealing import Vault
from menus.engine import State


@dataclass(slots=True)
class Caller:
    """One hop's caller within one unit of work. The number is in memory only as long as the hop."""

    session: Session
    vault: Vault
    pack: Pack
    now: datetime
    channel: str
    number: str
    key: bytes
    """The session's key."""
    text: str
    """Everything typed in the session up to this answer."""
    state: State
    """The state after this answer."""
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

    def effect_key(self, name: str, position: int) -> bytes:
        """The unique key of what `name` writes for an answer at `position` of this session."""
        return self.vault.lookup.digest("effect", f"{self.key.hex()}:{position}:{name}")
