"""Folders that a Postgres under another user may enter."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder right under the system's own: pytest closes the folders above its own at every start (0700).

    As root the embedded Postgres is another user, and a second pytest would shut it out in the middle of its work.
    """
    with tempfile.TemporaryDirectory(prefix="baraza-test-") as folder:
        yield Path(folder).resolve()
