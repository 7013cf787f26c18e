"""The whole path once, as handsets and an officer would walk it, told as a story. Used by `baraza demo --smoke`."""

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
            answer = self.phone.get("/_messages", params={"number": number})
            answer.raise_for_status()
            messages: list[dict[str, Any]] = answer.json()
            return next((m for m in messages[after:] if wanted in m["text"]), None)

        found = self.wait(f"an SMS with {wanted!r}", arrived)
        self.show(found["text"], sms=True)
        return found

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
    code = "*384*1#"
    sms_code = "22384"
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


def play(ready: Mapping[str, Any], token: str) -> int:
    """Play the story; 0 when it went as it should, else 1 with the place it stopped."""
    story = Story(ready, token)
    try:
        _complaint(story)
        _promise(story)
        _information(story)
    except (Stopped, httpx.HTTPError) as trouble:
        story.console.print(f"[red]The story stopped:[/] {trouble}")
        return 1
    story.scene("The end")
    story.say("Every message was a row first, went by RQ and the SDK, and came back with a delivery report.")
    return 0


def fresh_number() -> str:
    return "+2547" + str(secrets.randbelow(90_000_000) + 10_000_000)


def _complaint(story: Story) -> None:
    amina = fresh_number()
    story.scene("Amina's water point has been dry for three weeks")
    screen = story.dial(
        amina, "English", "complaint", "Poor service", "SMS me", "Lurambi", "Shirere",
        "Water point at the market is dry since 3 weeks", "Send",
    )  # fmt: skip
    receipt = receipt_in(screen)
    story.expect(story.hops <= 9, f"{story.hops} hops from dial to END, at most 9 are wanted")
    story.say(f"{story.hops} hops from dial to END; receipt {receipt}")
    story.sms(amina, receipt)

    story.scene("The officer finds it, asks the water office, answers")
    case = story.officer("GET", "/cases?status=received&ward=1014&limit=1")["items"][0]
    serial = case["serial"]
    case = story.officer("GET", f"/cases/{serial}")
    story.say(f"{serial}: {case['kind']} in {case['ward']['name']}, the resident reads {case['language']}")
    story.delivered(serial, "receipt")
    story.officer("POST", f"/cases/{serial}/assign", {"assignee": "officer@demo.baraza.example"})
    story.officer("POST", f"/cases/{serial}/notes", {"text": "Called the sub-county water officer."})
    story.officer("POST", f"/cases/{serial}/transitions", {"to": "in_progress", "reason": "Pump part ordered"})
    story.officer(
        "POST", f"/cases/{serial}/replies", {"text": "The pump is being repaired. A water truck comes on Tuesday."}
    )
    story.sms(amina, f"{receipt[:4]}: there is an answer")
    story.delivered(serial, "reply")

    story.scene("Amina dials to read it, then writes back")
    screen = story.dial(amina, "My cases", "1", "Read")
    story.expect("water truck" in screen.replace("\n", " "), "the answer cannot be read under My cases")
    story.text(amina, f"{receipt[:4]} The truck came, thank you")

    def joined() -> bool:
        events = story.officer("GET", f"/cases/{serial}/timeline")["items"]
        return any("truck came" in (event.get("text") or "") for event in events)

    story.wait("her words in the case", joined)
    story.say("Her words joined the case")
    story.officer("POST", f"/cases/{serial}/transitions", {"to": "resolved", "reason": "Pump works again"})
    story.sms(amina, "Is it solved?")
    _words(story, amina, receipt[:4], serial)


def _words(story: Story, amina: str, reference: str, serial: str) -> None:
    story.scene("It is not solved: she says so, and asks how things stand")
    story.text(amina, "3")
    story.sms(amina, "not solved")
    story.expect(story.officer("GET", f"/cases/{serial}")["status"] == "reopened", "the case is not open again")
    for word, wanted in {
        "STATUS": f"{reference}, ",
        "HELP": "STATUS, STOP or START",
        "STOP ALL": "All SMS stopped",
        "START": "SMS are on again",
    }.items():
        story.text(amina, word)
        story.sms(amina, wanted)


def _promise(story: Story) -> None:
    juma = fresh_number()
    story.scene("Juma anafuatilia ahadi ya kaunti")
    screen = story.dial(juma, "Kiswahili", "Ahadi", "1", "Fuatilia kwa SMS", "Ndiyo")
    story.expect(bool(screen), "nothing after following")
    promises = story.officer("GET", "/commitments")["items"]
    followed = next(promise for promise in promises if "Budget" in promise["title"]["en"])
    story.officer(
        "POST",
        f"/commitments/{followed['ogp_id']}/updates",
        {
            "text": {
                "en": "The county published the quarterly budget report for July to September.",
                "sw": "Kaunti imechapisha ripoti ya bajeti ya robo mwaka, Julai hadi Septemba.",
            }
        },
    )
    story.sms(juma, "robo mwaka")
    story.text(juma, "ACHA")
    story.sms(juma, "Tumeacha")
    story.text(juma, "ANZA")
    screen = story.dial(juma, "Ahadi", "1", "Acha kufuatilia")
    story.say("Juma unfollows by the menu")


def _information(story: Story) -> None:
    wanjiru = fresh_number()
    story.scene("Wanjiru asks for information, and keeps her number to herself")
    screen = story.dial(
        wanjiru, "English", "Ask for information", "New request", "not kept", "Citizen Budget of 2026, Finance", "Send"
    )
    receipt = receipt_in(screen)
    story.expect(story.open, "the screen with the receipt must stay open until it is written down")
    screen = story.dial(wanjiru, "English", "My cases", "receipt", receipt)
    story.expect(receipt[:4] in screen, "the receipt does not open the case")
    stranger = fresh_number()
    story.scene("A stranger writes, and is told once how to file")
    story.text(stranger, "Hello, is this the county?")
    story.sms(stranger, story.code)
