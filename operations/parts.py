"""The processes of a demo beside the stores, as programs to supervise: simulator, web, workers, clock."""

import http.client
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import psycopg
import redis
from rq import Worker

from gateway.pack import Pack
from operations.data_folder import DataFolder
from operations.ports import LOOPBACK
from operations.processes import Program

GRACE = 40.0
"""Seconds a part may take to stop: a sending job may take 35 s to end, and cut off leaves messages of unknown fate."""


def simulator_part(folder: DataFolder, port: int, callbacks: str, pack: Pack, channel: str) -> Program:
    """The phone and the stand-in for the aggregator. `callbacks` holds a secret, so it goes by the environment."""
    codes, word = pack.about.codes, next(iter(pack.about.words))
    arguments = ["--port", str(port), "--protocol", channel, "--country", pack.about.country]
    arguments += ["--ussd-code", codes.ussd, "--sms-code", codes.sms, "--sms-word", word]
    return Program(
        name="simulator",
        command=[sys.executable, "-m", "simulator", *arguments],
        log=folder.logs / "simulator.log",
        answers=lambda _: http_ok(port, "/"),
        environment=_surroundings({"SIMULATOR_CALLBACKS": callbacks}),
    )


def own_parts(folder: DataFolder, environment: Mapping[str, str], web_port: int) -> list[Program]:
    """Web, the worker of each lane, and the clock."""
    database_url = environment["BARAZA_DATABASE_URL"]
    signed_in = partial(worker_signed_in, environment["BARAZA_REDIS_URL"])
    return [
        _own(folder, environment, "web", ["web", "--port", str(web_port)], lambda _: http_ok(web_port, "/readyz")),
        _own(folder, environment, "worker_replies", ["worker", "--lane", "replies"], signed_in),
        _own(folder, environment, "worker_broadcasts", ["worker", "--lane", "broadcasts"], signed_in),
        _own(folder, environment, "clock", ["clock"], lambda _: clock_stands(database_url)),
    ]


def _own(
    folder: DataFolder,
    environment: Mapping[str, str],
    name: str,
    arguments: Sequence[str],
    answers: Callable[[int], bool],
) -> Program:
    """A command of ours as a part; the settings come by the environment."""
    return Program(
        name=name,
        command=[sys.executable, "-m", "operations", *arguments, "--data", str(folder.path)],
        log=folder.logs / f"{name}.log",
        answers=answers,
        environment=_surroundings(environment),
        grace=GRACE,
    )


def http_ok(port: int, path: str) -> bool:
    """Whether a GET on the loopback address answers 200 within two seconds; proxies are not asked."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def worker_signed_in(redis_url: str, pid: int) -> bool:
    """Whether an RQ worker with this process id is registered."""
    with redis.Redis.from_url(redis_url, socket_timeout=2) as connection:
        return any(worker.pid == pid for worker in Worker.all(connection=connection))


def clock_stands(database_url: str) -> bool:
    """Whether a clock process holds its connection to the database, be it to act or to stand by."""
    try:
        with psycopg.connect(database_url, connect_timeout=2) as connection:
            found = connection.execute(
                "select 1 from pg_stat_activity where datname = current_database() and application_name like %s",
                ["baraza-clock%"],
            )
            return found.fetchone() is not None
    except psycopg.OperationalError:
        return False


def _surroundings(environment: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with the part's settings; a proxy for the way out must not catch the loopback."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("BARAZA_")}
    return outside | {"no_proxy": f"{LOOPBACK},localhost", "PYTHONUNBUFFERED": "1"} | dict(environment)
