"""`baraza drill` as an operator runs it, with some of its faults."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

FAULTS = "none,reset after accepting,HTTP 500,reports reordered,inbound repeated"


def drill(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "operations", "drill", *arguments]
    environment = {**os.environ, "COLUMNS": "160"}
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, env=environment)


@pytest.mark.deep
def test_a_short_drill_loses_and_doubles_nothing() -> None:
    done = drill("--only", FAULTS, "--replies", "4", "--recipients", "20")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = {line.split("│")[1].strip(): line.split("│") for line in done.stdout.splitlines() if line.startswith("│")}
    assert list(lines) == FAULTS.split(",")
    assert all(int(line[4]) == 24 for name, line in lines.items() if name != "inbound repeated"), done.stdout


def test_a_fault_that_nobody_knows_is_named() -> None:
    done = drill("--only", "thunder")
    assert done.returncode != 0
    assert "thunder" in done.stderr
