"""Who heard whom, and when: bridges and Local channels as wires between the ends of a call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ingest.assembler.lines import OPEN, Line, Span, Timeline

# Local channels are optimised away within a few milliseconds; that is no break of a conversation.
SEAM_S = 0.35

# Channels that the PBX makes for itself: announcers, recorders, messages, taps.
_MACHINES = frozenset(
    {"CBAnn", "CBRec", "Announcer", "Recorder", "Surrogate", "Message", "Snoop", "UnicastRTP", "AudioSocket",
     "MulticastRTP", "Bridge", "AsyncGoto"}
)  # fmt: skip


@dataclass(slots=True)
class Meeting:
    """A stretch in which two ends heard each other."""

    first: str
    second: str
    since: float
    until: float
    sequences: list[int] = field(default_factory=list)

    def has(self, uniqueid: str) -> bool:
        return uniqueid in (self.first, self.second)

    def other(self, uniqueid: str) -> str:
        return self.second if uniqueid == self.first else self.first


def ends_of(timeline: Timeline) -> list[Line]:
    """The lines at which people are: all but Local halves.

    In a call of Local channels only, the halves that are neither bridged nor dial stand for people.
    """
    lines = [line for line in timeline.lines.values() if line.technology not in _MACHINES]
    real = [line for line in lines if not line.is_local]
    return real or [line for line in lines if not line.stays and not line.made_calls]


def meetings_of(timeline: Timeline, ends: Iterable[Line]) -> list[Meeting]:
    """All meetings between ends, in the order in which they began."""
    people = {line.uniqueid for line in ends}
    changes = _changes(timeline)
    together: dict[tuple[str, str], Meeting] = {}
    found: list[Meeting] = []
    room_of: dict[str, str] = {}
    for at, _, uniqueid, bridge, sequence in changes:
        if bridge is None:
            room_of.pop(uniqueid, None)
        else:
            room_of[uniqueid] = bridge
        now = _pairs(timeline, room_of, people, at)
        for pair in [pair for pair in together if pair not in now]:
            meeting = together.pop(pair)
            meeting.until = max(at, meeting.since)
            meeting.sequences.append(sequence)
            found.append(meeting)
        for pair in sorted(now):
            if pair not in together:
                together[pair] = Meeting(*pair, at, OPEN, [sequence])
    found += [Meeting(m.first, m.second, m.since, timeline.ended_at, m.sequences) for m in together.values()]
    return _seamless(found, timeline)


def _changes(timeline: Timeline) -> list[tuple[float, int, str, str | None, int]]:
    """Entering and leaving of bridges as (time, order, line, bridge or None, sequence)."""
    changes: list[tuple[float, int, str, str | None, int]] = []
    for line in timeline.lines.values():
        for stay in line.stays:
            if not stay.is_talk:
                continue
            changes.append((stay.since, 1, line.uniqueid, stay.bridge, stay.sequences[0]))
            if stay.until != OPEN:
                changes.append((stay.until, 0, line.uniqueid, None, stay.sequences[-1]))
    changes.sort(key=lambda change: (change[0], change[1], change[4]))
    return changes


def _pairs(timeline: Timeline, room_of: dict[str, str], people: set[str], at: float) -> set[tuple[str, str]]:
    """Pairs of people that are connected through bridges and Local channels."""
    root: dict[str, str] = {}

    def find(node: str) -> str:
        while root.setdefault(node, node) != node:
            node = root[node]
        return node

    for uniqueid, bridge in room_of.items():
        root[find(uniqueid)] = find("bridge " + bridge)
    for pair, halves in timeline.pairs.items():
        if len(halves) == 2 and all(timeline.lines[half].gone_at >= at for half in halves):
            for half in halves:
                root[find(half)] = find("pair " + pair)
    sets: dict[str, list[str]] = {}
    for uniqueid in people & (root.keys()):
        sets.setdefault(find(uniqueid), []).append(uniqueid)
    order = {uniqueid: timeline.lines[uniqueid].position for uniqueid in people}
    pairs: set[tuple[str, str]] = set()
    for members in sets.values():
        members.sort(key=order.__getitem__)
        for index, first in enumerate(members):
            for second in members[index + 1 :]:
                pairs.add((first, second))
    return pairs


def _seamless(found: list[Meeting], timeline: Timeline) -> list[Meeting]:
    found.sort(key=lambda meeting: (meeting.since, meeting.first, meeting.second))
    last: dict[tuple[str, str], Meeting] = {}
    whole: list[Meeting] = []
    for meeting in found:
        pair = (meeting.first, meeting.second)
        before = last.get(pair)
        if before is not None and meeting.since - before.until <= SEAM_S:
            before.until = max(before.until, meeting.until)
            before.sequences += meeting.sequences
            continue
        last[pair] = meeting
        whole.append(meeting)
    return whole


def union_s(spans: Iterable[tuple[float, float]]) -> float:
    """Length of the union of stretches."""
    total, reached = 0.0, -OPEN
    for since, until in sorted(spans):
        total += max(0.0, until - max(since, reached))
        reached = max(reached, until)
    return total


def overlap(spans: Iterable[Span], since: float, until: float) -> list[tuple[float, float]]:
    """The parts of `spans` between two moments."""
    cut = [(max(span.since, since), min(span.until, until)) for span in spans]
    return [(low, high) for low, high in cut if high > low]
