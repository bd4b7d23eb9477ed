"""The roles in a call: who began it, who is the customer, whom did they hear."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from data.model import Direction
from ingest.assembler.lines import OPEN, Dial, Line, Timeline
from ingest.assembler.meetings import Meeting, ends_of, meetings_of
from ingest.assembler.office import Office
from ingest.assembler.sides import Sides, number_of_dial
from ingest.assembler.timeline import fold
from ingest.events import CallEvent, Kind

_CONFERENCE_APPS = frozenset({"confbridge", "meetme"})
_SPY_APPS = frozenset({"chanspy", "extenspy"})


class Story:
    """One group of channels, read as a call. All that is asked is derived once and kept."""

    def __init__(self, events: Sequence[CallEvent], office: Office) -> None:
        self.timeline: Timeline = fold(events)
        self._take_member_names(events)
        self.sides = Sides(self.timeline, office)
        self.ends: list[Line] = ends_of(self.timeline)

    def _take_member_names(self, events: Iterable[CallEvent]) -> None:
        for event in events:
            if event.kind in (Kind.AGENT_CALLED, Kind.AGENT_CONNECT) and event.other is not None:
                line = self.timeline.lines.get(event.other.uniqueid)
                interface = event.fields.get("Interface", "")
                if line is not None and line.is_local and interface.startswith("Local/"):
                    line.extension = interface.removeprefix("Local/").partition("@")[0]

    # --- ends

    @cached_property
    def observers(self) -> frozenset[str]:
        """Lines that spy or whisper: they take no part."""
        told = {event.channel.uniqueid for event in self.timeline.spying if event.channel is not None}
        return frozenset(told) | {
            line.uniqueid for line in self.timeline.lines.values() if any(app.name in _SPY_APPS for app in line.apps)
        }

    @cached_property
    def meetings(self) -> list[Meeting]:
        return meetings_of(self.timeline, [end for end in self.ends if end.uniqueid not in self.observers])

    def number(self, uniqueid: str) -> str | None:
        return self.sides.number(self.timeline.lines[uniqueid])

    def is_outside(self, uniqueid: str) -> bool:
        return self.sides.is_outside(self.timeline.lines[uniqueid])

    def meetings_with(self, line: Line | None) -> list[Meeting]:
        return [meeting for meeting in self.meetings if line is not None and meeting.has(line.uniqueid)]

    # --- roles

    @cached_property
    def origin(self) -> Line | None:
        """The first end, if it called by itself; None where the PBX dialled it."""
        first = min(self.ends, key=_age, default=None)
        if first is None or not first.was_dialled:
            return first
        # Stock-taking tells ages in whole seconds: the caller may seem as young as whom he called.
        near = [
            end
            for end in self.ends
            if not end.was_dialled and not end.born_seen and end.began_at - first.began_at < 2.0
        ]
        return min(near, key=_age, default=None)

    @cached_property
    def originated(self) -> bool:
        return self.origin is None

    @cached_property
    def caller(self) -> Line | None:
        """Who called; where the PBX dialled both ends, whom it dialled first."""
        return self.origin or min(self.ends, key=_age, default=None)

    @cached_property
    def direction(self) -> Direction:
        if self.origin is not None and self.sides.is_outside(self.origin):
            return Direction.INBOUND
        if any(self.sides.is_outside(end) for end in self.ends) or self.blind_number is not None:
            return Direction.OUTBOUND
        return Direction.INTERNAL

    @cached_property
    def blind_number(self) -> str | None:
        """The outside number of an attempt that made no channel at all: the trunk was down, or barred it."""
        if self.caller is None or self.timeline.from_cel:
            return None
        for line in self.timeline.lines.values():
            for app in line.apps:
                if app.name == "dial":
                    for target in app.data.partition(",")[0].split("&"):
                        technology, slash, rest = target.partition("/")
                        # "PJSIP/145201" is a device; a number through a trunk has its trunk beside it.
                        number = number_of_dial(rest, "") if "@" in rest or "/" in rest else None
                        if slash and technology != "Local" and number and not self.sides.is_extension(number):
                            return number
        return None

    @cached_property
    def outside_called(self) -> list[Line]:
        """Outside ends that were dialled, in order."""
        return sorted((end for end in self.ends if end.was_dialled and self.sides.is_outside(end)), key=_age)

    @cached_property
    def customer(self) -> Line | None:
        """The end whose conversations are the call's; outbound: the outside end."""
        if self.direction is not Direction.OUTBOUND:
            return self.caller
        if self.caller is not None and self.sides.is_outside(self.caller):
            return self.caller
        spoken = [line for line in self.outside_called if self.meetings_with(line)]
        return next(iter(spoken or self.outside_called), None)

    @cached_property
    def conversations(self) -> list[Meeting]:
        """The customer's meetings with people, in order."""
        return self.meetings_with(self.customer)

    @cached_property
    def rooms(self) -> list[tuple[str, float, float, list[int]]]:
        """Stays of the customer in conference rooms: room, since, until, events."""
        found: list[tuple[str, float, float, list[int]]] = []
        customer = self.customer
        if customer is None:
            return found
        names = {
            (event.channel.uniqueid if event.channel else ""): event.fields.get("Conference", "")
            for event in self.timeline.conferences
            if event.kind is Kind.CONFERENCE_JOIN
        }
        for line in self._wire_of(customer):
            apps = {app.name for app in line.apps}
            if "page" in apps and not apps & _CONFERENCE_APPS:
                continue  # the room is only how the PBX connects those who are paged
            room = names.get(line.uniqueid) or next(
                (app.data.partition(",")[0] for app in line.apps if app.name in _CONFERENCE_APPS), ""
            )
            if not room:
                continue
            stays = [stay for stay in line.stays if stay.kind == "base"]
            found += [(room, stay.since, self.end_of(stay.until), stay.sequences) for stay in stays]
            if not stays and line.uniqueid in names:  # meetme has no bridge
                joined = self._joined(line)
                found.append((room, joined[0], self.end_of(joined[1]), joined[2]))
        return found

    def _wire_of(self, line: Line) -> list[Line]:
        """The line, and Local halves that stand for it elsewhere while they are bridged with it."""
        own = {stay.bridge for stay in line.stays}
        wires = [line]
        for other in self.timeline.lines.values():
            if other.is_local and any(stay.bridge in own and stay.kind == "basic" for stay in other.stays):
                half = self.timeline.other_half(other)
                if half is not None:
                    wires.append(half)
        return wires

    def _joined(self, line: Line) -> tuple[float, float, list[int]]:
        since, until, sequences = line.began_at, line.gone_at, []
        for event in self.timeline.conferences:
            if event.channel is not None and event.channel.uniqueid == line.uniqueid:
                sequences.append(event.sequence)
                if event.kind is Kind.CONFERENCE_JOIN:
                    since = event.at
                else:
                    until = event.at
        return since, until, sequences

    def end_of(self, moment: float) -> float:
        return self.timeline.ended_at if moment == OPEN else moment

    @cached_property
    def queue_names(self) -> list[str]:
        """Queues of the call in order, each once."""
        names = [event.fields.get("Queue", "") for event in self.timeline.queue_events]
        return list(dict.fromkeys(name for name in names if name))

    @cached_property
    def real_targets(self) -> list[tuple[Dial, Line]]:
        """Dial attempts that reached an end: phones and trunks, or a Local half with nothing behind it."""
        found = []
        for dial in self.timeline.dials:
            line = self.timeline.lines[dial.target]
            if line.took_over:
                continue
            if not line.is_local or self.leads_nowhere(line):
                found.append((dial, line))
        return found

    def leads_nowhere(self, line: Line) -> bool:
        """A Local half behind which nobody was dialled: an unregistered phone, or the dialplan itself."""
        half = self.timeline.other_half(line)
        if half is None or half.made_calls or line.made_calls:
            return False
        if any(app.name in ("dial", "queue", "followme") for app in half.apps) and not self.local_only:
            return not any(dial.parent == half.uniqueid for dial in self.timeline.dials)
        return self.local_only and not any(dial.parent is None for dial in line.dials)

    @cached_property
    def local_only(self) -> bool:
        return all(line.is_local for line in self.timeline.lines.values())


def _age(line: Line) -> tuple[float, int]:
    return (line.began_at, line.position)
