"""From a `Screen` to the letters on the glass: numbering, pages of at most 156 septets, what a wrong answer adds.

A page is laid out so that the short error ("Try again:") always finds room on it; nothing repaginates when it appears.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from menus import gsm7
from menus.engine import BACK, HOME, MORE, Screen, State, draw
from menus.guide import Guide, mark

LABEL = 100
"""The longest option label, in septets; longer ones are cut so that an option always fits on a page."""

HINT = 12
"""Septets of a story below which its beginning and end tell nothing; it is then read on the next page only."""

_MORE = mark("More")
_BACK = mark("Back")
_HOME = mark("Main menu")
_AGAIN = mark("Try again:")
_INVALID = mark("Not on the list. Try again.")


class Shown(NamedTuple):
    """What goes to the handset, without `CON ` or `END `."""

    name: str
    text: str
    end: bool
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Frame:
    """The words every screen shares, in one language, and the room there is."""

    room: int
    more: str
    back: str
    home: str
    again: str
    invalid: str

    @staticmethod
    @lru_cache(maxsize=64)
    def of(guide: Guide, language: str) -> Frame:
        say = guide.say
        return Frame(
            room=guide.room,
            more=say(language, _MORE),
            back=say(language, _BACK),
            home=say(language, _HOME),
            again=say(language, _AGAIN),
            invalid=say(language, _INVALID),
        )

    def holds(self, text: str) -> bool:
        """Whether `text` fits, also with the short error on top of it or in place of its first line."""
        left = self.room - gsm7.length(text)
        return left > gsm7.length(self.again) or (left >= 0 and self.fits_instead(text))

    def fits_under(self, problem: str, text: str) -> bool:
        return gsm7.length(problem) + 1 + gsm7.length(text) <= self.room

    def fits_instead(self, text: str) -> bool:
        return gsm7.length(_instead(self.again, text)) <= self.room

    def with_problem(self, problem: str, text: str) -> str:
        """`text` with a line that says why it is shown again: the long one if it fits, else the short one."""
        for line in (problem, self.again):
            if line and self.fits_under(line, text):
                return f"{line}\n{text}"
        return _instead(self.again, text)


def _instead(problem: str, text: str) -> str:
    _, newline, rest = text.partition("\n")
    return problem + newline + rest


def show(state: State, guide: Guide, drawn: Screen | None = None) -> Shown:
    """The text of the page that `state` stands on; `drawn` is its screen, where the caller has drawn it already."""
    drawn = drawn or draw(state, guide)
    frame = Frame.of(guide, state.language)
    pages = lay_out(drawn, frame)
    page = min(state.page, len(pages) - 1)
    text = pages[page]
    if state.invalid and not drawn.end:
        text = frame.with_problem(gsm7.to_gsm7(state.problem) or frame.invalid, text)
    return Shown(state.screen, text, drawn.end, page, len(pages))


def count_pages(state: State, guide: Guide, drawn: Screen | None = None) -> int:
    """The pages of the screen that `state` stands on; `drawn` as in `show`."""
    return len(lay_out(drawn or draw(state, guide), Frame.of(guide, state.language)))


def lay_out(drawn: Screen, frame: Frame) -> list[str]:
    """The pages of a screen: one if it fits with `N. label`, else with `N.label`, else as many as it takes."""
    body = clean(drawn.body)
    if drawn.end:
        return [cut(body, frame.room)]
    labels = [_label(option.label) for option in drawn.options]
    told = clean(drawn.told).replace("\n", " ")
    quote = f'"{told}"' if told else ""
    whole = f"{body}\n{quote}" if told else body
    for point in (". ", "."):
        options = _numbered(labels, point)
        page = "\n".join([whole, *options, *_keys(drawn, frame, point)])
        if frame.holds(page):
            return [page]
        first = [_with_ends(body, told, options, frame), *options] if told else []
        if first and frame.holds("\n".join([*first, *_turning(frame)])):
            return _paged(quote, _numbered(labels, ". "), _keys(drawn, frame, ". "), frame, lead=first)
    return _paged(whole, _numbered(labels, ". "), _keys(drawn, frame, ". "), frame)


def _with_ends(body: str, told: str, options: list[str], frame: Frame) -> str:
    """`body` and as much of the beginning and end of `told` as fits above the options of a page that others follow."""
    page = "\n".join([body, '""', *options, *_turning(frame)])
    room = frame.room - max(gsm7.length(page), gsm7.length(_instead(frame.again, page)))
    return f'{body}\n"{cut_middle(told, room)}"' if room >= HINT else body


@lru_cache(maxsize=4096)
def _label(text: str) -> str:
    """A label on one line, no longer than an option may be. Labels are the pack's words: most are seen again."""
    return cut(clean(text).replace("\n", " "), LABEL)


def _numbered(labels: list[str], point: str) -> list[str]:
    return [f"{number}{point}{label}" for number, label in enumerate(labels, 1)]


def _keys(drawn: Screen, frame: Frame, point: str) -> list[str]:
    home = [f"{HOME}{point}{frame.home}"] if drawn.home else []
    return [*home, f"{BACK}{point}{frame.back}"] if drawn.back else home


def _turning(frame: Frame) -> tuple[str, str]:
    """The keys of a page that others follow."""
    return f"{MORE}. {frame.more}", f"{BACK}. {frame.back}"


def _paged(body: str, options: list[str], keys: list[str], frame: Frame, *, lead: Sequence[str] = ()) -> list[str]:
    """Pages of words, then of options; the options stay together on the last page where they fit there.

    `lead` are the lines of a page before them all, without its keys.
    """
    more, back = _turning(frame)
    last_keys = [*(key for key in keys if key != back), back]
    tail = gsm7.length(f"\n{more}\n{back}")
    chunks = [[chunk] for chunk in _chunks(body, frame.room - tail, gsm7.length(frame.again) + 1)]
    *pages, rest = [list(lead), *chunks] if lead else chunks
    if pages and not _holds_on_top(frame, [*rest, *options, *last_keys]):
        title = lead[0].split("\n")[:1] if lead else []
        together = _holds_on_top(frame, [*title, *options, *last_keys])
        pages, rest = ([*pages, rest], title) if together else (pages, rest)
    for number, option in enumerate(options, 1):
        tail_keys = last_keys if number == len(options) else [more, back]
        titled = not pages
        page = [*rest, option, *tail_keys]
        if rest and not (frame.holds("\n".join(page)) if titled else _holds_on_top(frame, page)):
            pages, rest = [*pages, rest], []
        rest = [*rest, option]
    first, *others = [*pages, rest]
    if not others:
        return ["\n".join([*first, *last_keys])]
    first_keys = [more, back] if back in keys else [more]
    middle = ["\n".join([*page, more, back]) for page in others[:-1]]
    return ["\n".join([*first, *first_keys]), *middle, "\n".join([*others[-1], *last_keys])]


def _holds_on_top(frame: Frame, lines: list[str]) -> bool:
    """Whether these lines leave room for the short error above them: none of them may give way to it."""
    return frame.fits_under(frame.again, "\n".join(lines))


def _chunks(body: str, room: int, error: int) -> list[str]:
    """`body` in pieces of at most `room` septets, by paragraphs, else by words; `error` is kept free where it can."""
    pieces: list[str] = []
    current = ""
    for paragraph in body.split("\n"):
        joined = f"{current}\n{paragraph}" if current else paragraph
        if gsm7.length(joined) <= room - error:
            current = joined
            continue
        if current:
            pieces.append(current)
        if gsm7.length(paragraph) <= room:
            current = paragraph
            continue
        *whole, current = wrap(paragraph, room - error)
        pieces.extend(whole)
    return [*pieces, current]


def wrap(text: str, room: int) -> list[str]:
    """`text` in lines of at most `room` septets, broken between words; a word longer than a line is broken too."""
    lines: list[str] = []
    current, taken = "", 0
    for word in _short_words(text, room):
        length = gsm7.length(word)
        if current and taken + 1 + length <= room:
            current, taken = f"{current} {word}", taken + 1 + length
            continue
        if current:
            lines.append(current)
        current, taken = word, length
    return [*lines, current]


def _short_words(text: str, room: int) -> Iterator[str]:
    half = max(room // 2, 1)  # so many characters always fit: none takes more than two septets
    for word in text.split():
        if gsm7.length(word) <= room:
            yield word
        else:
            yield from (word[at : at + half] for at in range(0, len(word), half))


def cut(text: str, room: int) -> str:
    """`text`, or as much of it as fits into `room` septets with "..." at its end."""
    if gsm7.length(text) <= room:
        return text
    kept = text[: max(room - 3, 0)]
    while kept and gsm7.length(kept) + 3 > room:
        kept = kept[:-1]
    return kept.rstrip() + "..."


def cut_middle(text: str, room: int) -> str:
    """`text`, or its beginning and its end with "..." between them: the last words typed show too."""
    if gsm7.length(text) <= room:
        return text
    end = text[len(text) - room // 3 :].lstrip()
    while gsm7.length(end) > room // 3:
        end = end[1:]
    return cut(text, room - gsm7.length(end)) + end


def clean(text: str) -> str:
    """`text` in GSM-7, with plain line breaks and no other control characters."""
    return gsm7.to_gsm7(text).replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ")
