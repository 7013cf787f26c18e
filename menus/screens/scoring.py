"""The community scorecard: who uses a facility and who works there score the same five items, apart."""

from __future__ import annotations

from menus.effects import SendScores
from menus.engine import Call, Go, Option, Screen, Stay, screen
from menus.guide import mark
from menus.screens.noted import note

ITEMS = 5
CODE = 6
"""Digits of the code that the staff of a facility are given for a round."""

_MARKS = (mark("Very bad"), mark("Bad"), mark("Fair"), mark("Good"), mark("Very good"))


@screen("score")
def score(c: Call) -> Screen:
    """Which facility."""
    options = (
        Option(c.guide.label(one.labels, c.language), Go("score.side", keep={"facility": one.code}))
        for one in c.guide.facilities
    )
    return Screen(c.say("Score which facility?"), tuple(options))


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
    code = c.answers.get("facility", "")
    found = next((one for one in c.guide.facilities if one.code == code), None)
    return c.guide.label(found.labels, c.language) if found else code


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


@screen("score.send", guarded=True)
def send(c: Call) -> Screen:
    """The five scores once more before they count."""
    scores = tuple(int(c.answers.get(f"score_{number}", "0")) for number in range(1, ITEMS + 1))
    body = c.say("{facility}: your scores are {scores}.", facility=_facility(c), scores=" ".join(map(str, scores)))
    give = SendScores(c.answers["facility"], scores, c.answers.get("code", ""))
    again = Go("score.1")
    return Screen(body, (Option(c.say("Send"), note("scored", give)), Option(c.say("Score again"), again)))
