"""Questions that their asker withdraws: what they still cost in the store is stopped.

Who asks on behalf of somebody that may go away (a browser that types the next letter of a search) does it
within `asked_for(question)`; every query of that thread then ends with QueryWithdrawn once the question
is withdrawn, in this process or in that of the store.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

from data.errors import QueryWithdrawn

Stop = Callable[[], None]


class Question:
    """Something somebody wants to know, until he says that he does not any more. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stops: list[Stop] = []
        self.is_withdrawn = False

    def withdraw(self) -> None:
        """Stop what runs for it, and let nothing begin any more."""
        with self._lock:
            self.is_withdrawn = True
            stops = tuple(self._stops)
        for stop in stops:
            stop()

    @contextmanager
    def stopped_by(self, stop: Stop) -> Iterator[None]:
        """While this lasts, `stop` is called when the question is withdrawn. Raises QueryWithdrawn if it was."""
        with self._lock:
            if self.is_withdrawn:
                raise withdrawn()
            self._stops.append(stop)
        try:
            yield
        finally:
            with self._lock:
                self._stops.remove(stop)


class Questions:
    """Those that other processes ask, by the key they gave them."""

    def __init__(self) -> None:
        self._asked: dict[str, Question] = {}

    @contextmanager
    def asked(self, key: str | None) -> Iterator[None]:
        """While this lasts, `withdraw(key)` stops the queries of this thread; None: nobody will."""
        if key is None:
            yield
            return
        question = self._asked[key] = Question()
        try:
            with asked_for(question):
                yield
        finally:
            del self._asked[key]

    def withdraw(self, key: str) -> None:
        """Stop what is asked under `key`; nothing where it was answered already."""
        if (question := self._asked.get(key)) is not None:
            question.withdraw()


_current: ContextVar[Question | None] = ContextVar("question", default=None)


@contextmanager
def asked_for(question: Question) -> Iterator[None]:
    """Whatever is asked within belongs to `question`."""
    token = _current.set(question)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def stoppable(stop: Stop) -> Iterator[None]:
    """While this lasts, `stop` is called when the present question is withdrawn, if there is one."""
    question = _current.get()
    if question is None:
        yield
        return
    with question.stopped_by(stop):
        yield


def new_key() -> str | None:
    """A key for the next query, where somebody may withdraw it."""
    return uuid4().hex if _current.get() is not None else None


def withdrawn() -> QueryWithdrawn:
    return QueryWithdrawn("The query was stopped: whoever asked it does not wait for the answer any more.")
