"""`/metrics` for Prometheus: how the product does, in numbers and without a name, a number or an id in them.

Open to this machine itself, and to whoever may change settings: by a key (app.py token) or logged in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from threading import Lock

from dashboard import auth
from dashboard.auth import Identity
from dashboard.events import Hub
from data.disk import Room, Write
from data.health import Facts, Mark, examine
from data.identity.actor import Permission

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


def vitals(facts: Facts, hub: Hub, requests: Requests) -> str:
    """All samples in Prometheus' text form; a store that is away shows as callboard_store_up 0."""
    return exposition(
        [
            *_store(facts),
            *_ingest(facts),
            *_hub(hub),
            *requests.samples(),
            *_journal(facts),
            *_disk(facts.room),
            *_backups(facts),
            *_health(facts),
        ]
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


def _store(facts: Facts) -> Iterator[Sample]:
    office = facts.office
    yield "callboard_store_up", "gauge", "Whether the store answers.", office is not None, {}
    if office is None:
        return
    yield "callboard_store_query_seconds", "gauge", "Time of one small query.", facts.store_s, {}
    yield "callboard_calls", "gauge", "Finished calls that are stored.", office["calls"], {}
    yield "callboard_calls_running", "gauge", "Calls that are going on.", office["running"], {}
    yield "callboard_gaps_open", "gauge", "PBXs that nobody listens to at the moment.", office["open_gaps"], {}
    yield "callboard_gaps", "gauge", "Times when nobody listened, in all.", office["gaps"], {}
    text = "Recordings of the last seven days whose file never came."
    yield "callboard_recordings_missing", "gauge", text, office["recordings_missing"], {}
    text = "Orders to PBXs and messengers that wait for more than ten minutes."
    yield "callboard_outbox_stuck", "gauge", text, office["outbox_stuck"], {}
    if office["last_ended"] is not None:
        text = "When the latest stored call ended, in seconds since 1970."
        yield "callboard_last_call_timestamp_seconds", "gauge", text, office["last_ended"], {}


# What ingest tells of itself (ingest/vitals.py): its name there, ours, the kind, and what it says.
_TOLD = (
    ("connected", "callboard_pbx_connected", "gauge", "Whether the link to the PBX stands."),
    ("connections", "callboard_pbx_connections_total", "counter", "Times the link was made since ingest started."),
    ("clock_ahead_s", "callboard_pbx_clock_ahead_seconds", "gauge", "The PBX's clock against this machine's."),
    ("events", "callboard_events_total", "counter", "Messages of the PBX since ingest started; its rate: per second."),
    ("calls", "callboard_calls_stored_total", "counter", "Calls that ingest stored since it started."),
    ("behind_bytes", "callboard_behind_bytes", "gauge", "Raw stream that waits to be understood."),
    ("lag_s", "callboard_lag_seconds", "gauge", "From the PBX's last word to the store, of the latest facts."),
    ("odd_messages", "callboard_odd_messages_total", "counter", "Messages that were not as they should be."),
    ("journal_failing", "callboard_journal_failing", "gauge", "Whether the journal cannot be written now."),
    ("journal_waiting_bytes", "callboard_journal_waiting_bytes", "gauge", "Raw stream in memory, not yet on disk."),
    ("journal_dropped_bytes", "callboard_journal_dropped_bytes_total", "counter", "Raw stream lost: a named gap."),
    ("facts_rejected", "callboard_facts_rejected_total", "counter", "Facts that the store cannot take."),
    ("events_left_out", "callboard_events_left_out_total", "counter", "Events kept in the journal only."),
)


def _ingest(facts: Facts) -> Iterator[Sample]:
    for told, name, kind, text in _TOLD:
        for pbx, values in sorted(facts.vitals.items()):
            if told in values:
                yield name, kind, text, values[told], {"pbx": pbx}
    if facts.told_at is not None:
        text = "When ingest told of itself last, in seconds since 1970."
        yield "callboard_ingest_timestamp_seconds", "gauge", text, facts.told_at.timestamp(), {}


def _hub(hub: Hub) -> Iterator[Sample]:
    yield "callboard_clients", "gauge", "Browsers that hold a stream of hints.", len(hub), {}


def _journal(facts: Facts) -> Iterator[Sample]:
    """Bytes of the raw stream on disk, by PBX; its rate tells how much the PBX says."""
    for pbx, size in facts.journal_bytes.items():
        yield "callboard_journal_bytes", "gauge", "Raw stream on disk.", size, {"pbx": pbx}


def _disk(room: Room) -> Iterator[Sample]:
    yield "callboard_disk_bytes", "gauge", "Size of the disk of the data folder.", room.total_bytes, {}
    yield "callboard_disk_free_bytes", "gauge", "What is free of it.", room.free_bytes, {}
    for write in Write:
        text = "Whether a write that can wait is stopped for want of room."
        yield "callboard_write_stopped", "gauge", text, write in room.stopped, {"write": write.value}


def _backups(facts: Facts) -> Iterator[Sample]:
    if facts.good_backup is not None:
        text = "When the last good backup was made, in seconds since 1970."
        yield "callboard_backup_timestamp_seconds", "gauge", text, facts.good_backup["made_at"].timestamp(), {}
        yield "callboard_backup_bytes", "gauge", "Its size.", facts.good_backup["bytes"] or 0, {}


def _health(facts: Facts) -> Iterator[Sample]:
    """What the status page says, as a number a check: 0 good, 1 worth a look, 2 bad."""
    marks = {Mark.GOOD: 0, Mark.PLAIN: 0, Mark.WARN: 1, Mark.BAD: 2}
    text = "The status page in numbers: 0 good, 1 worth a look, 2 bad."
    worst: dict[str, int] = {}
    for finding in examine(facts):
        worst[finding.check] = max(worst.get(finding.check, 0), marks[finding.mark])
    for check, mark in worst.items():
        yield "callboard_health", "gauge", text, mark, {"check": check}


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
