"""What a story of the smoke run is told with: handsets at the stand-in, an officer at the staff API, a console."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from gateway.pack import load

PATIENCE = 20.0
"""Seconds to wait for an SMS or a delivery report."""


T = TypeVar("T")


class Stopped(Exception):
    """The story did not go on as it should; the text says where."""


@dataclass
class Story:
    """Plays against the addresses of a ready file and prints what happens."""

    ready: Mapping[str, Any]
    token: str
    console: Console = field(default_factory=lambda: Console(width=80))

    def __post_init__(self) -> None:
        pack = load(self.ready["env"]["BARAZA_PACK"])
        self.guide, self.country = pack.guide, pack.about.country
        self.code, self.sms_code = self.guide.ussd_code, self.guide.sms_code
        self.phone = httpx.Client(base_url=self.ready["phone"], timeout=15)
        self.web = httpx.Client(
            base_url=self.ready["web"], timeout=15, headers={"Authorization": f"Bearer {self.token}"}
        )

    # -- telling ----------------------------------------------------------------------------------------------------
    def scene(self, title: str) -> None:
        self.console.rule(f"[bold]{title}")

    def show(self, text: str, *, sms: bool = False) -> None:
        style = "green" if sms else "cyan"
        self.console.print(Panel(Text(text), border_style=style, width=46, title="SMS" if sms else None))

    def say(self, line: str) -> None:
        self.console.print(line, highlight=False)

    # -- a handset --------------------------------------------------------------------------------------------------
    def dial(self, number: str, *answers: str) -> str:
        """Dial the short code and answer; the last screen."""
        reply = self._post("/_ussd/dial", {"number": number, "code": self.code, "network": "63902"})
        self.say(f"[dim]{masked(number)} dials[/] {self.code}")
        session, hops = reply["session"], 1
        self.show(reply["text"])
        for answer in answers:
            number_ = pick(reply["text"], answer)
            self.say(f"[dim]types[/] {number_}")
            reply = self._post("/_ussd/answer", {"session": session, "input": number_})
            hops += 1
            self.show(reply["text"])
        self.hops, self.open = hops, bool(reply["open"])
        screen: str = reply["text"]
        return screen

    def text(self, number: str, words: str) -> None:
        self.say(f"[dim]{masked(number)} texts[/] {words}")
        self._post("/_sms", {"from": number, "to": self.sms_code, "text": words})

    def sms(self, number: str, wanted: str, *, after: int = 0) -> dict[str, Any]:
        """Wait for an SMS to `number` that holds `wanted` and was delivered; show it."""

        def arrived() -> dict[str, Any] | None:
            return next((m for m in self._inbox(number)[after:] if wanted in m["text"]), None)

        found = self.wait(f"an SMS with {wanted!r}", arrived)
        self.show(found["text"], sms=True)
        return found

    def answered(self, number: str, words: str) -> str:
        """Text, and wait for the next SMS that comes back; show it."""
        before = len(self._inbox(number))
        self.text(number, words)
        new = self.wait(f"an answer to {words!r}", lambda: self._inbox(number)[before:])
        self.show(new[-1]["text"], sms=True)
        text: str = new[-1]["text"]
        return text

    def _inbox(self, number: str) -> list[dict[str, Any]]:
        answer = self.phone.get("/_messages", params={"number": number})
        answer.raise_for_status()
        messages: list[dict[str, Any]] = answer.json()
        return messages

    # -- an officer -------------------------------------------------------------------------------------------------
    def officer(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        headers = {"Idempotency-Key": secrets.token_hex(8)} if method == "POST" else {}
        answer = self.web.request(method, "/api/v1" + path, json=body, headers=headers)
        if answer.status_code >= 400:
            raise Stopped(f"{method} {path} answered {answer.status_code}: {answer.text[:200]}")
        return answer.json()

    def delivered(self, serial: str, template: str) -> None:
        """Wait until the desk sees that the SMS reached the handset."""

        def seen() -> bool:
            rows = self.officer("GET", f"/messages?case={serial}")["items"]
            return any(row["template"] == template and row["state"] == "delivered" for row in rows)

        self.wait(f"the delivery report of {template}", seen)
        self.say(f"The desk sees: {template} [green]delivered[/]")

    # -- plumbing ---------------------------------------------------------------------------------------------------
    hops = 0
    open = False

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = self.phone.post(path, json=body)
        answer.raise_for_status()
        reply: dict[str, Any] = answer.json()
        return reply

    def wait(self, what: str, look: Callable[[], T | None]) -> T:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = look()
            if found:
                return found
            time.sleep(0.1)
        raise Stopped(f"{what} did not come within {PATIENCE:.0f} s")

    def expect(self, holds: bool, what: str) -> None:
        if not holds:
            raise Stopped(what)


def masked(number: str) -> str:
    return number[:7] + "***" + number[-3:]


def pick(screen: str, wanted: str) -> str:
    """The digit of the option whose label holds `wanted`, or `wanted` itself when no option does."""
    for line in screen.splitlines():
        option = re.match(r"(\d+)\. ?(.*)", line)
        if option and wanted.lower() in option[2].lower():
            return option[1]
    return wanted


def receipt_in(screen: str) -> str:
    found = re.search(r"\b\d{4}-\d{3}-\d{4}\b", screen)
    if found is None:
        raise Stopped("the last screen shows no receipt")
    return found[0]


def fresh_number(country: str = "KE") -> str:
    """A handset nobody used yet, in a country of the packs."""
    prefix = {"KE": "+2547", "ID": "+628129"}[country]
    return prefix + str(secrets.randbelow(90_000_000) + 10_000_000)
