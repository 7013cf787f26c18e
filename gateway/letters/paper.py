"""A letter on paper."""

from __future__ import annotations

from gateway import paper
from gateway.cases.explaining import plain_day
from gateway.cases.models import Case
from gateway.letters.models import Letter
from gateway.letters.service import place
from gateway.pack import Pack
from gateway.residents.sealing import Vault

SUBJECTS = {
    "notice": "Notice of a complaint",
    "right_of_reply": "Your right to reply",
    "reminder": "Reminder",
    "step_up": "A matter that was not answered",
    "not_ours": "Your complaint",
}


def printed(pack: Pack, vault: Vault, case: Case, letter: Letter, *, signer: str) -> bytes:
    """The letter as PDF; one not signed yet says DRAFT and has neither number nor date."""
    signed = letter.signed_at
    zone = pack.about.zone
    day = plain_day(signed.astimezone(zone).date()) if signed else "not dated"
    rows = [("Number", letter.number or "DRAFT, not signed"), ("Date", day), ("Case", case.serial)]
    if letter.reply_by:
        rows.append(("Answer by", plain_day(letter.reply_by)))
    story = [
        paper.facts(rows),
        paper.gap(6),
        paper.words(vault.sealer.open(letter.addressee_sealed, place("letters.addressee", letter.id))),
        paper.gap(4),
        paper.words(f"{SUBJECTS[letter.kind]}: case {case.serial}", paper.TITLE),
        paper.words(vault.sealer.open(letter.text_sealed, place("letters.text", letter.id))),
    ]
    if letter.reply_by:
        by = plain_day(letter.reply_by)
        story.append(paper.words(f"Please answer by {by}, quoting {letter.number}. An answer on paper is enough."))
    story += [paper.gap(16), paper.words("______________________"), paper.words(signer)]
    story.append(paper.words(pack.letters.head[-1], paper.SMALL))
    foot = f"{letter.number or 'Draft'} about {case.serial}"
    return paper.pdf(paper.Sheet(pack.letters.head, foot), foot, story)
