"""The words of a broadcast, checked before anybody is owed them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.errors import Invalid, filled
from gateway.messaging import templates
from gateway.messaging.segments import segments
from gateway.pack import Pack
from menus import gsm7

LONGEST = 2
"""The most SMS segments one text may cost each recipient, with the line that says how to stop."""


def check_bodies(pack: Pack, text: Mapping[str, str], only: Sequence[str] = ()) -> dict[str, str]:
    """The text in every language of the pack, or in those of `only`; typographic characters made plain.

    Raises `Invalid` that names each language and what is wrong with its text.
    """
    spoken = [language.code for language in pack.guide.languages]
    languages = [code for code in spoken if code in only or not only]
    faults = [
        {"where": f"body.text.{code}", "message": "it is for no such language"}
        for code in text
        if code not in languages
    ]
    bodies = {}
    for code in languages:
        body = gsm7.plain(text.get(code, "")).strip()
        fault = _fault(pack, code, body)
        if fault:
            faults.append({"where": f"body.text.{code}", "message": fault})
        bodies[code] = body
    if faults:
        raise Invalid("the text cannot be sent as it is", errors=faults)
    return bodies


def _fault(pack: Pack, language: str, body: str) -> str:
    """What keeps a text from being sent, empty when nothing does."""
    if not body:
        return "the text is missing"
    foreign = gsm7.foreign(body)
    if foreign:
        return filled("an SMS cannot carry {signs}", signs=" ".join(foreign[:10]))
    if gsm7.length(body) > templates.BODY:
        return filled("{count} characters; at most {most}", count=gsm7.length(body), most=templates.BODY)
    parts = parts_of(pack, language, body)
    if parts > LONGEST:
        return filled("{count} SMS with the line that says how to stop; at most {most}", count=parts, most=LONGEST)
    return ""


def parts_of(pack: Pack, language: str, body: str) -> int:
    """Segments of the text as it is sent, with the line that says how to stop."""
    return segments(templates.render(pack.guide, "update", language, {"body": body}))
