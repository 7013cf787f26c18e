"""Africa's Talking: USSD and SMS callbacks (form bodies in) and the SMS API (one text to many numbers out).

What it documents is thin: unknown fields, words and codes are expected here, and nothing that arrives raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import requests
from africastalking.Service import DEFAULT_TIMEOUT_S, AfricasTalkingException
from africastalking.SMS import SMSService

from gateway.channels.base import Fate, Hop, Inbound, Layer, Money, OptOut, Outcome, Report, SessionEnded
from gateway.channels.failures import place
from gateway.channels.forms import Form
from gateway.settings import Settings

NAME = "africastalking"

# Asked for every number of a broadcast.
_E164 = re.compile(r"\+[1-9][0-9]{6,14}").fullmatch
_NOT_DIGITS = re.compile(r"[^0-9]").sub

FATES = {
    "sent": Fate.ON_THE_WAY,
    "submitted": Fate.ON_THE_WAY,
    "buffered": Fate.ON_THE_WAY,
    "success": Fate.DELIVERED,
    "failed": Fate.FAILED,
    "rejected": Fate.FAILED,
    "absentsubscriber": Fate.FAILED,
    "expired": Fate.EXPIRED,
}
"""Words of a delivery report, lower case."""


def decode_ussd(body: bytes) -> Hop:
    form = Form(body)
    session_id, code = form.text("sessionId", 128), form.text("serviceCode", 32)
    return Hop(session_id, form.number("phoneNumber"), form.network(), code, form.text("text"))


def decode_end(body: bytes) -> SessionEnded:
    """How a session ended; `input` and `lastAppResponse` hold people's words and are dropped unread."""
    form = Form(body)
    last = form.text("hopsMetadata").rpartition("|")[2]
    return SessionEnded(
        session_id=form.text("sessionId", 128),
        number=form.number("phoneNumber"),
        network=form.network(),
        status=form.word("status", 24),
        cost=form.text("cost", 24) if re.fullmatch(r"([A-Z]{3} )?[0-9]{1,6}(\.[0-9]+)?", form.text("cost")) else "",
        duration_ms=form.whole("durationInMillis"),
        hops=form.whole("hopsCount"),
        last_screen=last if re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]{0,63}", last) else "",
    )


def decode_inbound(body: bytes) -> Inbound:
    form = Form(body)
    sender, to = form.number("from"), form.text("to", 24)
    return Inbound(form.text("id", 128), sender, to, form.text("text"), form.network(), form.time("date"))


def decode_report(body: bytes) -> Report:
    form = Form(body)
    status = form.word("status", 48)
    fate = FATES.get(status.lower(), Fate.UNTOLD)
    reason, number = form.word("failureReason", 64), form.number("phoneNumber")
    return Report(form.text("id", 128), status, fate, reason, form.network(), number)


def decode_opt_out(body: bytes) -> OptOut:
    return OptOut(Form(body).number("phoneNumber"))


DECODERS = {
    "ussd": decode_ussd,
    "ussd-end": decode_end,
    "sms": decode_inbound,
    "delivery": decode_report,
    "opt-out": decode_opt_out,
}
"""By the callback's path."""


class Refused(AfricasTalkingException):  # type: ignore[misc]  # the SDK carries no types
    """An HTTP answer that is no success. The body is not kept: it may quote a number."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class Service(SMSService):  # type: ignore[misc]  # the SDK carries no types
    """The SDK's SMS service (2.0.3) at an address of our choice, on one kept connection, with the HTTP status told.

    Overrides private names: `_init_service`, `_baseUrl`, `_make_request`. The release is pinned for that.
    """

    def __init__(self, username: str, api_key: str, address: str | None) -> None:
        self._address = address
        self._http = requests.Session()
        self._http.trust_env = address is None  # a stand-in is never behind the proxy of the real thing
        super().__init__(username, api_key)

    def _init_service(self) -> None:
        super()._init_service()
        if self._address:
            self._baseUrl = self._address.rstrip("/") + "/version1"

    def _make_request(
        self, url: str, method: str, headers: Any, data: Any, params: Any, callback: Any = None, timeout: Any = None
    ) -> Any:
        answer = self._http.request(
            method, url, headers=headers, data=data, params=params, timeout=timeout, allow_redirects=False
        )
        if not 200 <= answer.status_code < 300:
            raise Refused(answer.status_code)
        return answer.json()  # whatever the content type says

    def account(self) -> Any:
        """The account's data, as the SDK's application service asks for it."""
        return self._make_request(
            self._make_url("/user"),
            "GET",
            headers=self._headers,
            data=None,
            params={"username": self._username},
            timeout=DEFAULT_TIMEOUT_S,
        )


class AfricasTalking:
    """The channel. One object a worker's job: it keeps a connection."""

    name = NAME
    batch = 100

    def __init__(self, settings: Settings) -> None:
        self._sender = settings.africastalking_from or None
        self.two_way = bool(re.fullmatch(r"[0-9]{3,8}", settings.africastalking_from))
        self._service = Service(
            settings.africastalking_username,
            settings.africastalking_api_key.get_secret_value(),
            settings.africastalking_url,
        )

    def send(self, text: str, numbers: Sequence[str]) -> list[Outcome]:
        """Hand `text` to the provider for all `numbers`, each once. Waits at most about 12 s. Never raises."""
        good = [number for number in numbers if _E164(number)]
        wrong = [] if len(good) == len(numbers) else [number for number in numbers if not _E164(number)]
        outcomes = [Outcome(number, Layer.RECIPIENT, "malformed") for number in wrong]
        return outcomes + (self._call(text, good) if good else [])

    def balance(self) -> Money | None:
        """What is left at the provider; None when it cannot be learned now. Waits at most about 12 s. Never raises."""
        try:
            return read_balance(self._service.account())
        except (Refused, requests.RequestException):
            return None

    def _call(self, text: str, numbers: Sequence[str]) -> list[Outcome]:
        try:
            answer = self._service.send(text, list(numbers), self._sender, timeout=DEFAULT_TIMEOUT_S)
        except Refused as refused:
            layer, code = Layer.HTTP, str(refused.status)
        except requests.exceptions.JSONDecodeError:
            layer, code = Layer.BODY, "not_json"
        except requests.RequestException as error:
            layer, code = place(error)
        else:
            return list(read(answer, numbers))
        return [Outcome(number, layer, code) for number in numbers]


def read_balance(answer: Any) -> Money | None:
    """`{"UserData": {"balance": "KES 1785.50"}}`; the first letter is small in some of the documentation."""
    data = (answer.get("UserData") or answer.get("userData")) if isinstance(answer, dict) else None
    told = data.get("balance") if isinstance(data, dict) else None
    found = re.fullmatch(r"([A-Z]{3}) ?(-?[0-9]{1,9}(?:\.[0-9]{1,4})?)[0-9]*", str(told))
    return Money(Decimal(found[2]), found[1]) if found else None


def read(answer: Any, numbers: Sequence[str]) -> Iterator[Outcome]:
    """One outcome a number, found by number and not by order. A number that the answer passes over is `missing`."""
    data = answer.get("SMSMessageData") if isinstance(answer, dict) else None
    data = data if isinstance(data, dict) else {}
    listed = data.get("Recipients")
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    found = {"+" + _NOT_DIGITS("", str(row.get("number"))): row for row in rows}
    word = re.sub(r"[^A-Za-z]", "", str(data.get("Message", "")))[:48]
    for number in numbers:
        row = found.get(number)
        if row is None:
            yield Outcome(number, Layer.BODY, "missing" if rows else word or "empty")
            continue
        message_id = str(row.get("messageId") or "")[:128]
        provider_id = None if message_id in {"", "None"} else message_id
        cost, currency = _cost(str(row.get("cost", "")))
        yield Outcome(number, Layer.RECIPIENT, str(row.get("statusCode", ""))[:8], provider_id, cost, currency)


@lru_cache(maxsize=64)
def _cost(told: str) -> tuple[Decimal, str] | tuple[None, None]:
    """`KES 0.8000`; few prices are said very often."""
    found = re.fullmatch(r"([A-Z]{3}) ?([0-9]{1,8}(?:\.[0-9]+)?)", told)
    return (Decimal(found[2]), found[1]) if found else (None, None)
