"""What every aggregator is to us: it decodes callbacks, sends texts and reads reports. Adapters never decide policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, Protocol, runtime_checkable


class Hop(NamedTuple):
    """One USSD request. `number` is as the aggregator sent it: tidy it with `gateway.residents.numbers`."""

    session_id: str
    number: str
    network: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class SessionEnded:
    session_id: str
    number: str
    network: str
    status: str
    cost: str
    duration_ms: int | None
    hops: int | None
    last_screen: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """An SMS from a handset."""

    provider_id: str
    number: str
    to_code: str
    text: str
    network: str
    sent_at: datetime | None


class Fate(StrEnum):
    """What a provider's status word means for the message's state; `UNTOLD` is a word nobody knows."""

    ON_THE_WAY = "on_the_way"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report. `status` and `reason` are the provider's own words, cut to what the table holds."""

    provider_id: str
    status: str
    fate: Fate
    reason: str
    network: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class OptOut:
    number: str


class Layer(StrEnum):
    """Where the outcome of a send was learned."""

    CONNECT = "connect"
    TRANSPORT = "transport"
    HTTP = "http"
    BODY = "body"
    RECIPIENT = "recipient"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to one recipient, in the provider's terms: the outcome table of `messaging` says what follows."""

    number: str
    layer: Layer
    code: str
    provider_id: str | None = None
    cost: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str
    """Three letters, `KES`."""


@runtime_checkable
class Prepaid(Protocol):
    """A channel that can say what is left to pay with."""

    def balance(self) -> Money | None:
        """What is left; None when it cannot be learned now. Never raises."""
        ...


class Channel(Protocol):
    """One aggregator."""

    name: str
    batch: int
    """How many numbers one call may carry."""
    two_way: bool
    """Whether the sender is a code that people can answer."""

    def send(self, text: str, numbers: Sequence[str]) -> list[Outcome]:
        """Hand one text to the provider for all `numbers` (E.164). Never raises: every number gets an `Outcome`."""
        ...
