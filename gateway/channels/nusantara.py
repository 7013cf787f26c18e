"""The HTTP style of Indonesian SMS aggregators: one call a text and number, a result code, callbacks for what comes in.

No aggregator in particular, and tried against the stand-in only. Field names follow what several publish (username,
password, msisdn `62…`, sender, message; a report with messageid and a status word); a real one is this file with its
own names and codes. GSM-7 only: one odd letter would cut a text to 70 characters, and parts get lost. Reports are
unreliable: nothing waits for one. There is no USSD.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import requests

from gateway.channels.base import Fate, Inbound, Layer, Outcome, Report
from gateway.channels.failures import place
from gateway.channels.forms import Form
from gateway.settings import Settings
from menus import gsm7

NAME = "nusantara"

TIMEOUT_S = (3.05, 9.05)
"""Connecting, then each silence."""

CODES = {
    "0": "accepted",
    "1": "bad_key",
    "2": "bad_sender",
    "3": "invalid_number",
    "4": "bad_text",
    "5": "no_balance",
    "6": "too_fast",
    "7": "blocked",
    "8": "no_route",
    "9": "provider_error",
}
"""Result codes of a call, in the words of the outcome table."""

FATES = {
    "accepted": Fate.ON_THE_WAY,
    "sent": Fate.ON_THE_WAY,
    "delivered": Fate.DELIVERED,
    "delivrd": Fate.DELIVERED,
    "undelivered": Fate.FAILED,
    "undeliv": Fate.FAILED,
    "failed": Fate.FAILED,
    "rejected": Fate.FAILED,
    "rejectd": Fate.FAILED,
    "expired": Fate.EXPIRED,
}
"""Words of a delivery report, lower case; the short ones are SMPP's."""


def decode_inbound(body: bytes) -> Inbound:
    """An SMS from a handset. Its date has no time zone and is left alone."""
    form = Form(body)
    return Inbound(
        form.text("messageid", 128), form.number("msisdn"), form.text("to", 24), form.text("message"), "", None
    )


def decode_report(body: bytes) -> Report:
    form = Form(body)
    status = form.word("dlrstatus", 48)
    fate = FATES.get(status.lower(), Fate.UNTOLD)
    return Report(form.text("messageid", 128), status, fate, form.word("description", 64), "", form.number("msisdn"))


DECODERS = {"sms": decode_inbound, "delivery": decode_report}
"""By the callback's path, whether it is posted or asked for with a query."""


class Nusantara:
    """The channel. One object a worker's job: it keeps a connection."""

    name = NAME
    batch = 1

    def __init__(self, settings: Settings) -> None:
        self._address = settings.nusantara_url or ""
        self._sender = settings.nusantara_sender
        self._key = {
            "username": settings.nusantara_user,
            "password": settings.nusantara_password.get_secret_value(),
        }
        self.two_way = bool(re.fullmatch(r"[0-9]{3,15}", self._sender))
        self._http = requests.Session()
        # A stand-in on this machine is never behind the proxy of the real thing.
        self._http.trust_env = urlsplit(self._address).hostname not in {"127.0.0.1", "localhost", "::1"}

    def send(self, text: str, numbers: Sequence[str]) -> list[Outcome]:
        """Hand `text` to the provider for each of `numbers`, in GSM-7. Waits at most about 12 s each. Never raises."""
        return [self._one(gsm7.to_gsm7(text), number) for number in numbers]

    def _one(self, text: str, number: str) -> Outcome:
        if not re.fullmatch(r"\+[1-9][0-9]{6,14}", number):
            return Outcome(number, Layer.RECIPIENT, "malformed")
        form = {**self._key, "msisdn": number.removeprefix("+"), "sender": self._sender, "message": text}
        try:
            # Posted, so that neither password nor text stands in an address that somebody logs.
            answer = self._http.post(self._address, data=form, timeout=TIMEOUT_S, allow_redirects=False)
        except requests.RequestException as error:
            return Outcome(number, *place(error))
        if not 200 <= answer.status_code < 300:
            return Outcome(number, Layer.HTTP, str(answer.status_code))
        return read(answer.text, number)


def read(answer: str, number: str) -> Outcome:
    """A line `0|id` or `0`, or JSON with `status` and `messageid`. What is neither may have been sent."""
    line = re.fullmatch(r"\s*([0-9]{1,4})(?:[|:;,]\s*([^\s|]{1,128}))?[^\n]*\s*", answer)
    code, message_id = (line[1], line[2]) if line else _from_json(answer)
    if not code:
        return Outcome(number, Layer.BODY, "unreadable")
    said = CODES.get(code, f"result_{code}")  # a word of our own: another aggregator's 101 means something else
    return Outcome(number, Layer.RECIPIENT, said, provider_id=message_id if said == "accepted" else None)


def _from_json(answer: str) -> tuple[str, str | None]:
    try:
        body: Any = json.loads(answer)
    except ValueError:
        return "", None
    if not isinstance(body, Mapping):
        return "", None
    code, message_id = str(body.get("status", "")), str(body.get("messageid") or "")[:128]
    return (code if re.fullmatch(r"[0-9]{1,4}", code) else ""), message_id or None
