"""What the pretend PBX answers to the actions of a manager client that has logged in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from ingest.simulator.live import LiveOffice
from ingest.simulator.wire import Channel, Field, message

MANAGER_VERSION = "11.0.0"
ASTERISK_VERSION = "22.0.0-simulated"
_RIGHTS = "system,call,agent,user,dialplan,cdr,reporting,originate"  # to read and to write

Action = dict[str, str]  # header names in lower case


class Answers:
    """Answers to actions, as Asterisk words them."""

    def __init__(self, office: LiveOffice) -> None:
        self._office = office
        self._known: dict[str, Callable[[Action], bytes]] = {
            "ping": self._ping,
            "corestatus": self._core_status,
            "coresettings": self._core_settings,
            "coreshowchannels": self._channels,
            "status": self._status,
            "queuestatus": self._queues,
            "queuesummary": self._queue_summary,
            "bridgelist": self._bridges,
            "parkedcalls": lambda action: _list(action, "Parked calls will follow", "ParkedCalls", []),
            "originate": self._originate,
            "queuepause": self._queue_pause,
            "queueadd": self._queue_add,
            "queueremove": self._queue_remove,
            "command": self._command,
            "listcommands": self._list_commands,
        }

    def answer(self, action: Action) -> bytes:
        """The bytes of the answer: a response, or a whole list."""
        name = action.get("action", "")
        if not name:
            return respond(action, "Error", ("Message", "Missing action in request"))
        known = self._known.get(name.lower())
        if known is None:
            text = f"Invalid/unknown command: {name}. Use Action: ListCommands to show available commands."
            return respond(action, "Error", ("Message", text))
        return known(action)

    def _ping(self, action: Action) -> bytes:
        return respond(action, "Success", ("Ping", "Pong"), ("Timestamp", f"{self._office.pbx.wire.now:.6f}"))

    def _core_status(self, action: Action) -> bytes:
        started = datetime.fromtimestamp(self._office.pbx.started_at, UTC).astimezone(self._office.zone)
        day, clock = started.strftime("%Y-%m-%d"), started.strftime("%H:%M:%S")
        living = {channel.linkedid for channel in self._office.pbx.channels.values()}
        return respond(
            action, "Success",
            ("CoreStartupDate", day), ("CoreStartupTime", clock), ("CoreReloadDate", day), ("CoreReloadTime", clock),
            ("CoreCurrentCalls", len(living)), ("CoreProcessedCalls", len(self._office.truths)),
        )  # fmt: skip

    def _core_settings(self, action: Action) -> bytes:
        return respond(
            action, "Success",
            ("AMIversion", MANAGER_VERSION), ("AsteriskVersion", ASTERISK_VERSION), ("SystemName", ""),
            ("CoreMaxCalls", 0), ("CoreMaxLoadAvg", "0.000000"), ("CoreRunUser", ""), ("CoreRunGroup", ""),
            ("CoreMaxFilehandles", 0), ("CoreRealTimeEnabled", "No"), ("CoreCDRenabled", "Yes"),
            ("CoreHTTPenabled", "No"), ("SoundsSearchCustomDir", "No"),
        )  # fmt: skip

    def _channels(self, action: Action) -> bytes:
        return _list(action, "Channels will follow", "CoreShowChannels", self._living(self._shown))

    def _status(self, action: Action) -> bytes:
        return _list(action, "Channel status will follow", "Status", self._living(self._told))

    def _living(self, show: Callable[[Channel], list[Field]]) -> list[list[Field]]:
        return [show(channel) for channel in self._office.pbx.channels.values()]

    def _shown(self, channel: Channel) -> list[Field]:
        minutes, seconds = divmod(self._age(channel), 60)
        return [
            ("Event", "CoreShowChannel"), *_headers(channel), ("Application", channel.application),
            ("ApplicationData", channel.data), ("Duration", f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"),
            ("BridgeId", channel.bridge),
        ]  # fmt: skip

    def _told(self, channel: Channel) -> list[Field]:
        return [
            ("Event", "Status"), ("Privilege", "Call"), *_headers(channel), ("Type", channel.name.partition("/")[0]),
            ("DNID", ""), ("TimeToHangup", 0), ("BridgeID", channel.bridge), ("Application", channel.application),
            ("Data", channel.data), ("Seconds", self._age(channel)),
        ]  # fmt: skip

    def _age(self, channel: Channel) -> int:
        return int(self._office.pbx.wire.now - channel.began_at)

    def _queues(self, action: Action) -> bytes:
        items = self._office.stage.lines.snapshot(frozenset(self._office.stage.busy))
        return _list(action, "Queue status will follow", "QueueStatus", items)

    def _queue_summary(self, action: Action) -> bytes:
        busy = self._office.stage.busy
        items: list[list[Field]] = [
            [
                ("Event", "QueueSummary"), ("Queue", name), ("LoggedIn", len(line.members)),
                ("Available", sum(member.extension not in busy for member in line.members)),
                ("Callers", len(line.waiting)), ("HoldTime", 0), ("TalkTime", 0), ("LongestHoldTime", 0),
            ]
            for name, line in self._office.stage.lines.by_name.items()
        ]  # fmt: skip
        return _list(action, "Queue summary will follow", "QueueSummary", items)

    def _bridges(self, action: Action) -> bytes:
        names = dict.fromkeys(channel.bridge for channel in self._office.pbx.channels.values() if channel.bridge)
        items: list[list[Field]] = [
            [("Event", "BridgeListItem"), ("BridgeUniqueid", name), ("BridgeType", "basic")] for name in names
        ]
        return _list(action, "Bridge listing will follow", "BridgeList", items)

    def _originate(self, action: Action) -> bytes:
        """A phone of the office is called, and what came of it told as an event."""
        phone = action.get("channel", "").rpartition("/")[2]
        number = re.sub(r"\D", "", action.get("exten", ""))
        who = next((one for one in self._office.office.employees if one.extension == phone), None)
        if who is None or not number:
            return respond(action, "Error", ("Message", "Extension does not exist."))
        if self._office.stage.is_free(who):
            self._office.start_call(who, number, lambda channel: self._originated(action, "Success", 4, channel))
        else:
            self._originated(action, "Failure", 5)
        return respond(action, "Success", ("Message", "Originate successfully queued"))

    def _originated(self, action: Action, kind: str, reason: int, channel: Channel | None = None) -> None:
        told: list[Field] = [
            *_action_id(action), ("Response", kind), ("Channel", action.get("channel", "")),
            ("Context", action.get("context", "")), ("Exten", action.get("exten", "")), ("Reason", reason),
            ("Uniqueid", channel.uniqueid if channel else "<null>"),
        ]  # fmt: skip
        self._office.pbx.wire.event("OriginateResponse", more=told)

    def _queue_pause(self, action: Action) -> bytes:
        """In one queue, or in all of the interface's."""
        lines, stage = self._office.stage.lines, self._office.stage
        wanted = action.get("queue")
        paused = action.get("paused", "").lower() in ("true", "yes", "1")
        found = [
            (line, member)
            for name, line in lines.by_name.items()
            if wanted in (None, name)
            for member in line.members
            if line.interface(member) == action.get("interface")
        ]
        for line, member in found:
            reason = action.get("reason", "") if paused else None
            lines.pauses(line, member, reason, in_call=not stage.is_free(member))
        if not found:
            return respond(action, "Error", ("Message", "Interface not found"))
        return respond(action, "Success", ("Message", f"Interface {'paused' if paused else 'unpaused'} successfully"))

    def _queue_add(self, action: Action) -> bytes:
        line = self._office.stage.lines.by_name.get(action.get("queue", ""))
        if line is None:
            return respond(action, "Error", ("Message", "Unable to add interface to queue: No such queue"))
        for member in line.members:
            if line.interface(member) == action.get("interface"):
                return respond(action, "Error", ("Message", "Unable to add interface: Already there"))
        who = next(
            (one for one in self._office.office.employees if line.interface(one) == action.get("interface")), None
        )
        if who is None:
            return respond(action, "Error", ("Message", "Unable to add interface"))
        self._office.stage.lines.enters(line, who)
        return respond(action, "Success", ("Message", "Added interface to queue"))

    def _queue_remove(self, action: Action) -> bytes:
        line = self._office.stage.lines.by_name.get(action.get("queue", ""))
        who = [one for one in line.members if line.interface(one) == action.get("interface")] if line else []
        if line is None or not who:
            return respond(action, "Error", ("Message", "Unable to remove interface: Not there"))
        if who[0].extension not in line.joined:
            return respond(action, "Error", ("Message", "Member not dynamic"))
        self._office.stage.lines.quits(line, who[0])
        return respond(action, "Success", ("Message", "Removed interface from queue"))

    def _command(self, action: Action) -> bytes:
        command = action.get("command", "")
        if command.startswith("manager show user"):
            lines = [f"read perm: {_RIGHTS}", f"write perm: {_RIGHTS}"]
        elif command == "core show version":
            lines = [f"Asterisk {ASTERISK_VERSION}"]
        else:
            text = f"No such command '{command}' (type 'core show help {command}' for other possible commands)"
            return respond(action, "Error", ("Message", "Command output follows"), ("Output", text))
        return respond(action, "Success", ("Message", "Command output follows"), *(("Output", line) for line in lines))

    def _list_commands(self, action: Action) -> bytes:
        return respond(action, "Success", *((name, "known to the simulator") for name in sorted(self._known)))


def respond(action: Action, kind: str, *fields: Field) -> bytes:
    """A response with the action's id."""
    return message([("Response", kind), *_action_id(action), *fields])


def _list(action: Action, text: str, name: str, items: Iterable[list[Field]]) -> bytes:
    """A response, its items and the event that completes them."""
    mark = _action_id(action)
    parts = [respond(action, "Success", ("EventList", "start"), ("Message", text))]
    parts += [message([item[0], *mark, *item[1:]]) for item in items]
    end = [("Event", f"{name}Complete"), *mark, ("EventList", "Complete"), ("ListItems", len(parts) - 1)]
    return b"".join([*parts, message(end)])


def _action_id(action: Action) -> list[Field]:
    return [("ActionID", action["actionid"])] if "actionid" in action else []


def _headers(channel: Channel) -> list[Field]:
    pairs = (line.partition(": ") for line in channel.fields().split("\r\n") if line)
    return [(key, value) for key, _, value in pairs]
