"""Something made once from what is published, kept in this process until there is something newer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """The newest of each name, known by a mark (a digest). Names are few: languages, files."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: dict[str, tuple[str, T]] = {}

    def get(self, name: str, mark: str, make: Callable[[], T]) -> T:
        """What has this mark; made when it is not the one kept."""
        newest = self._newest.get(name)
        if newest is not None and newest[0] == mark:
            return newest[1]
        with self._lock:
            made = make()
            self._newest[name] = (mark, made)
        return made
