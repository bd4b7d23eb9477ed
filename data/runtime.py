"""Settings that change while everything runs: which they are, and what holds now.

They are stored, so that every process has them within seconds; a value of one wins over the settings file. The
same models check them, so nothing can be kept here that the file could not say.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import structlog
from pydantic import BaseModel, ValidationError

from data.errors import BadInput, StoreError
from data.identity.actor import system
from data.metrics.reads import Reads
from data.queries import read
from data.settings import Settings, Site

log = structlog.get_logger()

# What may change under running processes without harm. Everything else is a matter of the file and a restart: so
# is what stored numbers rest on (site.horizon). What reports ask with is not stored: notebooks and the command line
# have it by `site_in_force` (data/services/directory.py).
CHANGEABLE = (
    "site.target_seconds",
    "callbacks.minutes",
    "callbacks.days",
    "disk.warn_free_percent",
    "disk.stop_free_percent",
    "backup.at",
    "backup.every_days",
    "backup.keep",
    "journal.retention_days",
    "journal.event_retention_days",
)
_EVERY_S = 5.0
_LONGEST = 200  # characters of a value

Stored = Mapping[str, Any]
M = TypeVar("M", bound=BaseModel)


def in_force(settings: Settings, stored: Stored) -> Settings:
    """The settings with what people changed; a stored value that will not do any more is left out."""
    for name, value in stored.items():
        try:
            settings = changed(settings, {name: value})
        except BadInput as error:
            log.warning("a stored setting is left out", name=name, why=str(error))
    return settings


def changed(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """The settings with other values, checked by their models. Raises BadInput that names the value."""
    sections: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        if name not in CHANGEABLE:
            raise BadInput(f"Setting {name[:60]} cannot be changed here. Change it in callboard.toml and start again.")
        section, _, key = name.partition(".")
        sections.setdefault(section, {})[key] = value
    update = {}
    for section, parts in sections.items():
        update[section] = _changed_section(getattr(settings, section), section, parts)
    return settings.model_copy(update=update)


def changed_site(site: Site, stored: Stored) -> Site:
    """The site with what people changed of it; a stored value that will not do any more is left out."""
    for name, value in stored.items():
        section, _, key = name.partition(".")
        if section == "site" and name in CHANGEABLE:
            try:
                site = _changed_section(site, section, {key: value})
            except BadInput as error:
                log.warning("a stored setting is left out", name=name, why=str(error))
    return site


def _changed_section(present: M, section: str, parts: Mapping[str, Any]) -> M:
    try:
        return type(present).model_validate({**present.model_dump(), **parts})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join([section, *map(str, first["loc"])])
        shown = repr(parts.get(str(first["loc"][0]), parts) if first["loc"] else parts)[:_LONGEST]
        raise BadInput(f"{key} = {shown}: {first['msg']}.") from None


class RunTime:
    """What holds now, for one process; any thread may ask. A store that is away changes nothing."""

    def __init__(
        self,
        settings: Settings,
        store: Reads,
        *,
        clock: Callable[[], float] = time.monotonic,
        every_s: float = _EVERY_S,
    ) -> None:
        self.given = settings
        self._store = store
        self._clock = clock
        self._every_s = every_s
        self._lock = threading.Lock()
        self._asked_at = -every_s
        self._stored: dict[str, Any] = {}
        self._now = settings

    def now(self) -> Settings:
        """The settings in force, as they were at most five seconds ago."""
        with self._lock:
            if self._clock() - self._asked_at < self._every_s:
                return self._now
            self._asked_at = self._clock()
        try:
            stored = stored_values(self._store)
        except StoreError:
            return self._now
        with self._lock:
            if stored != self._stored:
                self._stored, self._now = stored, in_force(self.given, stored)
            return self._now

    def forget(self) -> None:
        """Ask anew the next time: somebody has just changed one."""
        with self._lock:
            self._asked_at = -self._every_s


def stored_values(store: Reads) -> dict[str, Any]:
    """What people changed, by the name of the setting."""
    return {row["name"]: json.loads(row["value"]) for row in stored_rows(store)}


def stored_rows(store: Reads) -> list[dict[str, Any]]:
    """Every setting that was changed: name, value as JSON, when and by whom."""
    rows: list[dict[str, Any]] = store.query(read("settings/stored"), actor=system("settings")).to_pylist()
    return rows
