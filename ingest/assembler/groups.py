"""Groups of channels that belong to one call, joined as the events tell it."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter

from ingest.assembler.timeline import bridge_kind
from ingest.events import LIFE_SIGNS, CallEvent, Channel, Kind
from ingest.stream import Message

_BY_SEQUENCE = itemgetter(1)  # CallEvent.sequence
_TURNS = frozenset(
    {
        Kind.CHANNEL_SEEN, Kind.BRIDGE_ENTER, Kind.BRIDGE_LEAVE, Kind.QUEUE_JOIN, Kind.QUEUE_LEAVE, Kind.HOLD,
        Kind.UNHOLD, Kind.PARK, Kind.UNPARK, Kind.PARK_END, Kind.CONFERENCE_JOIN, Kind.CONFERENCE_LEAVE, Kind.SWAP,
    }
)  # fmt: skip


class Group:
    """The ordered log of one call in the making."""

    __slots__ = (
        "channels", "events", "first", "first_at", "former_roots", "ignored", "keys", "last", "last_at", "messages",
        "names", "open", "published", "read_from", "repeated", "root", "turned", "version",
    )  # fmt: skip

    def __init__(self, event: CallEvent, root: str) -> None:
        self.root = root  # unique id of the first channel
        self.first = event.sequence
        self.first_at = event.at
        self.read_from = event.sequence  # where a restart must begin to read for it
        self.last = event.sequence
        self.last_at = event.at
        self.events: list[CallEvent] = []
        self.messages: dict[int, Message] = {}
        self.channels: set[str] = set()
        self.names: set[str] = set()  # of its channels
        self.open: set[str] = set()
        self.keys: set[str] = set()  # linked ids, Local pairs and bridges by which it is found
        self.former_roots: list[str] = []
        self.published: set[str] = set()  # ids under which facts were handed over
        self.repeated = False  # its unique id was used before
        self.ignored = False  # it began before a restart's reading point and was handed over then
        self.version = 0
        self.turned = 0  # version at which somebody began or ceased to wait or to talk

    def add(self, event: CallEvent, message: Message | None) -> None:
        self.events.append(event)
        self.version += 1
        if event.kind in _TURNS:
            self.turned = self.version
        self.last = max(self.last, event.sequence)
        self.last_at = max(self.last_at, event.at)
        if message is not None:
            self.messages[event.sequence] = message

    def call_id(self, pbx: str) -> str:
        return self._name(pbx, self.root)

    def former_ids(self, pbx: str) -> list[str]:
        return [self._name(pbx, root) for root in self.former_roots]

    def _name(self, pbx: str, root: str) -> str:
        return f"{pbx}-{root}-{int(self.first_at)}" if self.repeated else f"{pbx}-{root}"


class Groups:
    """Which channel belongs to which group: a union-find over everything that joins channels."""

    def __init__(self) -> None:
        self.groups: dict[int, Group] = {}  # by identity, in the order of their making
        self.of_channel: dict[str, Group] = {}
        self.changed: dict[int, Group] = {}
        self.stock_from: int | None = None  # where the connection began whose stock is being taken
        self._of_link: dict[str, Group] = {}
        self._of_pair: dict[str, Group] = {}
        self._of_bridge: dict[str, Group] = {}
        self._of_name: dict[str, str] = {}
        self._finished: dict[str, None] = {}  # unique ids of calls that are over, oldest first

    # --- routing

    def take(self, event: CallEvent, message: Message | None, *, ignore_unknown: bool) -> Group | None:
        """Put the event into the log of its group, joining groups that it shows to be one call."""
        group: Group | None = None
        for channel in _channels(event):
            found = self._group_for(channel, event, ignore_unknown)
            if found is None:
                continue
            group = found if group is None else self._join(group, found)
        if group is None:
            return None
        group = self._join_by_bridge(event, group)
        self._follow_life(event, group)
        group.add(event, message)
        self.changed[id(group)] = group
        return group

    def note(self, event: CallEvent, message: Message | None, channel: Channel | None) -> Group | None:
        """Add the event to the group of a channel that is known, and join nothing."""
        group = self.of_channel.get(channel.uniqueid) if channel is not None else None
        if group is not None:
            group.add(event, message)
            self.changed[id(group)] = group
        return group

    def _group_for(self, channel: Channel, event: CallEvent, ignore_unknown: bool) -> Group | None:
        uniqueid = channel.uniqueid or self._of_name.get(channel.name, "")
        if not uniqueid:
            return None
        group = self.of_channel.get(uniqueid)
        again = event.kind is Kind.CHANNEL_NEW and group is not None and self._is_over(group, uniqueid, event)
        if group is None or again:
            group = self._begin(channel, uniqueid, event, ignore_unknown)
            if group is None:
                return None
            group.repeated = group.repeated or again or (uniqueid in self._finished and group.root == uniqueid)
        link = channel.linkedid
        if link and (linked := self._of_link.get(link)) is not group:
            if linked is not None and not (group.repeated and linked.root == link):
                group = self._join(linked, group)
            self._of_link[link] = group
            group.keys.add(link)
        return group

    def _is_over(self, group: Group, uniqueid: str, event: CallEvent) -> bool:
        """A unique id that comes again after its channel's end is another channel: the PBX was restarted."""
        if uniqueid in group.open:
            return False
        return any(
            past.kind is Kind.CHANNEL_GONE
            and past.channel is not None
            and past.channel.uniqueid == uniqueid
            and event.at - past.at > 1.0
            for past in group.events
        )

    def _begin(self, channel: Channel, uniqueid: str, event: CallEvent, ignore_unknown: bool) -> Group | None:
        if event.kind not in LIFE_SIGNS:
            return None
        root = channel.linkedid or uniqueid
        linked = self._of_link.get(root)
        if linked is None and root != uniqueid:
            linked = self.of_channel.get(root)
        born = event.kind is Kind.CHANNEL_NEW
        if linked is not None and not (born and root == uniqueid):
            group = linked
        else:
            group = Group(event, root)
            group.ignored = ignore_unknown and (not born or root != uniqueid)
            if not born and self.stock_from is not None:
                # Only a reader that sees the connection begin takes a strange channel for a new one.
                group.read_from = min(group.first, self.stock_from)
            self.groups[id(group)] = group
            self._of_link[root] = group
            group.keys.add(root)
        self.of_channel[uniqueid] = group
        group.channels.add(uniqueid)
        group.open.add(uniqueid)
        self._of_name[channel.name] = uniqueid
        group.names.add(channel.name)
        if channel.name.startswith("Local/") and channel.name[-2:] in (";1", ";2"):
            other = self._of_pair.get(channel.name[:-2])
            if other is not None:
                group = self._join(other, group)
            self._of_pair[channel.name[:-2]] = group
            group.keys.add(channel.name[:-2])
        return group

    def _join_by_bridge(self, event: CallEvent, group: Group) -> Group:
        # Stock-taking names a bridge, not its kind: it may be a parking lot. Lines that talk share
        # their linked id by then, so it joins nobody.
        if event.kind is not Kind.BRIDGE_ENTER or bridge_kind(event.fields) != "basic":
            return group
        if "|" in event.bridge:  # the old CEL names the partner instead
            peer = self._of_name.get(event.fields.get("PeerName", ""), "")
            other = self.of_channel.get(peer)
            return self._join(other, group) if other is not None else group
        if not event.bridge:
            return group
        other = self._of_bridge.get(event.bridge)
        if other is not None and other is not group and id(other) in self.groups and other.open:
            group = self._join(other, group)
        self._of_bridge[event.bridge] = group
        group.keys.add(event.bridge)
        return group

    def _follow_life(self, event: CallEvent, group: Group) -> None:
        channel = event.channel
        if event.kind is Kind.CHANNEL_GONE and channel is not None:
            group.open.discard(channel.uniqueid)
            if self._of_name.get(channel.name) == channel.uniqueid:
                del self._of_name[channel.name]
            if channel.name[:-2] + ";1" not in self._of_name and channel.name[:-2] + ";2" not in self._of_name:
                self._of_pair.pop(channel.name[:-2], None)
        elif event.kind is Kind.SWAP and channel is not None and event.other is not None:
            self._of_name[event.other.name] = channel.uniqueid
            group.names.add(event.other.name)
        elif event.kind in LIFE_SIGNS and channel is not None and not event.from_cel:
            self._revive(group, channel)

    def _revive(self, group: Group, channel: Channel) -> None:
        """A channel whose end was only concluded shows up again."""
        if channel.uniqueid in group.open or channel.uniqueid not in group.channels:
            return
        ends = [
            past
            for past in group.events
            if past.kind is Kind.CHANNEL_GONE and past.channel and past.channel.uniqueid == channel.uniqueid
        ]
        if ends and all("Assumed" in end.fields for end in ends):
            group.events = [past for past in group.events if past not in ends]
            group.open.add(channel.uniqueid)

    # --- union

    def _join(self, one: Group, two: Group) -> Group:
        if one is two:
            return one
        older, younger = (one, two) if (one.first, id(one)) <= (two.first, id(two)) else (two, one)
        older.events += younger.events
        older.events.sort(key=_BY_SEQUENCE)
        older.messages |= younger.messages
        older.channels |= younger.channels
        older.names |= younger.names
        older.open |= younger.open
        older.published |= younger.published
        older.former_roots += [younger.root, *younger.former_roots]
        older.read_from = min(older.read_from, younger.read_from)
        older.last = max(older.last, younger.last)
        older.last_at = max(older.last_at, younger.last_at)
        older.ignored = older.ignored or younger.ignored
        older.version += younger.version + 1
        older.turned = older.version
        for uniqueid in younger.channels:
            if self.of_channel.get(uniqueid) is younger:
                self.of_channel[uniqueid] = older
        for index in (self._of_link, self._of_pair, self._of_bridge):
            for key in younger.keys:
                if index.get(key) is younger:
                    index[key] = older
        older.keys |= younger.keys
        self.groups.pop(id(younger), None)
        if self.changed.pop(id(younger), None) is not None or younger.published:
            self.changed[id(older)] = older
        return older

    # --- the end of groups

    def forget(self, group: Group) -> None:
        """Drop a group that is over and quiet."""
        self.groups.pop(id(group), None)
        self.changed.pop(id(group), None)
        for index in (self._of_link, self._of_pair, self._of_bridge):
            for key in group.keys:
                if index.get(key) is group:
                    del index[key]
        for name in group.names:
            if self._of_name.get(name) in group.channels:
                del self._of_name[name]
        for uniqueid in group.channels:
            if self.of_channel.get(uniqueid) is group:
                del self.of_channel[uniqueid]
        self._finished[group.root] = None
        while len(self._finished) > 20_000:
            del self._finished[next(iter(self._finished))]

    def start_afresh(self) -> None:
        """The PBX was restarted: ids and names of calls that are over may come again for other channels."""
        for group in self.closed():
            for index in (self.of_channel, self._of_link, self._of_pair, self._of_bridge):
                for key in group.channels | group.keys:
                    if index.get(key) is group:
                        del index[key]
            self._finished[group.root] = None

    def closed(self) -> Iterator[Group]:
        return (group for group in self.groups.values() if not group.open)

    def opened(self) -> Iterator[Group]:
        return (group for group in self.groups.values() if group.open)


def _channels(event: CallEvent) -> Iterator[Channel]:
    if event.channel is not None:
        yield event.channel
    if event.other is not None:
        yield event.other
    yield from event.more
