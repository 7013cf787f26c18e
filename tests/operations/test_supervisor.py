"""The supervisor, with small real processes."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from operations.data_folder import DataFolder
from operations.errors import OperationsError
from operations.processes import NotAnswering, Program
from operations.strays import stop_noted
from operations.supervisor import GaveUp, Supervisor

LIVES = "import time; time.sleep(60)"
DIES = "import sys; print('no such pack'); sys.exit(3)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path)


class Watched:
    """A supervisor whose words and changes are kept."""

    def __init__(self, folder: DataFolder) -> None:
        self.told: list[str] = []
        self.changes = 0
        self.supervisor = Supervisor(folder, tell=self.told.append, changed=self.note_change)

    def note_change(self) -> None:
        self.changes += 1


@pytest.fixture
def watched(folder: DataFolder) -> Iterator[Watched]:
    watched = Watched(folder)
    yield watched
    watched.supervisor.stop()


def program(folder: DataFolder, name: str, code: str, grace: float = 5.0) -> Program:
    log = folder.logs / f"{name}.log"
    return Program(
        name=name,
        command=[sys.executable, "-c", code],
        log=log,
        answers=lambda pid: psutil.pid_exists(pid) and ("up" in log.read_text() if code == STUBBORN else True),
        grace=grace,
    )


def test_a_part_that_dies_is_started_again_within_two_seconds(watched: Watched, folder: DataFolder) -> None:
    watched.supervisor.start(program(folder, "web", LIVES), program(folder, "clock", LIVES))
    before = watched.supervisor.pids
    os.kill(before["web"], signal.SIGKILL)

    began = time.monotonic()
    watched.supervisor.watch(until=lambda: watched.supervisor.pids != before)
    assert time.monotonic() - began < 2
    assert watched.supervisor.pids["clock"] == before["clock"]
    assert watched.told == ["web ended (SIGKILL); starting it again"]
    assert watched.changes == 1
    assert set(folder.kept_pids()) == set(watched.supervisor.pids.values())


def test_five_deaths_in_half_a_minute_are_too_many(watched: Watched, folder: DataFolder) -> None:
    watched.supervisor.start(program(folder, "steady", LIVES))
    watched.supervisor.start(program(folder, "web", DIES))
    with pytest.raises(GaveUp, match=r"^web died 5 times in 30 s; see .*web\.log$"):
        watched.supervisor.watch()
    assert len(watched.told) == 4


def test_the_last_group_stops_first_and_at_once(folder: DataFolder, tmp_path: Path) -> None:
    story = tmp_path / "story"
    tells = textwrap.dedent("""
        import os, signal, sys, time
        name, story = sys.argv[1:]
        def bye(*_):
            time.sleep(0.3)
            with open(story, "a") as file: file.write(name + " ")
            sys.exit()
        signal.signal(signal.SIGTERM, bye)
        print("up", flush=True)
        while True: time.sleep(1)
    """)

    def telling(name: str) -> Program:
        log = folder.logs / f"{name}.log"
        return Program(
            name, [sys.executable, "-c", tells, name, str(story)], log, lambda _: "up" in log.read_text(), {}
        )

    supervisor = Supervisor(folder, tell=lambda _: None, changed=lambda: None)
    supervisor.start(telling("postgres"))
    supervisor.start(telling("valkey"))
    supervisor.start(telling("web"), telling("worker"))
    began = time.monotonic()
    supervisor.stop()
    stopped = story.read_text().split()
    assert sorted(stopped[:2]) == ["web", "worker"]
    assert stopped[2:] == ["valkey", "postgres"]
    assert time.monotonic() - began < 1.15, "web and worker stop side by side"
    assert not folder.pids_file.exists()


def test_who_does_not_stop_is_killed_after_the_grace(folder: DataFolder) -> None:
    supervisor = Supervisor(folder, tell=lambda _: None, changed=lambda: None)
    supervisor.start(program(folder, "worker", STUBBORN, grace=0.3))
    stubborn = psutil.Process(supervisor.pids["worker"])
    supervisor.stop()
    assert not stubborn.is_running()


def test_a_part_that_never_answers_is_named_with_its_log(watched: Watched, folder: DataFolder) -> None:
    silent = Program("web", [sys.executable, "-c", DIES], folder.logs / "web.log", lambda _: False, {})
    with pytest.raises(NotAnswering, match=r"^web ended with exit 3 \(no such pack\); see .*web\.log$"):
        watched.supervisor.start(silent)


def test_leftovers_are_stopped_and_strangers_with_a_reused_id_are_not(folder: DataFolder) -> None:
    leftover, stranger = (subprocess.Popen([sys.executable, "-c", LIVES]) for _ in range(2))
    created = psutil.Process(leftover.pid).create_time()
    folder.keep_pids({leftover.pid: created, stranger.pid: created - 3600, 2**22 + 1: created})
    stop_noted(folder.kept_pids())
    assert leftover.wait(1) == -signal.SIGTERM
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_living_demo_makes_a_second_refuse(tmp_path: Path) -> None:
    hold = "import sys; from pathlib import Path; from operations.data_folder import DataFolder\n"
    hold += "folder = DataFolder(Path(sys.argv[1])); folder.lock(); print('held', flush=True); sys.stdin.read()"
    first = subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert first.stdout is not None
    first.stdout.readline()
    with pytest.raises(OperationsError, match=rf"already runs on {tmp_path} \(process {first.pid}\)"):
        DataFolder(tmp_path).lock()
    first.kill()
    first.communicate()
    DataFolder(tmp_path).lock()  # the lock of a killed demo is gone with it
