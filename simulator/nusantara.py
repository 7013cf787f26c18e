"""A stand-in for the HTTP style of Indonesian aggregators: one call a text and number, a result code for an answer.

No aggregator in particular: field names follow what several publish. There is no USSD, and nobody tells of opt-outs.
"""

import re
from datetime import datetime, timedelta, timezone
from secrets import token_hex
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from simulator.carrier import Carrier
from simulator.faults import Fault
from simulator.handsets import Handset
from simulator.ledger import Message
from simulator.segments import measure
from simulator.world import World

ACCEPTED, BAD_KEY, BAD_SENDER, BAD_NUMBER, BAD_TEXT, BLOCKED = "0", "1", "2", "3", "4", "7"

WORDS = {
    "Success": "DELIVRD",
    "Sent": "SENT",
    "Failed": "UNDELIV",
    "Rejected": "REJECTD",
    "AbsentSubscriber": "UNDELIV",
    "Expired": "EXPIRED",
}
"""The fault plan's words as this protocol spells them."""

WESTERN_INDONESIA = timezone(timedelta(hours=7))


class Nusantara(Carrier):
    """Answers ``/send`` and sends the product its callbacks."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.routes = [Route("/send", self.send, methods=["GET", "POST"])]

    async def send(self, request: Request) -> Response:
        """Accept one text for one number (`62…`)."""
        self._world.ledger.counters["calls"] += 1
        body = await request.body() or request.url.query.encode()
        form = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        fault = self._world.faults.draw("call")
        if fault is None:
            return self.accept(form)
        return await self.spoil_transport(fault, request, form) or self._spoil(fault, form)

    def _spoil(self, fault: Fault, form: dict[str, str]) -> Response:
        match fault.kind:
            case "no_recipients":
                return PlainTextResponse("")
            case "invalid_sender":
                return self._refuse(BAD_SENDER)
            case "wrong_content_type":
                code, _, message_id = bytes(self.accept(form).body).decode().partition("|")
                return JSONResponse({"status": int(code), "messageid": message_id})
            case _:
                return self.accept(form, fault)

    def accept(self, form: dict[str, str], fault: Fault | None = None) -> Response:
        number = "+" + form.get("msisdn", "")
        handset = self._world.handsets.known(number)
        if not (form.get("username") and form.get("password")):
            return self._refuse(BAD_KEY)
        if not form.get("sender"):
            return self._refuse(BAD_SENDER)
        if not re.fullmatch(r"\+62[0-9]{8,13}", number):
            return self._refuse(BAD_NUMBER)
        if not form.get("message"):
            return self._refuse(BAD_TEXT)
        if handset and handset.blocked:
            return self._refuse(BLOCKED)
        if fault and fault.number in (None, number):
            return self._refuse(str(fault.code))
        message = Message(token_hex(8), number, form["sender"], form["message"], measure(form["message"]))
        self.carry(message)
        return PlainTextResponse(f"{ACCEPTED}|{message.id}")

    def _refuse(self, code: str) -> Response:
        self._world.ledger.counters["refused"] += 1
        return PlainTextResponse(code)

    def report_fields(self, message: Message, status: str, reason: str) -> dict[str, str]:
        return {
            "messageid": message.id,
            "msisdn": message.number.removeprefix("+"),
            "sender": message.sender,
            "dlrstatus": WORDS.get(status, status),
            "description": reason,
            "date": _now(),
        }

    def inbound_fields(self, handset: Handset, key: str, to: str, body: str) -> dict[str, str]:
        number = handset.number.removeprefix("+")
        return {"messageid": key, "msisdn": number, "to": to, "message": body, "date": _now()}


def _now() -> str:
    """Local time without a zone, as such aggregators write it."""
    return datetime.now(WESTERN_INDONESIA).strftime("%Y-%m-%d %H:%M:%S")
