"""Following by SMS: one promise, a whole area, or what concerns one's ward; each change, or once a month."""

from __future__ import annotations

from collections.abc import Mapping

from menus.effects import Follow, Unfollow, UnfollowAll
from menus.engine import Call, Go, Option, Screen, screen
from menus.screens.noted import note
from menus.screens.places import choose_area, choose_ward, place_name, remembered
from menus.screens.promises import listed


@screen("promises.say", needs=("scorable",))
def say(c: Call) -> Screen:
    """What a resident can do with promises beside reading them."""
    return Screen(
        c.say("Follow and have a say"),
        (
            *_wide(c),
            Option(c.say("What I follow"), Go("following")),
            Option(c.say("Questions to me"), Go("asked")),
            *((Option(c.say("Score a facility"), Go("score")),) if c.facts["scorable"]["wards"] else ()),
        ),
    )


def _wide(c: Call) -> tuple[Option, ...]:
    return (
        Option(c.say("News of my ward by SMS"), Go("follow.place")),
        Option(c.say("News of an area by SMS"), Go("follow.areas")),
    )


@screen("follow.which", needs=("imported",))
def which(c: Call) -> Screen:
    """Who texts FOLLOW alone is asked which; they stand in the plan's order."""
    options = (
        Option(c.guide.label(one.titles, c.language), Go("follow", keep={"promise": one.ogp_id})) for one in listed(c)
    )
    return Screen(c.say("Follow what by SMS?"), (*options, *_wide(c)))


def _choices(c: Call, done: str, kind: str, code: str, wording: str) -> Screen:
    """Agree to the words, with how often they come."""
    each, monthly = (note(done, Follow(kind, code, wording, monthly=often)) for often in (False, True))
    return Screen(wording, (Option(c.say("Yes, each time"), each), Option(c.say("Yes, monthly"), monthly)))


@screen("follow", guarded=True)
def follow(c: Call) -> Screen:
    """Consent to SMS on one promise; these very words are kept with it."""
    wording = c.say(
        "We SMS you when this promise changes, at most {most} a month. To stop: STOP to {sms} or this menu.",
        most=c.guide.monthly_cap,
        sms=c.guide.sms_code,
    )
    return _choices(c, "followed", "promise", c.answers["promise"], wording)


@screen("follow.areas", needs=("imported",))
def areas(c: Call) -> Screen:
    """Which area to follow."""
    taken = {promise.area for promise in listed(c)}
    options = (
        Option(c.guide.label(area.labels, c.language), Go("follow.area", keep={"promise_area": area.code}))
        for area in c.guide.promise_areas
        if area.code in taken
    )
    return Screen(c.say("News of which area?"), tuple(options))


@screen("follow.area", guarded=True)
def area(c: Call) -> Screen:
    """Consent to SMS on all promises of an area; these very words are kept with it."""
    code = c.answers["promise_area"]
    wording = c.say(
        "{area}: we SMS you its news, at most {most} a month a promise. To stop: STOP to {sms} or this menu.",
        area=_area(c, code),
        most=c.guide.monthly_cap,
        sms=c.guide.sms_code,
    )
    return _choices(c, "followed_area", "area", code, wording)


def _area(c: Call, code: str) -> str:
    area = next((area for area in c.guide.promise_areas if area.code == code), None)
    return c.guide.label(area.labels, c.language) if area else code


@screen("follow.place", needs=("profile",))
def place(c: Call) -> Screen:
    """Which ward to follow. One remembered for other things is offered, never taken."""
    known = remembered(c)
    mine = (Option(place_name(c, known), Go("follow.ward", keep=known)),) if known else ()
    return Screen(c.say("News of promises for:"), (*mine, Option(c.say("Choose a ward"), Go("follow.place.area"))))


@screen("follow.place.area")
def place_area(c: Call) -> Screen:
    """The sub-county of the ward to follow."""
    return choose_area(c, "follow.place.ward")


@screen("follow.place.ward")
def place_ward(c: Call) -> Screen:
    """The ward to follow."""
    return choose_ward(c, "follow.ward")


@screen("follow.ward", guarded=True)
def ward(c: Call) -> Screen:
    """Consent to keeping the ward and to SMS; these very words are kept with it."""
    wording = c.say(
        "May we keep {ward} and SMS you its and county news, at most {most} a month a promise? To stop: STOP to {sms}.",
        ward=place_name(c),
        most=c.guide.monthly_cap,
        sms=c.guide.sms_code,
    )
    return _choices(c, "followed_ward", "ward", c.answers["ward"], wording)


@screen("following", needs=("following", "imported"))
def following(c: Call) -> Screen:
    """All that the resident follows; choosing one ends it."""
    known = c.facts["following"]
    if not known:
        return Screen(c.say("You follow no promise."), (Option(c.say("County promises"), Go("promises")),), home=True)
    options = [Option(_name(c, one), note("unfollowed_one", Unfollow(one["kind"], one["code"]))) for one in known]
    if len(known) > 1:
        options.append(Option(c.say("All of these"), note("unfollowed_all", UnfollowAll())))
    return Screen(c.say("You follow these. Stop which?"), tuple(options))


def _name(c: Call, one: Mapping[str, str]) -> str:
    """What is followed, by its name; an area or a ward is told from a promise of the same name."""
    if one["kind"] == "ward":
        found = c.guide.ward(one["code"])
        return c.say("Ward {ward}", ward=found[1].name if found else one["code"])
    if one["kind"] == "area":
        return c.say("Area: {area}", area=_area(c, one["code"]))
    promise = next((known for known in listed(c) if known.ogp_id == one["code"]), None)
    return c.guide.label(promise.titles, c.language) if promise else one["code"]
