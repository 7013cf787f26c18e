"""A letter on paper, in its own language."""

from __future__ import annotations

from gateway import paper
from gateway.cases.models import Case
from gateway.letters.models import Letter
from gateway.letters.service import place
from gateway.pack import Pack
from gateway.residents.sealing import Vault
from gateway.words import Words, mark

SUBJECTS = {
    "notice": mark("Notice of a complaint: case {serial}"),
    "right_of_reply": mark("Your right to reply: case {serial}"),
    "reminder": mark("Reminder: case {serial}"),
    "step_up": mark("A matter that was not answered: case {serial}"),
    "not_ours": mark("Your complaint: case {serial}"),
}


def printed(pack: Pack, vault: Vault, case: Case, letter: Letter, *, signer: str, training: bool = False) -> bytes:
    """The letter as PDF; one not signed yet says DRAFT and has neither number nor date."""
    words = Words(pack, letter.language)
    say = words.say
    day = words.whole_day(letter.signed_at) if letter.signed_at else say("not dated")
    rows = [
        (say("Number"), letter.number or say("DRAFT, not signed")),
        (say("Date"), day),
        (say("Case"), case.serial),
    ]
    if letter.reply_by:
        rows.append((say("Answer by"), words.whole_day(letter.reply_by)))
    story = [
        paper.facts(rows),
        paper.gap(6),
        paper.words(vault.sealer.open(letter.addressee_sealed, place("letters.addressee", letter.id))),
        paper.gap(4),
        paper.words(say(SUBJECTS[letter.kind], serial=case.serial), paper.TITLE),
        paper.words(vault.sealer.open(letter.text_sealed, place("letters.text", letter.id))),
    ]
    if letter.reply_by:
        asked = say(
            "Please answer by {day}, quoting {number}. An answer on paper is enough.",
            day=words.whole_day(letter.reply_by),
            number=letter.number,
        )
        story.append(paper.words(asked))
    head = pack.letters.head_in(letter.language)
    story += [paper.gap(16), paper.words("______________________"), paper.words(signer)]
    story.append(paper.words(head[-1], paper.SMALL))
    foot = say("{number} about {serial}", number=letter.number or say("Draft"), serial=case.serial)
    return paper.pdf(words.sheet(head, foot, training=training), foot, story)
