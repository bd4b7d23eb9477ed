"""Lets the database file be changed under those who read: they finish, the next ones wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Swap:
    """Uses of the database, and the moment in which there are none."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._using = 0
        self._closed = False
        self._mine = threading.local()

    @contextmanager
    def using(self) -> Iterator[None]:
        """The file stays the same while this lasts; waits while it is changed. May be nested."""
        depth = getattr(self._mine, "depth", 0)
        with self._changed:
            if not depth:  # else the one who changes the file would wait for us, and we for him
                self._changed.wait_for(lambda: not self._closed)
            self._using += 1
        self._mine.depth = depth + 1
        try:
            yield
        finally:
            self._mine.depth = depth
            with self._changed:
                self._using -= 1
                self._changed.notify_all()

    @contextmanager
    def empty(self) -> Iterator[None]:
        """Nobody uses the file while this lasts: begins once those who do are done."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: not self._using)
        try:
            yield
        finally:
            with self._changed:
                self._closed = False
                self._changed.notify_all()
