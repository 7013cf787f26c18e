"""Logs: one JSON object a line on standard output, from our own code and from the libraries alike.

No number, no text, no exception's words: an exception is told by its type and the lines it passed through.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from typing import TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

QUIET = {
    "uvicorn": logging.WARNING,
    "uvicorn.error": logging.WARNING,
    "uvicorn.access": logging.CRITICAL,  # would print the callback secret
    "urllib3": logging.ERROR,
    "requests": logging.ERROR,
    "rq": logging.WARNING,
    "rq.worker": logging.WARNING,
    "rq.job": logging.WARNING,
    "apscheduler": logging.ERROR,
    "sqlalchemy": logging.WARNING,
    "alembic": logging.WARNING,
}
"""Libraries that talk too much, by the least level they are heard at."""

_NUMBER = re.compile(r"(?<![0-9A-Za-z.-])(?:%2B|\+)?[0-9]{9,15}(?![0-9A-Za-z.-])")


def configure(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Set up logging for this process, to standard output unless told otherwise; safe to call again."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _tell_exception,
        _mask_numbers,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(sort_keys=True, ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in QUIET.items():
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(least)


def _tell_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by the types of the exceptions and the lines they passed, without their words."""
    told = event.pop("exc_info", None)
    if not told:
        return event
    error = told if isinstance(told, BaseException) else (told if isinstance(told, tuple) else sys.exc_info())[1]
    if error is not None:
        event["error"] = type(error).__name__
        event["at"] = [f"{f.filename.rpartition('/')[2]}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)]
    return event


def _mask_numbers(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A number that slipped into a log line all the same does not leave the process."""
    for key, value in event.items():
        if isinstance(value, str) and key != "timestamp":
            event[key] = _NUMBER.sub("[number]", value)
    return event


def where(error: BaseException) -> str:
    """The innermost place in our own code, without any values."""
    frame, place = error.__traceback__, "?"
    while frame is not None:
        code = frame.tb_frame.f_code
        if "site-packages" not in code.co_filename:
            place = f"{code.co_filename.rsplit('/', 2)[-1]}:{frame.tb_lineno}"
        frame = frame.tb_next
    return place
