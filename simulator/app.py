"""Puts the simulator together as one web application."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Final

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.africastalking import AfricasTalking
from simulator.carrier import Carrier
from simulator.control import control
from simulator.nusantara import Nusantara
from simulator.phone import phone
from simulator.ussd import Switch
from simulator.world import World

CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
CARRIERS: Final[dict[str, type[Carrier]]] = {"africastalking": AfricasTalking, "nusantara": Nusantara}
"""The protocols, by the name that a simulator is started with."""

LARGEST_BODY: Final = 2_000_000
"""Octets; 5,000 numbers in one call make about 90,000."""


class Guard:
    """Refuses bodies that are too large, and tells browsers what a page may load."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        if b"transfer-encoding" in headers or not length.isdigit() or int(length) > LARGEST_BODY:
            await PlainTextResponse("Request body too large", 413)(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer["Content-Security-Policy"] = CONTENT_POLICY
                answer["X-Content-Type-Options"] = "nosniff"
                answer["Referrer-Policy"] = "no-referrer"
            await send(message)

        await self._app(scope, receive, send_guarded)


def create_app(world: World) -> FastAPI:
    """The stand-in, the control routes and the phone page over one world."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        carrying = asyncio.create_task(world.courier.run())
        yield
        carrying.cancel()
        with suppress(asyncio.CancelledError):
            await carrying
        await world.courier.close()

    app = FastAPI(title="Simulator", openapi_url=None, lifespan=lifespan)
    app.add_middleware(Guard)
    carrier, switch = CARRIERS[world.settings.protocol](world), Switch(world)
    app.router.routes.extend(carrier.routes)
    app.include_router(control(world, carrier, switch))
    app.include_router(phone(world, switch))

    @app.get("/healthz", response_class=PlainTextResponse)
    async def alive() -> str:
        return "ok"

    return app
