"""Stand-ins for the parts on both sides of the processing."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import pyarrow as pa

from data.errors import StoreError
from data.identity.actor import Actor
from data.model import Call, CallFacts, Direction, Gap, LiveCall, Outcome
from data.store.protocol import LiveTable
from ingest.assembler import Assembler, Batch, Office
from ingest.stream import Message


def facts(call_id: str, *, number: str | None = None, events: tuple[int, ...] = ()) -> CallFacts:
    """A small finished call."""
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    return CallFacts(
        call=Call(
            call_id=call_id, pbx="pbx", direction=Direction.INBOUND, outcome=Outcome.MISSED, reason=None,
            external_number=number, did=None, line=None, caller_number=number, caller_name=None, called_number=None,
            answered_by=(), rang=(), employees=(), application=None, queues=(), ring_group=None,
            started_at=noon, answered_at=None, ended_at=noon, wait_s=None, talk_s=0.0, hold_s=0.0, duration_s=0.0,
            dial_status=None, hangup_cause=None, incomplete=False, conference=None, channels=(), rule_version=1,
            events=events,
        )
    )  # fmt: skip


class PairAssembler(Assembler):
    """A call is everything between `Event: Start` and `Event: Stop` of one Id; it knows how many events it saw."""

    def __init__(self) -> None:
        super().__init__(Office(), pbx="pbx")
        self.script: Iterator[Batch] | None = None  # to give these instead
        self.fed: list[int] = []
        self.open: dict[str, list[int]] = {}
        self.finished: list[CallFacts] = []
        self.gaps: list[Gap] = []
        self.lost: datetime | None = None
        self.lost_at_sequence = 0

    def connected(self, at: datetime, sequence: int) -> None:
        if self.lost is not None:
            self.gaps.append(Gap(pbx="pbx", started_at=self.lost, ended_at=at, cause="link_cut"))
        self.lost = None

    def disconnected(self, at: datetime, sequence: int, cause: str) -> None:
        self.lost = at
        self.gaps.append(Gap(pbx="pbx", started_at=at, ended_at=None, cause=cause))

    def feed(self, message: Message) -> None:
        self.fed.append(message.sequence)
        own = message.fields.get("Id", "")
        if message.name == "Bomb":
            raise ZeroDivisionError("a message that nobody expected")
        self.open.setdefault(own, []).append(message.sequence)
        if message.name == "Stop":
            self.finished.append(facts(f"pbx-{own}", events=tuple(self.open.pop(own))))

    def take(self, *, live: bool = True) -> Batch:
        if self.script is not None:
            return next(self.script, Batch())
        batch = Batch(calls=tuple(self.finished), gaps=tuple(self.gaps))
        self.finished, self.gaps = [], []
        return batch

    def oldest_open(self) -> int | None:
        return min((events[0] for events in self.open.values()), default=None)


class FakeStore:
    """Keeps what it is given by its key, as the real one does; fails while `trouble` is set."""

    def __init__(self) -> None:
        self.calls: dict[str, list[int]] = {}
        self.gaps: dict[datetime, datetime | None] = {}
        self.live: dict[str, list[str]] = {}
        self.present: dict[LiveTable, list[dict[str, object]]] = {}  # members of queues, phones
        self.links: dict[str, str] = {}  # what the last pulse said
        self.writes = 0
        self.tries = 0
        self.trouble: StoreError | None = None
        self.refused: dict[str, Exception] = {}
        self.tried = threading.Event()

    def write_facts(self, tables: Mapping[str, pa.Table], *, actor: Actor, retracted: Sequence[str] = ()) -> None:
        self.tries += 1
        self.tried.set()
        if self.trouble is not None:
            raise self.trouble
        rows = tables["call"].to_pylist()
        for row in rows:
            if error := self.refused.get(row["call_id"]):
                raise error
        self.writes += 1
        self.calls |= {row["call_id"]: row["events"] for row in rows}
        for call_id in retracted:
            self.calls.pop(call_id, None)
        self.gaps |= {row["started_at"]: row["ended_at"] for row in tables["gap"].to_pylist()}

    def write_live(
        self, pbx: str, rows: pa.Table, *, actor: Actor, table: LiveTable = LiveTable.CALLS, if_known: bool = False
    ) -> bool:
        if self.trouble is not None:
            raise self.trouble
        if table is LiveTable.LINK:
            if if_known and pbx not in self.links:
                return False
            self.links[pbx] = rows["state"][0].as_py()
        elif table is LiveTable.CALLS:
            self.live[pbx] = rows["call_id"].to_pylist()
        else:
            self.present[table] = rows.to_pylist()
        return True


def live(call_id: str) -> LiveCall:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    return LiveCall(
        call_id=call_id, pbx="pbx", direction=Direction.INBOUND, state="ringing", state_since_at=noon,
        external_number="79031234567", caller_name=None, called_number=None, did=None, line=None, queue=None,
        ringing=("201",), talking=(), started_at=noon, answered_at=None,
    )  # fmt: skip
