"""Every message the stand-in accepted, newest last, and how often it was called."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from simulator.segments import Size


def now() -> str:
    """This instant as RFC 3339 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(slots=True)
class Message:
    """One SMS to one number, as the aggregator keeps it."""

    id: str
    number: str
    sender: str
    text: str
    size: Size
    status: str = "Accepted"
    at: str = field(default_factory=now)
    reports: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The message as `/_messages` lists it."""
        return {
            "id": self.id,
            "to": self.number,
            "from": self.sender,
            "text": self.text,
            "at": self.at,
            "segments": self.size.parts,
            "encoding": self.size.encoding,
            "status": self.status,
            "reports": self.reports,
        }


class Ledger:
    """Messages up to a limit (the oldest go first) and counters without one."""

    def __init__(self, kept: int, *, forget: bool = False) -> None:
        self._messages: deque[Message] = deque(maxlen=0 if forget else kept)
        self.counters: Counter[str] = Counter()

    def add(self, message: Message) -> None:
        """Note a message that was accepted."""
        self.counters["accepted"] += 1
        self.counters["segments"] += message.size.parts
        self._messages.append(message)

    def find(self, number: str | None = None, since: datetime | None = None) -> Iterator[Message]:
        """Messages accepted after ``since``, to one number or to all."""
        for message in self._messages:
            if number is not None and message.number != number:
                continue
            if since is None or datetime.fromisoformat(message.at) > since:
                yield message

    def clear(self) -> None:
        """Forget messages and counters."""
        self._messages.clear()
        self.counters.clear()
