"""Waiting lines of the pretend switch: who waits, who is called, as app_queue tells it."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.simulator.office import Employee, Queue
from ingest.simulator.switch import Pbx
from ingest.simulator.wire import Channel

_FREE, _IN_USE, _RINGING = 1, 2, 6


@dataclass(slots=True, kw_only=True, eq=False)
class Line:
    """One queue with its members and callers."""

    queue: Queue
    members: list[Employee]
    over_local: bool  # members are called through Local channels, as FreePBX does
    waiting: list[Channel] = field(default_factory=list)
    offered: set[str] = field(default_factory=set)  # callers for whom phones ring now
    next_member: int = 0
    completed: int = 0
    abandoned: int = 0
    taken: dict[str, int] = field(default_factory=dict)
    paused: dict[str, tuple[str, float]] = field(default_factory=dict)  # by extension: the reason, since when
    joined: dict[str, float] = field(default_factory=dict)  # by extension: dynamic members, since when

    @property
    def callable(self) -> list[Employee]:
        """The members that may be called."""
        return [member for member in self.members if member.extension not in self.paused]

    def interface(self, member: Employee) -> str:
        return f"Local/{member.extension}@from-queue/n" if self.over_local else member.device


class Lines:
    """The events of the queues."""

    def __init__(self, pbx: Pbx, lines: dict[str, Line]) -> None:
        self.by_name = lines
        self._pbx = pbx

    def joins(self, line: Line, caller: Channel) -> int:
        """The caller takes the last place; which one that is."""
        line.waiting.append(caller)
        place = len(line.waiting)
        self._tell("QueueCallerJoin", line, caller, Position=place, Count=place)
        self._pbx.music(caller, begins=True)
        return place

    def leaves(self, line: Line, caller: Channel) -> None:
        place = line.waiting.index(caller) + 1
        line.waiting.remove(caller)
        self._tell("QueueCallerLeave", line, caller, Position=place, Count=len(line.waiting))

    def abandons(self, line: Line, caller: Channel, *, place: int, waited: float) -> None:
        """Also told when the time in the queue is over, as the real one does."""
        line.abandoned += 1
        self._tell(
            "QueueCallerAbandon", line, caller,
            Position=line.waiting.index(caller) + 1, OriginalPosition=place, HoldTime=int(waited),
        )  # fmt: skip

    def calls(self, line: Line, caller: Channel, target: Channel, member: Employee) -> None:
        self._agent("AgentCalled", line, caller, target, member)

    def connects(
        self, line: Line, caller: Channel, target: Channel, member: Employee, wait: float, ring: float
    ) -> None:
        self._agent("AgentConnect", line, caller, target, member, HoldTime=int(wait), RingTime=int(ring))

    def completes(
        self, line: Line, caller: Channel, target: Channel, member: Employee, wait: float, talk: float, by: str
    ) -> None:
        line.completed += 1
        line.taken[member.extension] = line.taken.get(member.extension, 0) + 1
        self._agent("AgentComplete", line, caller, target, member, HoldTime=int(wait), TalkTime=int(talk), Reason=by)

    def no_answer(self, line: Line, caller: Channel, target: Channel, member: Employee, ring: float) -> None:
        self._agent("AgentRingNoAnswer", line, caller, target, member, RingTime=int(ring * 1000))

    def status(self, line: Line, member: Employee, *, in_call: bool, rings: bool = False) -> None:
        self._pbx.wire.event(
            "QueueMemberStatus",
            more=(
                ("Queue", line.queue.name), ("MemberName", member.name), ("Interface", line.interface(member)),
                *self._member(line, member, _RINGING if rings else _IN_USE if in_call else _FREE),
            ),
        )  # fmt: skip

    def pauses(self, line: Line, member: Employee, reason: str | None, *, in_call: bool) -> None:
        """The member is paused for a reason, or (None) no more."""
        line.paused.pop(member.extension, None)
        if reason is not None:
            line.paused[member.extension] = (reason, self._pbx.wire.now)
        self._told_of("QueueMemberPause", line, member, in_call=in_call)

    def enters(self, line: Line, member: Employee) -> None:
        """He logs in to the queue."""
        line.members.append(member)
        line.joined[member.extension] = self._pbx.wire.now
        self._told_of("QueueMemberAdded", line, member, in_call=False)

    def quits(self, line: Line, member: Employee) -> None:
        """He logs out of it."""
        self._told_of("QueueMemberRemoved", line, member, in_call=False)
        line.members.remove(member)
        line.joined.pop(member.extension, None)
        line.paused.pop(member.extension, None)

    def _told_of(self, name: str, line: Line, member: Employee, *, in_call: bool) -> None:
        self._pbx.wire.event(
            name,
            more=(
                ("Queue", line.queue.name), ("MemberName", member.name), ("Interface", line.interface(member)),
                *self._member(line, member, _IN_USE if in_call else _FREE),
            ),
        )  # fmt: skip

    def snapshot(self, busy: frozenset[str]) -> list[list[tuple[str, object]]]:
        """The items of an answer to QueueStatus."""
        items: list[list[tuple[str, object]]] = []
        for line in self.by_name.values():
            name = line.queue.name
            items.append(
                [
                    ("Event", "QueueParams"), ("Queue", name), ("Max", 0), ("Calls", len(line.waiting)),
                    ("Strategy", "ringall" if line.queue.rings > 1 else "rrmemory"), ("Holdtime", 0), ("TalkTime", 0),
                    ("Completed", line.completed), ("Abandoned", line.abandoned), ("ServiceLevel", 20),
                    ("ServicelevelPerf", "0.0"), ("ServicelevelPerf2", "0.0"), ("Weight", 0),
                ]
            )  # fmt: skip
            items += [
                [
                    ("Event", "QueueMember"), ("Queue", name), ("Name", member.name),
                    ("Location", line.interface(member)),
                    *self._member(line, member, _IN_USE if member.extension in busy else _FREE),
                ]
                for member in line.members
            ]  # fmt: skip
            items += [
                [
                    ("Event", "QueueEntry"), ("Queue", name), ("Position", place), ("Channel", caller.name),
                    ("Uniqueid", caller.uniqueid), ("CallerIDNum", caller.number), ("CallerIDName", "unknown"),
                    ("ConnectedLineNum", "unknown"), ("ConnectedLineName", "unknown"),
                    ("Wait", int(self._pbx.wire.now - caller.began_at)), ("Priority", 0),
                ]
                for place, caller in enumerate(line.waiting, 1)
            ]  # fmt: skip
        return items

    def _member(self, line: Line, member: Employee, status: int) -> tuple[tuple[str, object], ...]:
        reason, paused_at = line.paused.get(member.extension, ("", 0.0))
        joined_at = line.joined.get(member.extension)
        return (
            ("StateInterface", member.device), ("Membership", "static" if joined_at is None else "dynamic"),
            ("Penalty", 0), ("CallsTaken", line.taken.get(member.extension, 0)), ("LastCall", 0),
            ("LastPause", int(paused_at)), ("LoginTime", int(joined_at or self._pbx.started_at)),
            ("InCall", int(status == _IN_USE)), ("Status", status), ("Paused", int(paused_at > 0)),
            ("PausedReason", reason), ("Ringinuse", 0), ("Wrapuptime", 0),
        )  # fmt: skip

    def _tell(self, name: str, line: Line, caller: Channel, **more: object) -> None:
        self._pbx.wire.event(name, caller.fields(), more=(("Queue", line.queue.name), *more.items()))

    def _agent(self, name: str, line: Line, caller: Channel, target: Channel, member: Employee, **more: object) -> None:
        self._pbx.wire.event(
            name, caller.fields(), target.fields("Dest"),
            more=(
                ("Queue", line.queue.name), ("Interface", line.interface(member)), ("MemberName", member.name),
                *more.items(),
            ),
        )  # fmt: skip
