"""Printable PDF: one letterhead, page numbers and tables that read well, for letters and for exports.

The fonts are the PDF's own (Latin letters of Western Europe): what they cannot show is printed as a question mark.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, LongTable, PageTemplate, Paragraph, Spacer, TableStyle

INK, GREY, RULE, SHADE, WARNING = (
    colors.HexColor(code) for code in ("#1c2733", "#5b6875", "#0f5c4d", "#eef3f1", "#9b3412")
)

TEXT = ParagraphStyle("text", fontName="Helvetica", fontSize=10.5, leading=15, textColor=INK, spaceAfter=7)
SMALL = ParagraphStyle("small", parent=TEXT, fontSize=8.5, leading=11, textColor=GREY, spaceAfter=3)
LEAD = ParagraphStyle("lead", parent=SMALL, keepWithNext=1)
CELL = ParagraphStyle("cell", parent=TEXT, fontSize=8.5, leading=10.5, spaceAfter=0)
NUMBER = ParagraphStyle("number", parent=CELL, alignment=TA_RIGHT)
HEAD = ParagraphStyle("head", parent=CELL, fontName="Helvetica-Bold", textColor=colors.white)
HEAD_NUMBER = ParagraphStyle("head_number", parent=HEAD, alignment=TA_RIGHT)
TITLE = ParagraphStyle("title", parent=TEXT, fontName="Helvetica-Bold", fontSize=15, leading=19, spaceAfter=10)
SECTION = ParagraphStyle("section", parent=TEXT, fontName="Helvetica-Bold", fontSize=11.5, spaceBefore=10, spaceAfter=4)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on every page."""

    head: Sequence[str]
    """The letterhead: who writes."""
    foot: str
    wide: bool = False
    language: str = "en"
    pages: str = "Page {page} of {pages}"
    """How a page is numbered, in that language."""
    mark: str = ""
    """Printed over the head of each page, where what it tells is invented."""


def _plain(text: str) -> str:
    """Text as the PDF's fonts can show it."""
    return text.encode("cp1252", "replace").decode("cp1252")


def shown(text: str) -> str:
    """Text as the PDF's fonts can show it, safe in a paragraph."""
    return escape(_plain(text)).replace("\n", "<br/>")


def words(text: str, style: ParagraphStyle = TEXT) -> Paragraph:
    """A paragraph; blank lines within it stay."""
    return Paragraph(shown(text), style)


def gap(height: float = 4) -> Spacer:
    """Empty space, in millimetres."""
    return Spacer(1, height * mm)


def table(head: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[float]) -> LongTable:
    """A table whose head repeats on each page; numbers stand to the right. `widths` in millimetres."""
    numbers = [bool(rows) and all(isinstance(row[at], int | float) for row in rows) for at in range(len(head))]
    top = [Paragraph(shown(one), HEAD_NUMBER if number else HEAD) for one, number in zip(head, numbers, strict=True)]
    body = [
        [Paragraph(shown(str(cell)), NUMBER if isinstance(cell, int | float) else CELL) for cell in row] for row in rows
    ]
    style = TableStyle(
        [
            ("BACKGROUND", (0, 0), (-1, 0), RULE),
            ("ROWBACKGROUNDS", (0, 1), (-1, -1), [colors.white, SHADE]),
            ("LINEBELOW", (0, -1), (-1, -1), 0.6, RULE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 3.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
        ]
    )
    return LongTable([top, *body], colWidths=[width * mm for width in widths], repeatRows=1, splitInRow=1, style=style)


def facts(rows: Sequence[tuple[str, str]]) -> LongTable:
    """Names and values, two columns without a head."""
    body = [[words(name, SMALL), words(value, CELL)] for name, value in rows]
    style = TableStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
        ]
    )
    return LongTable(body, colWidths=[38 * mm, 132 * mm], style=style, hAlign="LEFT")


class _Counted(Canvas):  # type: ignore[misc]  # the library carries no types
    """A canvas that knows at the end how many pages there are."""

    def __init__(self, *arguments: Any, numbered: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._numbered = numbered
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802  # the library's name
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self.setFont("Helvetica", 8)
            self.setFillColor(GREY)
            said = self._numbered.format(page=number, pages=len(self._pages))
            self.drawRightString(self._pagesize[0] - 20 * mm, 12 * mm, said)
            super().showPage()
        super().save()


def pdf(sheet: Sheet, title: str, story: Sequence[Any]) -> bytes:
    """The document as bytes. `title` is what a reader of the file shows in its window."""
    size = landscape(A4) if sheet.wide else A4
    out = io.BytesIO()
    document = BaseDocTemplate(
        out, pagesize=size, title=title, author=sheet.head[-1], subject=sheet.foot, lang=sheet.language, invariant=1
    )
    frame = Frame(20 * mm, 20 * mm, size[0] - 40 * mm, size[1] - 58 * mm, leftPadding=0, rightPadding=0)
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=lambda canvas, _: _dress(canvas, sheet, size)))
    document.build(list(story), canvasmaker=partial(_Counted, numbered=sheet.pages))
    return out.getvalue()


def _dress(canvas: Any, sheet: Sheet, size: tuple[float, float]) -> None:
    """Letterhead and foot of a page."""
    canvas.saveState()
    top = size[1] - 18 * mm
    canvas.setFillColor(INK)
    canvas.setFont("Helvetica-Bold", 13)
    canvas.drawString(20 * mm, top, _plain(sheet.head[0]))
    canvas.setFillColor(GREY)
    canvas.setFont("Helvetica", 10)
    for line, text in enumerate(sheet.head[1:], 1):
        canvas.drawString(20 * mm, top - line * 5 * mm, _plain(text))
    if sheet.mark:
        canvas.setFillColor(WARNING)
        canvas.setFont("Helvetica-Bold", 10)
        canvas.drawRightString(size[0] - 20 * mm, top, _plain(sheet.mark))
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(1.4)
    canvas.line(20 * mm, size[1] - 30 * mm, size[0] - 20 * mm, size[1] - 30 * mm)
    canvas.setFont("Helvetica", 8)
    canvas.drawString(20 * mm, 12 * mm, _plain(sheet.foot))
    canvas.restoreState()
