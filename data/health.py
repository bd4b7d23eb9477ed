"""How the product does: the facts, gathered once, and what they mean. The status page, /metrics and `app.py check`
all tell these.

A finding has a check, a state that its words are found under, the values that the words need, and since when it is so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from data.disk import Level, Room
from data.errors import StoreError
from data.identity.actor import system
from data.metrics.reads import Reads
from data.queries import read
from data.settings import Settings

_ACTOR = system("web")
_SILENT_S = 30.0  # ingest tells of itself every five seconds
_SLOW_S = 1.0
_LAG_S = 60.0
_BEHIND_BYTES = 16 << 20
_STUCK = timedelta(minutes=10)
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


# Every check and the states that it can be in: each has its words in dashboard/text/*/health.po.
STATES: Mapping[str, tuple[str, ...]] = {
    "store": ("answers", "slow", "away"),
    "disk": ("good", "low", "scarce", "read_only"),
    "ingest": ("alive", "silent"),
    "link": ("up", "lost", "unknown"),
    "gaps": ("none", "filled", "unfilled"),
    "lag": ("prompt", "late"),
    "journal": ("written", "failing", "dropped"),
    "facts": ("rejected", "left_out"),
    "clock": ("same", "off"),
    "backup": ("fresh", "old", "never", "failed", "off"),
    "recordings": ("there", "missing"),
    "outbox": ("empty", "stuck", "failed"),
    "mail": ("set", "unset"),
    "messenger": ("working", "failing", "unknown"),
}
FINE = frozenset({"answers", "good", "alive", "up", "none", "filled", "prompt", "written", "same", "fresh", "there"})
FINE |= {"empty", "set", "unset", "working"}  # states with which nothing is to be done


class Mark(StrEnum):
    """How good a finding is."""

    GOOD = "good"
    PLAIN = "plain"  # neither good nor bad: not in use, or not known
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at. subject: of which PBX, account or program; "" where there is one only."""

    check: str
    state: str
    mark: Mark
    subject: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that the findings rest on, as of one moment. office None: the store is away."""

    now: datetime
    settings: Settings
    room: Room
    store_s: float
    office: Mapping[str, Any] | None = None
    gaps: Sequence[Mapping[str, Any]] = ()
    vitals: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # by PBX
    told_at: datetime | None = None  # when ingest told of itself last
    last_backup: Mapping[str, Any] | None = None
    good_backup: Mapping[str, Any] | None = None
    messengers: Sequence[Mapping[str, Any]] = ()
    journal_bytes: Mapping[str, int] = field(default_factory=dict)  # by PBX, where it lies on this machine


def gather(settings: Settings, store: Reads, room: Room, *, now: datetime) -> Facts:
    """Ask everything; a store that is away is a fact too."""
    begun = time.perf_counter()
    since = {"day_at": now - _DAY, "week_at": now - _WEEK, "stuck_at": now - _STUCK}
    rows: dict[str, list[dict[str, Any]]] = {}
    try:
        (office,) = store.query(read("health/office"), since, actor=_ACTOR, timeout_s=5.0).to_pylist()
        took_s = time.perf_counter() - begun
        for name, params in (
            ("health/gaps", {"now_at": now, "day_at": now - _DAY}),
            ("health/vitals", None),
            ("health/messengers", None),
            ("backups/last", None),
            ("backups/good", None),
        ):
            rows[name] = store.query(read(name), params, actor=_ACTOR, timeout_s=5.0).to_pylist()
    except StoreError:
        took_s = time.perf_counter() - begun
        return Facts(now=now, settings=settings, room=room, store_s=took_s, journal_bytes=journal_bytes(settings.data))
    vitals: dict[str, dict[str, float]] = {}
    for row in rows["health/vitals"]:
        vitals.setdefault(row["pbx"] or "", {})[row["name"]] = row["value"]
    return Facts(
        now=now,
        settings=settings,
        room=room,
        store_s=took_s,
        office=office,
        gaps=rows["health/gaps"],
        vitals=vitals,
        told_at=max((row["told_at"] for row in rows["health/vitals"]), default=None),
        last_backup=next(iter(rows["backups/last"]), None),
        good_backup=next(iter(rows["backups/good"]), None),
        messengers=rows["health/messengers"],
        journal_bytes=journal_bytes(settings.data),
    )


def journal_bytes(data: Path) -> dict[str, int]:
    """Bytes of the raw stream on this machine's disk, by PBX."""
    root = data / "journal"
    folders = sorted(one for one in root.iterdir() if one.is_dir()) if root.is_dir() else []
    return {folder.name: sum(_size(file) for file in folder.rglob("*")) for folder in folders}


def examine(facts: Facts) -> list[Finding]:
    """What the facts mean, in the order in which people read it."""
    return [finding for check in CHECKS for finding in check(facts)]


def worst(findings: Iterable[Finding]) -> Mark:
    order = list(Mark)
    return max((finding.mark for finding in findings), key=order.index, default=Mark.GOOD)


# ---------------------------------------------------------------- the checks


def _store(facts: Facts) -> Iterator[Finding]:
    values = {"seconds": facts.store_s}
    if facts.office is None:
        yield Finding(check="store", state="away", mark=Mark.BAD)
    elif facts.store_s > _SLOW_S:
        yield Finding(check="store", state="slow", mark=Mark.WARN, values=values)
    else:
        yield Finding(check="store", state="answers", mark=Mark.GOOD, values=values)


def _disk(facts: Facts) -> Iterator[Finding]:
    room = facts.room
    mark = {Level.GOOD: Mark.GOOD, Level.LOW: Mark.WARN}.get(room.level, Mark.BAD)
    values = {"free_bytes": room.free_bytes, "free_share": room.free_share, "stopped": sorted(room.stopped)}
    yield Finding(check="disk", state=room.level.value, mark=mark, values=values)


def _links(facts: Facts) -> Iterator[Finding]:
    """Whether ingest runs, and what it hears of each PBX."""
    if facts.office is None:
        return
    names = [pbx.name for pbx in facts.settings.pbx]
    if names or facts.told_at:
        silent = facts.told_at is None or (facts.now - facts.told_at).total_seconds() > _SILENT_S
        state, mark = ("silent", Mark.BAD) if silent else ("alive", Mark.GOOD)
        yield Finding(check="ingest", state=state, mark=mark, since=facts.told_at if silent else None)
    gaps = {row["pbx"]: row for row in facts.gaps}
    for name in names or sorted(facts.vitals):
        vitals, gap = facts.vitals.get(name, {}), gaps.get(name)
        if gap and gap["open_since"]:
            yield Finding(check="link", state="lost", mark=Mark.BAD, subject=name, since=gap["open_since"])
        elif vitals.get("connected"):
            yield Finding(check="link", state="up", mark=Mark.GOOD, subject=name)
        else:
            yield Finding(check="link", state="unknown", mark=Mark.PLAIN, subject=name)


def _gaps(facts: Facts) -> Iterator[Finding]:
    if facts.office is None:
        return
    closed = [row for row in facts.gaps if row["gaps"]]
    if not closed:
        yield Finding(check="gaps", state="none", mark=Mark.GOOD)
    for row in closed:
        state = "unfilled" if row["unfilled"] else "filled"
        mark = Mark.WARN if row["unfilled"] or row["open_since"] else Mark.GOOD
        values = {"count": row["gaps"], "seconds": row["lost_s"]}
        yield Finding(check="gaps", state=state, mark=mark, subject=row["pbx"], values=values)


def _work(facts: Facts) -> Iterator[Finding]:
    """How far behind ingest is, whether its journal is written, and what it could not take."""
    for name, vitals in sorted(facts.vitals.items()):
        behind, lag_s = vitals.get("behind_bytes", 0.0), vitals.get("lag_s", 0.0)
        late = behind > _BEHIND_BYTES or lag_s > _LAG_S
        yield Finding(
            check="lag",
            state="late" if late else "prompt",
            mark=Mark.WARN if late else Mark.GOOD,
            subject=name,
            values={"bytes": behind, "seconds": lag_s},
        )
        yield _journal(facts, name, vitals)
        left_out, rejected = vitals.get("events_left_out", 0.0), vitals.get("facts_rejected", 0.0)
        if rejected:
            yield Finding(check="facts", state="rejected", mark=Mark.BAD, subject=name, values={"count": int(rejected)})
        if left_out:
            yield Finding(
                check="facts", state="left_out", mark=Mark.WARN, subject=name, values={"count": int(left_out)}
            )


def _journal(facts: Facts, name: str, vitals: Mapping[str, float]) -> Finding:
    size = facts.journal_bytes.get(name, 0)
    if vitals.get("journal_failing"):
        values = {"bytes": vitals.get("journal_waiting_bytes", 0.0)}
        return Finding(check="journal", state="failing", mark=Mark.BAD, subject=name, values=values)
    if dropped := vitals.get("journal_dropped_bytes", 0.0):
        return Finding(check="journal", state="dropped", mark=Mark.BAD, subject=name, values={"bytes": dropped})
    return Finding(check="journal", state="written", mark=Mark.GOOD, subject=name, values={"bytes": size})


def _clocks(facts: Facts) -> Iterator[Finding]:
    tolerance = {pbx.name: pbx.clock_tolerance_seconds for pbx in facts.settings.pbx}
    for name, vitals in sorted(facts.vitals.items()):
        ahead = vitals.get("clock_ahead_s")
        if ahead is None:
            continue
        off = abs(ahead) > tolerance.get(name, 5.0)
        yield Finding(
            check="clock",
            state="off" if off else "same",
            mark=Mark.WARN if off else Mark.GOOD,
            subject=name,
            values={"seconds": abs(ahead)},
        )


def _backups(facts: Facts) -> Iterator[Finding]:
    if facts.office is None:
        return
    plan, last, good = facts.settings.backup, facts.last_backup, facts.good_backup
    at = good["made_at"] if good else None
    values = {"made_at": at, "bytes": good["bytes"] if good else 0}
    if last and last["error"]:
        yield Finding(
            check="backup", state="failed", mark=Mark.BAD, values=values | {"why": last["error"]}, since=last["made_at"]
        )
    elif plan.every_days == 0:
        yield Finding(check="backup", state="off", mark=Mark.WARN, values=values)
    elif at is None:
        yield Finding(check="backup", state="never", mark=Mark.WARN)
    elif facts.now - at > timedelta(days=plan.every_days + 1):
        yield Finding(check="backup", state="old", mark=Mark.BAD, values=values, since=at)
    else:
        yield Finding(check="backup", state="fresh", mark=Mark.GOOD, values=values)


def _recordings(facts: Facts) -> Iterator[Finding]:
    if facts.office is None:
        return
    count = facts.office["recordings_missing"]
    state, mark = ("missing", Mark.WARN) if count else ("there", Mark.GOOD)
    yield Finding(check="recordings", state=state, mark=mark, values={"count": count})


def _outbox(facts: Facts) -> Iterator[Finding]:
    if facts.office is None:
        return
    stuck, failed = facts.office["outbox_stuck"], facts.office["outbox_failed"]
    if stuck:
        yield Finding(check="outbox", state="stuck", mark=Mark.BAD, values={"count": stuck})
    elif failed:
        yield Finding(check="outbox", state="failed", mark=Mark.WARN, values={"count": failed})
    else:
        yield Finding(check="outbox", state="empty", mark=Mark.GOOD)


def _mail(facts: Facts) -> Iterator[Finding]:
    host = facts.settings.mail.host
    state = "set" if host else "unset"
    yield Finding(check="mail", state=state, mark=Mark.PLAIN, values={"host": host})


def _messengers(facts: Facts) -> Iterator[Finding]:
    for row in facts.messengers:
        working = row["state"] == "working"
        mark = Mark.BAD if row["state"] == "failing" else Mark.GOOD if working else Mark.PLAIN
        state = row["state"] if row["state"] in ("working", "failing") else "unknown"
        yield Finding(
            check="messenger",
            state=state,
            mark=mark,
            subject=row["title"] or row["account"],
            values={"why": row["state_detail"] or ""},
            since=None if working else row["state_at"],
        )


# One function per matter: whoever adds a part of the product adds its check here, and its words in status.po.
CHECKS: tuple[Callable[[Facts], Iterator[Finding]], ...] = (
    _store,
    _disk,
    _links,
    _gaps,
    _work,
    _clocks,
    _backups,
    _recordings,
    _outbox,
    _mail,
    _messengers,
)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size if file.is_file() else 0
    except OSError:
        return 0  # packed or removed meanwhile
