"""The SMS half of an Africa's Talking stand-in: what the official SDK 2.0.3 calls, and the callbacks about SMS.

Source: Africa's Talking "Sending SMS" and "SMS notifications" documents; request and answer shapes were checked with
the SDK. Amounts are Kenya shillings.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from simulator.carrier import Carrier
from simulator.faults import Fault
from simulator.handsets import Handset
from simulator.ledger import Message
from simulator.segments import Size, measure
from simulator.world import World

PRICE = Decimal("0.8000")
"""Of one SMS part."""

STATUSES = {
    100: "Success",
    101: "Success",
    102: "Success",
    401: "RiskHold",
    402: "InvalidSenderId",
    403: "InvalidPhoneNumber",
    404: "UnsupportedNumberType",
    405: "InsufficientBalance",
    406: "UserInBlacklist",
    407: "CouldNotRoute",
    409: "DoNotDisturbRejection",
    500: "InternalServerError",
    501: "GatewayError",
    502: "RejectedByGateway",
}
WITH_REASON = {"Failed", "Rejected"}
NO_KEY = "The supplied authentication is invalid"

_NUMBER = re.compile(r"\+254[17][0-9]{8}|\+(?!254)[1-9][0-9]{6,14}")


class AfricasTalking(Carrier):
    """Answers the SDK and sends the product its callbacks about SMS."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._spent = Decimal(0)
        self.routes = [
            Route("/version1/messaging", self.messaging, methods=["POST"]),
            Route("/version1/user", self.user, methods=["GET"]),
        ]

    async def user(self, request: Request) -> Response:
        """The balance."""
        if not request.headers.get("apikey"):
            return PlainTextResponse(NO_KEY, 401)
        return JSONResponse({"UserData": {"balance": f"KES {100_000 - self._spent:.4f}"}})

    async def messaging(self, request: Request) -> Response:
        """Accept one text for any number of recipients."""
        self._world.ledger.counters["calls"] += 1
        if not request.headers.get("apikey"):
            return PlainTextResponse(NO_KEY, 401)
        form = dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))
        missing = [name for name in ("username", "to", "message") if not form.get(name)]
        if missing:
            return PlainTextResponse(f"Must have {missing[0]} in your request", 400)
        fault = self._world.faults.draw("call")
        if fault is None:
            return self.accept(form)
        return await self.spoil_transport(fault, request, form) or self._spoil(fault, form)

    def refusal(self, status: int) -> str:
        return NO_KEY if status == 401 else super().refusal(status)

    def _spoil(self, fault: Fault, form: dict[str, str]) -> Response:
        match fault.kind:
            case "no_recipients":
                return _summary(f"Sent to 0/{len(_recipients(form))} Total Cost: 0", [])
            case "invalid_sender":
                return _summary("InvalidSenderId", [])
            case "wrong_content_type":
                answer = self.accept(form)
                answer.headers["content-type"] = "application/json; charset=utf-8"
                return answer
            case _:
                return self.accept(form, fault)

    def accept(self, form: dict[str, str], fault: Fault | None = None) -> Response:
        size = measure(form["message"])
        recipients = [self._recipient(number, form, size, fault) for number in _recipients(form)]
        sent = sum(recipient["statusCode"] <= 102 for recipient in recipients)
        cost = sent * size.parts * PRICE
        self._spent += cost
        return _summary(f"Sent to {sent}/{len(recipients)} Total Cost: {f'KES {cost:.4f}' if cost else 0}", recipients)

    def _recipient(self, number: str, form: dict[str, str], size: Size, fault: Fault | None) -> dict[str, Any]:
        handset = self._world.handsets.known(number)
        code = 101
        if not _NUMBER.fullmatch(number):
            code = 403
        elif handset and handset.blocked:
            code = 406
        elif fault and fault.number in (None, number):
            code = fault.code
        if code > 102:
            self._world.ledger.counters["refused"] += 1
            return {
                "statusCode": code,
                "number": number,
                "status": STATUSES.get(code, "UnknownError"),
                "cost": "0",
                "messageId": "None",
            }
        message = Message(f"ATXid_{token_hex(16)}", number, form.get("from") or "AFRICASTKNG", form["message"], size)
        self.carry(message)
        return {
            "statusCode": code,
            "number": number,
            "status": STATUSES[code],
            "cost": f"KES {size.parts * PRICE:.4f}",
            "messageId": message.id,
        }

    def report_fields(self, message: Message, status: str, reason: str) -> dict[str, str]:
        handset = self._world.handsets.known(message.number)
        fields = {
            "phoneNumber": message.number,
            "retryCount": "0",
            "id": message.id,
            "status": status,
            "networkCode": handset.network if handset else "63902",
        }
        return fields | {"failureReason": reason} if status in WITH_REASON else fields

    def inbound_fields(self, handset: Handset, key: str, to: str, body: str) -> dict[str, str]:
        return {
            "linkId": token_hex(10),
            "text": body,
            "to": to,
            "id": key,
            "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "from": handset.number,
            "networkCode": handset.network,
        }

    def opt_out_fields(self, number: str, sender: str) -> dict[str, str]:
        return {"senderId": sender, "phoneNumber": number}


def _recipients(form: dict[str, str]) -> list[str]:
    return [number.strip() for number in form["to"].split(",") if number.strip()]


def _summary(message: str, recipients: list[dict[str, Any]]) -> Response:
    return JSONResponse({"SMSMessageData": {"Message": message, "Recipients": recipients}}, 201)
