"""The phone in a terminal: a screen, or an SMS, in a frame with its count, and what is typed under it."""

from __future__ import annotations

import secrets
from typing import Protocol

import httpx
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from gateway.messaging.segments import SINGLE, segments
from menus import gsm7
from menus.guide import Guide
from operations.authoring.texts import Texts
from operations.errors import OperationsError


class Network(Protocol):
    """What a phone dials into; answers carry the prefix `CON ` or `END `."""

    def dial(self, number: str, code: str) -> str: ...

    def answer(self, number: str, typed: str) -> str: ...


class Callbacks:
    """A gateway that runs, spoken to as Africa's Talking would."""

    def __init__(self, address: str) -> None:
        self._http = httpx.Client(timeout=10, trust_env=False)
        self._address = address
        self._session, self._code, self._text = "", "", ""

    def dial(self, number: str, code: str) -> str:
        self._session, self._code, self._text = "ATUid_" + secrets.token_hex(16), code, ""
        return self._hop(number)

    def answer(self, number: str, typed: str) -> str:
        self._text = f"{self._text}*{typed}" if self._text else typed
        return self._hop(number)

    def _hop(self, number: str) -> str:
        form = {
            "sessionId": self._session,
            "phoneNumber": number,
            "networkCode": "99999",
            "serviceCode": self._code,
            "text": self._text,
        }
        try:
            answer = self._http.post(self._address, data=form)
        except httpx.HTTPError as error:
            # The address holds the callback's secret: it is not repeated.
            raise OperationsError(f"--against: {type(error).__name__}") from None
        if answer.status_code != 200 or answer.text[:4] not in {"CON ", "END "}:
            raise OperationsError(f"--against: answered {answer.status_code}, not a USSD screen")
        return answer.text


def play(network: Network, guide: Guide, number: str, console: Console) -> None:
    """Dial, and answer until there is nothing more to read. After an end, an empty line or a new dial begins again."""
    interactive = console.is_terminal
    shown = network.dial(number, guide.ussd_code)
    while True:
        _draw(shown, number, guide, console)
        prompt = HANG_UP if shown.startswith("END") else "> "
        typed = _typed(console, prompt if interactive else "")
        if typed is None:
            return
        if not interactive:
            console.print(f"< {escape(typed)}", highlight=False)
        again = shown.startswith("END") or typed == guide.ussd_code
        shown = network.dial(number, guide.ussd_code) if again else network.answer(number, typed)


def play_texts(texts: Texts, guide: Guide, number: str, console: Console) -> None:
    """Text the county, and read what comes back, until there are no more lines. Every line is one SMS."""
    interactive = console.is_terminal
    if interactive:
        console.print(f"[dim]An SMS to {guide.sms_code}: {' or '.join(guide.words)} begins. Ctrl-D ends.[/]")
    while (typed := _typed(console, "> " if interactive else "")) is not None:
        if not typed.strip():
            continue
        if not interactive:
            console.print(f"< {escape(typed)}", highlight=False)
        for text in texts.text(number, typed):
            parts = segments(text)
            septets = "not GSM-7" if gsm7.foreign(text) else f"{gsm7.length(text)}/{SINGLE}"
            count = septets if parts == 1 else f"{septets} {parts} SMS"
            _frame(text, f"SMS {guide.sms_code} to {number}", count, "yellow" if parts > 1 else "blue", console)


def _draw(shown: str, number: str, guide: Guide, console: Console) -> None:
    text, ended = shown[4:], shown.startswith("END")
    count = f"{gsm7.length(text)}/{guide.room}"
    colour = "red" if gsm7.length(text) > guide.room else "green" if ended else "blue"
    _frame(text, f"{number} {guide.ussd_code}", f"{count} end" if ended else count, colour, console)


def _frame(text: str, title: str, subtitle: str, colour: str, console: Console) -> None:
    panel = Panel(escape(text), title=title, subtitle=subtitle, width=44, border_style=colour, highlight=False)
    console.print(panel)


HANG_UP = "[dim]Enter dials again, Ctrl-D hangs up[/] "


def _typed(console: Console, prompt: str) -> str | None:
    """One line; None where there are no more."""
    try:
        return console.input(prompt)
    except (EOFError, KeyboardInterrupt):
        return None
