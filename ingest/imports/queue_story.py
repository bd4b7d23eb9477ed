"""What the queue log tells of callers: their stays in queues, put together while the log streams by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.sources.queue_log import QueueLine

HELD_S = 12 * 3600  # a caller who was taken may come back into a queue so much later
_SWEEP_EVERY = 500  # lines
_LEFT = {"ABANDON": "abandoned", "EXITWITHTIMEOUT": "timeout", "EXITWITHKEY": "key", "EXITEMPTY": "empty"}
_TALKED = frozenset({"COMPLETEAGENT", "COMPLETECALLER", "TRANSFER", "BLINDTRANSFER", "ATTENDEDTRANSFER"})


@dataclass(slots=True)
class Ring:
    """One ring of one member. result: answered, no_answer, cancelled (another one answered, or the caller left)."""

    member: str
    started_at: float
    ended_at: float
    result: str


@dataclass(slots=True)
class Stay:
    """One stay of one caller in one queue. Times are unix time, whole seconds."""

    queue: str
    entered_at: float
    place: int | None = None  # in the line, when the caller came
    left_at: float | None = None  # taken, or gone
    result: str = "lost"
    member: str = ""  # who took the caller
    ended_at: float | None = None  # end of the conversation, or of the wait
    rings: list[Ring] = field(default_factory=list)


@dataclass(slots=True)
class QueueCall:
    """All stays of one caller's channel."""

    uniqueid: str
    caller: str = ""
    stays: list[Stay] = field(default_factory=list)
    seen_at: float = 0.0  # of its last line
    is_open: bool = False  # waits or talks
    firsts: dict[int, int] = field(default_factory=dict)  # place of its first line in each file

    @property
    def started_at(self) -> float:
        return self.stays[0].entered_at


class QueueStory:
    """The callers of whom more may come; memory holds no more than HELD_S of them."""

    def __init__(self, held_s: float = HELD_S) -> None:
        self._held_s = held_s
        self._calls: dict[str, QueueCall] = {}  # in the order of their first lines
        self._latest_at = 0.0
        self._count = 0

    def add(self, line: QueueLine, file: int = 0) -> None:
        """file: which of several files the line stands in."""
        self._latest_at = max(self._latest_at, line.at)
        self._count += 1
        if line.event == "QUEUESTART":
            self._restart()
        elif line.uniqueid and line.queue:
            self._take(line, file)

    def finished(self) -> Iterator[QueueCall]:
        """Callers of whom nothing can come any more; asked after every line, it looks now and then."""
        if self._count % _SWEEP_EVERY:
            return
        for call in [call for call in self._calls.values() if call.seen_at < self._latest_at - self._held_s]:
            yield self._calls.pop(call.uniqueid)

    def forget(self, now: float) -> list[QueueCall]:
        """Let go of callers who were heard of last so long ago; they are given back."""
        gone = [call for call in self._calls.values() if call.seen_at < now - self._held_s]
        for call in gone:
            del self._calls[call.uniqueid]
        return gone

    def rest(self) -> Iterator[QueueCall]:
        """All that are left."""
        while self._calls:
            yield self._calls.pop(next(iter(self._calls)))

    def held(self) -> list[QueueCall]:
        """Callers of whom more may come."""
        return list(self._calls.values())

    def oldest(self, file: int) -> int | None:
        """Where the first line of that file stands that is still held."""
        return min((call.firsts[file] for call in self._calls.values() if file in call.firsts), default=None)

    def _restart(self) -> None:
        """The PBX starts: whoever was in a queue is not any more, and nobody wrote when that ended."""
        for call in self._calls.values():
            stay = call.stays[-1]
            if call.is_open and stay.ended_at is None:
                stay.ended_at = call.seen_at
            call.is_open = False

    def _take(self, line: QueueLine, file: int) -> None:
        known = self._calls.get(line.uniqueid)
        tells = line.event in _LEFT or line.event in _TALKED or line.event in ("ENTERQUEUE", "CONNECT")
        if known is None:
            if not tells:
                return  # a ring whose caller came before this file, or an event of the dialplan's own
            known = self._calls[line.uniqueid] = QueueCall(line.uniqueid)
        known.firsts.setdefault(file, line.place)
        known.seen_at = max(known.seen_at, line.at)
        if line.event == "ENTERQUEUE":
            known.caller = known.caller or line.told.get("caller", "")
            known.stays.append(Stay(line.queue, line.at, line.number("place")))
            known.is_open = True
            return
        stay = _stay_of(known, line, tells)
        if stay is None:
            return
        if line.event == "CONNECT":
            rang_s = float(line.number("ring_s") or 0)
            stay.left_at, stay.result, stay.member = line.at, "answered", line.member
            stay.rings.append(Ring(line.member, max(stay.entered_at, line.at - rang_s), line.at, "answered"))
        elif line.event in ("RINGNOANSWER", "RINGCANCELED"):
            rang_s = (line.number("ring_ms") or 0) / 1000
            result = "no_answer" if line.event == "RINGNOANSWER" else "cancelled"
            stay.rings.append(Ring(line.member, max(stay.entered_at, line.at - rang_s), line.at, result))
        elif line.event in _LEFT:
            stay.left_at, stay.result, stay.ended_at = line.at, _LEFT[line.event], line.at
            known.is_open = False
        elif line.event in _TALKED:
            stay.ended_at = line.at
            known.is_open = False
        if stay.place is None:
            stay.place = line.number("place")


def _stay_of(call: QueueCall, line: QueueLine, tells: bool) -> Stay | None:
    """The stay that a line goes on with; one whose beginning stands in an earlier file is told by its end."""
    for stay in reversed(call.stays):
        if stay.queue == line.queue:
            return stay
    if not tells:
        return None
    talked_s, waited_s = line.number("talk_s") or 0, line.number("hold_s") or 0
    stay = Stay(line.queue, line.at - talked_s - waited_s)
    if line.event in _TALKED:
        stay.left_at, stay.result, stay.member = line.at - talked_s, "answered", line.member
    call.stays.append(stay)
    call.is_open = True
    return stay
