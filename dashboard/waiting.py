"""The missed callers of the office, asked for once in a few seconds however many people look at them.

What takes long is asked for less often, so that it never has more than a small share of the machine.
"""

from __future__ import annotations

from threading import Lock
from time import monotonic
from weakref import WeakKeyDictionary

from dashboard.context import current_settings, current_store, now
from dashboard.office_hours import current_site
from data.services.callbacks import Episode, open_episodes
from data.settings import Callbacks, Site
from data.store.protocol import Store

_MAY_AGE_S = 3.0
_SHARE = 0.05  # of the time at most
_Known = tuple[float, tuple[Episode, ...]]  # until when it is good enough, and what it is
_kept: WeakKeyDictionary[Store, _Known] = WeakKeyDictionary()
_lock = Lock()  # held while asking: others wait for the one answer


def waiting_episodes(*, fresh: bool = False) -> tuple[Episode, ...]:
    """Of the whole office, for `seen_by`; fresh: as of this very moment."""
    store, rules, site = current_store(), current_settings().callbacks, current_site()
    with _lock:
        known = _kept.get(store)
        if fresh or known is None or monotonic() > known[0]:
            known = _asked(store, site, rules)
            _kept[store] = known
    return known[1]


def _asked(store: Store, site: Site, rules: Callbacks) -> _Known:
    began = monotonic()
    episodes = open_episodes(store, site, rules, now=now())
    return monotonic() + max(_MAY_AGE_S, (monotonic() - began) / _SHARE), episodes
