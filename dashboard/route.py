"""The route of a call: the rows of its table, with lines where it changed hands, and lanes on a time axis.

Pure: details in, values out. Who called whom comes from the legs. An attended transfer has three rows:
A–B, B–C (the consultation) and A–C from the hand-over on, although the telephones dialled only twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from data.journal import CallDetails
from data.model import Interval, IntervalKind, LegResult, LegRole, Transfer, TransferKind
from data.phone import display

# Kinds that a consultation prepares: the telephones dial for it, not for the customer.
_PREPARED = frozenset({TransferKind.ATTENDED})
_LONGEST_EXTENSION = 6


class SegmentKind(StrEnum):
    """What a stretch of a lane shows."""

    RING = "ring"
    QUEUE = "queue"
    TALK = "talk"
    CONSULTATION = "consultation"
    HOLD = "hold"
    PARK = "park"
    IVR = "ivr"
    VOICEMAIL = "voicemail"
    CONFERENCE = "conference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who called or was called. name: None where only the number is known."""

    number: str | None
    name: str | None

    @property
    def text(self) -> str:
        """ "Иванов Пётр (303)", or the number alone."""
        number = self.number or ""
        return f"{self.name} ({number})" if self.name and self.name != number else number


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteLeg:
    """One row of the table: who called whom, until when, with what result."""

    started_at: datetime
    ended_at: datetime
    caller: Party
    called: Party
    result: LegResult
    role: LegRole
    talk_s: float
    ring_s: float
    queue: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """A line between rows: somebody transferred, parked, picked up or forwarded the call."""

    happened_at: datetime
    kind: TransferKind
    by: Party
    to: Party
    completed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStay:
    """A line between rows: the caller waited in a queue."""

    happened_at: datetime
    queue: str
    wait_s: float
    place: int | None
    result: str


RouteLine = RouteLeg | HandOver | QueueStay


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of a lane."""

    kind: SegmentKind
    started_at: datetime
    ended_at: datetime
    other: Party | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Everything that one party did, in order of time."""

    party: Party
    is_client: bool
    segments: tuple[Segment, ...]


def route_lines(details: CallDetails) -> list[RouteLine]:
    """The table: rows and lines in the order in which they happened."""
    lines: list[RouteLine] = [
        QueueStay(
            happened_at=visit.entered_at,
            queue=details.names.get(visit.queue, visit.queue),
            wait_s=visit.wait_s,
            place=visit.place_at_entry,
            result=visit.result,
        )
        for visit in details.queue_visits
    ]
    lines += _legs(details)
    for transfer in details.transfers:
        lines.append(_line(details, transfer))
        if transfer.completed and transfer.kind in _PREPARED:
            lines += _joined(details, transfer)
    return sorted(lines, key=_order)


def route_lanes(details: CallDetails) -> list[Lane]:
    """The picture: the client first, then everybody else as they came in."""
    row = details.row
    client = Party(number=row.number_text or row.number, name=row.client)
    lanes: dict[str, list[Segment]] = {}
    of_client: list[Segment] = []
    for visit in details.queue_visits:
        segment = Segment(kind=SegmentKind.QUEUE, started_at=visit.entered_at, ended_at=visit.left_at)
        lanes.setdefault(visit.queue, []).append(segment)
        of_client.append(segment)
    for leg in details.legs:
        if leg.ringing_at is not None and leg.party is not None and leg.role is not LegRole.OBSERVER:
            ring = Segment(kind=SegmentKind.RING, started_at=leg.ringing_at, ended_at=leg.answered_at or leg.ended_at)
            (of_client if _is_outside(details, leg.party) else lanes.setdefault(leg.party, [])).append(ring)
    for interval in details.intervals:
        segment = _segment(details, interval)
        if interval.party is None or _is_outside(details, interval.party):
            of_client.append(segment)
            continue
        lanes.setdefault(interval.party, []).append(segment)
        if interval.kind is not IntervalKind.CONSULTATION:
            of_client.append(replace(segment, other=party(details, interval.party)))
    found = [
        Lane(party=party(details, key), is_client=False, segments=_sorted(segments)) for key, segments in lanes.items()
    ]
    found.sort(key=lambda lane: lane.segments[0].started_at)
    return [Lane(party=client, is_client=True, segments=_sorted(of_client)), *found]


def party(details: CallDetails, key: str | None) -> Party:
    """The party behind an extension, a queue's name or an outside number, as named at the time."""
    if key is None:
        return Party(number=details.row.number_text, name=details.row.client)
    if key in details.names:
        return Party(number=key, name=details.names[key])
    if _is_outside(details, key):
        return Party(number=details.row.number_text or display(key), name=details.row.client)
    return Party(number=key, name=None)


def _legs(details: CallDetails) -> Iterator[RouteLeg]:
    prepared = [one for one in details.transfers if one.completed and one.kind in _PREPARED]
    for leg in details.legs:
        if leg.role is LegRole.OBSERVER:
            continue
        ended, talk_s = leg.ended_at, leg.talk_s
        if leg.role is LegRole.CONSULTATION:
            joined = [one.transferred_at for one in prepared if one.to_party == leg.party]
            ended = min([ended, *(moment for moment in joined if moment >= leg.started_at)])
            talk_s = _overlap(details, IntervalKind.CONSULTATION, leg.party, leg.started_at, ended) or talk_s
            if leg.answered_at is not None and talk_s == 0.0:
                talk_s = max((ended - leg.answered_at).total_seconds(), 0.0)
        yield RouteLeg(
            started_at=leg.started_at,
            ended_at=ended,
            caller=party(details, leg.caller),
            called=party(details, leg.party),
            result=leg.result,
            role=leg.role,
            talk_s=talk_s,
            ring_s=leg.ring_s,
            queue=details.names.get(leg.queue, leg.queue) if leg.queue else None,
        )


def _joined(details: CallDetails, transfer: Transfer) -> Iterator[RouteLeg]:
    """The row A–C of an attended transfer: the customer and who took the call over, from then on."""
    after = [leg for leg in details.legs if leg.party == transfer.to_party and leg.ended_at > transfer.transferred_at]
    ended = max((leg.ended_at for leg in after), default=details.row.ended_at)
    following = [
        later.transferred_at
        for later in details.transfers
        if later.completed and later.from_party == transfer.to_party and later.transferred_at > transfer.transferred_at
    ]
    ended = min([ended, *following])
    yield RouteLeg(
        started_at=transfer.transferred_at,
        ended_at=ended,
        caller=party(details, None),
        called=party(details, transfer.to_party),
        result=LegResult.ANSWERED,
        role=LegRole.PARTY,
        talk_s=_overlap(details, IntervalKind.TALK, transfer.to_party, transfer.transferred_at, ended),
        ring_s=0.0,
    )


def _line(details: CallDetails, transfer: Transfer) -> HandOver:
    return HandOver(
        happened_at=transfer.transferred_at,
        kind=transfer.kind,
        by=party(details, transfer.from_party),
        to=party(details, transfer.to_party),
        completed=transfer.completed,
    )


def _overlap(details: CallDetails, kind: IntervalKind, key: str | None, begin: datetime, end: datetime) -> float:
    """Seconds of intervals of that kind on the lane of `key` within [begin, end)."""
    return sum(
        max(0.0, (min(interval.ended_at, end) - max(interval.started_at, begin)).total_seconds())
        for interval in details.intervals
        if interval.kind is kind and key in (interval.party, interval.other)
    )


def _segment(details: CallDetails, interval: Interval) -> Segment:
    return Segment(
        kind=SegmentKind(interval.kind.value),
        started_at=interval.started_at,
        ended_at=interval.ended_at,
        other=party(details, interval.other) if interval.other else None,
    )


def _is_outside(details: CallDetails, key: str) -> bool:
    """Is it the outside party? Extensions and names of queues are not."""
    if key in details.names:
        return False
    return len(key.lstrip("+")) > _LONGEST_EXTENSION and key.lstrip("+").isdigit()


def _sorted(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    return tuple(sorted(segments, key=lambda segment: (segment.started_at, segment.ended_at)))


def _order(line: RouteLine) -> tuple[datetime, int]:
    """By time; at one moment the queue, then the hand-over, then the row that follows from it."""
    if isinstance(line, RouteLeg):
        return line.started_at, 2
    return line.happened_at, 0 if isinstance(line, QueueStay) else 1
