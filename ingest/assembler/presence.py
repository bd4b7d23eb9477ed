"""Who is logged in to queues now, who is paused, and what the phones do: the latest word about each.

Stock-taking names everybody, so that a new connection corrects what was missed. What is known stays
while the link is lost: it is for the reader of the link's state to say that it is old.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import overload

from data.model import DeviceState, LiveMember, LivePhone
from ingest.assembler.office import Office
from ingest.assembler.sessions import party_of, told_time
from ingest.assembler.times import moment
from ingest.events import CallEvent, Kind
from ingest.stream import Message

_FREE, _RINGING, _BUSY, _OUT = DeviceState.FREE, DeviceState.RINGING, DeviceState.BUSY, DeviceState.OUT
# AST_DEVICE_… as members of queues tell it.
_BY_NUMBER = {"1": _FREE, "2": _BUSY, "3": _BUSY, "4": _OUT, "5": _OUT, "6": _RINGING, "7": _BUSY, "8": _BUSY}
# The same in words, without blanks and underscores.
_BY_WORD = {
    "notinuse": _FREE, "inuse": _BUSY, "busy": _BUSY, "invalid": _OUT, "unavailable": _OUT, "ringing": _RINGING,
    "ringinuse": _BUSY, "ring+inuse": _BUSY, "onhold": _BUSY,
}  # fmt: skip


class Presence:
    """Follows members of queues and phones."""

    def __init__(self, pbx: str, office: Office) -> None:
        self._pbx = pbx
        self._extensions = re.compile(office.extensions)
        self._members: dict[tuple[str, str], LiveMember] = {}
        self._phones: dict[str, LivePhone] = {}
        self._named: set[tuple[str, str]] = set()  # members, since the connection stands
        self._members_changed = self._phones_changed = False
        self._ahead_s = 0.0

    def connected(self) -> None:
        """A connection begins: the PBX will be asked who is there."""
        self._named.clear()

    def take(self, event: CallEvent, message: Message, *, ahead_s: float = 0.0) -> None:
        """A word about a member or a phone. ahead_s: what the PBX's clock is ahead of ours."""
        self._ahead_s = ahead_s
        if event.kind is Kind.DEVICE:
            self._device(event)
        elif event.kind is Kind.MEMBERS_TOLD:
            self._keep({key: one for key, one in self._members.items() if key in self._named})
        else:
            self._member(event, message)

    def take_members(self) -> tuple[LiveMember, ...] | None:
        """All members, if anything changed since the last call."""
        changed, self._members_changed = self._members_changed, False
        return tuple(self._members.values()) if changed else None

    def take_phones(self) -> tuple[LivePhone, ...] | None:
        changed, self._phones_changed = self._phones_changed, False
        return tuple(self._phones.values()) if changed else None

    def _member(self, event: CallEvent, message: Message) -> None:
        fields = event.fields
        queue, interface = fields.get("Queue", ""), fields.get("Interface") or fields.get("Location") or ""
        if not queue or not interface:
            return
        key = (queue, interface)
        if event.kind is Kind.MEMBER_GONE:
            self._keep({other: one for other, one in self._members.items() if other != key})
            return
        self._named.add(key)
        now = self._told(event, queue, interface)
        if self._members.get(key) != now:
            self._members[key] = now
            self._members_changed = True

    def _told(self, event: CallEvent, queue: str, interface: str) -> LiveMember:
        """The member as this event tells him; what it leaves out stays as it was."""
        fields, before = event.fields, self._members.get((queue, interface))
        state = _BY_NUMBER.get(fields.get("Status", ""), before.state if before else DeviceState.UNKNOWN)
        is_paused = fields["Paused"] == "1" if "Paused" in fields else before is not None and before.is_paused
        reason = fields.get("PausedReason") or fields.get("Reason") or (before.pause_reason if before else None)
        same = before is not None and (before.state, before.is_paused) == (state, is_paused)
        last_call = told_time(fields, "LastCall") if before is None and state is _FREE else None
        since = before.state_since_at if before and same else self._ours(last_call) or self._ours(event.at)
        taken = fields.get("CallsTaken", "")
        return LiveMember(
            pbx=self._pbx,
            queue=queue,
            interface=interface,
            party=party_of(interface, fields.get("StateInterface") or interface),
            name=fields.get("MemberName") or fields.get("Name") or (before.name if before else None),
            is_dynamic=fields["Membership"] != "static"
            if "Membership" in fields
            else bool(before and before.is_dynamic),
            state=state,
            state_since_at=since,
            is_paused=is_paused,
            pause_reason=reason if is_paused else None,
            paused_at=self._paused_at(event, before) if is_paused else None,
            logged_in_at=self._ours(told_time(fields, "LoginTime")) or (before.logged_in_at if before else None),
            calls_taken=int(taken) if taken.isascii() and taken.isdigit() and len(taken) < 9 else 0,
        )

    def _paused_at(self, event: CallEvent, before: LiveMember | None) -> datetime:
        told = self._ours(told_time(event.fields, "LastPause"))
        return told or (before.paused_at if before else None) or self._ours(event.at)

    def _keep(self, members: dict[tuple[str, str], LiveMember]) -> None:
        self._members_changed |= len(members) != len(self._members)
        self._members = members

    def _device(self, event: CallEvent) -> None:
        device = event.fields.get("Device", "")
        extension = device.rpartition("/")[2]
        if "/" not in device or not self._extensions.fullmatch(extension):
            return
        words = event.fields.get("State", "").lower().replace(" ", "").replace("_", "")
        state = _BY_WORD.get(words, DeviceState.UNKNOWN)
        before = self._phones.get(extension)
        if before is None:
            self._phones[extension] = LivePhone(
                pbx=self._pbx, extension=extension, device=device, state=state, state_since_at=self._ours(event.at)
            )
        elif before.state is not state:
            self._phones[extension] = replace(before, state=state, device=device, state_since_at=self._ours(event.at))
        else:
            return
        self._phones_changed = True

    @overload
    def _ours(self, at: float) -> datetime: ...
    @overload
    def _ours(self, at: None) -> None: ...
    def _ours(self, at: float | None) -> datetime | None:
        """A moment of the PBX's clock by ours, since clocks on a screen tick by that."""
        return moment(at - self._ahead_s) if at is not None else None
