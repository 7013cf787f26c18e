"""Something made once from what is published, kept in this process until there is something newer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """The newest of its kind, known by a mark (a digest)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: tuple[str, T] | None = None

    def get(self, mark: str, make: Callable[[], T | None]) -> T | None:
        """What has this mark; made when it is not the one kept."""
        newest = self._newest
        if newest is not None and newest[0] == mark:
            return newest[1]
        with self._lock:
            made = make()
            if made is not None:
                self._newest = (mark, made)
        return made
