"""What a notice says of a promise or of a quarter: one object of facts for poster, hand-out, radio and short text.

Only states, dates, numbers and names of offices: no words that somebody wrote, so never an office-holder's name. In an
election period what the county says of itself is left out; what the monitor found and what residents sent stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from gateway.commitments import checks, periods, service
from gateway.commitments.models import Commitment
from gateway.commitments.voices import marks
from gateway.errors import Invalid
from gateway.pack import Pack
from gateway.public.shown import said, shown
from gateway.public.telling import Telling
from gateway.public.words import Words
from gateway.statistics.published import Figures
from gateway.statistics.suppression import TOTAL

QUARTER = re.compile(r"(20\d\d)-Q([1-4])")


@dataclass(frozen=True, slots=True)
class Notice:
    """Facts in one language."""

    place: str
    title: str
    lead: str
    facts: Sequence[str]
    """Sentences, the most important first."""
    how: str
    """How to send something or to follow."""
    warning: str
    """We never ask for money or for your M-Pesa PIN."""
    told: str
    """As of which day."""
    address: str
    questions: Sequence[str]
    """To talk about at a public meeting."""
    language: str
    training: str = ""
    """Said on every form of it where what it tells is invented."""


@dataclass(frozen=True, slots=True)
class Telltale:
    """What notices are made from."""

    session: Session
    pack: Pack
    words: Words
    figures: Figures | None
    now: datetime
    root: str
    """Address of the public pages, without a slash at its end."""
    training: bool = False
    """Of a copy to practise on: its cases are invented."""

    @property
    def today(self) -> date:
        return self.now.astimezone(self.pack.about.zone).date()

    @property
    def telling(self) -> Telling | None:
        return Telling(self.pack, self.words, self.figures) if self.figures else None


def notice(tell: Telltale, what: str) -> Notice:
    """Of a promise by its OGP id, or of a quarter, `2026-Q3`. Raises `NotFound`, or `Invalid` for a quarter to come."""
    return _of_quarter(tell, what) if QUARTER.fullmatch(what) else _of_promise(tell, what)


def _of_promise(tell: Telltale, ogp_id: str) -> Notice:
    row = service.read_commitment(tell.session, ogp_id)
    say = tell.words.say
    promise = shown(tell.pack, row, None, marks(tell.session, tell.pack, [row], tell.now)[ogp_id])
    facts = [*_voices(tell, row), *_answered(tell, ogp_id)]
    if promise.late and not _election(tell):
        facts.append(say("A report of the county is late."))
    if promise.stale:
        facts.append(say("Nobody has said how it stands for half a year."))
    total, places = tell.telling.concerning(ogp_id) if tell.telling else (None, {})
    if total:
        text = "{number} complaints received concern this promise; they are not yet findings."
        facts.append(say(text, number=total))
    elif places:
        place, number = next(iter(places.items()))
        text = "{number} complaints received in {place} concern this promise; they are not yet findings."
        facts.append(say(text, number=number, place=place))
    if row.ends_on:
        facts.append(say("It is to be done by {month}.", month=tell.words.month(row.ends_on)))
    if row.inferred:
        facts.append(say("This promise is inferred from the plan; its page was not seen."))
    how = say("To follow a promise by SMS, dial {code} and choose County promises.", code=_way_in(tell))
    lead = say("Who is to do it: {office}", office=row.lead)
    return _made(tell, tell.words.plain(promise.short), lead, facts, how, f"/commitments/{ogp_id}")


def _voices(tell: Telltale, row: Commitment) -> list[str]:
    say = tell.words.say
    found = [] if _election(tell) else [say("The county says: {said}.", said=say(said(row.claim)))]
    return [*found, say("The independent monitor says: {said}.", said=say(said(row.judged)))]


def _answered(tell: Telltale, ogp_id: str) -> list[str]:
    """What residents answered to the newest question about it that may be shown."""
    found = checks.counted(tell.session, tell.pack, tell.now, ogp_id=ogp_id, limit=checks.LOOKED_AT)
    one = next((one for one in found if one.answered is not None), None)
    if one is None:
        return []
    ward = tell.pack.guide.ward(one.check.ward_code)
    counts = {name: getattr(one, name) for name in ("asked", "answered", "yes", "no", "unsure")}
    text = "{asked} residents of {place} were asked and {answered} answered: {yes} yes, {no} no, {unsure} do not know."
    said = tell.words.say(text, place=ward[1].name if ward else one.check.ward_code, **counts)
    return [f"{tell.words.plain(one.check.question)} {said}"]


def _election(tell: Telltale) -> bool:
    return periods.election_period(tell.pack, tell.today) is not None


def _of_quarter(tell: Telltale, name: str) -> Notice:
    found = QUARTER.fullmatch(name)
    assert found is not None
    year, quarter = int(found[1]), int(found[2])
    if date(year, quarter * 3 - 2, 1) > tell.today:
        raise Invalid("this quarter has not begun", field="quarter")
    say, telling = tell.words.say, tell.telling
    months = [f"{year}-{month:02}" for month in range(quarter * 3 - 2, quarter * 3 + 1)]
    facts = []
    if telling is not None:
        numbers = [telling.table("categories").at(TOTAL, month) for month in months]
        known = [number for number in numbers if number is not None]
        if known and len(known) == len([month for month in months if month <= f"{tell.today:%Y-%m}"]):
            facts.append(say("{number} cases came in.", number=telling.number(sum(known))))
        staff, residents = telling.according_to_staff(), telling.according_to_residents()
        if staff is not None and not _election(tell):
            facts.append(say("Of all cases so far, staff say {part} percent are solved.", part=staff))
        if residents is not None:
            facts.append(say("Of the residents who answered, {part} percent say it is solved.", part=residents))
    if not facts:
        facts.append(say("There are too few cases to say more without pointing at people."))
    for row in service.list_commitments(tell.session):
        short = tell.words.plain(shown(tell.pack, row, None).short)
        facts.append(f"{short}. " + " ".join(_voices(tell, row)))
    how = say("To make a complaint or ask for information, dial {code}.", code=_way_in(tell))
    title = say("What became of it: quarter {quarter} of {year}", quarter=quarter, year=year)
    lead = say("Complaints, requests and promises")
    return _made(tell, title, lead, facts, how, "/statistics")


def _way_in(tell: Telltale) -> str:
    return tell.pack.guide.way_in(tell.words.language)


def _made(tell: Telltale, title: str, lead: str, facts: Sequence[str], how: str, path: str) -> Notice:
    say = tell.words.say
    return Notice(
        place=tell.words.plain(tell.pack.about.place),
        title=title,
        lead=lead,
        facts=list(facts),
        how=how,
        warning=say("We never ask for money or for your M-Pesa PIN."),
        told=say("As of {day}.", day=tell.words.day(tell.today)),
        address=f"{tell.root}{path}",
        questions=[
            say("Have you seen anything of it where you live?"),
            say("What should be done first?"),
            say("Which office should come here and explain?"),
        ],
        language=tell.words.language,
        training=say("Training: invented cases") if tell.training else "",
    )


def radio(notice: Notice, words: Words) -> str:
    """A script to read out, about a minute."""
    lines = [
        words.say("Radio script, about one minute"),
        "",
        words.say("This is a notice for the people of {place}.", place=notice.place),
        f"{notice.title}. {notice.lead}.",
        *notice.facts,
        notice.how,
        notice.warning,
        notice.told,
    ]
    if notice.training:
        lines.insert(0, notice.training.upper())
    return "\n".join(lines) + "\n"


SHORT = 280
"""Characters of a short text."""


def short_text(notice: Notice) -> str:
    """For social pages: as many facts as fit, always with the warning and the address."""
    end = f"{notice.warning} {notice.address}"
    text = f"{notice.training}. {notice.title}." if notice.training else f"{notice.title}."
    for fact in notice.facts:
        if len(f"{text} {fact} {end}") > SHORT:
            break
        text = f"{text} {fact}"
    return f"{text} {end}"
