"""The handsets of the outside world: their texts, their network, and what the aggregator saw of them."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from simulator.ledger import now
from simulator.segments import Size


@dataclass(frozen=True, slots=True)
class Country:
    """Networks by code, handsets that lie ready on the page (number: owner, network), and how numbers are written."""

    networks: dict[str, str]
    named: dict[str, tuple[str, str]]
    prefix: str
    complete: str
    """A whole number, as a pattern of JavaScript."""
    example: str


COUNTRIES = {
    "KE": Country(
        # Codes as Africa's Talking names them.
        {"63902": "Safaricom", "63903": "Airtel", "63907": "Telkom", "63999": "Equitel"},
        {
            "+254711000111": ("Mama Atieno", "63902"),
            "+254733000222": ("Wekesa", "63903"),
            "+254722000333": ("Nafula", "63902"),
            "+254770000444": ("Mzee Barasa", "63907"),
            "+254763000555": ("Nekesa", "63999"),
        },
        "254",
        r"^\+254\d{9}$",
        "07… or +254…",
    ),
    "ID": Country(
        {"51010": "Telkomsel", "51001": "Indosat", "51011": "XL", "51089": "Tri"},
        {
            "+6281234500111": ("Bu Sri", "51010"),
            "+6285733000222": ("Agus", "51001"),
            "+6287722000333": ("Dewi", "51011"),
            "+6289570000444": ("Pak Slamet", "51089"),
        },
        "62",
        r"^\+62\d{11}$",
        "08… or +62…",
    ),
}


def country_of(code: str) -> Country:
    """The country; Kenya for one that nobody has described."""
    return COUNTRIES.get(code, COUNTRIES["KE"])


@dataclass(slots=True)
class Text:
    """One SMS on a handset. ``state`` is ``new`` or ``read`` for a received one, ``sent`` for the owner's own."""

    id: str
    peer: str
    body: str
    received: bool
    state: str
    parts: int
    encoding: str
    at: str = field(default_factory=now)


class Handset:
    """One phone: what it holds and what it did; whoever watches it is woken when it changes."""

    def __init__(self, number: str, name: str = "", network: str = "") -> None:
        self.number = number
        self.name = name
        self.network = network
        self.blocked = False
        self.texts: deque[Text] = deque(maxlen=100)
        self.log: deque[dict[str, Any]] = deque(maxlen=60)
        self.ended: dict[str, str] | None = None
        self.revision = 0
        self._noted = 0
        self._changed = asyncio.Event()

    def touch(self) -> None:
        """Say that something changed."""
        self.revision += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait(self, seen: int, seconds: float) -> None:
        """Return when the revision is no longer ``seen``, or after ``seconds``."""
        if self.revision == seen:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), seconds)

    def note(self, kind: Literal["hop", "end", "sms", "report", "opt-out"], **facts: Any) -> None:
        """Add a line to what the aggregator saw."""
        self._noted += 1
        self.log.append({"n": self._noted, "kind": kind, "at": now(), **facts})
        self.touch()

    def receive(self, key: str, sender: str, body: str, size: Size) -> None:
        """An SMS arrives."""
        self.texts.append(Text(key, sender, body, True, "new", size.parts, size.encoding))
        self.touch()

    def send(self, key: str, to: str, body: str, size: Size) -> None:
        """An SMS leaves."""
        self.texts.append(Text(key, to, body, False, "sent", size.parts, size.encoding))
        self.touch()

    def read(self, key: str) -> None:
        """The owner opened a text."""
        for text in self.texts:
            if text.id == key and text.state == "new":
                text.state = "read"
                self.touch()

    def clear(self) -> None:
        """Empty the inbox and the log."""
        self.texts.clear()
        self.log.clear()
        self.touch()

    @property
    def unread(self) -> int:
        """How many texts wait to be opened."""
        return sum(text.state == "new" for text in self.texts)

    def as_json(self) -> dict[str, Any]:
        """The handset as the page shows it, texts newest first."""
        return {
            "revision": self.revision,
            "number": self.number,
            "name": self.name,
            "network": self.network,
            "blocked": self.blocked,
            "unread": self.unread,
            "texts": [asdict(text) for text in reversed(self.texts)],
            "log": list(self.log),
            "ended": self.ended,
        }


class Handsets:
    """All handsets met so far; beyond ``most``, the one longest unused is forgotten, never a named one."""

    def __init__(self, country: Country = COUNTRIES["KE"], most: int = 5_000) -> None:
        self._most = most
        self._usual = next(iter(country.networks))
        self._named = {number: Handset(number, *owner) for number, owner in country.named.items()}
        self._others: OrderedDict[str, Handset] = OrderedDict()

    def __iter__(self) -> Iterator[Handset]:
        yield from self._named.values()
        yield from self._others.values()

    def named(self) -> list[Handset]:
        """The handsets that lie ready."""
        return list(self._named.values())

    def known(self, number: str) -> Handset | None:
        """The handset with this number, if it was met before."""
        return self._named.get(number) or self._others.get(number)

    def get(self, number: str) -> Handset:
        """The handset with this number, made when it is new."""
        if named := self._named.get(number):
            return named
        handset = self._others.setdefault(number, Handset(number, network=self._usual))
        self._others.move_to_end(number)
        if len(self._others) > self._most:
            self._others.popitem(last=False)
        return handset
