"""Whose phones something changed on, so that only their browsers ask what it is: one look instead of hundreds."""

from __future__ import annotations

from collections import defaultdict

from data.identity.actor import system
from data.queries import read
from data.store.protocol import Store

_ACTOR = system("web")


class Mine:
    """What every phone took part in when it was looked last."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: dict[str, tuple[str, ...]] = {}

    def changed(self) -> frozenset[str]:
        """The extensions of which something is other than at the last look. Raises StoreError."""
        found: dict[str, list[str]] = defaultdict(list)
        for row in self._store.query(read("live/parties"), actor=_ACTOR, timeout_s=5.0).to_pylist():
            found[row["extension"]].append(row["what"])
        now = {extension: tuple(sorted(what)) for extension, what in found.items()}
        before, self._seen = self._seen, now
        return frozenset(one for one in before.keys() | now.keys() if before.get(one) != now.get(one))
