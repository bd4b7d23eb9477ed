"""Who is present in a queue, and paused: from events, from stock-taking, across gaps and restarts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from data.model import AgentSession
from ingest.assembler import Assembler, Office
from ingest.checkpoint import Checkpoint, CheckpointFile
from ingest.stream import Message, connections

START = 1_795_370_000
SCENARIO = Path(__file__).parents[1] / "scenarios" / "queue_member_pause"
ANNA = {"Queue": "sales", "MemberName": "Anna", "Interface": "Local/202@from-queue/n", "StateInterface": "PJSIP/202"}
Rows = dict[tuple[str, str, datetime], AgentSession]


@dataclass
class Presence:
    """An assembler that is told of members, and the rows that a store would hold."""

    assembler: Assembler = field(default_factory=lambda: Assembler(Office(), pbx="pbx"))
    rows: Rows = field(default_factory=dict)
    sequence: int = 0

    def connect(self, at: float) -> None:
        self.assembler.connected(_moment(at), self.sequence + 1)

    def cut(self, at: float) -> None:
        self.assembler.disconnected(_moment(at), self.sequence + 1, "link_cut")

    def tell(self, name: str, at: float, **headers: object) -> None:
        self.sequence += 1
        own = {"Event": name, "Timestamp": f"{START + at:.6f}", **ANNA, **{k: str(v) for k, v in headers.items()}}
        lines = [f"{key}: {value}" for key, value in own.items() if value]
        raw = ("\r\n".join(lines) + "\r\n").encode()
        self.assembler.feed(Message(self.sequence, START + at, raw))
        self.take()

    def stock(self, at: float, *members: dict[str, object]) -> None:
        """The answer to QueueStatus."""
        for member in members:
            named = {"Interface": "", "Location": ANNA["Interface"], "MemberName": "", "Name": "Anna", "Timestamp": ""}
            self.tell("QueueMember", at, **{**named, **member})
        self.tell("QueueStatusComplete", at)

    def take(self) -> None:
        keep(self.rows, self.assembler)

    def told(self) -> list[tuple[str, str | None, float, float | None]]:
        """kind, reason, begin and end in seconds."""
        return [
            (row.kind, row.reason, _seconds(row.started_at), _seconds(row.ended_at) if row.ended_at else None)
            for row in sorted(self.rows.values(), key=lambda row: (row.started_at, row.kind))
        ]


def keep(rows: Rows, assembler: Assembler) -> None:
    for session in assembler.take(live=False).agent_sessions:
        rows[session.party, session.kind, session.started_at] = session


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(START + at, UTC)


def _seconds(at: datetime) -> float:
    return at.timestamp() - START


def test_login_pause_with_a_reason_and_logout() -> None:
    day = Presence()
    day.connect(0)
    day.tell("QueueMemberAdded", 10.4, LoginTime=START + 10, Paused=0)
    day.tell("QueueMemberPause", 60.2, LoginTime=START + 10, LastPause=START + 60, Paused=1, PausedReason="Lunch")
    day.tell("QueueMemberPause", 90.0, LoginTime=START + 10, Paused=0)
    day.tell("QueueMemberRemoved", 100.0, LoginTime=START + 10)

    assert day.told() == [("login", None, 10.0, 100.0), ("pause", "Lunch", 60.0, 90.0)]
    assert {row.party for row in day.rows.values()} == {"202"}


def test_a_logout_in_a_pause_ends_both() -> None:
    day = Presence()
    day.connect(0)
    day.tell("QueueMemberAdded", 10, Paused=0)
    day.tell("QueueMemberPaused", 20, Paused=1, Reason="Break")
    day.tell("QueueMemberRemoved", 30)

    assert day.told() == [("login", None, 10.0, 30.0), ("pause", "Break", 20.0, 30.0)]


def test_another_reason_is_another_pause() -> None:
    day = Presence()
    day.connect(0)
    day.tell("QueueMemberPause", 20, LoginTime=START, Paused=1, PausedReason="Lunch")
    day.tell("QueueMemberPause", 50, LoginTime=START, Paused=1, PausedReason="Meeting")

    assert day.told()[1:] == [("pause", "Lunch", 20.0, 50.0), ("pause", "Meeting", 50.0, None)]


def test_stock_taking_tells_since_when_somebody_is_there() -> None:
    day = Presence()
    day.connect(1_000)
    day.stock(1_001, {"LoginTime": START + 400, "Paused": 1, "LastPause": START + 900, "PausedReason": "Lunch"})

    assert day.told() == [("login", None, 400.0, None), ("pause", "Lunch", 900.0, None)]


def test_stock_taking_after_a_gap_goes_on_with_who_is_still_there() -> None:
    day = Presence()
    day.connect(0)
    day.tell("QueueMemberAdded", 10.7, LoginTime=START + 10, Paused=0)
    day.cut(500)
    day.connect(600)
    day.stock(601, {"LoginTime": START + 10, "Paused": 0})

    assert day.told() == [("login", None, 10.0, None)]


def test_who_left_while_nobody_listened_left_with_the_link() -> None:
    day = Presence()
    day.connect(0)
    day.tell("QueueMemberAdded", 10, LoginTime=START + 10, Paused=1, LastPause=START + 10, PausedReason="Lunch")
    day.cut(500)
    day.connect(600)
    day.stock(601)

    assert day.told() == [("login", None, 10.0, 500.0), ("pause", "Lunch", 10.0, 500.0)]
    assert day.assembler.members == ()


def test_who_came_back_while_nobody_listened_has_two_sessions() -> None:
    day = Presence()
    day.connect(0)
    day.tell("QueueMemberAdded", 10, LoginTime=START + 10, Paused=0)
    day.cut(500)
    day.connect(600)
    day.stock(601, {"LoginTime": START + 550, "Paused": 0})

    assert day.told() == [("login", None, 10.0, 500.0), ("login", None, 550.0, None)]


def test_one_queue_of_two_is_left() -> None:
    day = Presence()
    day.connect(0)
    day.tell("QueueMemberAdded", 10, LoginTime=START + 10, Paused=0)
    day.tell("QueueMemberAdded", 10, Queue="support", LoginTime=START + 10, Paused=0)
    day.tell("QueueMemberRemoved", 70, Queue="support")

    assert [(member.session.queue, member.session.kind) for member in day.assembler.members] == [("sales", "login")]


def test_a_restart_at_any_event_gives_the_same_sessions(tmp_path: Path) -> None:
    """Through the checkpoint on disk, as the daemon does."""
    messages = list(connections([SCENARIO])[0].messages())
    whole: Rows = {}
    assembler = Assembler(Office(), pbx="pbx")
    _feed(assembler, messages, whole)

    for at in range(1, len(messages), 97):
        rows: Rows = {}
        first = Assembler(Office(), pbx="pbx")
        _feed(first, messages[:at], rows)
        CheckpointFile(tmp_path).move(Checkpoint(resume_from=1, stored_to=at + 1, members=first.members))
        kept = CheckpointFile(tmp_path).value
        again: Rows = {}
        second = Assembler(Office(), pbx="pbx", resumed_at=kept.stored_to, members=kept.members)
        _feed(second, messages, again)
        assert rows | again == whole


def test_a_checkpoint_whose_members_are_damaged_reads_the_journal_anew(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.json").write_text('{"resume_from": 5, "stored_to": 9, "members": [{"interface": "x"}]}')

    assert CheckpointFile(tmp_path).value == Checkpoint()


def test_a_checkpoint_of_an_earlier_version_has_no_members(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.json").write_text('{"resume_from": 5, "stored_to": 9}')

    assert CheckpointFile(tmp_path).value == Checkpoint(resume_from=5, stored_to=9)


def _feed(assembler: Assembler, messages: list[Message], rows: Rows) -> None:
    assembler.connected(datetime.fromtimestamp(messages[0].received_at, UTC), 0)
    for message in messages:
        assembler.feed(message)
    keep(rows, assembler)
