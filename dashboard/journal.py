"""The journal of the present request: one CallJournal a store, since it remembers where far offsets are."""

from __future__ import annotations

from threading import Lock
from weakref import WeakKeyDictionary

from dashboard.context import current_settings, current_store
from data.journal import CallJournal
from data.store.protocol import Store

_journals: WeakKeyDictionary[Store, CallJournal] = WeakKeyDictionary()
_lock = Lock()


def current_journal() -> CallJournal:
    """The journal over the store of the request."""
    store = current_store()
    with _lock:
        if store not in _journals:
            _journals[store] = CallJournal(store, site=current_settings().site)
        return _journals[store]
