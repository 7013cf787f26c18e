"""The SMS half of an Africa's Talking stand-in: what the official SDK 2.0.3 calls, and the callbacks about SMS.

Source: Africa's Talking "Sending SMS" and "SMS notifications" documents; request and answer shapes were checked with
the SDK. Amounts are Kenya shillings.
"""

import re
import socket
import struct
from asyncio import BaseTransport
from datetime import UTC, datetime
from decimal import Decimal
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from simulator.courier import Callback
from simulator.faults import Fault
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
UNDELIVERED = {"Failed", "Rejected", "AbsentSubscriber", "Expired"}
WITH_REASON = {"Failed", "Rejected"}
NO_KEY = "The supplied authentication is invalid"

_NUMBER = re.compile(r"\+254[17][0-9]{8}|\+(?!254)[1-9][0-9]{6,14}")


class AfricasTalking:
    """Answers the SDK and sends the product its callbacks about SMS."""

    def __init__(self, world: World) -> None:
        self._world = world
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
            return self._accept(form)
        return await self._spoil(fault, form, request)

    async def _spoil(self, fault: Fault, form: dict[str, str], request: Request) -> Response:
        match fault.kind:
            case "status":
                status = fault.http_status
                return PlainTextResponse(fault.body or (NO_KEY if status == 401 else f"error {status}"), status)
            case "slow":
                await self._world.pause(fault.seconds)
                return self._accept(form)
            case "timeout_after_accept":
                self._accept(form)
                await self._world.pause(fault.seconds)
                _cut(request.state.transport)
                return Response()
            case "reset":
                if fault.accepted:
                    self._accept(form)
                _cut(request.state.transport)
                return Response()
            case "no_recipients":
                return _summary(f"Sent to 0/{len(_recipients(form))} Total Cost: 0", [])
            case "invalid_sender":
                return _summary("InvalidSenderId", [])
            case "wrong_content_type":
                answer = self._accept(form)
                answer.headers["content-type"] = "application/json; charset=utf-8"
                return answer
            case _:
                return self._accept(form, fault)

    def _accept(self, form: dict[str, str], fault: Fault | None = None) -> Response:
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
        self._world.ledger.add(message)
        self._forward(message)
        return {
            "statusCode": code,
            "number": number,
            "status": STATUSES[code],
            "cost": f"KES {size.parts * PRICE:.4f}",
            "messageId": message.id,
        }

    def _forward(self, message: Message) -> None:
        """Lay the message into the handset and owe its delivery report, as the next fault of a report has it."""
        fault = self._world.faults.draw("report")
        kind = fault.kind if fault else None
        status = fault.report_status if fault else "Success"
        if not self._world.settings.forget and status not in UNDELIVERED:
            handset = self._world.handsets.get(message.number)
            handset.receive(message.id, message.sender, message.text, message.size)
        if kind in ("reports_off", "report_lost"):
            return
        delay = self._world.settings.report_delay + (fault.seconds if fault and kind == "report_late" else 0)
        for turn in range(fault.times if fault and kind == "report_double" else 1):
            self._report(message, status, fault.reason if fault else "", delay + turn * 0.1)
        if kind == "report_reorder":
            self._report(message, "Sent", "", delay + 0.3)

    def _report(self, message: Message, status: str, reason: str, delay: float) -> None:
        handset = self._world.handsets.known(message.number)
        fields = {
            "phoneNumber": message.number,
            "retryCount": "0",
            "id": message.id,
            "status": status,
            "networkCode": handset.network if handset else "63902",
        }
        if status in WITH_REASON:
            fields["failureReason"] = reason

        def heard(answered: int | None) -> None:
            message.status = status
            message.reports.append({"status": status, "answered": answered})
            if handset and not self._world.settings.forget:
                handset.note("report", status=status, answered=answered)

        self._world.courier.queue(Callback("delivery", fields, on_answer=heard), delay)

    async def inbound(self, number: str, to: str, body: str) -> tuple[str, int | None]:
        """A handset sends an SMS: its id, and what the product answered to the first attempt."""
        handset, sms = self._world.handsets.get(number), str(uuid4())
        size = measure(body)
        handset.send(sms, to, body, size)
        self._world.ledger.counters["inbound"] += 1
        fields = {
            "linkId": token_hex(10),
            "text": body,
            "to": to,
            "id": sms,
            "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "from": number,
            "networkCode": handset.network,
        }

        def heard(answered: int | None) -> None:
            handset.note("sms", to=to, answered=answered, parts=size.parts)

        fault = self._world.faults.draw("inbound")
        for turn in range(1, fault.times if fault else 1):
            self._world.courier.queue(Callback("sms", fields, on_answer=heard), turn * 0.1)
        return sms, await self._world.courier.deliver(Callback("sms", fields, on_answer=heard))

    async def block(self, number: str, sender: str) -> int | None:
        """A resident blocks the sender at the network: later texts are refused with 406."""
        handset = self._world.handsets.get(number)
        handset.blocked = True

        def heard(answered: int | None) -> None:
            handset.note("opt-out", answered=answered)

        fields = {"senderId": sender, "phoneNumber": number}
        return await self._world.courier.deliver(Callback("opt-out", fields, on_answer=heard))

    def unblock(self, number: str) -> None:
        """The resident takes texts from the sender again; the aggregator does not tell the product."""
        handset = self._world.handsets.get(number)
        handset.blocked = False
        handset.touch()


def _recipients(form: dict[str, str]) -> list[str]:
    return [number.strip() for number in form["to"].split(",") if number.strip()]


def _summary(message: str, recipients: list[dict[str, Any]]) -> Response:
    return JSONResponse({"SMSMessageData": {"Message": message, "Recipients": recipients}}, 201)


def _cut(transport: BaseTransport) -> None:
    """Reset the connection (RST) instead of closing it in order."""
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()  # type: ignore[attr-defined]  # a TCP transport can; the base type does not say so
