"""The journey that every system plays: a complaint from dial to receipt, nine hops, as Africa's Talking sends them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from urllib.parse import quote_plus

STORY = "Water point at Shirere market is dry since May"
"""Below 60 characters: from there on Baraza asks for more, which the peers' journey does not."""

ANSWERS = ("1", "1", "2", "1", "4", "6", STORY, "1")
"""English, complaint, poor service, Ombudsman only with SMS, Lurambi, Shirere, the story, send."""

EXPECTED = (
    b"CON Karibu",
    b"CON Baraza",
    b"CON What went wrong?",
    b"CON Who may know your phone number?",
    b"CON Sub-county?",
    b"CON Where in Lurambi?",
    b"CON Tell us what happened",
    b"CON Check before you send:\nPoor service\nShirere\n",
    b"END Thank you. The Ombudsman has your complaint.\nReceipt: ",
)
"""How the screen of each hop begins."""

HOPS = len(EXPECTED)
TEXTS = tuple(quote_plus("*".join(ANSWERS[:taken])) for taken in range(HOPS))


@dataclass(slots=True)
class Journey:
    """One resident in one session; `step` is the hop to send next."""

    start: bytes
    step: int = 0

    @classmethod
    def new(cls, number: int) -> Journey:
        """A session of its own for a resident of its own: `number` is added to +254 700 000 000."""
        session = f"ATUid_{secrets.token_hex(16)}"
        phone = 254_700_000_000 + number
        return cls(f"phoneNumber=%2B{phone}&serviceCode=%2A384%2A1%23&sessionId={session}&networkCode=63902".encode())

    def body(self) -> bytes:
        """The form of the next hop."""
        return self.start + b"&text=" + TEXTS[self.step].encode()


def request(path: str, host: str, body: bytes) -> bytes:
    """A hop as HTTP/1.1 on a connection that is kept, with the headers the aggregator sends."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: at-ussd-api/1.0\r\nAccept: */*\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
