"""The API's documentation at /docs: Swagger's page with nothing loaded from elsewhere."""

from __future__ import annotations

from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from starlette.requests import Request
from starlette.staticfiles import StaticFiles

_SWAGGER = Path(fastapi_offline.__file__).parent / "static"
_OURS = Path(__file__).parent / "public"

# Swagger draws with inline styles; scripts come from this server alone.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def install(app: FastAPI) -> None:
    """Serve /docs and the files it needs."""
    templates = Jinja2Templates(directory=_OURS / "templates")
    app.mount("/static-docs", StaticFiles(directory=_SWAGGER), name="static-docs")

    @app.get("/docs", include_in_schema=False)
    def docs(request: Request) -> HTMLResponse:
        page = templates.TemplateResponse(request, "docs.html", {"title": app.title})
        page.headers["Content-Security-Policy"] = _POLICY
        return page
