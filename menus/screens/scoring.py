"""The community scorecard: who uses a facility and who works there score the same five items, apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from menus.effects import SendScores
from menus.engine import Call, Go, Option, Screen, Stay, screen
from menus.guide import mark
from menus.screens.noted import note

ITEMS = 5
CODE = 6
"""Digits of the code that the staff of a facility are given for a round."""

_MARKS = (mark("Very bad"), mark("Bad"), mark("Fair"), mark("Good"), mark("Very good"))


@screen("score", needs=("scorable",))
def score(c: Call) -> Screen:
    """Which facility: those of the remembered ward first, else where it is."""
    known = c.facts["scorable"]
    if not known["mine"]:
        return areas(c)
    elsewhere = (Option(c.say("Another ward"), Go("score.areas")),) if len(known["wards"]) > 1 else ()
    return Screen(c.say("Score which facility?"), (*_named(c, known["mine"]), *elsewhere))


def _named(c: Call, places: Iterable[Mapping[str, Any]]) -> Iterator[Option]:
    for one in places:
        yield Option(c.guide.label(one["name"], c.language), Go("score.side", keep={"facility": one["code"]}))


@screen("score.areas", needs=("scorable",))
def areas(c: Call) -> Screen:
    """The sub-counties that have something to score."""
    wards = c.facts["scorable"]["wards"]
    if not wards:
        return Screen(c.say("No facility can be scored now."), home=True)
    found = (area for area in c.guide.areas if any(ward.code in wards for ward in area.wards))
    options = (Option(area.name, Go("score.wards", keep={"scored_area": area.code}), area.also) for area in found)
    return Screen(c.say("Sub-county?"), tuple(options))


@screen("score.wards", needs=("scorable",))
def wards(c: Call) -> Screen:
    """The wards of the sub-county that have something to score."""
    area = c.guide.area(c.answers.get("scored_area", "")) or c.guide.areas[0]
    found = (ward for ward in area.wards if ward.code in c.facts["scorable"]["wards"])
    options = (Option(ward.name, Go("score.places", keep={"scored_ward": ward.code}), ward.also) for ward in found)
    return Screen(c.say("Where in {place}?", place=area.name), tuple(options))


@screen("score.places", needs=("scorable",))
def places(c: Call) -> Screen:
    """The facilities of the ward that was chosen."""
    return Screen(c.say("Score which facility?"), tuple(_named(c, c.facts["scorable"]["here"])))


@screen("score.side", needs=("scorecard",))
def side(c: Call) -> Screen:
    """Use it or work there; nothing to score between two rounds."""
    name = _facility(c)
    if not c.facts["scorecard"]["open"]:
        return Screen(c.say("{facility}: no scoring now.", facility=name), home=True)
    body = c.say("{facility}: five questions. We keep no number. Scoring again replaces your scores.", facility=name)
    use, work = Go("score.1", keep={"code": ""}), Go("score.code")
    return Screen(body, (Option(c.say("I use it"), use), Option(c.say("I work there"), work)))


def _facility(c: Call) -> str:
    return c.guide.label(c.facts["scorecard"]["name"], c.language)


@screen("score.code")
def code(c: Call) -> Screen:
    """The code that the staff were given."""

    def accept(c: Call, typed: str) -> Go | Stay:
        if len(typed) == CODE and typed.isascii() and typed.isdigit():
            return Go("score.staff", keep={"code": typed})
        return Stay(c.say("Type 6 digits."))

    return Screen(c.say("Type the 6 digits that the staff were given for this round."), accept=accept)


@screen("score.staff", needs=("score_code",))
def staff(c: Call) -> Screen:
    """Whether the code is right."""
    if c.facts["score_code"]["ok"]:
        return Screen(c.say("You score as staff."), (Option(c.say("Go on"), Go("score.1")),))
    again = Option(c.say("Type it again"), Go("score.code", replaces=True))
    if not c.facts["score_code"]["left"]:
        return Screen(c.say("Too many tries. Wait until tomorrow."), home=True)
    return Screen(c.say("That is not the code of this round."), (again,))


def _item(number: int) -> None:
    then = f"score.{number + 1}" if number < ITEMS else "score.send"

    @screen(f"score.{number}")
    def item(c: Call) -> Screen:
        """One of the five items; what is pressed is the score."""
        label = c.guide.label(c.guide.score_items[number - 1], c.language) if c.guide.score_items else ""
        body = c.say("{number} of 5: {item}", number=number, item=label)
        options = (
            Option(c.say(said), Go(then, keep={f"score_{number}": str(place)})) for place, said in enumerate(_MARKS, 1)
        )
        return Screen(body, tuple(options))


for _number in range(1, ITEMS + 1):
    _item(_number)


@screen("score.send", needs=("scorecard",), guarded=True)
def send(c: Call) -> Screen:
    """The five scores once more before they count."""
    scores = tuple(int(c.answers.get(f"score_{number}", "0")) for number in range(1, ITEMS + 1))
    body = c.say("{facility}: your scores are {scores}.", facility=_facility(c), scores=" ".join(map(str, scores)))
    give = SendScores(c.answers["facility"], scores, c.answers.get("code", ""))
    again = Go("score.1")
    return Screen(body, (Option(c.say("Send"), note("scored", give)), Option(c.say("Score again"), again)))
