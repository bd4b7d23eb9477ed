"""`/metrics` for Prometheus: how the product does, in numbers and without a name, a number or an id in them.

Open to this machine itself, and to whoever may change settings: by a key (app.py token) or logged in.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from threading import Lock

from dashboard import auth
from dashboard.auth import Identity
from dashboard.events import Hub
from data.errors import StoreError
from data.identity.actor import Permission, system
from data.queries import read
from data.settings import Settings
from data.store.protocol import Store

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_HERE = frozenset({"127.0.0.1", "::1"})
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")

Sample = tuple[str, str, str, float, dict[str, str]]  # name, kind, help, value, labels


class Requests:
    """Counts answers and the seconds they took, by class of status."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._count: Counter[str] = Counter()
        self._seconds: dict[str, float] = {}

    def answered(self, status: int, seconds: float) -> None:
        kind = f"{status // 100}xx"
        with self._lock:
            self._count[kind] += 1
            self._seconds[kind] = self._seconds.get(kind, 0.0) + seconds

    def samples(self) -> Iterator[Sample]:
        with self._lock:
            known = [(kind, self._count[kind], self._seconds[kind]) for kind in sorted(self._count)]
        for kind, count, _ in known:
            yield "callboard_requests_total", "counter", "Answers by class of status.", count, {"status": kind}
        for kind, _, seconds in known:
            yield "callboard_request_seconds_total", "counter", "Seconds they took.", seconds, {"status": kind}


def may_read(identity: Identity, host: str | None, headers: Mapping[str, str], cookie: str | None) -> bool:
    """Somebody on this machine who comes through no proxy, or somebody with the right to settings."""
    came_through_proxy = any(name in headers for name in _FORWARDED)
    if host in _HERE and not came_through_proxy:
        return True
    asked = auth.who(identity, cookie, headers.get("authorization"))
    return asked is not None and not asked.user.must_change and asked.user.actor.may(Permission.SETTINGS)


def vitals(settings: Settings, store: Store, hub: Hub, requests: Requests) -> str:
    """All samples in Prometheus' text form; a store that is away shows as callboard_store_up 0."""
    return exposition(
        [*_store(store), *_hub(hub), *requests.samples(), *_journal(settings.data), *_disk(settings.data)]
    )


def exposition(samples: Iterable[Sample]) -> str:
    """The text form: each name's help and kind once, before its values."""
    lines: list[str] = []
    told: set[str] = set()
    for name, kind, text, value, labels in samples:
        if name not in told:
            told.add(name)
            lines += [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
        inner = ",".join(f'{key}="{_escaped(label)}"' for key, label in labels.items())
        lines.append(f"{name}{{{inner}}} {value:.10g}" if inner else f"{name} {value:.10g}")
    return "\n".join(lines) + "\n"


def _store(store: Store) -> Iterator[Sample]:
    begun = time.perf_counter()
    try:
        rows = store.query(read("vitals/office"), actor=system("web"), timeout_s=5.0).to_pylist()
    except StoreError:
        yield "callboard_store_up", "gauge", "Whether the store answers.", 0, {}
        return
    took_s = time.perf_counter() - begun
    yield "callboard_store_up", "gauge", "Whether the store answers.", 1, {}
    yield "callboard_store_query_seconds", "gauge", "Time of one small query.", took_s, {}
    (office,) = rows
    yield "callboard_calls", "gauge", "Finished calls that are stored.", office["calls"], {}
    yield "callboard_calls_running", "gauge", "Calls that are going on.", office["running"], {}
    yield "callboard_gaps_open", "gauge", "PBXs that nobody listens to at the moment.", office["open_gaps"], {}
    yield "callboard_gaps", "gauge", "Times when nobody listened, in all.", office["gaps"], {}
    if office["last_ended"] is not None:
        text = "When the latest stored call ended, in seconds since 1970."
        yield "callboard_last_call_timestamp_seconds", "gauge", text, office["last_ended"], {}


def _hub(hub: Hub) -> Iterator[Sample]:
    yield "callboard_clients", "gauge", "Browsers that hold a stream of hints.", len(hub), {}


def _journal(data: Path) -> Iterator[Sample]:
    """Bytes of the raw stream on disk, by PBX; its rate tells how much the PBX says."""
    root = data / "journal"
    for folder in sorted(one for one in root.iterdir() if one.is_dir()) if root.is_dir() else ():
        size = sum(_size(file) for file in folder.rglob("*"))
        yield "callboard_journal_bytes", "gauge", "Raw stream on disk.", size, {"pbx": folder.name}


def _disk(data: Path) -> Iterator[Sample]:
    usage = shutil.disk_usage(data)
    yield "callboard_disk_bytes", "gauge", "Size of the disk of the data folder.", usage.total, {}
    yield "callboard_disk_free_bytes", "gauge", "What is free of it.", usage.free, {}


def _size(file: Path) -> int:
    try:
        return file.stat().st_size if file.is_file() else 0
    except OSError:
        return 0  # packed or removed meanwhile


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
