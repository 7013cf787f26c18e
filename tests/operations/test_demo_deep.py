"""Demos that take longer: one that gives up, and one on stores of somebody else."""

import os
import signal
from pathlib import Path

import psutil
import pytest

from operations.embedded import start_postgres, start_valkey
from operations.ports import free_port
from tests.operations.demos import RunningDemo, eventually, start_demo

pytestmark = pytest.mark.deep


def kill_clock(demo: RunningDemo) -> None:
    """Kill the clock, and wait for the next one or for the end of the demo."""
    killed = demo.ready["pids"]["clock"]
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: not demo.ready_file.exists() or demo.ready["pids"]["clock"] != killed, 2)


def test_a_part_that_dies_five_times_in_half_a_minute_ends_the_demo(tmp_path: Path) -> None:
    demo = start_demo(tmp_path, "--port", str(free_port()))
    pids = demo.ready["pids"]
    for _ in range(5):
        kill_clock(demo)
    printed, _ = demo.process.communicate(timeout=60)
    assert demo.process.returncode == 1
    assert "clock died 5 times in 30 s; see " in printed.splitlines()[-1]
    assert not [part for part, pid in pids.items() if psutil.pid_exists(pid)]


def test_given_stores_are_used_and_left_alone(tmp_path: Path) -> None:
    postgres, valkey = start_postgres(tmp_path / "stores"), start_valkey(tmp_path / "stores")
    given = {
        "BARAZA_DATABASE_URL": postgres.url,
        "BARAZA_MIGRATION_DATABASE_URL": postgres.owner_url,
        "BARAZA_REDIS_URL": valkey.url,
        "BARAZA_AFRICASTALKING_URL": f"http://127.0.0.1:{free_port()}",
    }
    demo = start_demo(tmp_path, "--no-simulator", "--port", str(free_port()), **given)
    ready = demo.ready
    demo.stop()
    assert {name: ready["env"][name] for name in given} == given
    assert (ready["database_url"], ready["redis_url"], ready["phone"]) == (postgres.url, valkey.url, None)
    assert [part for part, pid in ready["pids"].items() if pid is None] == ["simulator", "postgres", "valkey"]
    assert postgres.process.poll() is None
    assert valkey.process.poll() is None
    postgres.stop()
    valkey.stop()
