"""The journal of the present request: one CallJournal a store, since it remembers where far offsets are."""

from __future__ import annotations

from threading import Lock
from weakref import WeakKeyDictionary

from dashboard.context import current_store
from dashboard.office_hours import current_site
from data.journal import CallJournal
from data.store.protocol import Store

_journals: WeakKeyDictionary[Store, CallJournal] = WeakKeyDictionary()
_lock = Lock()


def current_journal() -> CallJournal:
    """The journal over the store of the request."""
    store, site = current_store(), current_site()
    with _lock:
        known = _journals.get(store)
        if known is None or known.site != site:
            known = _journals[store] = CallJournal(store, site=site)
        return known
