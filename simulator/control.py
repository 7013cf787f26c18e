"""What tests, drills and the phone page ask of the simulator: not part of any aggregator's protocol."""

import asyncio
from datetime import datetime
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from simulator.carrier import Carrier
from simulator.faults import Fault
from simulator.ussd import NoSuchSession, SessionClosed, Switch
from simulator.world import World


class Body(BaseModel):
    """A JSON body; a name it does not know is an error."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Dial(Body):
    """A handset dials. ``patient`` lifts the network's time limits."""

    number: str = Field(min_length=1, max_length=40)
    code: str = Field(min_length=1, max_length=200)
    network: str = Field(default="63902", max_length=10)
    patient: bool = False


class Answer(Body):
    """A handset replies; the network would cut at 80 characters, this does not."""

    session: str
    input: str = Field(max_length=10_000)


class HangUp(Body):
    """The red key."""

    session: str


class Replay(Body):
    """Any text of a session, posted again."""

    session: str
    text: str = Field(max_length=100_000)


class Sms(Body):
    """A handset sends an SMS."""

    number: str = Field(alias="from", min_length=1, max_length=40)
    to: str = Field(default="", max_length=40)
    text: str = Field(max_length=10_000)


class Number(Body):
    """A handset."""

    number: str = Field(min_length=1, max_length=40)


class Faults(Body):
    """A plan of faults; ``seed`` makes probabilities repeatable."""

    faults: list[Fault] = Field(max_length=100)
    seed: int | None = None


def control(world: World, carrier: Carrier, switch: Switch) -> APIRouter:
    """The routes that begin with an underscore."""
    router = APIRouter()
    _ussd_routes(router, switch)
    _sms_routes(router, world, carrier)
    _fault_routes(router, world)

    @router.get("/_messages")
    async def messages(number: str | None = None, since: datetime | None = None) -> list[dict[str, Any]]:
        if since is not None and since.tzinfo is None:
            raise HTTPException(422, "since needs a time zone, as in 2026-11-21T09:00:00Z")
        return [message.as_json() for message in world.ledger.find(number, since)]

    @router.delete("/_messages", status_code=204)
    async def forget_messages() -> None:
        world.ledger.clear()
        for handset in world.handsets:
            handset.clear()

    @router.get("/_counters")
    async def counters() -> dict[str, int]:
        return {"calls": 0, "accepted": 0, **world.ledger.counters, "callbacks_waiting": world.courier.waiting}

    return router


def _ussd_routes(router: APIRouter, switch: Switch) -> None:
    @router.post("/_ussd/dial")
    async def dial(body: Dial) -> dict[str, Any]:
        return (await switch.dial(body.number, body.code, body.network, patient=body.patient)).as_json()

    @router.post("/_ussd/answer")
    async def answer(body: Answer) -> dict[str, Any]:
        try:
            return (await switch.answer(body.session, body.input)).as_json()
        except NoSuchSession:
            raise HTTPException(404, "no such session") from None
        except SessionClosed:
            raise HTTPException(409, "the session has ended, or its last answer is still awaited") from None

    @router.post("/_ussd/hang-up", status_code=204)
    async def hang_up(body: HangUp) -> None:
        try:
            switch.hang_up(body.session)
        except NoSuchSession:
            raise HTTPException(404, "no such session") from None

    @router.post("/_ussd/replay")
    async def replay(body: Replay) -> dict[str, Any]:
        try:
            return (await switch.replay(body.session, body.text)).as_json()
        except NoSuchSession:
            raise HTTPException(404, "no such session") from None


def _sms_routes(router: APIRouter, world: World, carrier: Carrier) -> None:
    @router.post("/_sms")
    async def send(body: Sms) -> dict[str, Any]:
        sms, answered = await carrier.inbound(body.number, body.to or world.settings.sms_code, body.text)
        return {"id": sms, "answered": answered}

    @router.post("/_opt-out")
    async def opt_out(body: Number) -> dict[str, Any]:
        return {"answered": await carrier.block(body.number, world.settings.sms_code)}

    @router.post("/_opt-in", status_code=204)
    async def opt_in(body: Number) -> None:
        carrier.unblock(body.number)


def _fault_routes(router: APIRouter, world: World) -> None:
    refusals: set[asyncio.Task[None]] = set()

    async def refuse(seconds: float) -> None:
        await asyncio.sleep(0.05)  # let the answer to this very call leave first
        await world.refuse(seconds)

    @router.post("/_faults")
    async def plan(body: Faults) -> dict[str, list[Fault]]:
        world.faults.set([fault for fault in body.faults if fault.family != "listener"], body.seed)
        for fault in body.faults:
            if fault.family == "listener":
                task = asyncio.create_task(refuse(fault.seconds))
                refusals.add(task)
                task.add_done_callback(refusals.discard)
        return {"faults": world.faults.left()}

    @router.get("/_faults")
    async def left() -> dict[str, list[Fault]]:
        return {"faults": world.faults.left()}
