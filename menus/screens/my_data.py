"""What is kept of a resident, and asking to correct or erase it (Data Protection Act 2019, sections 26 and 40)."""

from __future__ import annotations

from menus.effects import FileCase
from menus.engine import Call, Go, Option, Screen, screen


@screen("data", needs=("profile", "notices"))
def data(c: Call) -> Screen:
    """All that is kept under this number, in one screen."""
    profile = c.profile
    if not profile.get("known"):
        return Screen(c.say("We keep nothing under your number."))
    found = c.guide.ward(profile.get("ward") or "")
    noticed = c.guide.ward(c.facts["notices"]["ward"])
    spoken = next((known.name for known in c.guide.languages if known.code == profile.get("language")), "-")
    lines = (
        c.say("We keep your number and:"),
        c.say("Language: {language}", language=spoken),
        c.say("Ward: {ward}", ward=found[1].name if found else "-"),
        c.say("Cases: {cases}", cases=profile.get("cases", 0)),
        c.say("Promises followed: {follows}", follows=profile.get("follows", 0)),
        *((c.say("Notices for: {ward}", ward=noticed[1].name),) if noticed else ()),
    )
    correct = Option(c.say("Ask to correct"), Go("data.ask", keep={"data": "correct"}, begins=True))
    erase = Option(c.say("Ask to erase"), Go("data.ask", keep={"data": "erase"}, begins=True))
    return Screen("\n".join(lines), (correct, erase))


@screen("data.ask", guarded=True)
def data_ask(c: Call) -> Screen:
    """The Ombudsman must see the number to know whose data it is: said before it is asked."""
    body = (
        c.say("We ask the Ombudsman to erase what is kept about you. For this they must see your number.")
        if c.answers.get("data") == "erase"
        else c.say("We ask the Ombudsman to correct what is kept about you. For this they must see your number.")
    )
    return Screen(
        body,
        (Option(c.say("Yes, SMS me"), _file(c, "sms")), Option(c.say("Yes, no SMS"), _file(c, "no_sms"))),
    )


def _file(c: Call, privacy: str) -> Go:
    wish = c.answers.get("data", "correct")
    story = (
        c.say("Please erase what you keep about me.")
        if wish == "erase"
        else c.say("Please correct what you keep about me.")
    )
    case = FileCase(kind="information", category=f"my_data_{wish}", privacy=privacy, ward="", area="", story=story)
    return Go("end.data", effects=(case,), replaces=True)


@screen("end.data", needs=("filed",))
def end_data(c: Call) -> Screen:
    """Asked."""
    return Screen(
        c.say(
            "Thank you. The Ombudsman has your request about your data.\nReceipt: {receipt}\nTo follow it, dial {code}",
            receipt=c.facts["filed"]["receipt"],
            code=c.guide.way_in(c.language),
        ),
        end=True,
    )
