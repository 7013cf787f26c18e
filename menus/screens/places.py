"""Where it happened: sub-county, then ward. Names repeat between the two, so answers hold codes."""

from __future__ import annotations

from collections.abc import Mapping

from menus.engine import Call, Go, Option, Screen, screen
from menus.screens.steps import onwards


@screen("subcounty")
def subcounty(c: Call) -> Screen:
    """Which sub-county; twelve fit on one screen."""
    return choose_area(c, "ward")


@screen("ward")
def ward(c: Call) -> Screen:
    """Which ward, or not sure: the office can find out, the resident need not."""
    unsure = Option(c.say("Not sure"), Go(onwards(c, "story"), keep={"ward": ""}))
    return choose_ward(c, onwards(c, "story"), unsure)


def choose_area(c: Call, then: str) -> Screen:
    """The sub-counties; also their other names are accepted when typed."""
    return Screen(
        c.say("Sub-county?"),
        tuple(Option(area.name, Go(then, keep={"area": area.code, "ward": ""}), area.also) for area in c.guide.areas),
    )


def choose_ward(c: Call, then: str, *others: Option) -> Screen:
    """The wards of the sub-county chosen before."""
    area = c.guide.area(c.answers.get("area", "")) or c.guide.areas[0]
    wards = tuple(Option(ward.name, Go(then, keep={"ward": ward.code}), ward.also) for ward in area.wards)
    return Screen(c.say("Where in {place}?", place=area.name), (*wards, *others))


def remembered(c: Call) -> Mapping[str, str]:
    """The answers that a remembered ward gives; empty when none is, or the ward no longer exists."""
    found = c.guide.ward(c.profile.get("ward") or "")
    return {"area": found[0].code, "ward": found[1].code} if found else {}


def place_name(c: Call, answers: Mapping[str, str] | None = None) -> str:
    """The place answered: the ward, else the sub-county, else nothing."""
    given = c.answers if answers is None else answers
    found = c.guide.ward(given.get("ward", ""))
    area = c.guide.area(given.get("area", ""))
    return found[1].name if found else area.name if area else ""
