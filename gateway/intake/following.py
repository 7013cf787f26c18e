"""FOLLOW and UNFOLLOW by SMS. With a promise's number or a name behind it, it is done at once; alone, it asks which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from gateway.commitments import follows
from gateway.commitments.follows import Followed, Kind
from gateway.commitments.service import imported
from gateway.intake import conversations
from gateway.intake.heard import Heard
from gateway.intake.words import Command, following, plain
from gateway.messaging import templates
from gateway.residents import service as residents
from menus.guide import Guide, Promise

_TOLD = {Kind.PROMISE: "followed", Kind.AREA: "followed_area", Kind.WARD: "followed_ward"}


def named(
    guide: Guide, text: str, more: Callable[[], Sequence[Promise]] = tuple
) -> tuple[Command, str, Followed] | None:
    """The command, the language of its word, and what it names; None where it names nothing that can be followed.

    `more` gives the promises that the pack does not know; it is asked only where a text names something.
    """
    said = following(text)
    if said is None or not said[2]:
        return None
    spoken, language, name = said
    found = [what for what, names in _names(guide, more()) if name in names]
    # A name of two wards is nobody's; an area goes before a promise of the same name.
    return (spoken, language, found[0]) if len({what.kind for what in found}) == len(found) > 0 else None


def _names(guide: Guide, more: Sequence[Promise]) -> Iterator[tuple[Followed, set[str]]]:
    """What can be followed, with all its names. A promise's short number is the end of its OGP id: 3 for KEKAK0003."""
    for area in guide.promise_areas:
        yield Followed(Kind.AREA, area.code), {plain(area.code), *_said(area.labels)}
    for promise in (*guide.promises, *more):
        number = promise.ogp_id[-4:]
        yield (
            Followed(Kind.PROMISE, promise.ogp_id),
            {str(int(number)), number, plain(promise.ogp_id), *_said(promise.titles)},
        )
    for place in guide.areas:
        for ward in place.wards:
            yield Followed(Kind.WARD, ward.code), {plain(name) for name in (ward.name, *ward.also)}


def _said(labels: Mapping[str, str]) -> set[str]:
    return {plain(label) for label in labels.values()}


def title(guide: Guide, what: Followed, language: str, more: Sequence[Promise] = ()) -> str:
    """What is followed, in a resident's words."""
    if what.kind is Kind.WARD:
        found = guide.ward(what.code)
        return found[1].name if found else what.code
    if what.kind is Kind.AREA:
        labels = next((area.labels for area in guide.promise_areas if area.code == what.code), None)
    else:
        promise = next((one for one in (*guide.promises, *more) if one.ogp_id == what.code), None)
        labels = promise.titles if promise else None
    return guide.label(labels, language) if labels else what.code


def obey(heard: Heard, spoken: Command, what: Followed) -> None:
    """Follow or leave what a text named. To follow is to ask for SMS: it undoes an earlier stop of them."""
    guide = heard.pack.guide
    unknown = what.kind is Kind.PROMISE and guide.promise(what.code) is None
    name = title(guide, what, heard.language, imported(heard.session, guide) if unknown else ())
    if spoken is Command.UNFOLLOW:
        follows.unfollow(heard.session, what, resident_id=heard.resident, now=heard.now, ended_by="word")
        heard.answer("left", title=name)
        return
    residents.change(heard.session, heard.resident, stopped_broadcasts_at=None, stopped_all_at=None)
    told = _TOLD[what.kind]
    follows.follow(
        heard.session,
        what,
        resident_id=heard.resident,
        # The text asked for it; what it was told of it is what it agreed to.
        wording=templates.render(heard.pack.guide, told, heard.language, {"title": name}),
        language=heard.language,
        channel=heard.channel,
        now=heard.now,
        effect_key=heard.vault.lookup.digest("inbound", f"{heard.row}:follow"),
    )
    heard.answer(told, title=name)


def leave(heard: Heard) -> None:
    """UNFOLLOW alone: the one thing followed ends; of several it is asked which."""
    known = follows.followed_by(heard.session, heard.resident)
    if len(known) > 1:
        conversations.begin(heard, "following")
        return
    leave_all(heard)


def leave_all(heard: Heard) -> None:
    """Nothing is followed any more."""
    follows.unfollow_all(heard.session, resident_id=heard.resident, now=heard.now)
    heard.answer("unfollowed")
