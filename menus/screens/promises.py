"""The county's promises: what it says of them, and what the independent monitor says. See `following` for the SMS."""

from __future__ import annotations

from menus.effects import Unfollow
from menus.engine import Call, Go, Option, Screen, screen
from menus.guide import Promise
from menus.screens.noted import note
from menus.screens.words import day, month, progress


def listed(c: Call) -> tuple[Promise, ...]:
    """The pack's promises and those that an import brought: for screens that need `imported`."""
    more = (Promise(one["id"], one["area"], one["titles"], one["ends"]) for one in c.facts.get("imported", ()))
    return (*c.guide.promises, *more)


@screen("promises", needs=("imported",))
def promises(c: Call) -> Screen:
    """The ambition areas of the action plan; an area of one promise opens it at once."""
    options = []
    for area in c.guide.promise_areas:
        within = _within(c, area.code)
        if within:
            go = _open(within[0]) if len(within) == 1 else Go("promises.area", keep={"promise_area": area.code})
            options.append(Option(c.guide.label(area.labels, c.language), go))
    more = (Option(c.say("Follow and have a say"), Go("promises.say")),) if listed(c) else ()
    return Screen(c.say("County promises {years}", years=c.guide.plan_years), (*options, *more))


@screen("promises.area", needs=("imported",))
def promises_area(c: Call) -> Screen:
    """The promises of one area."""
    code = c.answers.get("promise_area", "")
    area = next((area for area in c.guide.promise_areas if area.code == code), None)
    return Screen(
        c.guide.label(area.labels, c.language) if area else c.say("County promises"),
        tuple(Option(c.guide.label(one.titles, c.language), _open(one)) for one in _within(c, code)),
    )


def _within(c: Call, area: str) -> list[Promise]:
    return [promise for promise in listed(c) if promise.area == area]


def _open(promise: Promise) -> Go:
    return Go("promise", keep={"promise": promise.ogp_id})


@screen("promise", needs=("promise", "imported"))
def promise(c: Call) -> Screen:
    """One promise on one screen; the county's word and the monitor's are never mixed."""
    fact = c.facts["promise"]
    chosen = next((one for one in listed(c) if one.ogp_id == c.answers["promise"]), None)
    if chosen is None:
        return Screen(c.say("This promise is no longer listed."))
    lines = (
        c.guide.label(chosen.titles, c.language),
        *((c.say("Ends: {date}", date=month(c, chosen.ends)),) if chosen.ends else ()),
        c.say("County: {claim}", claim=progress(c, fact.get("claim"), "no_report")),
        c.say("Monitor: {judged}", judged=progress(c, fact.get("judged"), "not_assessed")),
    )
    about = {"kind": "complaint", "commitment": chosen.ogp_id, "promise": chosen.ogp_id}
    report = Go("kind", keep=about, begins=True)
    options = [_following(c, chosen, bool(fact.get("followed"))), Option(c.say("Report a problem"), report)]
    if fact.get("latest"):
        options.append(Option(c.say("Latest news"), Go("promise.news")))
    return Screen("\n".join(lines), tuple(options))


def _following(c: Call, chosen: Promise, followed: bool) -> Option:
    if followed:
        return Option(c.say("Stop following"), note("unfollowed", Unfollow("promise", chosen.ogp_id)))
    return Option(c.say("Follow by SMS"), Go("follow"))


@screen("promise.news", needs=("promise",))
def news(c: Call) -> Screen:
    """The latest that was published of it."""
    latest = c.facts["promise"].get("latest") or {"date": "", "text": ""}
    return Screen(f"{day(c, latest['date'])}: {latest['text']}")
