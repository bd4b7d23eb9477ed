"""Answers that many screens ask for at once: made once and given to all, until they are old or something changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from data.store.protocol import Store

_MOST = 200


@dataclass(slots=True, kw_only=True)
class _Answer:
    value: Any = None
    made_at: float | None = None
    changes: int = 0  # so many had happened when its making began
    lock: Lock = field(default_factory=Lock)  # held while making: others wait for the one answer


_kept: WeakKeyDictionary[Store, dict[Hashable, _Answer]] = WeakKeyDictionary()
_changes: WeakKeyDictionary[Store, int] = WeakKeyDictionary()
_lock = Lock()


def once(store: Store, key: Hashable, make: Callable[[], Any], *, may_age_s: float, may_lag: bool = False) -> Any:
    """What was made of late, else what `make` gives now. may_lag: a change alone makes it no older."""
    with _lock:
        answers = _kept.setdefault(store, {})
        if len(answers) > _MOST:
            answers.clear()
        answer = answers.setdefault(key, _Answer())
    with answer.lock:
        changes = _changes.get(store, 0)
        is_old = answer.made_at is None or monotonic() - answer.made_at > may_age_s
        if is_old or (answer.changes != changes and not may_lag):
            answer.value, answer.made_at, answer.changes = make(), monotonic(), changes
        return answer.value


def changed(store: Store) -> None:
    """What goes on now is other than before: who was told so must not get an answer from before."""
    with _lock:
        _changes[store] = _changes.get(store, 0) + 1
