"""A complaint walked by SMS alone, in whatever pack and language: no word or place of any county stands here."""

from __future__ import annotations

from operations.story import Story, fresh_number, pick, receipt_in

STORY = "3 x 24 h: 081 / 2547"
"""Words of no language."""


def complaint(story: Story) -> str:
    """From the first word to the answer read, the question answered, and the case open again; the number used."""
    guide = story.guide
    language, area = guide.languages[0].code, guide.areas[-1]
    resident = fresh_number(story.country)
    word = next(iter(guide.words))
    story.scene(f"A resident texts {word} to {story.sms_code}")
    screen = story.answered(resident, word)
    chosen = (
        *((guide.languages[0].name,) if len(guide.languages) > 1 else ()),
        guide.say(language, "Make a complaint"),
        guide.label(guide.offered("complaint")[1].labels, language),
        guide.say(language, "Ombudsman only, SMS me"),
        area.name,
        area.wards[-1].name,
    )
    for label in chosen:
        screen = story.answered(resident, pick(screen, label))
    screen = story.answered(resident, STORY)
    receipt = receipt_in(story.answered(resident, pick(screen, guide.say(language, "Send"))))

    story.scene("An officer finds the case and answers it")
    case = story.officer("GET", f"/cases?status=received&ward={area.wards[-1].code}&limit=1")["items"][0]
    serial = case["serial"]
    story.expect(story.officer("GET", f"/cases/{serial}")["story"] == STORY, "the story is not what was texted")
    story.delivered(serial, "receipt")
    story.officer("POST", f"/cases/{serial}/assign", {"assignee": "officer@demo.baraza.example"})
    story.officer("POST", f"/cases/{serial}/replies", {"text": "5 x 12 h"})
    story.sms(resident, f"{receipt[:4]}: ")
    story.delivered(serial, "reply")

    story.scene("The resident reads the answer and writes back")
    screen = story.answered(resident, word)
    for label in (guide.say(language, "My cases"), receipt[:4], guide.say(language, "Read the answer")):
        screen = story.answered(resident, pick(screen, label))
    story.expect("5 x 12 h" in screen, "the answer cannot be read by SMS")
    story.answered(resident, f"{receipt[:4]} 7 x 24 h OK")
    story.officer("POST", f"/cases/{serial}/transitions", {"to": "resolved", "reason": "5 x 12 h"})
    _question(story, resident, serial, receipt[:4])
    return resident


def _question(story: Story, resident: str, serial: str, reference: str) -> None:
    """The question comes into the open menu: a bare digit could mean either, so it is asked which."""
    story.scene("It is not solved, and the resident says so")
    story.delivered(serial, "solved")
    screen = story.answered(resident, "3")
    story.expect(f"{reference} 3" in screen, "a digit that could mean two things was taken for one")
    story.answered(resident, f"{reference} 3")
    story.expect(story.officer("GET", f"/cases/{serial}")["status"] == "reopened", "the case is not open again")
    story.expect(reference in story.answered(resident, "STATUS"), "STATUS does not name the case")
