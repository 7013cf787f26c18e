"""Notices on paper: a poster for a notice board (A4 or A3), and a hand-out to talk about at a public meeting."""

from __future__ import annotations

import io
from typing import Any, Literal

from reportlab.lib import colors
from reportlab.lib.pagesizes import A3, A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepInFrame, Paragraph, Spacer

from gateway import paper
from gateway.public.notices import Notice
from gateway.public.words import Words

Size = Literal["a4", "a3"]

_GREEN, _BRICK, _PAPER, _INK, _SUN = (
    colors.HexColor(code) for code in ("#14432f", "#9a3412", "#fbf7ee", "#26201a", "#e2a03f")
)


def poster(notice: Notice, size: Size = "a4") -> bytes:
    """One page, read from two metres: the title, the facts, how to reach us, and the warning."""
    page = A3 if size == "a3" else A4
    unit = page[0] / 210  # a millimetre of A4, larger on A3
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=page, invariant=1, lang=notice.language)
    canvas.setTitle(notice.title)
    canvas.setAuthor("Baraza")
    canvas.setFillColor(_PAPER)
    canvas.rect(0, 0, *page, stroke=0, fill=1)
    _band(canvas, page, unit, notice)
    top = page[1] - 44 * unit
    head: list[Flowable] = [
        _words(notice.title, 30 * unit / mm, bold=True, colour=_GREEN, gap=3 * unit),
        _words(notice.lead, 14 * unit / mm, gap=0),
    ]
    _place(canvas, head, 18 * unit, top - 58 * unit, page[0] - 36 * unit, 56 * unit)
    facts: list[Flowable] = []
    large = 27 if len(notice.facts) <= 4 else 19  # few facts are read from further away
    for fact in notice.facts:
        facts += [_words(fact, large * unit / mm, bold=True, gap=0), Spacer(1, large * unit / 3)]
    canvas.setFillColor(_SUN)
    canvas.rect(18 * unit, 84 * unit, 1.6 * unit, top - 60 * unit - 84 * unit, stroke=0, fill=1)
    _place(canvas, facts, 24 * unit, 84 * unit, page[0] - 42 * unit, top - 60 * unit - 84 * unit)
    _box(canvas, page, unit, notice)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _band(canvas: Any, page: tuple[float, float], unit: float, notice: Notice) -> None:
    """The green band at the top, with a row of colours below it."""
    canvas.setFillColor(_GREEN)
    canvas.rect(0, page[1] - 32 * unit, page[0], 32 * unit, stroke=0, fill=1)
    canvas.setFillColor(colors.white)
    canvas.setFont("Times-Bold", 30 * unit / mm)
    canvas.drawString(18 * unit, page[1] - 17 * unit, "Baraza")
    canvas.setFont("Helvetica", 13 * unit / mm)
    canvas.drawString(18 * unit, page[1] - 25 * unit, notice.place)
    if notice.training:
        canvas.setFillColor(_SUN)
        canvas.rect(page[0] - 92 * unit, page[1] - 24 * unit, 92 * unit, 13 * unit, stroke=0, fill=1)
        canvas.setFillColor(_INK)
        canvas.setFont("Helvetica-Bold", 15 * unit / mm)
        canvas.drawCentredString(page[0] - 46 * unit, page[1] - 19.5 * unit, paper.shown(notice.training))
    for at, code in enumerate(["#1b1510", "#b5402a", "#f6efe0", "#2f6b45"] * 8):
        canvas.setFillColor(colors.HexColor(code))
        canvas.rect(at * page[0] / 32, page[1] - 35 * unit, page[0] / 32, 3 * unit, stroke=0, fill=1)


def _box(canvas: Any, page: tuple[float, float], unit: float, notice: Notice) -> None:
    """How to reach us in a frame, the warning in a band, and where the facts are from."""
    canvas.setStrokeColor(_INK)
    canvas.setLineWidth(0.7 * unit)
    canvas.setFillColor(colors.white)
    canvas.rect(18 * unit, 47 * unit, page[0] - 36 * unit, 30 * unit, stroke=1, fill=1)
    how = [_words(notice.how, 19 * unit / mm, bold=True, colour=_BRICK, gap=0)]
    _place(canvas, how, 24 * unit, 49 * unit, page[0] - 48 * unit, 26 * unit, middle=True)
    canvas.setFillColor(_BRICK)
    canvas.rect(0, 19 * unit, page[0], 21 * unit, stroke=0, fill=1)
    warning = [_words(notice.warning, 18 * unit / mm, bold=True, colour=colors.white, gap=0)]
    _place(canvas, warning, 18 * unit, 20 * unit, page[0] - 36 * unit, 19 * unit, middle=True)
    canvas.setFillColor(_INK)
    canvas.setFont("Helvetica", 10 * unit / mm)
    canvas.drawString(18 * unit, 9 * unit, f"{notice.told} {notice.address}")


def _words(text: str, size: float, *, bold: bool = False, colour: Any = _INK, gap: float = 0) -> Paragraph:
    font = "Helvetica-Bold" if bold else "Helvetica"
    style = ParagraphStyle(
        "poster", fontName=font, fontSize=size, leading=size * 1.22, textColor=colour, spaceAfter=gap
    )
    return Paragraph(paper.shown(text), style)


def _place(
    canvas: Any, story: list[Flowable], x: float, y: float, wide: float, high: float, *, middle: bool = False
) -> None:
    """Words at the top of a rectangle, or in its middle; made smaller where they are too many."""
    frame = KeepInFrame(wide, high, story, mode="shrink")
    _, used = frame.wrapOn(canvas, wide, high)
    frame.drawOn(canvas, x, y + (high - used) / (2 if middle else 1))


def handout(notice: Notice, words: Words) -> bytes:
    """A page to hand out at a public meeting: the facts, and questions to talk about."""
    story = [
        paper.words(notice.title, paper.TITLE),
        paper.words(notice.lead),
        *(paper.words(f"- {fact}") for fact in notice.facts),
        paper.words(words.say("To talk about"), paper.SECTION),
        *(paper.words(f"{at}. {question}") for at, question in enumerate(notice.questions, 1)),
        paper.words(words.say("How to reach us"), paper.SECTION),
        paper.words(notice.how),
        paper.words(notice.warning, paper.SECTION),
        paper.words(f"{notice.told} {notice.address}", paper.SMALL),
    ]
    numbered = words.say("Page {page} of {pages}", page="{page}", pages="{pages}")
    sheet = paper.Sheet(
        ["Baraza", notice.place], notice.warning, language=notice.language, pages=numbered, mark=notice.training
    )
    return paper.pdf(sheet, notice.title, story)
