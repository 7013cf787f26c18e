"""The phone page, and what its script asks."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import Field
from starlette.responses import FileResponse, HTMLResponse, Response

from simulator.control import Body
from simulator.handsets import country_of
from simulator.ussd import Switch
from simulator.world import World

HERE = Path(__file__).parent
FILES = {path.name: path for path in (HERE / "static").iterdir()}
PAGES = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined)
KEYS = [
    ("1", ". , ?"),
    ("2", "a b c"),
    ("3", "d e f"),
    ("4", "g h i"),
    ("5", "j k l"),
    ("6", "m n o"),
    ("7", "p q r s"),
    ("8", "t u v"),
    ("9", "w x y z"),
    ("*", "+"),
    ("0", "space"),
    ("#", "a A 1"),
]
POLL = 20.0
"""Seconds the page waits for news before it asks again."""


class Read(Body):
    """The owner opened a text."""

    number: str = Field(max_length=40)
    id: str


class Network(Body):
    """The owner put another SIM card in."""

    number: str = Field(max_length=40)
    network: str = Field(max_length=10)


def phone(world: World, switch: Switch) -> APIRouter:
    """The page at ``/``, its files, and the state of one handset."""
    router = APIRouter()

    @router.get("/")
    async def page() -> Response:
        html = PAGES.get_template("phone.html").render(
            code=world.settings.ussd_code,
            sms_code=world.settings.sms_code,
            handsets=world.handsets.named(),
            sms_word=world.settings.sms_word,
            country=country_of(world.settings.country),
            keys=KEYS,
        )
        return HTMLResponse(html, headers={"Cache-Control": "no-store"})

    @router.get("/static/{name}")
    async def file(name: str) -> Response:
        if name not in FILES:
            return Response(status_code=404)
        return FileResponse(FILES[name], headers={"Cache-Control": "no-cache"})

    @router.get("/_phone")
    async def state(number: Annotated[str, Query(max_length=40)], seen: int = -1) -> dict[str, Any]:
        """The handset; waits for a change when ``seen`` is its present revision."""
        handset = world.handsets.get(number)
        await handset.wait(seen, 0 if world.closing.is_set() else POLL)
        shown = switch.current(number)
        return handset.as_json() | {"session": shown.as_json() if shown else None}

    @router.post("/_phone/read", status_code=204)
    async def read(body: Read) -> None:
        world.handsets.get(body.number).read(body.id)

    @router.post("/_phone/network", status_code=204)
    async def network(body: Network) -> None:
        handset = world.handsets.get(body.number)
        handset.network = body.network
        handset.touch()

    return router
