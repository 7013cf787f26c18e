"""Everything one simulator holds, handed to every part of it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from simulator.courier import Courier
from simulator.faults import FaultPlan
from simulator.handsets import Handsets, country_of
from simulator.ledger import Ledger
from simulator.settings import Settings


async def _keep_listening(seconds: float) -> None:
    """Stands in until the process that listens gives the real thing."""


@dataclass(slots=True)
class World:
    """The state of one simulator; it lives in memory and dies with the process."""

    settings: Settings
    courier: Courier
    ledger: Ledger
    faults: FaultPlan = field(default_factory=FaultPlan)
    handsets: Handsets = field(default_factory=Handsets)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    refuse: Callable[[float], Awaitable[None]] = _keep_listening
    """Closes the listening socket for some seconds."""

    @classmethod
    def create(cls, settings: Settings) -> "World":
        """A world at rest."""
        ledger = Ledger(settings.kept, forget=settings.forget)
        courier = Courier(settings.callbacks, ledger, kept=settings.kept)
        return cls(settings, courier, ledger, handsets=Handsets(country_of(settings.country)))

    async def pause(self, seconds: float) -> None:
        """Sleep, but not past the end of the process."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.closing.wait(), seconds)

    def close(self) -> None:
        """Wake everybody who waits, so that the process can end at once."""
        self.closing.set()
        for handset in self.handsets:
            handset.touch()
