"""The way in: messages of one PBX are fed, changed facts are taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from data.model import AmiEvent, CallFacts, Gap, LiveCall
from ingest.assembler.batch import Batch
from ingest.assembler.derive import derive
from ingest.assembler.groups import Group, Groups
from ingest.assembler.live import LiveClock, live_call
from ingest.assembler.office import Office
from ingest.assembler.presence import Presence
from ingest.assembler.sessions import Member, Sessions
from ingest.assembler.timeline import ASSUMED, GAP_CAUSE, SHIFT, seconds_told
from ingest.assembler.times import moment
from ingest.events import CallEvent, Channel, Kind
from ingest.sources.ami_events import translate
from ingest.sources.headers import moment as event_time
from ingest.stream import EPOCH, Message

QUIET_S = 60.0  # a call that is over changes no more after this, nor after so many messages:
QUIET_MESSAGES = 50_000
LIVE_SHARE = 500  # a call with more events than this is told anew after so small a share of new ones
TIDY_EVERY = 256  # messages between looks for quiet calls
STOCK_S = 300.0  # without any stock-taking, calls of the last connection are given up after this
SILENT_S = 86_400.0  # a call without a single event for so long has ended unseen
RESTART_S = 3.0
CLOCK_S = 2.0  # clocks that differ by less are taken for the same
STEP_S = 5.0  # the PBX's time never goes back so far by itself

_STREAM_KINDS = frozenset({Kind.BOOTED, Kind.SHUTDOWN, Kind.STOCK_COMPLETE, Kind.STARTED_AT})
_MEMBER_KINDS = frozenset({Kind.MEMBER, Kind.MEMBER_GONE, Kind.MEMBERS_TOLD, Kind.DEVICE})
_DULL = frozenset({"Event", "Privilege", "Language", "AccountCode", "Priority", "SystemName"})


class Assembler:
    """Puts the calls of one PBX together. Same messages in, same facts out, in any batch size.

    resumed_at: sequence of the first message that was never fed before. A restart feeds from
    `oldest_open()` of the former life on; what it finds half before that point was handed over then.
    members: the `members` of the former life.
    """

    def __init__(self, office: Office, *, pbx: str, resumed_at: int = 0, members: Iterable[Member] = ()) -> None:
        self._office = office
        self._pbx = pbx
        self._resumed_at = resumed_at
        self._groups = Groups()
        self._sessions = Sessions(pbx, office, members)
        self._presence = Presence(pbx, office)
        self._now = 0.0
        self._offset = 0.0  # what the PBX's clock is ahead of ours
        self._offset_known = False  # from an event with a time of its own
        self._stamped_at: float | None = None  # the PBX's time of the last event of this connection
        self._tidied = 0
        self._channel_events = False  # this PBX sends them, so CEL is not needed
        self._boundary_seen = False
        self._down_at: float | None = None  # the present or last time when nobody listened
        self._shutdown_at: float | None = None
        self._connected_at: float | None = None  # time of the first event of this connection
        self._started: datetime | None = None  # when the PBX came up, by its own local time
        self._unconfirmed: dict[str, Channel] = {}  # open when the link was lost, not seen since
        self._held: dict[str, str] = {}  # device: its channel that has somebody on hold
        self._crossed: list[tuple[int, int]] = []  # first and last message of calls open at a boundary
        self._gaps: list[Gap] = []
        self._gaps_open: Gap | None = None
        self._ready: dict[str, CallFacts] = {}
        self._rows: dict[int, AmiEvent] = {}
        self._retracted: list[str] = []
        self._live_clock = LiveClock()
        self._live: dict[int, tuple[int, LiveCall | None]] = {}
        self._last_live: tuple[LiveCall, ...] = ()

    # --- the link

    def connected(self, at: datetime, sequence: int) -> None:
        """A connection begins: what was missed since the last one becomes a gap."""
        self._connected_at = None
        self._boundary_seen = True
        self._groups.stock_from = sequence
        self._sessions.connected(self._down_at)
        self._presence.connected()
        if self._gaps_open is None and self._down_at is None:
            self._gaps.append(Gap(pbx=self._pbx, started_at=at, ended_at=at, cause="start", events=(sequence,)))
        elif self._gaps_open is not None:
            gap = self._gaps_open
            self._gaps.append(replace(gap, ended_at=max(at, gap.started_at), events=(*gap.events, sequence)))
            self._gaps_open = None
        if self._shutdown_at is not None:
            self._restarted(sequence)

    def disconnected(self, at: datetime, sequence: int, cause: str) -> None:
        """The connection ended; open calls may change unseen from here on."""
        self._down_at = at.timestamp() + self._offset
        self._stamped_at = None
        self._gaps_open = Gap(pbx=self._pbx, started_at=at, ended_at=None, cause=cause, events=(sequence,))
        self._gaps.append(self._gaps_open)
        mark = CallEvent(Kind.GAP, sequence, self._down_at, fields={GAP_CAUSE: cause})
        for group in list(self._groups.opened()):
            group.add(mark, None)
            self._groups.changed[id(group)] = group
            self._crossed.append((group.read_from, sequence))
            for channel in _living(group):
                self._unconfirmed[channel.uniqueid] = channel

    # --- messages

    def feed(self, message: Message) -> None:
        """Take in one message; never raises, whatever it holds."""
        self._take_in(message)
        if message.sequence // TIDY_EVERY != self._tidied:
            self._tidied = message.sequence // TIDY_EVERY
            self._tidy(message.sequence)

    def _take_in(self, message: Message) -> None:
        if self._channel_events and message.name == "CEL":
            return
        event = translate(message)
        if event is None:
            return
        event = self._on_the_clock_of_the_pbx(event, message)
        self._now = event.at  # time is told by events alone: our clock may be another
        if self._connected_at is None:
            self._connected_at = event.at
        if event.kind in _STREAM_KINDS:
            self._stream_event(event)
        elif event.kind in _MEMBER_KINDS:
            self._presence.take(event, message, ahead_s=self._offset)
            if event.kind is not Kind.DEVICE and event.sequence >= self._resumed_at:
                # Until then the former life has told it.
                self._sessions.take(event, message)
        elif event.kind is Kind.BILL:
            self._groups.note(event, message, event.channel)
        elif event.kind in (Kind.SPY_START, Kind.SPY_STOP):
            self._spy(event, message)
        else:
            if event.kind is Kind.CHANNEL_NEW and not event.from_cel:
                self._channel_events = True
            self._call_event(event, message)

    def _on_the_clock_of_the_pbx(self, event: CallEvent, message: Message) -> CallEvent:
        """Answers to actions carry no time: theirs is that of receipt, on our clock."""
        if "Timestamp" not in message.fields:
            if not self._offset_known and event.kind is Kind.CHANNEL_SEEN and not self._offset:
                self._offset = _offset_of(event)
            return event._replace(at=event.at + self._offset) if self._offset else event
        offset = event.at - message.received_at
        self._offset = offset if abs(offset) >= CLOCK_S else 0.0
        self._offset_known = True
        last, self._stamped_at = self._stamped_at, event.at
        if last is not None and event.at < last - STEP_S:
            # The clock of the PBX was set back: open calls go on by the old one, so that no time is negative.
            step = CallEvent(Kind.CLOCK_STEP, event.sequence, event.at, fields={SHIFT: repr(last - event.at)})
            for group in list(self._groups.opened()):
                group.add(step, None)
                self._groups.changed[id(group)] = group
        return event

    def _call_event(self, event: CallEvent, message: Message) -> None:
        unknown_is_old = event.sequence < self._resumed_at and not self._boundary_seen
        group = self._groups.take(event, message, ignore_unknown=unknown_is_old)
        if group is not None and event.channel is not None and event.channel.name:
            self._watch_holds(event, message, group, event.channel)
        if self._unconfirmed and event.channel is not None:
            self._unconfirmed.pop(event.channel.uniqueid, None)
            if event.other is not None:
                self._unconfirmed.pop(event.other.uniqueid, None)

    def _watch_holds(self, event: CallEvent, message: Message, group: Group, channel: Channel) -> None:
        """Note in a held call that its holder's phone calls somebody else: perhaps to hand it over."""
        if event.kind is Kind.HOLD:
            self._held[channel.name.rpartition("-")[0]] = channel.uniqueid
        elif event.kind is Kind.UNHOLD or event.kind is Kind.CHANNEL_GONE:
            device = channel.name.rpartition("-")[0]
            if self._held.get(device) == channel.uniqueid:
                del self._held[device]
        elif event.kind is Kind.CHANNEL_NEW and channel.linkedid in ("", channel.uniqueid) and self._held:
            holder = self._held.get(channel.name.rpartition("-")[0])
            held = self._groups.of_channel.get(holder) if holder is not None else None
            if held is not None and held is not group:
                mark = event._replace(kind=Kind.CONSULTATION, fields={"Holder": holder or ""})
                held.add(mark, message)
                self._groups.changed[id(held)] = held

    def _spy(self, event: CallEvent, message: Message) -> None:
        """An observer belongs to its own call and is noted in the other; the two are not one."""
        spying = self._groups.note(event, message, event.channel)
        if event.other is None or event.channel is None:
            return
        spied = self._groups.of_channel.get(event.other.uniqueid)
        if spied is not None and spied is not spying:
            spied.add(event, message)
            self._groups.changed[id(spied)] = spied

    # --- restarts, stock-taking

    def _stream_event(self, event: CallEvent) -> None:
        if event.kind is Kind.SHUTDOWN:
            self._shutdown_at = event.at
            for group in self._groups.groups.values():
                if event.at - group.last_at <= RESTART_S or group.open:
                    group.add(event, None)
                    self._groups.changed[id(group)] = group
        elif event.kind is Kind.BOOTED:
            uptime = event.fields.get("Uptime", "")
            known = self._down_at is not None and uptime.isascii() and uptime.isdigit() and len(uptime) < 10
            if known and self._unconfirmed and event.at - int(uptime) > (self._down_at or 0.0):
                self._restarted(event.sequence)
        elif event.kind is Kind.STARTED_AT:
            told, before = _started(event), self._started
            if told is not None and before is not None and abs((told - before).total_seconds()) > STEP_S:
                self._restarted(event.sequence)
            self._started = told or before
        else:
            self._groups.stock_from = None
            if self._down_at is not None:
                self._give_up("gap", event.sequence)

    def _restarted(self, sequence: int) -> None:
        """No channel outlives a restart of the PBX, and its ids begin anew."""
        self._give_up("restart", sequence)
        self._shutdown_at = None
        self._groups.start_afresh()

    def _give_up(self, cause: str, sequence: int) -> None:
        """Channels of the lost connection that were not seen again ended while nobody listened."""
        at = self._down_at if self._down_at is not None else self._now
        for channel in self._unconfirmed.values():
            self._end(channel, at, sequence, cause)
        self._unconfirmed.clear()

    def _end(self, channel: Channel, at: float, sequence: int, cause: str) -> None:
        group = self._groups.of_channel.get(channel.uniqueid)
        if group is None or channel.uniqueid not in group.open:
            return
        end = CallEvent(Kind.CHANNEL_GONE, sequence, max(at, group.first_at), channel, fields={ASSUMED: cause})
        self._groups.take(end, None, ignore_unknown=False)

    def finish(self, at: datetime) -> None:
        """The end of a replay: everything open is closed and marked."""
        ended_at = at.timestamp() + self._offset
        for group in list(self._groups.opened()):
            for channel in _living(group):
                self._end(channel, max(group.last_at, ended_at), group.last, "end")

    def _tidy(self, sequence: int) -> None:
        connected = self._gaps_open is None
        since = self._connected_at if self._connected_at is not None else self._now
        if self._unconfirmed and connected and self._now - since > STOCK_S:
            self._give_up("gap", sequence)
        for group in list(self._groups.groups.values()):
            if group.open:
                if self._now - group.last_at > SILENT_S:
                    for channel in _living(group):
                        self._end(channel, group.last_at, sequence, "silence")
            elif self._now - group.last_at > QUIET_S or sequence - group.last > QUIET_MESSAGES:
                self._hand_over(group)
                self._groups.forget(group)
                self._live.pop(id(group), None)

    # --- handing over

    def take(self, *, live: bool = True) -> Batch:
        """Changes since the last call; `live=False` leaves out the calls that are going on."""
        for group in list(self._groups.changed.values()):
            if not group.open:
                self._hand_over(group)
        batch = Batch(
            calls=tuple(self._ready.values()),
            retracted=tuple(dict.fromkeys(name for name in self._retracted if name not in self._ready)),
            gaps=tuple({(gap.pbx, gap.started_at): gap for gap in self._gaps}.values()),
            agent_sessions=self._sessions.take_changes(),
            events=tuple(self._rows[number] for number in sorted(self._rows)),
            live=self._going_on() if live else None,
            members=self._presence.take_members() if live else None,
            phones=self._presence.take_phones() if live else None,
        )
        self._ready, self._rows, self._retracted, self._gaps = {}, {}, [], []
        return batch

    def _hand_over(self, group: Group) -> None:
        if self._groups.changed.pop(id(group), None) is None or group.ignored:
            return
        call_id = group.call_id(self._pbx)
        facts = derive(group.events, self._office, pbx=self._pbx, call_id=call_id)
        kept = {call_id} if facts is not None else set()
        given_up = [name for name in (*group.former_ids(self._pbx), *sorted(group.published)) if name not in kept]
        for name in given_up:
            self._ready.pop(name, None)
        self._retracted += [name for name in given_up if name in group.published]
        group.published = kept
        if facts is None:
            return
        aliases = tuple(dict.fromkeys(name for name in group.former_ids(self._pbx) if name != call_id))
        self._ready[call_id] = replace(facts, aliases=aliases)
        for number in facts.call.events:
            message = group.messages.get(number)
            if message is not None and message.name != "Newexten":
                self._rows[number] = self._row(message, call_id)

    def _row(self, message: Message, call_id: str) -> AmiEvent:
        fields = message.fields
        at = fields.get("Timestamp")
        names = [value for name, value in fields.items() if name.lower().endswith("uniqueid") and "Bridge" not in name]
        return AmiEvent(
            pbx=self._pbx,
            sequence=message.sequence,
            call_id=call_id,
            received_at=moment(message.received_at),
            event_at=moment(event_time(message)) if at else None,
            name=message.name,
            channels=tuple(dict.fromkeys(name for name in names if name)),
            fields={
                name: value
                for name, value in fields.items()
                if value and value != "<unknown>" and name not in _DULL and not name.endswith("StateDesc")
            },
        )

    def _going_on(self) -> tuple[LiveCall, ...] | None:
        """Calls that are going on, in the order of their beginning; None where nothing changed."""
        present: dict[int, tuple[int, LiveCall | None]] = {}
        for group in self._groups.opened():
            if group.ignored:
                continue
            known = self._live.get(id(group))
            if known is None or _looks_different(group, known[0]):
                made = live_call(group.events, self._office, pbx=self._pbx, call_id=group.call_id(self._pbx))
                known = (group.version, made)
            present[id(group)] = known
        self._live = present
        calls = self._live_clock.by_ours((call for _, call in present.values() if call is not None), self._offset)
        if calls == self._last_live:
            return None
        self._last_live = calls
        return calls

    @property
    def members(self) -> tuple[Member, ...]:
        """Presences and pauses that go on: what a restart must be given besides the messages."""
        return self._sessions.going_on

    def oldest_open(self) -> int | None:
        """Sequence of the earliest message that anything open or not yet taken rests on.

        A restart that feeds from there gives the same facts; None: nothing is open.
        """
        firsts = [group.read_from for group in self._groups.groups.values() if not group.ignored]
        if not firsts:
            return None
        oldest = min(firsts)
        # A call that was open when the link was lost cannot be told from one that began meanwhile,
        # so a reading that begins before such a moment begins before all calls that crossed it.
        self._crossed = [span for span in self._crossed if span[1] >= oldest]
        for first, last in sorted(self._crossed, reverse=True):
            if last >= oldest:
                oldest = min(oldest, first)
        return oldest


def _looks_different(group: Group, seen: int) -> bool:
    """Whether a call that goes on is to be read again since its version `seen`.

    A call of thousands of events (an hour in a queue that rings twenty phones at a time) is costly to read: of
    mere rings a few are waited for.
    """
    return group.turned > seen or (group.version - seen) * LIVE_SHARE > len(group.events)


def _offset_of(event: CallEvent) -> float:
    """What the PBX's clock is ahead of ours: a unique id tells when its channel began, stock-taking its age."""
    made = EPOCH.search(event.channel.uniqueid) if event.channel is not None else None
    if made is None:
        return 0.0
    offset = float(made[1]) + seconds_told(event.fields) - event.at
    return offset if abs(offset) > CLOCK_S else 0.0


def _started(event: CallEvent) -> datetime | None:
    """What CoreStatus tells of the start; only compared with another one, so the zone does not matter."""
    text = f"{event.fields.get('CoreStartupDate', '')} {event.fields.get('CoreStartupTime', '')}"
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def _living(group: Group) -> Iterable[Channel]:
    """The latest sight of each channel of the group that is still there."""
    found: dict[str, Channel] = {}
    for event in group.events:
        for channel in (event.channel, event.other, *event.more):
            if channel is not None and channel.uniqueid in group.open:
                found[channel.uniqueid] = channel
    return list(found.values())
