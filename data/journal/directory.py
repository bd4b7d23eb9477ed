"""What people call extensions, queues, lines and channels: a small table, read once for many pages.

Joined in SQL these names would double the time in which the statement of a page is planned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from time import monotonic

from data.identity.actor import Actor
from data.journal.rows import Person
from data.phone import normalise
from data.queries import read
from data.settings import Site
from data.store.protocol import Store

_MAY_AGE_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    pbx: str | None
    from_at: datetime | None
    until_at: datetime | None
    employee_id: str | None
    title: str | None

    def holds(self, pbx: str, at: datetime) -> bool:
        return (
            self.pbx in (None, pbx)
            and (self.from_at is None or self.from_at <= at)
            and (self.until_at is None or self.until_at > at)
        )


class Directory:
    """Names as they held for a call: by its PBX and its start."""

    def __init__(self, names: dict[tuple[str, str], list[_Name]], site: Site) -> None:
        self._names = names
        self._site = site
        self._has_mobiles = any(kind == "mobile" for kind, _ in names)

    def title(self, kind: str, code: str | None, pbx: str, at: datetime) -> str | None:
        """What people call the queue, ring_group, line or channel; the code itself where nobody named it."""
        found = self._find(kind, code, pbx, at)
        return found.title if found and found.title else code

    def channel(self, did: str | None, pbx: str, at: datetime) -> str | None:
        found = self._find("channel", did, pbx, at)
        return found.title if found else None

    def people(self, extensions: Sequence[str], pbx: str, at: datetime) -> tuple[Person, ...]:
        return tuple(self._person(extension, pbx, at) for extension in extensions)

    def colleague(self, number: str | None, pbx: str, at: datetime) -> Person | None:
        """Whose mobile an outside number is, however it was dialled; None: no colleague's."""
        known = normalise(number, self._site).number if number and self._has_mobiles else None
        found = self._find("mobile", known, pbx, at)
        if found is None or known is None:
            return None
        return Person(extension=known, employee_id=found.employee_id, name=found.title)

    def names(self, codes: Iterable[str], pbx: str, at: datetime) -> dict[str, str]:
        """Titles of those of the codes that have one, whatever they are."""
        titles: dict[str, str] = {}
        for code in codes:
            for kind in ("phone", "queue", "ring_group"):
                found = self._find(kind, code, pbx, at)
                if found and found.title:
                    titles.setdefault(code, found.title)
            if (colleague := self.colleague(code, pbx, at)) is not None and colleague.name is not None:
                titles.setdefault(code, colleague.name)
        return titles

    def _person(self, extension: str, pbx: str, at: datetime) -> Person:
        found = self._find("phone", extension, pbx, at)
        return Person(
            extension=extension,
            employee_id=found.employee_id if found else None,
            name=found.title if found else None,
        )

    def _find(self, kind: str, code: str | None, pbx: str, at: datetime) -> _Name | None:
        if code is None:
            return None
        return next((name for name in self._names.get((kind, code), ()) if name.holds(pbx, at)), None)


class Directories:
    """The directory of a store, read again when it is older than a few seconds."""

    def __init__(self, store: Store, site: Site, *, clock: Callable[[], float] = monotonic) -> None:
        self._store = store
        self._site = site
        self._clock = clock
        self._lock = Lock()
        self._kept: tuple[float, Directory] | None = None

    def current(self, actor: Actor) -> Directory:
        with self._lock:
            if self._kept is None or self._clock() - self._kept[0] > _MAY_AGE_S:
                self._kept = self._clock(), self._read(actor)
            return self._kept[1]

    def _read(self, actor: Actor) -> Directory:
        names: defaultdict[tuple[str, str], list[_Name]] = defaultdict(list)
        for row in self._store.query(read("calls/directory"), actor=actor).to_pylist():
            kind, code = row.pop("kind"), row.pop("code")
            names[kind, code].append(_Name(**row))
        return Directory(dict(names), self._site)
