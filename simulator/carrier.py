"""What every aggregator's stand-in does: lay a text into a handset, report on it, bring what a handset sends."""

import socket
import struct
from abc import ABC, abstractmethod
from asyncio import BaseTransport
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from simulator.courier import Callback
from simulator.faults import Fault
from simulator.handsets import Handset
from simulator.ledger import Message
from simulator.segments import measure
from simulator.world import World

UNDELIVERED = {"Failed", "Rejected", "AbsentSubscriber", "Expired"}


class Carrier(ABC):
    """One protocol. A subclass reads and answers the calls, and names the fields of the callbacks."""

    routes: list[Route]

    def __init__(self, world: World) -> None:
        self._world = world

    @abstractmethod
    def report_fields(self, message: Message, status: str, reason: str) -> dict[str, str]:
        """A delivery report. ``status`` is a word of the fault plan, ``Success`` where nothing is planned."""

    @abstractmethod
    def inbound_fields(self, handset: Handset, key: str, to: str, body: str) -> dict[str, str]:
        """A text that a handset sent."""

    def opt_out_fields(self, number: str, sender: str) -> dict[str, str] | None:
        """What tells the product that a resident blocked a sender; None where nothing does."""
        return None

    async def spoil_transport(self, fault: Fault, request: Request, form: dict[str, str]) -> Response | None:
        """What can go wrong with a call in any protocol; None for the faults that each protocol has of its own."""
        match fault.kind:
            case "status":
                return PlainTextResponse(fault.body or self.refusal(fault.http_status), fault.http_status)
            case "slow":
                await self._world.pause(fault.seconds)
                return self.accept(form)
            case "timeout_after_accept":
                self.accept(form)
                await self._world.pause(fault.seconds)
                _cut(request.state.transport)
                return Response()
            case "reset":
                if fault.accepted:
                    self.accept(form)
                _cut(request.state.transport)
                return Response()
        return None

    def refusal(self, status: int) -> str:
        """The words that come with an HTTP status."""
        return f"error {status}"

    @abstractmethod
    def accept(self, form: dict[str, str], fault: Fault | None = None) -> Response:
        """Take the text of a call, and answer the call."""

    def carry(self, message: Message) -> None:
        """Lay the message into the handset and owe its delivery report, as the next fault of a report has it."""
        self._world.ledger.add(message)
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

        def heard(answered: int | None) -> None:
            message.status = status
            message.reports.append({"status": status, "answered": answered})
            if handset and not self._world.settings.forget:
                handset.note("report", status=status, answered=answered)

        fields = self.report_fields(message, status, reason)
        self._world.courier.queue(Callback("delivery", fields, on_answer=heard), delay)

    async def inbound(self, number: str, to: str, body: str) -> tuple[str, int | None]:
        """A handset sends an SMS: its id, and what the product answered to the first attempt."""
        handset, sms = self._world.handsets.get(number), str(uuid4())
        size = measure(body)
        handset.send(sms, to, body, size)
        self._world.ledger.counters["inbound"] += 1
        fields = self.inbound_fields(handset, sms, to, body)

        def heard(answered: int | None) -> None:
            handset.note("sms", to=to, answered=answered, parts=size.parts)

        fault = self._world.faults.draw("inbound")
        for turn in range(1, fault.times if fault else 1):
            self._world.courier.queue(Callback("sms", fields, on_answer=heard), turn * 0.1)
        return sms, await self._world.courier.deliver(Callback("sms", fields, on_answer=heard))

    async def block(self, number: str, sender: str) -> int | None:
        """A resident blocks the sender at the network: later texts are refused."""
        handset = self._world.handsets.get(number)
        handset.blocked = True
        handset.touch()
        fields = self.opt_out_fields(number, sender)
        if fields is None:
            return None

        def heard(answered: int | None) -> None:
            handset.note("opt-out", answered=answered)

        return await self._world.courier.deliver(Callback("opt-out", fields, on_answer=heard))

    def unblock(self, number: str) -> None:
        """The resident takes texts from the sender again; the aggregator does not tell the product."""
        handset = self._world.handsets.get(number)
        handset.blocked = False
        handset.touch()


def _cut(transport: BaseTransport) -> None:
    """Reset the connection (RST) instead of closing it in order."""
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()  # type: ignore[attr-defined]  # a TCP transport can; the base type does not say so
