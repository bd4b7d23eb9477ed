"""The route of a call: the rows of its table, with lines where it changed hands, and lanes on a time axis.

Pure: details in, values out. Who called whom comes from the legs. An attended transfer has three rows:
A–B, B–C (the consultation) and A–C from the hand-over on, although the telephones dialled only twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from data.journal import CallDetails
from data.model import Direction, Interval, IntervalKind, Leg, LegResult, LegRole, Transfer, TransferKind
from data.phone import MASKED, display

# Kinds that a consultation prepares: the telephones dial for it, not for the customer.
_PREPARED = frozenset({TransferKind.ATTENDED})
# After these of a queue's results the call went on elsewhere.
_WENT_ON = frozenset({"timeout", "key", "empty", "transferred"})
# Somebody took the call without being called.
_TAKEN = frozenset({TransferKind.PICKUP, TransferKind.UNPARK})
_INSTANT = timedelta(seconds=2)
_LONGEST_EXTENSION = 6
_SAME_DIGITS = 10
_BOX_END = re.compile(r"[@,]")


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
    is_pbx: bool = False  # nobody dialled: the PBX called by itself, as for a click

    @property
    def is_extension(self) -> bool:
        """The number is short enough to stand beside the name."""
        return len(self.number or "") <= _LONGEST_EXTENSION

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
    lines += _rooms(details)
    for transfer in details.transfers:
        lines.append(_line(details, transfer))
        if transfer.completed and transfer.kind in _PREPARED:
            lines += _joined(details, transfer)
    return sorted(lines, key=_order)


def route_lanes(details: CallDetails) -> list[Lane]:
    """The picture: the client first, then everybody else as they came in."""
    row = details.row
    lanes: dict[str, list[Segment]] = {}
    of_client: list[Segment] = []
    if row.direction is Direction.INTERNAL:
        # Nobody is outside: the lane of who called takes the place of the client's.
        first = party(details, caller(details))
        if first.number is not None:
            lanes[first.number] = of_client
    else:
        first = Party(number=row.number_text or row.number, name=row.client)
    for visit in details.queue_visits:
        segment = Segment(kind=SegmentKind.QUEUE, started_at=visit.entered_at, ended_at=visit.left_at)
        lanes.setdefault(visit.queue, []).append(segment)
        of_client.append(segment)
    for leg in details.legs:
        if leg.ringing_at is not None and leg.party is not None and leg.role is not LegRole.OBSERVER:
            silent_at = leg.ringing_at + timedelta(seconds=leg.ring_s)
            ring = Segment(kind=SegmentKind.RING, started_at=leg.ringing_at, ended_at=silent_at)
            (of_client if _is_client(details, leg.party) else lanes.setdefault(leg.party, [])).append(ring)
    for interval in details.intervals:
        segment = _segment(details, interval)
        if interval.party is None or _is_client(details, interval.party):
            of_client.append(segment)
            continue
        own = lanes.setdefault(interval.party, [])
        own.append(segment)
        mirrored = replace(segment, other=party(details, interval.party))
        if interval.kind is IntervalKind.CONSULTATION:
            if interval.other is not None:
                lanes.setdefault(interval.other, []).append(mirrored)
        elif own is not of_client:
            of_client.append(mirrored)
    found = [
        Lane(party=party(details, key), is_client=False, segments=_sorted(segments))
        for key, segments in lanes.items()
        if segments is not of_client and segments
    ]
    found.sort(key=lambda lane: lane.segments[0].started_at)
    return [Lane(party=first, is_client=True, segments=_sorted(of_client)), *found]


def caller(details: CallDetails) -> str | None:
    """Who of us began an internal call; None where that was not seen."""
    if details.legs:
        return details.legs[0].caller
    return details.row.people[0].extension if details.row.people else None


def shown_result(details: CallDetails, leg: Leg) -> LegResult:
    """The result as people tell it: a queue whose time was over took the ringing away, not the caller."""
    if leg.result is not LegResult.CANCELLED or leg.queue is None:
        return leg.result
    for visit in details.queue_visits:
        if (
            visit.queue == leg.queue
            and visit.result in _WENT_ON
            and visit.entered_at <= leg.started_at <= visit.left_at
        ):
            return LegResult.NO_ANSWER
    return leg.result


def party(details: CallDetails, key: str | None) -> Party:
    """The party behind an extension, a queue's name or an outside number, as named at the time."""
    if key is None:
        return Party(number=details.row.number_text, name=details.row.client)
    if key in details.names:
        return Party(number=key, name=details.names[key])
    if _is_client(details, key):
        return Party(number=details.row.number_text or _number(key), name=details.row.client)
    return Party(number=_number(key), name=None)


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
            caller=_calling(details, leg),
            called=party(details, leg.party),
            result=shown_result(details, leg),
            role=leg.role,
            talk_s=talk_s,
            ring_s=leg.ring_s,
            queue=details.names.get(leg.queue, leg.queue) if leg.queue else None,
        )


def _calling(details: CallDetails, leg: Leg) -> Party:
    if leg.caller is not None and leg.caller == leg.party:
        return Party(number=None, name=None, is_pbx=True)
    if leg.caller is not None and leg.caller == leg.queue:
        return party(details, None)  # the line above says that it was offered by the queue
    return party(details, leg.caller)


def _rooms(details: CallDetails) -> Iterator[RouteLeg]:
    """Rows of a conference room: nobody was dialled, somebody came in."""
    for interval in details.intervals:
        if interval.kind is IntervalKind.CONFERENCE and not details.legs:
            yield RouteLeg(
                started_at=interval.started_at,
                ended_at=interval.ended_at,
                caller=party(details, interval.party),
                called=party(details, interval.other),
                result=LegResult.ANSWERED,
                role=LegRole.PARTY,
                talk_s=(interval.ended_at - interval.started_at).total_seconds(),
                ring_s=0.0,
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
        happened_at=_begun(details, transfer),
        kind=transfer.kind,
        by=party(details, transfer.from_party),
        to=party(details, transfer.to_party),
        completed=transfer.completed,
    )


def _begun(details: CallDetails, transfer: Transfer) -> datetime:
    """The moment of the line: the row that follows from it may begin an instant before we hear of it."""
    if transfer.kind in _PREPARED:
        return transfer.transferred_at
    rows = [
        leg.started_at
        for leg in details.legs
        if leg.party == transfer.to_party and (transfer.kind in _TAKEN or leg.caller != transfer.from_party)
    ]
    near = [at for at in rows if timedelta() <= transfer.transferred_at - at < _INSTANT]
    return min([transfer.transferred_at, *near])


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
        other=_other(details, interval),
    )


def _other(details: CallDetails, interval: Interval) -> Party | None:
    if not interval.other:
        return None
    if interval.kind is IntervalKind.VOICEMAIL:  # the dialplan's words: 205@default,u
        return party(details, _BOX_END.split(interval.other)[0])
    return party(details, interval.other)


def _is_client(details: CallDetails, key: str) -> bool:
    """Is it the outside party whose call this is? Where a telephone of ours forwards outside, there is another one."""
    if key in details.names or not _is_long(key):
        return False
    row = details.row
    if row.number is None:
        return row.direction is Direction.OUTBOUND
    ours, theirs = key.lstrip("+"), row.number.lstrip("+")
    # As dialled it may begin with another prefix than in normal form.
    return ours == theirs or ours[-_SAME_DIGITS:] == theirs[-_SAME_DIGITS:]


def _number(key: str) -> str:
    return display(key) if _is_long(key) and key.lstrip("+").isdigit() else key


def _is_long(key: str) -> bool:
    """An outside number, masked or not: extensions are shorter, names of queues have letters."""
    digits = key.lstrip("+")
    return len(digits) > _LONGEST_EXTENSION and all(sign.isdigit() or sign == MASKED for sign in digits)


def _sorted(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    return tuple(sorted(segments, key=lambda segment: (segment.started_at, segment.ended_at)))


def _order(line: RouteLine) -> tuple[datetime, int]:
    """By time; at one moment the queue, then the hand-over, then the row that follows from it."""
    if isinstance(line, RouteLeg):
        return line.started_at, 2
    return line.happened_at, 0 if isinstance(line, QueueStay) else 1
