"""Puts the records of one call together, while they stream by in the order in which they were written.

Records belong together by linked id and unique id, and by the channels they share: an attended
transfer has two linked ids, old column sets have none, and the records of Local halves have ids
of their own. Channel names begin anew with every start of the PBX, so they bind only records
that touch in time. Conference records pair everybody with everybody and bind nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.sources.cdr import CdrLine

HELD_S = 12 * 3600  # a record may be written so much later than another of its call
_TOUCH_S = 3.0  # times are whole seconds, and rounded differently
_SWEEP_EVERY = 1_000  # records
_MEETING = frozenset({"confbridge", "meetme", "page", "konference", "chanspy", "extenspy"})


@dataclass(slots=True, eq=False)
class _Group:
    """Records that are known to be one call."""

    lines: list[CdrLine] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    ended_at: float = 0.0


class Gathering:
    """The calls whose records may not be complete yet; memory holds no more than HELD_S of them."""

    def __init__(self, held_s: float = HELD_S) -> None:
        self._held_s = held_s
        self._groups: dict[str, _Group] = {}  # by each of their keys
        self._order: dict[int, _Group] = {}  # as they appeared
        self._latest_at = 0.0
        self._count = 0

    def add(self, line: CdrLine) -> None:
        group = _Group()
        keys = [*_ids(line), *_channels(line)]
        for key in keys:
            known = self._groups.get(key)
            if known is None or known is group:
                continue
            if key.startswith("c") and not _touches(known, key, line):
                continue
            group = self._join(known, group)
        group.lines.append(line)
        group.ended_at = max(group.ended_at, line.ended_at)
        group.keys.update(keys)
        self._order[id(group)] = group
        for key in keys:
            self._groups[key] = group
        self._latest_at = max(self._latest_at, line.ended_at)
        self._count += 1

    def finished(self) -> Iterator[list[CdrLine]]:
        """Calls to which nothing can come any more; asked after every record, it looks now and then."""
        if self._count % _SWEEP_EVERY:
            return
        for group in [group for group in self._order.values() if group.ended_at < self._latest_at - self._held_s]:
            yield self._take(group)

    def rest(self) -> Iterator[list[CdrLine]]:
        """All that are left."""
        for group in list(self._order.values()):
            yield self._take(group)

    def places(self) -> list[int]:
        """Where the records stand that are still held."""
        return sorted(line.place for group in self._order.values() for line in group.lines)

    def _join(self, first: _Group, second: _Group) -> _Group:
        keep, give = (first, second) if len(first.lines) >= len(second.lines) else (second, first)
        keep.lines += give.lines
        keep.keys |= give.keys
        keep.ended_at = max(keep.ended_at, give.ended_at)
        for key in give.keys:
            if self._groups.get(key) is give:
                self._groups[key] = keep
        self._order.pop(id(give), None)
        return keep

    def _take(self, group: _Group) -> list[CdrLine]:
        del self._order[id(group)]
        for key in group.keys:
            if self._groups.get(key) is group:
                del self._groups[key]
        return group.lines


def _ids(line: CdrLine) -> Iterator[str]:
    if line.linkedid:
        yield "l" + line.linkedid
    elif line.uniqueid:
        yield "l" + line.uniqueid


def _channels(line: CdrLine) -> Iterator[str]:
    if line.app.lower() in _MEETING:
        return
    yield "c" + base_of(line.channel)
    if line.peer:
        yield "c" + base_of(line.peer)


def _touches(group: _Group, key: str, line: CdrLine) -> bool:
    """Whether one of the group's records with this channel is of the same time."""
    return any(
        key in _channels(other)
        and other.started_at - _TOUCH_S <= line.ended_at
        and line.started_at <= other.ended_at + _TOUCH_S
        for other in group.lines
    )


def base_of(channel: str) -> str:
    """The name that both halves of a Local channel share."""
    return channel[:-2] if channel.startswith("Local/") and channel[-2:-1] == ";" else channel
