"""The SMS half in figures: a broadcast to the stand-in through the real SDK, with a durable row and state a recipient.

`python -m bench.messages` prints a table beside the usual way with RQ, a job a message. See bench/RESULTS.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import redis
import sqlalchemy as sa
from rq import Queue

from bench.hops import machine, say, table
from bench.systems import OTHER_CORES, PEERS, SERVER_CORES, Stores, on_cores
from gateway.context import Context
from gateway.messaging import service as messaging
from gateway.messaging.wake import wake
from gateway.residents.models import Resident
from gateway.settings import load_settings
from operations import processes
from operations.crowd import gather
from operations.parts import http_ok, worker_signed_in
from operations.ports import LOOPBACK, free_port
from operations.processes import Program

ROOT = Path(__file__).parents[1]


class House:
    """Stores, stand-in and, when asked, workers: each worker on the server's core, the rest on the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stores = Stores(folder)
        self.port = free_port()
        self.environment = self.stores.environment | {
            "BARAZA_AFRICASTALKING_URL": f"http://{LOOPBACK}:{self.port}",
            "BARAZA_AFRICASTALKING_API_KEY": "bench",
            "BARAZA_AFRICASTALKING_FROM": "22384",
            "BARAZA_DEMO": "1",
            "BARAZA_QUIET_HOURS": "off",
            "BARAZA_SEGMENTS_PER_SECOND": "1000000",
        }
        named = {name.removeprefix("BARAZA_").lower(): value for name, value in self.environment.items()}
        self.context = Context.make(load_settings(**named), application="bench")
        self._asks = psycopg.connect(self.stores.baraza_url, autocommit=True)

    def people(self, count: int) -> None:
        """As many residents, and no messages: what was there is gone."""
        tables = "residents, messages, broadcasts, provider_calls, delivery_reports, channel_states"
        self.stores.sql(f"truncate {tables} cascade", self.stores.baraza_url)
        numbers = (f"+2547{place:08}" for place in range(count))
        with psycopg.connect(self.stores.postgres.url) as connection:
            gather(connection, self.context.vault, numbers, language="en", now=datetime.now(UTC))
        self.stores.sql("vacuum analyze residents", self.stores.baraza_url)

    def broadcast(self) -> None:
        """Owe a text to everybody."""
        with self.context.work() as session:
            messaging.owe_broadcast(
                session,
                kind="update",
                topic="KEKAK0001",
                bodies={"en": "Budget hearing on 3 December at the county hall."},
                audience=sa.select(Resident.id),
                created_by=None,
                now=self.context.clock.now(),
            )

    def waits(self) -> bool:
        """Whether any message has not come to its state. Asked often while others work: one row, one connection."""
        found = self._asks.execute("select exists (select from messages where state = 'owed')").fetchone()
        return bool(found and found[0])

    def states(self) -> dict[str, int]:
        rows = self.stores.sql("select state, count(*) from messages group by 1", self.stores.baraza_url)
        return {str(state): int(str(count)) for state, count in rows}

    @contextmanager
    def stand_in(self) -> Iterator[None]:
        """The aggregator's stand-in: counters only, no delivery reports."""
        command = [sys.executable, "-m", "simulator", "--port", str(self.port), "--forget"]
        where = {"SIMULATOR_CALLBACKS": f"http://{LOOPBACK}:9/none"}
        with self.program("simulator", command, lambda _: http_ok(self.port, "/"), OTHER_CORES, where):
            self.ask("POST", "/_faults", {"faults": [{"kind": "reports_off", "count": None}]})
            yield

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(method, f"http://{LOOPBACK}:{self.port}{path}", json=body, trust_env=False)
        return answer.raise_for_status().json() if answer.content else None

    @contextmanager
    def worker(self, lane: str) -> Iterator[int]:
        """A worker of a lane on the server's core; its process id."""
        command = [sys.executable, "-m", "operations", "worker", "--lane", lane, "--data", str(self.folder)]
        url = self.environment["BARAZA_REDIS_URL"]
        with self.program(lane, command, lambda pid: worker_signed_in(url, pid), SERVER_CORES) as pid:
            yield pid

    @contextmanager
    def program(
        self,
        name: str,
        command: Sequence[str],
        answers: Callable[[int], bool],
        cores: set[int],
        more: dict[str, str] | None = None,
    ) -> Iterator[int]:
        outside = {key: value for key, value in os.environ.items() if not key.startswith("BARAZA_")}
        environment = outside | self.environment | (more or {}) | {"no_proxy": LOOPBACK}
        program = Program(name, command, self.folder / "logs" / f"{name}.log", answers, environment, ROOT, grace=40)
        with on_cores(cores):
            process = processes.launch(program)
        try:
            processes.wait_until_answers(program, process)
            yield process.pid
        finally:
            processes.stop((program, process))

    def stop(self) -> None:
        self._asks.close()
        self.context.close()
        self.stores.stop()


@dataclass
class Watch:
    """CPU and memory of a process and its children while it works; jobs of RQ are processes of their own."""

    pid: int
    peak: float = 0.0
    """MiB, the largest of all processes."""
    cpu: dict[tuple[int, float], float] = field(default_factory=dict)

    def look(self) -> None:
        try:
            parent = psutil.Process(self.pid)
            for one in [parent, *parent.children(recursive=True)]:
                times = one.cpu_times()
                self.cpu[one.pid, one.create_time()] = times.user + times.system
                self.peak = max(self.peak, one.memory_info().rss / 2**20)
        except psutil.NoSuchProcess:
            pass

    @property
    def seconds(self) -> float:
        return sum(self.cpu.values())


@dataclass(frozen=True)
class Sent:
    """One broadcast, from the wake-up to the last state."""

    recipients: int
    seconds: float
    cpu: float
    """Seconds of the worker."""
    stores: float
    """Seconds of Postgres."""
    peak: float
    """MiB of the largest process of the worker."""


def send_all(house: House, recipients: int) -> Sent:
    """Broadcast to so many and wait for the last one. Raises SystemExit when any was lost or doubled."""
    house.people(recipients)
    house.broadcast()
    house.ask("DELETE", "/_messages")
    with house.worker("broadcasts") as pid:
        watch, stores = Watch(pid), Watch(house.stores.postgres.pid)
        watch.look()
        stores.look()
        before, stored, began = watch.seconds, stores.seconds, time.perf_counter()
        wake(house.context.valkey, "broadcasts")
        while house.waits():
            watch.look()
            stores.look()
            wake(house.context.valkey, "broadcasts")
            time.sleep(0.1)
        seconds = time.perf_counter() - began
        watch.look()
        stores.look()
    accepted = house.ask("GET", "/_counters")["accepted"]
    if house.states() != {"accepted": recipients} or accepted != recipients:
        raise SystemExit(f"not right: {house.states()}, {accepted} at the stand-in, {recipients} owed")
    return Sent(recipients, seconds, watch.seconds - before, stores.seconds - stored, watch.peak)


def send_by_jobs(house: House, jobs: int) -> float:
    """Messages a second of an ordinary RQ worker, forking, a job a message that does nothing."""
    valkey = redis.Redis.from_url(house.environment["BARAZA_REDIS_URL"])
    queue = Queue("usual", connection=valkey)
    queue.enqueue_many([Queue.prepare_data("rq_jobs.send", (place,)) for place in range(jobs)])
    command = [sys.executable, "-m", "rq.cli", "worker", "usual", "--burst", "--quiet", "--path", str(PEERS)]
    command += ["--url", house.environment["BARAZA_REDIS_URL"]]
    with on_cores(SERVER_CORES):
        began = time.perf_counter()
        subprocess.run(command, check=True, timeout=600, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    assert not queue.count
    valkey.close()
    return jobs / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="50,000 recipients, where none are given")
    parser.add_argument("--recipients", type=int)
    parser.add_argument("--jobs", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="baraza-bench-") as folder:
        house = House(Path(folder))
        try:
            say(machine() + "\n")
            with house.stand_in():
                usual = send_by_jobs(house, options.jobs)
                sent = send_all(house, options.recipients or (50_000 if options.full else 20_000))
            rate = sent.recipients / sent.seconds
            table(
                [
                    ["way", "recipients/s", "per CPU second", "of Postgres", "times RQ's"],
                    ["RQ, a job a message", f"{usual:,.0f}", "", "", "1"],
                    [
                        "Baraza",
                        f"{rate:,.0f}",
                        f"{sent.recipients / sent.cpu:,.0f}",
                        f"{sent.recipients / sent.stores:,.0f}",
                        f"{rate / usual:,.0f}",
                    ],
                ]
            )
        finally:
            house.stop()


if __name__ == "__main__":
    main()
