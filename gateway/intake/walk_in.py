"""What comes by voice or on paper: staff type it in, and it is filed as a resident's own would be.

A helper's phone is not the resident's. Unless the person says that it may be used, its number is not kept at all:
whoever holds that phone could read the answers, and an SMS would tell of the case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gateway.cases.filing import Filed, Filing, file_case
from gateway.cases.models import Case
from gateway.cases.service import Desk, happened
from gateway.errors import Invalid
from gateway.messaging import service as messaging
from gateway.messaging.templates import short_date
from gateway.residents import service as residents
from gateway.residents.models import Resident
from gateway.residents.numbers import textable, tidy_number
from menus import receipt as receipts

CHANNELS = ("walk_in", "hotline", "letter", "baraza")
"""At the counter, by phone, from the box of letters, at a public meeting."""

Privacy = Literal["sms", "no_sms", "not_kept"]

SPOKEN = ("walk_in", "hotline")
"""Where the person is there to hear it read back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedIn:
    """What a member of staff typed for somebody."""

    channel: str
    kind: str
    category: str
    story: str
    language: str
    ward: str = ""
    number: str = ""
    """As it was said; empty when none is to be kept."""
    phone: str = "own"
    """`own` or a `helper`'s."""
    sms: bool | None = None
    """What the person said of SMS; None when it was not asked: an own phone gets them then, a helper's does not."""
    consent: str = ""
    """The words read to the person, or the letter's own, that the number may be kept."""
    read_back: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What was filed, with the slip to print: both are shown this once."""

    filed: Filed
    privacy: Privacy
    slip: str


def take_in(desk: Desk, typed: TypedIn) -> Taken:
    """File what was typed in. Raises `Invalid`, naming the field, for what the pack has not or what was left out."""
    area = _check(desk, typed)
    privacy = _privacy(typed)
    resident = None
    if privacy != "not_kept":
        resident = _keep(desk, typed, privacy)
    category = desk.pack.guide.category(typed.category)
    filing = Filing(
        kind=typed.kind,
        category=typed.category,
        privacy=privacy,
        story=typed.story,
        language=typed.language,
        channel=typed.channel,
        resident=resident.id if resident else None,
        area=area,
        ward=typed.ward,
        urgent=bool(category and category.danger),
    )
    filed = file_case(desk.session, desk.vault, filing, pack=desk.pack, effect_key=None, now=desk.now)
    _entered(desk, filed, typed)
    if resident is not None and privacy == "sms":
        _owe_receipt(desk, filed, resident, typed.language)
    return Taken(filed, privacy, slip(desk, filed, typed.language))


def _check(desk: Desk, typed: TypedIn) -> str:
    """The sub-county of the ward named, empty without one."""
    category = desk.pack.guide.category(typed.category)
    if category is None or category.kind != typed.kind:
        raise Invalid("the pack has no such category of this kind", field="category")
    if not desk.pack.guide.speaks(typed.language):
        raise Invalid("the pack does not speak this language", field="language")
    if typed.channel in SPOKEN and not typed.read_back:
        raise Invalid("read it back to the person first", field="read_back")
    if (typed.number or typed.channel in SPOKEN) and not typed.consent:
        raise Invalid("what was the person told of the number, and agreed to?", field="consent")
    if not typed.ward:
        return ""
    found = desk.pack.guide.ward(typed.ward)
    if found is None:
        raise Invalid("the pack has no ward with this code", field="ward")
    return found[0].code


def _privacy(typed: TypedIn) -> Privacy:
    if not typed.number or (typed.phone == "helper" and not typed.sms):
        return "not_kept"
    return "no_sms" if typed.sms is False else "sms"


def _keep(desk: Desk, typed: TypedIn, privacy: Privacy) -> Resident:
    """The row of the number, with the consent. A helper's own language and choices stay as they are."""
    number = tidy_number(typed.number, desk.pack.about.country)
    if not textable(number):
        raise Invalid("this is no phone number", field="number")
    known = residents.find(desk.session, desk.vault, number)
    if known is None or typed.phone == "own":
        id_ = residents.keep(desk.session, desk.vault, number, language=typed.language, now=desk.now)
        if privacy == "sms":  # to ask for SMS about a case takes back an earlier STOP ALL
            residents.change(desk.session, id_, stopped_all_at=None)
        known = desk.session.get_one(Resident, id_, populate_existing=True)
    residents.consent(
        desk.session,
        resident=known.id,
        kind="number",
        subject=privacy,
        wording=typed.consent,
        language=typed.language,
        now=desk.now,
    )
    return known


def _entered(desk: Desk, filed: Filed, typed: TypedIn) -> None:
    """Who typed it, from what, and to which words the person agreed."""
    case = desk.session.get_one(Case, filed.id)
    data = {"from": typed.channel, "read_back": typed.read_back, "phone": typed.phone if typed.number else "none"}
    happened(desk, case, "entered", audience="internal", text=typed.consent, data=data, language=typed.language)


def _owe_receipt(desk: Desk, filed: Filed, resident: Resident, language: str) -> None:
    messaging.owe(
        desk.session,
        desk.vault,
        resident_id=resident.id,
        template="receipt",
        values={"receipt": receipts.pretty(filed.receipt)},
        language=language,
        now=desk.now,
        case_id=filed.id,
    )


def slip(desk: Desk, filed: Filed, language: str) -> str:
    """The receipt on paper, in the resident's language: nothing on it says what the case is about."""
    guide, about = desk.pack.guide, desk.pack.about
    day = short_date(desk.now.astimezone(about.zone).date(), language)
    how = guide.say(
        language, "Thank you. To read the answer, dial {code}, My cases, Use a receipt.", code=guide.way_in(language)
    )
    return "\n".join((guide.label(guide.titles, language), receipts.pretty(filed.receipt), day, how))
