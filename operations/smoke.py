"""The whole path once, as handsets and an officer would walk it, told as a story. Used by `baraza demo --smoke`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from operations import smoke_by_sms
from operations.story import Stopped, Story, fresh_number, receipt_in

__all__ = ["fresh_number", "play", "receipt_in"]


def play(ready: Mapping[str, Any], token: str) -> int:
    """Play the story; 0 when it went as it should, else 1 with the place it stopped."""
    story = Story(ready, token)
    try:
        if story.code:
            _complaint(story)
            _promise(story)
            _information(story)
        else:
            smoke_by_sms.complaint(story)
    except (Stopped, httpx.HTTPError) as trouble:
        story.console.print(f"[red]The story stopped:[/] {trouble}")
        return 1
    story.scene("The end")
    story.say("Every message was a row first, went by RQ and its channel, and came back with a delivery report.")
    return 0


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
