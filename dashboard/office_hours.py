"""The site of the request with the working hours of the directory, read again when they are a few seconds old."""

from __future__ import annotations

from threading import Lock
from time import monotonic
from weakref import WeakKeyDictionary

from dashboard.context import current_settings, current_store
from data.identity.actor import system
from data.services.directory import site_in_force
from data.settings import Site
from data.store.protocol import Store

_MAY_AGE_S = 3.0
_ACTOR = system("web")
_sites: WeakKeyDictionary[Store, tuple[float, Site, Site]] = WeakKeyDictionary()
_lock = Lock()


def current_site() -> Site:
    """What decides statuses and losses."""
    site, store = current_settings().site, current_store()
    with _lock:
        known = _sites.get(store)
    if known is None or known[1] != site or monotonic() - known[0] > _MAY_AGE_S:
        known = (monotonic(), site, site_in_force(store, site, _ACTOR))
        with _lock:
            _sites[store] = known
    return known[2]
