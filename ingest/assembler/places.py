"""Where lines stand: a masquerade of old versions puts one line under the unique id of another."""

from __future__ import annotations

from ingest.assembler.lines import OPEN, Line, Stay
from ingest.events import CallEvent, Channel


class Places:
    """Finds the line that a channel of an event stands for."""

    def __init__(self, lines: dict[str, Line]) -> None:
        self.by_name: dict[str, str] = {}
        self._lines = lines
        self._moved: dict[str, str] = {}  # unique id: the line that stands there now

    def settle(self, event: CallEvent) -> CallEvent:
        """The event with its channels under the unique ids of their lines; those told by name are looked up."""
        is_plain = (event.other is None or event.other.uniqueid) and all(told.uniqueid for told in event.more)
        if is_plain and not self._moved:
            return event
        return event._replace(
            channel=self._of(event.channel),
            other=self._of(event.other),
            more=tuple(found for channel in event.more if (found := self._of(channel)) is not None),
        )

    def swap(self, event: CallEvent) -> None:
        """The line called `other` stands from here on where `channel` stood, and the reverse."""
        if event.channel is None or event.other is None:
            return
        place, name = event.channel.uniqueid, event.other.name
        here, comes = self._moved.get(place, place), self.by_name.get(name)
        if here not in self._lines:
            return
        if comes is None or comes == here:
            self.by_name[name] = here
            return
        left = next((uniqueid for uniqueid, line in self._moved.items() if line == comes), comes)
        self._moved[place], self._moved[left] = comes, here
        one, two = self._lines[here], self._lines[comes]
        first, second = _leave(one, event.at), _leave(two, event.at)
        one.stays += [Stay(stay.bridge, stay.kind, event.at, sequences=[event.sequence]) for stay in second]
        two.stays += [Stay(stay.bridge, stay.kind, event.at, sequences=[event.sequence]) for stay in first]

    def _of(self, channel: Channel | None) -> Channel | None:
        if channel is None:
            return None
        uniqueid = self._moved.get(channel.uniqueid, channel.uniqueid) or self.by_name.get(channel.name, "")
        return channel._replace(uniqueid=uniqueid) if uniqueid != channel.uniqueid else channel


def _leave(line: Line, at: float) -> list[Stay]:
    """The stays that the line has to leave."""
    present = [stay for stay in line.stays if stay.until == OPEN]
    for stay in present:
        stay.until = at
    return present
