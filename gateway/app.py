"""The web process: routes, error renderers, lifespan; nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from gateway import docs, health, logs, problems
from gateway.broadcasts import api as broadcasts
from gateway.cases import api as cases
from gateway.commitments import api as commitments
from gateway.context import Context
from gateway.intake import callbacks
from gateway.intake.endpoint import UssdEndpoint
from gateway.intake.hops import Hops
from gateway.intake.sessions import Sessions
from gateway.line import Line
from gateway.messaging import api as messages
from gateway.public import pages
from gateway.settings import Settings, load_settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Raises `SettingsError` when a setting is missing or wrong."""
    logs.configure()
    chosen = settings or load_settings()
    ussd = UssdEndpoint(chosen.channel)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        context = Context.make(chosen, pool_size=chosen.web_pool, application="baraza-web")
        line = Line(chosen.redis_url)
        hops = Hops(context, Sessions(line, context.vault), chosen.channel)
        app.state.context = context
        ussd.serve(context, hops)
        yield
        hops.close()
        await line.aclose()
        context.close()

    app = FastAPI(
        title="Baraza",
        version=version("baraza"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.router.routes.extend(ussd.routes)
    app.router.routes.extend(callbacks.routes(chosen.channel))
    for router in (cases.router, commitments.router, messages.router, broadcasts.router):
        app.include_router(router, prefix="/api/v1")
    app.include_router(health.router)
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=Path(pages.__file__).parent / "static"), name="static")
    problems.install(app)
    docs.install(app)
    return app
