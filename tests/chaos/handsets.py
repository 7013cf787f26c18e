"""People who file complaints while everything dies around them, and do what people do: send again, dial again."""

from __future__ import annotations

import random
import re
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from tests.web import USSD_CODE

STORY = "Kisima cha Shirere kimekauka"

ANSWERS = {
    "lang": "1",
    "menu": "1",
    "resume": "1",
    "kind": "2",
    "privacy": "1",
    "subcounty": "4",
    "ward": "6",
    "story": STORY,
    "confirm": "1",
}
"""What is typed on each screen. Words below 60 characters are taken as they are."""

SAME_AGAIN, DIALS = 5, 40
"""How often one hop is sent again in its session before the person hangs up, and how often they dial in all."""


@dataclass
class Person:
    """One resident with one complaint."""

    callbacks: str
    number: str
    receipt: str = ""
    dials: int = 0
    unclear: int = 0
    """Sessions whose last hop, the one that files, was never answered: the case may be there all the same."""
    screens: list[str] = field(default_factory=list)

    def file(self, http: httpx.Client) -> None:
        """Dial until a receipt is shown."""
        while not self.receipt and self.dials < DIALS:
            self.dials += 1
            self._session(http)

    def _session(self, http: httpx.Client) -> None:
        session, text = "ATUid_" + secrets.token_hex(16), ""
        name, screen = self._hop(http, session, text)
        while screen.startswith("CON "):
            filing = name == "confirm"
            text = f"{text}*{ANSWERS[name]}" if text else ANSWERS[name]
            name, screen = self._hop(http, session, text)
            if filing and name != "end.receipt":
                self.unclear += 1
        if name == "end.receipt":
            found = re.search(r"\b\d{4}-\d{3}-\d{4}\b", screen)
            assert found, screen
            self.receipt = found[0]

    def _hop(self, http: httpx.Client, session: str, text: str) -> tuple[str, str]:
        """Name and text of the screen; no answer and "not saved" are met by sending the same text again."""
        name, screen = "", "END"
        for turn in range(SAME_AGAIN):
            if turn:
                time.sleep(0.3 * turn)
            try:
                answer = http.post(self.callbacks, data=self._form(session, text))
            except httpx.HTTPError:
                name, screen = "", "END"
                continue
            assert answer.status_code == 200
            name, screen = answer.headers["at-ussd-hop-metadata"], answer.text
            if name not in {"end.notsaved", "end.notread", "end.busy"}:
                break
        self.screens.append(name)
        return name, screen

    def _form(self, session: str, text: str) -> dict[str, str]:
        return {
            "sessionId": session,
            "phoneNumber": self.number,
            "networkCode": "63902",
            "serviceCode": USSD_CODE,
            "text": text,
        }


class Crowd:
    """People who dial one after the other, from several handsets at once."""

    def __init__(self, callbacks: str, count: int, *, handsets: int, seconds: float, chance: random.Random) -> None:
        """The dialling is spread over about so many seconds."""
        self.people = [Person(callbacks, f"+25472{chance.randrange(100):02}{place:05}") for place in range(count)]
        pause = seconds * handsets / count
        shares = [self.people[start::handsets] for start in range(handsets)]
        self._threads = [threading.Thread(target=self._dial, args=(share, pause), daemon=True) for share in shares]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
            assert not thread.is_alive(), "the handsets did not come to an end"

    def _dial(self, people: Sequence[Person], pause: float) -> None:
        with httpx.Client(timeout=10, trust_env=False) as http:
            for person in people:
                began = time.monotonic()
                person.file(http)
                time.sleep(max(0.0, pause - (time.monotonic() - began)))
