"""Start the simulator: ``python -m simulator --port 8099 --ussd-code '*384*1#' --sms-code 22384``.

The product's address is a secret, so it comes by the environment: ``SIMULATOR_CALLBACKS``.
"""

import argparse
import os
import sys
from contextlib import suppress
from urllib.parse import urlsplit

import uvicorn

from simulator.app import CARRIERS, create_app
from simulator.handsets import COUNTRIES
from simulator.server import Protocol, Server
from simulator.settings import Settings
from simulator.world import World

BACKLOG = 4096
"""Connections that may wait to be accepted."""


def main() -> None:
    """Listen until told to stop."""
    arguments = _arguments().parse_args()
    callbacks = os.environ.get("SIMULATOR_CALLBACKS", "")
    if urlsplit(callbacks).scheme not in ("http", "https"):
        sys.exit("SIMULATOR_CALLBACKS must hold the product's address, as in http://127.0.0.1:8000/channels/…")
    world = World.create(
        Settings(
            callbacks=callbacks,
            ussd_code=arguments.ussd_code,
            sms_code=arguments.sms_code,
            sms_word=arguments.sms_word,
            protocol=arguments.protocol,
            country=arguments.country,
            report_delay=arguments.report_delay,
            idle=arguments.idle,
            session=arguments.session,
            app_timeout=arguments.app_timeout,
            forget=arguments.forget,
        )
    )
    config = uvicorn.Config(
        create_app(world),
        host=arguments.host,
        port=arguments.port,
        http=Protocol,
        backlog=BACKLOG,
        log_level="warning",
        access_log=False,  # it would print numbers
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    sys.stdout.write(f"simulator: phone and stand-in at http://{arguments.host}:{arguments.port}/\n")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):  # uvicorn raises it again after an orderly end
        Server(config, world).run()


def _arguments() -> argparse.ArgumentParser:
    usual = Settings(callbacks="")
    parser = argparse.ArgumentParser(prog="python -m simulator", description="An aggregator and a phone, for demos.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--protocol", choices=sorted(CARRIERS), default=usual.protocol)
    parser.add_argument("--country", default=usual.country, help=f"whose handsets lie ready: {', '.join(COUNTRIES)}")
    parser.add_argument("--ussd-code", default=usual.ussd_code, help="empty: no USSD, the phone only texts")
    parser.add_argument("--sms-code", default=usual.sms_code)
    parser.add_argument("--sms-word", default=usual.sms_word, help="the text that the phone proposes to begin with")
    parser.add_argument("--report-delay", type=float, default=usual.report_delay, metavar="SECONDS")
    parser.add_argument("--idle", type=float, default=usual.idle, metavar="SECONDS", help="reply time on USSD")
    parser.add_argument("--session", type=float, default=usual.session, metavar="SECONDS", help="longest USSD session")
    parser.add_argument("--app-timeout", type=float, default=usual.app_timeout, metavar="SECONDS")
    parser.add_argument("--forget", action="store_true", help="keep counters only, for benchmarks")
    return parser


if __name__ == "__main__":
    main()
