"""Menus and packs as they were in an older revision of the code, walked by its own code in a process of its own."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from gateway.pack.loading import folder
from operations.authoring import looks
from operations.authoring.looks import Look, Place
from operations.errors import OperationsError

ROOT = Path(__file__).resolve().parents[2]

PARTS = ("menus", "packs", "gateway")
"""What walking a pack needs."""


def looks_at(pack: str, revision: str) -> dict[Place, Look]:
    """The screens of a pack as `revision` had them, under the menus and catalogues of that time.

    OperationsError where there is no history, no such revision, no such pack in it, or none that can be walked.
    """
    top = Path(_line(ROOT, "--show-toplevel", wrong="this installation has no git history to compare with"))
    commit = _line(top, "--verify", "--quiet", f"{revision}^{{commit}}", wrong=f"no revision {revision}")
    where = _within(top, folder(pack))
    with tempfile.TemporaryDirectory(prefix="baraza-diff-") as made:
        _unpack(top, commit, Path(made))
        if not (Path(made) / where / "pack.toml").is_file():
            raise OperationsError(f"--against: {revision} has no {where.as_posix()}")
        return looks.read(_walked(Path(made), where, revision))


def _within(top: Path, path: Path) -> Path:
    try:
        return path.resolve().relative_to(top)
    except ValueError:
        raise OperationsError(f"--against: {path} is not in the history of {top.name}") from None


def _unpack(top: Path, commit: str, into: Path) -> None:
    kept = _git(top, "archive", "--format=zip", commit, wrong=f"git cannot unpack {commit}")
    with zipfile.ZipFile(io.BytesIO(kept)) as archive:
        archive.extractall(into, [name for name in archive.namelist() if name.split("/")[0] in PARTS])


def _walked(tree: Path, pack: Path, revision: str) -> str:
    """Run the script over that tree. `-P`: the folder of the script is not on the path, only the tree is."""
    done = subprocess.run(
        [sys.executable, "-P", looks.__file__, str(tree / pack)],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise OperationsError(f"--against: the menus of {revision} cannot be walked by this version: {last}")
    return done.stdout


def _line(at: Path, *words: str, wrong: str) -> str:
    return _git(at, "rev-parse", *words, wrong=wrong).decode().strip()


def _git(at: Path, *words: str, wrong: str) -> bytes:
    git = shutil.which("git")
    if git is None:
        raise OperationsError("--against: git is not installed")
    done = subprocess.run([git, "-C", str(at), *words], capture_output=True, check=False)
    if done.returncode:
        raise OperationsError(f"--against: {wrong}")
    return done.stdout
