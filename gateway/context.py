"""What a process needs to work: made once in the web's lifespan, in a worker's job, in the clock, in a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis
import sqlalchemy as sa
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.orm import Session

from gateway.database import make_engine, unit_of_work
from gateway.pack import Pack, load
from gateway.residents.sealing import Vault
from gateway.settings import Settings
from gateway.timing import Clock


@dataclass(frozen=True, slots=True)
class Context:
    settings: Settings
    engine: sa.Engine
    valkey: redis.Redis
    vault: Vault
    pack: Pack
    clock: Clock

    @classmethod
    def make(cls, settings: Settings, *, pool_size: int = 5, application: str = "baraza") -> Context:
        """Open nothing yet: engine and client connect when first used. Make it after a fork."""
        return cls(
            settings=settings,
            engine=make_engine(settings.database_url, pool_size=pool_size, application=application),
            # No second try: without Valkey everything goes on, only later, and a hop cannot wait.
            valkey=redis.Redis.from_url(
                settings.redis_url, socket_timeout=2, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
            ),
            vault=Vault.from_settings(settings),
            pack=load(settings.pack),
            clock=Clock(settings.offset),
        )

    @contextmanager
    def work(self) -> Iterator[Session]:
        """One unit of work."""
        with unit_of_work(self.engine, channel=self.settings.channel) as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()
        self.valkey.close()
