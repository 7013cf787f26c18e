"""The web process: routes, error renderers, lifespan; nothing else."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from gateway import docs, health, logs, problems
from gateway.broadcasts import api as broadcasts
from gateway.cases import admissibility_api as admissibility
from gateway.cases import api as cases
from gateway.cases import conversation_api as conversation
from gateway.cases import duties_api as duties
from gateway.cases import information_api as information
from gateway.cases import inquiries_api as inquiries
from gateway.cases import lists_api as lists
from gateway.cases import merging_api as merging
from gateway.cases import routing_api as routing
from gateway.cases import sharing_api as sharing
from gateway.commitments import api as commitments
from gateway.commitments import checks_api as voices
from gateway.commitments import facilities_api as facilities
from gateway.commitments import plan_api as plan
from gateway.commitments import progress_api as progress
from gateway.commitments import proposals_api as ideas
from gateway.console import pages as console
from gateway.context import Context
from gateway.exports import api as exports
from gateway.intake import callbacks
from gateway.intake import desk_api as intake
from gateway.intake.endpoint import UssdEndpoint
from gateway.intake.hops import Hops
from gateway.letters import api as letters
from gateway.messaging import api as messages
from gateway.messaging import channels_api as sending
from gateway.public import feeds, figures, heard, open_data, pages, promises, share
from gateway.settings import Settings, load_settings
from gateway.staff import accounts_api as accounts
from gateway.staff import api as me
from gateway.staff import trail_api as trail

_STAFF_API = (
    cases.router,
    cases.todo_router,
    lists.router,
    information.router,
    sharing.router,
    letters.router,
    exports.router,
    merging.router,
    admissibility.router,
    inquiries.router,
    duties.router,
    routing.router,
    conversation.router,
    intake.router,
    commitments.router,
    progress.router,
    plan.router,
    ideas.router,
    voices.router,
    facilities.router,
    messages.router,
    broadcasts.router,
    sending.router,
    me.router,
    accounts.router,
    trail.router,
)


class Application(FastAPI):
    """FastAPI for everything but the hop, which goes past its middleware and answers whatever comes in its own way."""

    def __init__(self, ussd: UssdEndpoint, **options: Any) -> None:
        super().__init__(**options)
        self.ussd = ussd
        # What uvicorn would put around everything: a hop asks for nobody's address.
        trusted = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
        self._pages = ProxyHeadersMiddleware(super().__call__, trusted)  # type: ignore[arg-type]  # its own ASGI types

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_post = scope["type"] == "http" and scope["method"] == "POST"
        secret = self.ussd.secret(scope["path"]) if is_post else None
        if secret is None:
            await self._pages(scope, receive, send)  # type: ignore[arg-type]  # as above
        else:
            await self.ussd.answer(secret, receive, send)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Raises `SettingsError` when a setting is missing or wrong."""
    logs.configure()
    chosen = settings or load_settings()
    ussd = UssdEndpoint(chosen.channel)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        context = Context.make(chosen, pool_size=chosen.web_pool, application="baraza-web")
        hops = Hops(context, chosen.channel)
        app.state.context = context
        app.state.reports = callbacks.taking_reports(context, chosen.channel)
        ussd.serve(context, hops)
        async with hops.paths.kept():
            yield
        await hops.close()
        context.close()

    app = Application(
        ussd,
        title="Baraza",
        version=version("baraza"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.router.routes.extend(callbacks.routes(chosen.channel))
    for router in _STAFF_API:
        app.include_router(router, prefix="/api/v1")
    app.include_router(health.router)
    app.include_router(pages.router)
    app.include_router(feeds.router)
    app.include_router(promises.router)
    app.include_router(heard.router)
    app.include_router(figures.router)
    app.include_router(open_data.router)
    app.include_router(share.router)
    console.install(app)
    app.mount("/static", StaticFiles(directory=Path(pages.__file__).parent / "static"), name="static")
    problems.install(app)
    docs.install(app)
    return app
