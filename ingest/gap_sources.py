"""What can tell of the calls of a gap: records of calls, or the channel events that a PBX writes to a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from data.model import CallFacts
from data.settings import Pbx, Settings
from ingest.assembler import Assembler, Office
from ingest.assembler.times import moment
from ingest.imports.cdr_calls import SOURCE, facts_of
from ingest.imports.cel_import import without_positions
from ingest.imports.gathering import Gathering
from ingest.records import Records, first_at, items_around, records_of, with_rotated, zone_of
from ingest.sources.cdr_files import Row
from ingest.sources.cel_files import cel_message
from ingest.stream import Message

_TAKE_EVERY = 5_000  # events


@dataclass(frozen=True, slots=True)
class Told:
    """The calls of a period and some around it, and the latest moment that is told of (unix time)."""

    calls: list[CallFacts]
    until: float


class GapSource(Protocol):
    """One place where calls of the past can be read. Both methods raise ImportFailed."""

    name: str
    source: str  # of the calls that come from here

    def since(self) -> float | None:
        """The moment from which on it tells everything; None: it never does."""

    def told(self, from_at: float, until_at: float) -> Told: ...


def gap_sources(pbx: Pbx, settings: Settings, records: list[Records] | None = None) -> list[GapSource]:
    """What there is for this PBX, the best first."""
    office = Office(trunks=tuple(pbx.trunks), extensions=pbx.extensions)
    found: list[GapSource] = []
    if pbx.records.cel_csv is not None:
        found.append(ChannelEvents(pbx.records.cel_csv, zone_of(pbx, settings), office, pbx=pbx.name))
    records = records_of(pbx, settings) if records is None else records
    return [*found, *(CallRecords(one, office, pbx=pbx.name) for one in records)]


class CallRecords:
    """Calls from call detail records."""

    source = SOURCE

    def __init__(self, records: Records, office: Office, *, pbx: str) -> None:
        self.name = records.name
        self._records = records
        self._office = office
        self._pbx = pbx

    def since(self) -> float | None:
        return self._records.since() if self._records.is_whole else None

    def told(self, from_at: float, until_at: float) -> Told:
        gathering, until = Gathering(), 0.0
        for line in self._records.between(from_at, until_at):
            gathering.add(line)
            until = max(until, line.ended_at)
        return Told([facts_of(lines, self._office, pbx=self._pbx) for lines in gathering.rest()], until)


class ChannelEvents:
    """Calls from the file of `cel_custom` and its rotated parts, which know them to the microsecond."""

    source = "cel"

    def __init__(self, log: Path, zone: ZoneInfo, office: Office, *, pbx: str) -> None:
        self.name = log.name
        self._log = log
        self._zone = zone
        self._office = office
        self._pbx = pbx

    def since(self) -> float | None:
        return first_at(with_rotated(self._log), lambda row: self._message(row).received_at)

    def told(self, from_at: float, until_at: float) -> Told:
        assembler, until = Assembler(self._office, pbx=self._pbx), 0.0
        calls: dict[str, CallFacts] = {}
        found = items_around(
            with_rotated(self._log), from_at, until_at, self._message, lambda message: message.received_at
        )
        for number, message in enumerate(found, 1):
            if number == 1:
                assembler.connected(moment(message.received_at), number)
            until = max(until, message.received_at)
            # Places in several files do not rise, numbers do.
            assembler.feed(Message(number, message.received_at, message.raw, message.fields))
            if number % _TAKE_EVERY == 0:
                calls |= _taken(assembler)
        # What is open still goes on: live events know it better than an end that nobody saw.
        return Told(list((calls | _taken(assembler)).values()), until)

    def _message(self, row: Row) -> Message:
        return cel_message(row, self._zone)


def _taken(assembler: Assembler) -> dict[str, CallFacts]:
    return {facts.call.call_id: without_positions(facts) for facts in assembler.take(live=False).calls}
