"""`make bench`: the complaint journey on Baraza and its peers, in turn within one run, on one core for the server.

Prints a table, and asks Postgres after every round whether each journey that ended has exactly one case. Everything is
on the loopback address and stops by itself. See bench/RESULTS.md for what was measured and how to read it.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from bench.systems import OTHER_CORES, PEERS, SERVER_CORES, Running, Stores, System, all_systems, on_cores, running

GOALS = {"ussd-menu-builder": 1.5, "ussd-state-builder": 2.0, "form": 1.0}
"""How many times as fast as each peer Baraza wants to be."""

PATIENCE = 7200
"""Seconds that one load may take: 100,000 sessions are 900,000 hops."""

Run = dict[str, Any]


class NotRight(Exception):
    """A system answered wrongly, or lost or doubled a case: its figures would mean nothing."""


class Bench:
    """One run of the whole bench."""

    def __init__(self, options: argparse.Namespace, stores: Stores) -> None:
        self.options = options
        self.stores = stores
        self._number = 0
        self.runs: dict[str, list[Run]] = {}

    def load(self, server: Running, kind: str, *arguments: str) -> Run:
        """One load against one system, its cases counted before and after."""
        before = self._cases(server.system)
        command = [sys.executable, "-m", "bench.load", kind, "--port", str(server.port), "--pid", str(server.pid)]
        command += ["--path", server.system.path, "--first-number", str(self._number), *arguments]
        if server.system.any_screen:
            command.append("--any-screen")
        with on_cores(OTHER_CORES):
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        if done.returncode:
            raise NotRight(f"the load against {server.system.name} failed:\n{done.stderr}")
        report: Run = json.loads(done.stdout)
        self._number += 2_000_000
        if report["wrong"]:
            raise NotRight(f"{server.system.name}: {report['wrong']} wrong answers, the first: {report['example']}")
        self._check_cases(server.system, before, self._cases(server.system), report["journeys"])
        return report

    @staticmethod
    def _cases(system: System) -> tuple[int, int]:
        return system.cases() if system.cases else (0, 0)

    @staticmethod
    def _check_cases(system: System, before: tuple[int, int], after: tuple[int, int], journeys: int) -> None:
        rows, different = after[0] - before[0], after[1] - before[1]
        if system.cases and not rows == different == journeys:
            raise NotRight(f"{system.name}: {journeys} journeys, {rows} cases, {different} different ones")

    def speed(self, servers: Sequence[Running]) -> None:
        """So many rounds, every system once in each."""
        seconds = ["--seconds", str(self.options.seconds), "--connections", str(self.options.connections)]
        for round_ in range(1, self.options.rounds + 1):
            for server in servers:
                report = self.load(server, "full", *seconds)
                self.runs.setdefault(server.system.name, []).append(report)
                figures = f"{rate(report):,.0f} hops/s, {cost(report):.0f} us CPU a hop"
                say(f"round {round_}: {server.system.title}: {figures}")

    def count_calls(self, server: Running, journeys: int = 200) -> tuple[float, float]:
        """Statements and Valkey commands a journey, counted by the stores themselves."""
        if not server.system.cases:
            return 0.0, 0.0
        self.stores.sql("alter system set log_statement = 'all'")
        self.stores.sql("select pg_reload_conf()")
        time.sleep(0.5)
        start = self.stores.log.stat().st_size
        self.stores.valkey_calls()
        report = self.load(server, "full", "--journeys", str(journeys), "--connections", "4")
        calls = self.stores.valkey_calls()
        self.stores.sql("alter system reset log_statement")
        self.stores.sql("select pg_reload_conf()")
        with self.stores.log.open("rb") as log:
            log.seek(start)
            lines = log.read().decode(errors="replace").splitlines()
        statements = [line for line in lines if " LOG:  execute " in line or " LOG:  statement: " in line]
        own = 5  # alter, reload and count, which are not the system's
        return (len(statements) - own) / report["journeys"], calls / report["journeys"]


def rate(report: Run) -> float:
    return float(report["hops"] / report["seconds"])


def cost(report: Run) -> float:
    """CPU of the server in microseconds a hop."""
    return float(report["cpu"] / report["hops"] * 1e6)


def say(line: str) -> None:
    print(line, flush=True)


def table(rows: list[list[str]]) -> None:
    """Print rows, the first being the heads, as a table of Markdown."""
    head, *rest = rows
    for row in [head, ["---"] * len(head), *rest]:
        say("| " + " | ".join(row) + " |")


def show_speed(bench: Bench, servers: Sequence[Running], calls: dict[str, tuple[float, float]]) -> None:
    rows = [["system", "hops/s", "CPU us/hop", "p50 ms", "p95 ms", "p99 ms", "statements", "Valkey calls"]]
    for server in servers:
        runs = bench.runs[server.system.name]
        statements, commands = calls[server.system.name]
        percentiles = [f"{statistics.median(run[name] for run in runs) * 1e3:.1f}" for name in ("p50", "p95", "p99")]
        rows.append(
            [
                server.system.title,
                f"{statistics.median(map(rate, runs)):,.0f}",
                f"{statistics.median(map(cost, runs)):.0f}",
                *percentiles,
                f"{statements:.1f}",
                f"{commands:.1f}",
            ]
        )
    table(rows)


def show_ratios(bench: Bench) -> None:
    """Baraza against each peer: the median of the rounds' own ratios."""
    rows = [["Baraza against", "hops/s", "hops a CPU second", "goal"]]
    ours = bench.runs["baraza"]
    for name, goal in GOALS.items():
        if name not in bench.runs:
            continue
        pairs = list(zip(ours, bench.runs[name], strict=True))
        faster = statistics.median(rate(own) / rate(theirs) for own, theirs in pairs)
        cheaper = statistics.median(cost(theirs) / cost(own) for own, theirs in pairs)
        rows.append([name, f"{faster:.2f}", f"{cheaper:.2f}", f"{goal:.1f}"])
    table(rows)


def show_steady(bench: Bench, baraza: Running) -> None:
    options = bench.options
    report = bench.load(baraza, "steady", "--connections", "16", "--sessions", str(options.sessions))
    say(
        f"\n{options.sessions:,} sessions at once at 200 hops/s, {report['hops_doubled']} hops doubled, "
        f"{report['answers_lost']} answers lost: p50 {report['p50'] * 1e3:.1f} ms, p99 {report['p99'] * 1e3:.1f} ms, "
        f"worst {report['worst'] * 1e3:.0f} ms; {report['journeys']:,} journeys, as many cases: none lost, none doubled"
    )


def show_memory(bench: Bench, baraza: Running) -> None:
    report = bench.load(baraza, "full", "--journeys", str(bench.options.memory))
    memory = report["memory"]
    points = [memory[len(memory) * tenth // 10] for tenth in range(0, 10, 2)] + [memory[-1]]
    say(f"\nMemory over {report['journeys']:,} sessions: " + ", ".join(f"{point:.0f}" for point in points) + " MiB")


def machine() -> str:
    told = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in told if "model name" in line), platform.processor())
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{model}, {psutil.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}; server on core {min(SERVER_CORES)}, "
        f"stores and load on core {min(OTHER_CORES)}"
    )


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="weigh over 100,000 sessions: an hour")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0, help="measured seconds a system a round")
    parser.add_argument("--connections", type=int, default=128, help="hops under way at once, of twice the sessions")
    parser.add_argument("--systems", default="", help="names by comma, baraza always among them; empty means all")
    parser.add_argument("--sessions", type=int, default=1000, help="sessions at once for the steady load; 0 skips it")
    parser.add_argument("--memory", type=int, help="sessions to weigh over (5,000; goal: 100,000); 0 skips it")
    options = parser.parse_args()
    if options.memory is None:
        options.memory = 100_000 if options.full else 5_000
    return options


def chosen(options: argparse.Namespace, stores: Stores) -> list[System]:
    systems = all_systems(stores)
    wanted = options.systems.split(",") if options.systems else list(systems)
    if any(name.startswith("ussd") for name in wanted) and not (PEERS / "node_modules").exists():
        raise SystemExit("The peers need Node.js 20 or newer: `make bench` installs them with npm")
    return [systems[name] for name in dict.fromkeys(["baraza", *wanted])]


def main() -> None:
    options = read_options()
    with tempfile.TemporaryDirectory(prefix="baraza-bench-") as folder:
        stores = Stores(Path(folder))
        try:
            bench = Bench(options, stores)
            with running(chosen(options, stores), Path(folder)) as servers:
                say(machine() + "\n")
                calls = {server.system.name: bench.count_calls(server) for server in servers}
                bench.speed(servers)
                say("")
                show_speed(bench, servers, calls)
                say("")
                show_ratios(bench)
                if options.sessions:
                    show_steady(bench, servers[0])
                if options.memory:
                    show_memory(bench, servers[0])
        finally:
            stores.stop()


if __name__ == "__main__":
    main()
