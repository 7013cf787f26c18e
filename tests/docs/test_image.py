"""The image, as far as it can be held to the truth without an engine: its lines are the demo's, its files suffice."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

from tests.docs.documents import ROOT, read
from tests.docs.test_documents import parse_baraza

DOCKERFILE = read("Dockerfile").replace("\\\n", " ")
NOT_IN_THE_IMAGE = {"simulator"}
"""The outside world of the demo and the tests."""


def instructions(word: str) -> list[str]:
    return re.findall(rf"^{word} +(.+)$", DOCKERFILE, re.MULTILINE)


def copied() -> list[str]:
    """What the image takes from the repository."""
    lines = [line.split() for line in instructions("COPY") if not line.startswith("--from")]
    return [source for *sources, _ in lines for source in sources]


def test_it_runs_only_what_the_demo_runs() -> None:
    makefile = read("Makefile")
    installed = re.search(r"^\$\(VENV\)/\.installed:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    pip = re.search(r"^PIP := \$\(VENV\)/(.+)$", makefile, re.MULTILINE)
    assert installed
    assert pip
    demo = {line.removesuffix(" || \\") for line in installed[1].replace("$(PIP)", f".venv/{pip[1]}").splitlines()}
    for line in instructions("RUN"):
        # The demo makes its folder of files itself; a volume takes owner and mode from the image.
        assert line.startswith(("python3 -m venv .venv", "install -d ")) or f"\t{line}" in demo


def test_the_builder_sees_what_is_copied_and_nothing_else() -> None:
    shown = {line[1:] for line in read(".dockerignore").splitlines() if line.startswith("!")}
    assert shown == set(copied())
    for secret in ("deploy/application.env", ".baraza/baraza.env", ".git/config", ".venv/bin/python"):
        assert not any(fnmatch(secret, f"{pattern}*") for pattern in shown)


def test_every_package_but_the_simulator_is_copied() -> None:
    find = tomllib.loads(read("pyproject.toml"))["tool"]["setuptools"]["packages"]["find"]
    packages = {pattern.rstrip("*") for pattern in find["include"]}
    assert packages - NOT_IN_THE_IMAGE == {source for source in copied() if (ROOT / source).is_dir()}


def test_what_is_copied_is_enough_to_run(tmp_path: Path) -> None:
    for source in copied():
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        copy(ROOT / source, tmp_path / source)
    look = (
        "import sys, gateway.app, operations.migrate, worker.clock, worker.rq_worker\n"
        "from gateway.pack import load\n"
        "assert load('kakamega').guide.missing_translations('sw') == []\n"
        "assert operations.migrate.newest_revision()\n"
        f"ours = {sorted(name for name in copied() if (ROOT / name).is_dir())}\n"
        "print(*{str(m.__file__) for n, m in sys.modules.items() if n.split('.')[0] in ours and m.__file__}, sep='\\n')"
    )
    environment = {"PATH": os.defpath, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", look], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert all(line.startswith(str(tmp_path)) for line in ran.stdout.splitlines()), "something came from elsewhere"


def test_it_is_no_root_says_how_to_stop_it_and_how_it_is() -> None:
    (user,) = instructions("USER")
    assert all(int(part) >= 1000 for part in user.split(":"))
    assert instructions("STOPSIGNAL") == ["SIGTERM"]
    assert "/healthz" in DOCKERFILE
    assert not re.search(r"BARAZA_[A-Z]", DOCKERFILE), "settings come from outside"
    (command,) = instructions("CMD") and re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    parse_baraza([str(word) for word in tomllib.loads(f"command = {command}")["command"]])


def test_its_bases_are_pinned_by_tag_and_its_packages_by_hash() -> None:
    bases = [base.split(" ")[0] for base in instructions("FROM")]
    assert all(re.fullmatch(r"python:3\.11-slim-[a-z]+", base) for base in bases)
    assert len(set(bases)) == 1, "a virtual environment does not move to another Python"
    lock = read("requirements.lock")
    assert len(re.findall(r"^[A-Za-z0-9_.-]+==", lock, re.MULTILINE)) == len(
        re.findall(r"^\S+==.*\\$", lock, re.MULTILINE)
    )


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    ran = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "")
