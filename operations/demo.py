"""Everything at once on one machine: stores, schema, processes, and a phone to try it with."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from gateway.pack import load
from gateway.residents.sealing import Vault
from gateway.settings import Settings, load_settings
from gateway.staff import practice
from gateway.staff import service as staff
from gateway.staff.roles import Role
from gateway.timing import Clock
from operations import embedded, migrate, parts, ports, ready, smoke, strays, training
from operations.data_folder import DataFolder
from operations.demo_settings import Stores, demo_environment
from operations.errors import Misconfigured, OperationsError
from operations.ports import LOOPBACK
from operations.ready import Addresses
from operations.settings import work
from operations.supervisor import StopRequested, Supervisor

USUAL_PORT = 8000
OFFICER = practice.email_of(Role.OFFICER)


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    data: Path
    port: int | None = None
    """None: 8000, or another when that is busy."""
    simulator: bool = True
    ready_file: Path | None = None
    training: bool = False
    """Invented cases to practise on, and pages that say so."""


class Demo:
    """One demo on one data folder."""

    def __init__(self, options: Options, console: Console) -> None:
        self._options = options
        self._console = console
        self._folder = DataFolder(options.data)
        self._supervisor = Supervisor(self._folder, tell=self._tell, changed=self._write_ready_file)
        self._addresses: Addresses | None = None
        self._environment: dict[str, str] = {}
        self._token = ""

    def run(self) -> None:
        """Start everything, say where it is, keep it alive until somebody asks to stop."""
        self._run_parts(self._welcome)

    def run_smoke(self) -> int:
        """Start everything, play the story of operations/smoke.py against it, stop; returns the story's exit code."""
        # The story is told at any hour; an answer held until morning would stop it.
        os.environ.setdefault("BARAZA_QUIET_HOURS", "off")
        codes: list[int] = []
        self._run_parts(lambda: self._play(codes))
        return codes[0] if codes else 1

    def _run_parts(self, once_ready: Callable[[], None]) -> None:
        """Start all parts, do the work, and stop all parts however it ends; being asked to stop is a good end."""
        self._folder.lock()
        self._supervisor.listen()
        try:
            self._start()
            once_ready()
        except StopRequested:
            self._tell("Stopping…")
        finally:
            if self._options.ready_file:
                self._options.ready_file.unlink(missing_ok=True)
            self._supervisor.stop()

    def _welcome(self) -> None:
        pack = load(self._environment["BARAZA_PACK"])
        ready.welcome(self._console, self._where(), pack, OFFICER, self._token, self._options.data)
        self._supervisor.watch()

    def _play(self, codes: list[int]) -> None:
        """Play in a thread: starting parts again is the main thread's work."""
        player = threading.Thread(target=lambda: codes.append(smoke.play(self.ready(), self._token)), daemon=True)
        player.start()
        self._supervisor.watch(until=lambda: not player.is_alive())

    def ready(self) -> ready.Ready:
        """The contents of the ready file."""
        pids = {"demo": os.getpid(), **self._supervisor.pids}
        return ready.describe(self._where(), self._environment, self._folder.logs, pids)

    def _start(self) -> None:
        given = {name: value for name, value in os.environ.items() if name.startswith("BARAZA_")}
        strays.stop_noted(self._folder.kept_pids())
        web_port = self._web_port()
        phone_port = ports.free_port() if self._options.simulator else None
        phone = f"http://{LOOPBACK}:{phone_port}" if phone_port else None
        postgres, valkey, stores = self._stores(given)
        web = f"http://{LOOPBACK}:{web_port}"
        self._environment = demo_environment(given, self._folder.kept_environment(), stores, phone)
        self._environment.setdefault("BARAZA_WEB_URL", web)
        self._environment["BARAZA_TRAINING"] = "1" if self._options.training else "0"
        self._environment.setdefault("BARAZA_FIGURES_HOURS", "0")
        self._environment.setdefault("BARAZA_FILES", str(self._folder.path / "files"))
        os.environ.update(self._environment)
        settings = load_settings()
        callbacks = f"{web}/channels/{settings.channel}/{settings.secrets[-1]}"
        self._addresses = Addresses(web, callbacks, phone)
        self._folder.keep_environment(self._environment)
        self._start_stores(postgres, valkey)
        with self._step("Bringing schema and pack up to date"):
            migrate.upgrade(settings)
            self._token = self._officer_token(settings)
        if phone_port:
            with self._step("Starting the phone and the stand-in of the aggregator"):
                pack, channel = load(settings.pack), settings.channel
                self._supervisor.start(parts.simulator_part(self._folder, phone_port, callbacks, pack, channel))
        with self._step("Starting web, workers and clock"):
            self._supervisor.start(*parts.own_parts(self._folder, self._environment, web_port))
        self._write_ready_file()

    def _stores(
        self, given: Mapping[str, str]
    ) -> tuple[embedded.PreparedPostgres | None, embedded.PreparedValkey | None, Stores]:
        """The stores to embed (None where the environment gives one) and the addresses of both."""
        data = self._folder.path
        postgres = None if "BARAZA_DATABASE_URL" in given else embedded.prepare_postgres(data)
        valkey = None if "BARAZA_REDIS_URL" in given else embedded.prepare_valkey(data)
        if postgres is None and "BARAZA_MIGRATION_DATABASE_URL" not in given:
            raise Misconfigured("BARAZA_MIGRATION_DATABASE_URL: is not set; with BARAZA_DATABASE_URL it is needed")
        stores = Stores(
            postgres.url if postgres else given["BARAZA_DATABASE_URL"],
            postgres.owner_url if postgres else given["BARAZA_MIGRATION_DATABASE_URL"],
            valkey.url if valkey else given["BARAZA_REDIS_URL"],
        )
        return postgres, valkey, stores

    def _start_stores(self, postgres: embedded.PreparedPostgres | None, valkey: embedded.PreparedValkey | None) -> None:
        if postgres:
            with self._step("Starting Postgres"):
                self._supervisor.start(postgres.program)
                embedded.make_roles(postgres)
        if valkey:
            with self._step("Starting Valkey"):
                self._supervisor.start(valkey.program)

    def _web_port(self) -> int:
        wanted = self._options.port
        if wanted is None:
            port = ports.free_port(USUAL_PORT)
            if port != USUAL_PORT:
                self._tell(f"Port {USUAL_PORT} is busy; the web pages are on {port} this time.")
            return port
        if not ports.port_is_free(wanted):
            raise OperationsError(f"Port {wanted} is busy: give another --port")
        return wanted

    def _officer_token(self, settings: Settings) -> str:
        """A new token of the demo's officer; one account of each role is added when missing."""
        now, vault = Clock(settings.offset).now(), Vault.from_settings(settings)
        with work(settings) as session:
            pack = load(settings.pack)
            practice.seed(session, vault, pack, now)
            if settings.training:
                training.fill(session, vault, pack, now)
            return staff.issue_token(session, vault, email=OFFICER, now=now)

    def _where(self) -> Addresses:
        assert self._addresses is not None, "addresses are known once the parts are started"
        return self._addresses

    def _write_ready_file(self) -> None:
        if self._options.ready_file:
            ready.write_ready_file(self._options.ready_file, self.ready())

    def _tell(self, line: str) -> None:
        self._console.print(line, highlight=False)

    @contextmanager
    def _step(self, doing: str) -> Iterator[None]:
        began = time.monotonic()
        with self._console.status(f"{doing}…"):
            yield
        self._tell(f"[green]✓[/green] {doing} [dim]{time.monotonic() - began:.1f} s[/dim]")
