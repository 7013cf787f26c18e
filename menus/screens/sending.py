"""From the story to the receipt: what is typed is saved before the next screen, shown once, and filed once."""

from __future__ import annotations

from menus.effects import FileCase, FinishBySms
from menus.engine import Call, Go, Option, Screen, Stay, screen
from menus.guide import mark
from menus.screens.places import place_name
from menus.screens.steps import LONG, saved

AGAIN = mark("Write it again. It takes the place of all that you wrote before.")


@screen("story")
def story(c: Call) -> Screen:
    """What happened, in as few or as many words as the resident likes; who comes back here is told what that does."""
    if c.answers.get("story"):
        return Screen(c.say(AGAIN), accept=told)
    return Screen(
        c.say(
            "Tell us what happened: which office, when, and what you want done. You can add more after this. "
            "Your name is not needed."
        ),
        accept=told,
    )


@screen("story.add")
def story_add(c: Call) -> Screen:
    """More words, joined to those before."""
    return Screen(c.say("Go on, we are listening. Write what you want to add."), accept=told_more)


def told(c: Call, typed: str) -> Go | Stay:
    """Take the story, saved before the next screen shows; ask for more only where a handset may have cut it."""
    return _save(c, typed, typed)


def told_more(c: Call, typed: str) -> Go | Stay:
    return _save(c, typed, f"{c.answers.get('story', '')} {typed}".strip())


def _save(c: Call, typed: str, story: str) -> Go | Stay:
    if len(typed) < 2:
        return Stay(c.say("Please write it in a few words."))
    return saved(c, "story.more" if len(typed) >= LONG else "confirm", story=story)


@screen("story.more")
def story_more(c: Call) -> Screen:
    """Shown after a long reply only."""
    return Screen(
        c.say("Saved. Anything more?"),
        (
            Option(c.say("No, continue"), Go("confirm")),
            Option(c.say("Yes, add more"), Go("story.add")),
            *_by_sms(c),
        ),
    )


def _by_sms(c: Call) -> tuple[Option, ...]:
    """Only for who dialled and wants SMS: the texts come from the number, and we answer them."""
    if c.answers.get("privacy") != "sms" or c.guide.by_sms:
        return ()
    return (Option(c.say("I will finish by SMS"), Go("end.bysms", effects=(FinishBySms(),), replaces=True)),)


@screen("end.bysms")
def end_by_sms(c: Call) -> Screen:
    """Saved and not sent: a text alone never files, since whoever holds the phone could send it."""
    return Screen(
        c.say(
            "Saved, NOT sent yet. SMS the rest to {sms}. Then dial {code} to check it and send it.",
            sms=c.guide.sms_code,
            code=c.guide.way_in(c.language),
        ),
        end=True,
    )


@screen("confirm", guarded=True)
def confirm(c: Call) -> Screen:
    """All that will be sent. A story too long for the screen shows its ends, and is read in full on further pages."""
    return Screen(
        _summary(c),
        (
            Option(c.say("Send"), _file(c)),
            Option(c.say("Add more"), Go("story.add")),
            Option(c.say("Change"), Go("change")),
        ),
        told=c.answers.get("story", ""),
    )


def _summary(c: Call) -> str:
    category = c.guide.category(c.answers.get("category", ""))
    kind = c.guide.label(category.labels, c.language) if category else ""
    lines = (c.say("Check before you send:"), kind, place_name(c))
    return "\n".join(line for line in lines if line)


def _file(c: Call) -> Go:
    answers = c.answers
    category = c.guide.category(answers.get("category", ""))
    privacy = answers.get("privacy", "not_kept")
    case = FileCase(
        kind=answers.get("kind", "complaint"),
        category=answers.get("category", ""),
        privacy=privacy,
        ward=answers.get("ward", ""),
        area=answers.get("area", ""),
        story=answers.get("story", ""),
        urgent=bool(category and category.danger),
        commitment=answers.get("commitment", ""),
        draft=answers.get("draft", ""),
    )
    return Go(_end(c, case), effects=(case,), replaces=True)


def _end(c: Call, case: FileCase) -> str:
    if case.privacy == "not_kept":
        return "end.notkept" if c.guide.by_sms else "receipt.write"
    if case.kind == "information":
        return "end.info"
    return "end.receipt" if case.privacy == "sms" else "end.nosms"


@screen("change")
def change(c: Call) -> Screen:
    """One answer to give again; then back to the check."""
    kind, place = ("info.kind", ()) if c.answers.get("kind") == "information" else ("kind", ("subcounty",))
    return Screen(
        c.say("What do you want to change?"),
        (
            Option(c.say("What it is about"), Go(kind)),
            Option(c.say("Who may know my number"), Go("privacy")),
            *(Option(c.say("The place"), Go(name)) for name in place),
            Option(c.say("Write it again"), Go("info.ask" if kind == "info.kind" else "story")),
        ),
    )
