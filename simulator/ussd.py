"""The USSD half of an Africa's Talking stand-in: sessions as the aggregator and the network run them.

Source: Africa's Talking "Handle USSD sessions" and "USSD events": every input is joined with ``*``; an answer starts
with ``CON `` or ``END ``; the network closes a session after 30 s without a reply and after 180 s in all.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from secrets import token_hex
from time import monotonic
from typing import Any, Literal

import httpx

from simulator.courier import FORM, Callback
from simulator.segments import USSD_LIMIT, measure
from simulator.world import World

Ending = Literal["finished", "hung up", "idle", "too long", "failed"]

METADATA = "at-ussd-hop-metadata"
NOT_CON_OR_END = "Response should start with a CON or an END"
TROUBLE = "We are currently experiencing technical problems. Please try again later."
KEPT = 2_000
"""Sessions remembered, so that an old one can be replayed."""

_NAME = re.compile(r"[^|\x00-\x1f]{1,99}")


class NoSuchSession(Exception):
    """The session was never opened here, or is forgotten."""


class SessionClosed(Exception):
    """The session has ended, or its last answer is still awaited."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a handset shows after a hop. ``characters`` counts the prefix too; ``ms`` is the product's time."""

    session: str
    text: str
    open: bool
    screen: str
    characters: int
    limit: int
    encoding: str
    ms: int
    status: int | None
    body: str
    error: str = ""
    expires_in: float = 0.0
    """Seconds until the network hangs up."""

    @property
    def too_long(self) -> bool:
        """Whether a phone would cut it."""
        return self.characters > self.limit

    def as_json(self) -> dict[str, Any]:
        """The answer of `/_ussd/…`."""
        return asdict(self) | {"too_long": self.too_long}


@dataclass(slots=True)
class Session:
    """One USSD session between a handset and the product. ``patient`` lifts the network's time limits."""

    id: str
    number: str
    code: str
    network: str
    text: str
    patient: bool
    started: float = field(default_factory=monotonic)
    hops: int = 0
    names: list[str] = field(default_factory=list)
    shown: Shown | None = None
    deadline: float = 0.0
    open: bool = True
    busy: bool = False
    alarm: asyncio.TimerHandle | None = None


class Switch:
    """Opens, carries and closes sessions."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._open: dict[str, Session] = {}

    async def dial(self, number: str, dialled: str, network: str, *, patient: bool = False) -> Shown:
        """Open a session; one still open on the same handset is hung up first."""
        if current := self._open.get(number):
            self._end(current, "hung up")
        code, first = split(dialled, self._world.settings.ussd_code)
        session = Session(f"ATUid_{token_hex(16)}", number, code, network, first, patient)
        handset = self._world.handsets.get(number)
        handset.network, handset.ended = network, None
        self._open[number] = self._sessions[session.id] = session
        if len(self._sessions) > KEPT:
            _, oldest = self._sessions.popitem(last=False)
            self._end(oldest, "too long")
        return await self._hop(session, first)

    async def answer(self, key: str, reply: str) -> Shown:
        """Send one reply.

        Raises:
            NoSuchSession, SessionClosed: there is nothing to reply to.
        """
        session = self._find(key)
        if not session.open or session.busy:
            raise SessionClosed
        session.text = f"{session.text}*{reply}" if session.text else reply
        return await self._hop(session, reply)

    def hang_up(self, key: str) -> None:
        """The resident presses the red key.

        Raises:
            NoSuchSession: there is no such session.
        """
        self._end(self._find(key), "hung up")

    async def replay(self, key: str, text: str) -> Shown:
        """Post any text of a session again, open or not, and change nothing here: for drills.

        Raises:
            NoSuchSession: there is no such session.
        """
        return (await self._post(self._find(key), text))[0]

    def current(self, number: str) -> Shown | None:
        """What the handset shows now, if a session is open on it."""
        session = self._open.get(number)
        if session is None or session.shown is None:
            return None
        return replace(session.shown, expires_in=max(0.0, session.deadline - monotonic()))

    def _find(self, key: str) -> Session:
        try:
            return self._sessions[key]
        except KeyError:
            raise NoSuchSession from None

    async def _hop(self, session: Session, reply: str) -> Shown:
        if session.alarm:
            session.alarm.cancel()
        session.busy = True
        session.hops += 1
        self._world.ledger.counters["hops"] += 1
        try:
            shown, name = await self._post(session, session.text)
        finally:
            session.busy = False
        if name:
            session.names.append(name)
        if not session.open:  # hung up while the product was thinking
            shown = replace(shown, open=False)
        elif shown.open:
            shown = self._set_alarm(session, shown)
        session.shown = shown
        self._note(session, reply, shown)
        if not shown.open:
            self._end(session, "failed" if shown.error else "finished")
        return shown

    def _set_alarm(self, session: Session, shown: Shown) -> Shown:
        settings, loop = self._world.settings, asyncio.get_running_loop()
        if session.patient:
            session.deadline = monotonic() + 3600
            session.alarm = loop.call_later(3600, self._end, session, "idle")
            return replace(shown, expires_in=3600.0)
        whole = max(0.0, session.started + settings.session - monotonic())
        wait = min(settings.idle, whole)
        session.deadline = monotonic() + wait
        session.alarm = loop.call_later(wait, self._end, session, "idle" if wait < whole else "too long")
        return replace(shown, expires_in=wait)

    async def _post(self, session: Session, text: str) -> tuple[Shown, str]:
        """One request to the product: what the handset shows, and the step's name where a valid one was given."""
        fields = {
            "phoneNumber": session.number,
            "serviceCode": session.code,
            "text": text,
            "sessionId": session.id,
            "networkCode": session.network,
        }
        headers = {"User-Agent": "at-ussd-api/1.0", "Content-Type": f"{FORM}; charset=UTF-8"}
        if session.names:
            headers[METADATA] = session.names[-1]
        started = monotonic()
        try:
            answer = await self._world.courier.post("ussd", fields, headers, self._world.settings.app_timeout)
        except httpx.HTTPError:
            return _show(session.id, None, "", {}, monotonic() - started)
        return _show(session.id, answer.status_code, answer.text, answer.headers, monotonic() - started)

    def _note(self, session: Session, reply: str, shown: Shown) -> None:
        self._world.handsets.get(session.number).note(
            "hop",
            session=session.id,
            hop=session.hops,
            reply=reply,
            text=session.text,
            screen=shown.screen,
            characters=shown.characters,
            limit=shown.limit,
            ms=shown.ms,
            status=shown.status,
            answer="CON" if shown.open else "bad" if shown.error else "END",
        )

    def _end(self, session: Session, ending: Ending) -> None:
        """Close a session once, and tell the product."""
        if not session.open:
            return
        session.open = False
        if session.alarm:
            session.alarm.cancel()
        if self._open.get(session.number) is session:
            del self._open[session.number]
        handset = self._world.handsets.get(session.number)
        handset.ended = {"session": session.id, "why": ending}
        event = end_event(session, ending)

        def heard(answered: int | None) -> None:
            handset.note("end", session=session.id, status=event["status"], why=ending, answered=answered)

        self._world.courier.queue(Callback("ussd-end", event, attempts=3, on_answer=heard))
        handset.touch()


def split(dialled: str, code: str) -> tuple[str, str]:
    """Tell the service code from what was dialled behind it: ``*384*1*77#`` is ``*384*1#`` and ``77``."""
    stem = code.removesuffix("#") + "*"
    if dialled.startswith(stem) and dialled.endswith("#"):
        return code, dialled[len(stem) : -1]
    return dialled, ""


def end_event(session: Session, ending: Ending) -> dict[str, str]:
    """The fields of the session-end callback."""
    shown = session.shown
    event = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        "sessionId": session.id,
        "serviceCode": session.code,
        "networkCode": session.network,
        "phoneNumber": session.number,
        "status": {"finished": "Success", "failed": "Failed"}.get(ending, "Incomplete"),
        "cost": "0.00",
        "durationInMillis": str(round((monotonic() - session.started) * 1000)),
        "hopsCount": str(session.hops),
        "hopsMetadata": "|".join(session.names),
        "input": session.text,
        "lastAppResponse": shown.body if shown else "",
    }
    if shown and shown.error:
        event["errorMessage"] = shown.error
    return event


def _show(session: str, status: int | None, body: str, headers: Mapping[str, str], seconds: float) -> tuple[Shown, str]:
    """Read the product's answer as the aggregator does: strictly."""
    error, text = "", body[4:]
    if status is None:
        error, text = "No response from the application", TROUBLE
    elif status >= 500:
        error, text = f"Received unexpected response code: {status} <none>", TROUBLE
    elif status != 200 or not body.startswith(("CON ", "END ")):
        error = text = NOT_CON_OR_END
    name = headers.get(METADATA, "")
    name = name if _NAME.fullmatch(name) else ""
    size = measure(text if error else body)
    shown = Shown(
        session=session,
        text=text,
        open=not error and body.startswith("CON "),
        screen=name,
        characters=size.characters,
        limit=USSD_LIMIT[size.encoding],
        encoding=size.encoding,
        ms=round(seconds * 1000),
        status=status,
        body=body[:2000],
        error=error,
    )
    return shown, name
