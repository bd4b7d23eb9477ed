"""What is old leaves when somebody decided so, and nothing else does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data.errors import BadInput, NotAllowed
from data.facts import ami_event_table
from data.identity.actor import Actor, Role, system
from data.services.comments import Subject, SubjectKind, save_comment
from data.services.retention import DataClass, HoldKind, holds, lift_hold, place_hold, preview, set_rule
from data.settings import Settings
from data.store.database import Database
from ingest.retention import forget_old, forget_old_events
from tests.builders import Office, inbound

ACTOR = system("tests")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _event(sequence: int, received_at: datetime) -> dict[str, object]:
    return {
        "pbx": "pbx",
        "sequence": sequence,
        "call_id": "call",
        "received_at": received_at,
        "event_at": None,
        "name": "Newchannel",
        "channels": ["1.1"],
        "fields": {"Event": "Newchannel"},
    }


def test_only_events_older_than_the_retention_are_removed_however_many_days_they_fill(tmp_path: Path) -> None:
    ages = [timedelta(days=days) for days in (400, 399, 91, 90, 89, 0)]
    events = ami_event_table([_event(sequence, NOW - age) for sequence, age in enumerate(ages)])
    with Database(tmp_path) as database:
        database.write_facts({"ami_event": events}, actor=ACTOR)

        limit = forget_old_events(database, now=NOW, days=90)

        left = database.query("select sequence from ami_event order by sequence", actor=ACTOR)["sequence"].to_pylist()
        assert left == [3, 4, 5]
        assert limit == NOW - timedelta(days=90)


def test_an_empty_database_has_nothing_to_remove(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        assert forget_old_events(database, now=NOW, days=1) == NOW - timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Firm:
    """Three calls of 400, 100 and 0 days ago, each with its recording and a comment; a chat and a line of each age."""

    settings: Settings
    store: Database
    calls: tuple[str, ...]
    account_id: str


NUMBERS = ("+79160000001", "+79160000002", "+79160000003")
AGES = (400, 100, 0)
BOSS = Actor(user="boss", role=Role.ADMINISTRATOR)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, ...], str]:
    """The data folder, its calls and its client."""
    folder, calls = tmp_path_factory.mktemp("filled") / "var", []
    with Database(folder) as store:
        office = Office(store)
        account_id = office.client("Ромашка", NUMBERS[0])
        for number, age in zip(NUMBERS, AGES, strict=True):
            moment = NOW - timedelta(days=age)
            call_id = office.add(inbound(moment, number, talked="201", recorded=True), sound_in=folder / "recordings")
            subject = Subject(kind=SubjectKind.CALL, id=call_id)
            save_comment(store, BOSS, subject, f"comment of {age}", version=0, now=moment)
            calls.append(call_id)
        chat_id = office.chat("telegram", said=["hello"], account_id=account_id)
        ids = {"chat_id": chat_id, "at": NOW - timedelta(days=300)}
        store._writer.execute("update chat set state = 'closed', last_message_at = $at where chat_id = $chat_id", ids)
        # Wherever the folder is copied to, it is a root of recordings.
        store._writer.execute("update recording set path = parse_filename(path)")
    return folder, tuple(calls), account_id


@pytest.fixture
def firm(filled: tuple[Path, tuple[str, ...], str], tmp_path: Path) -> Iterator[Firm]:
    folder, calls, account_id = filled
    settings = Settings(data=tmp_path / "var")
    shutil.copytree(folder, settings.data)
    with Database(settings.data) as store:
        yield Firm(settings=settings, store=store, calls=calls, account_id=account_id)


def test_nothing_goes_before_somebody_decides_so(firm: Firm) -> None:
    assert forget_old(firm.settings, firm.store, now=NOW) == {}

    assert _ids(firm, "call") == set(firm.calls)
    assert len(_sounds(firm)) == 3


def test_the_preview_tells_what_then_goes_and_the_trail_keeps_it(firm: Firm) -> None:
    shown = preview(firm.store, BOSS, DataClass.RECORDING, 200, now=NOW)
    assert (shown.rows, len(_sounds(firm))) == (1, 3)
    set_rule(firm.store, BOSS, DataClass.RECORDING, 200, now=NOW)

    assert forget_old(firm.settings, firm.store, now=NOW) == {DataClass.RECORDING: shown.rows}

    assert len(_sounds(firm)) == 2
    states = _rows(firm, "select call_id, state, path, peaks from recording where state = 'deleted'")
    assert states == [{"call_id": firm.calls[0], "state": "deleted", "path": None, "peaks": None}]
    assert _ids(firm, "call") == set(firm.calls), "the calls themselves stay"
    assert {"retention.change", "retention.run"} <= {row["action"] for row in _rows(firm, "select action from audit")}
    assert forget_old(firm.settings, firm.store, now=NOW) == {}


def test_old_calls_go_with_their_sound_and_what_people_wrote(firm: Firm) -> None:
    set_rule(firm.store, BOSS, DataClass.CALL, 200, now=NOW)

    assert forget_old(firm.settings, firm.store, now=NOW) == {DataClass.CALL: 1}

    assert _ids(firm, "call") == set(firm.calls[1:])
    assert len(_sounds(firm)) == 2
    for table in ("leg", "recording"):
        assert firm.calls[0] not in _ids(firm, table)
    assert {row["text"] for row in _rows(firm, "select text from comment")} == {"comment of 100", "comment of 0"}


@pytest.mark.parametrize(("kind", "subject"), [("number", NUMBERS[0]), ("call", ""), ("account", "")])
def test_what_a_hold_keeps_stays_until_it_is_lifted(firm: Firm, kind: str, subject: str) -> None:
    subject = subject or {"call": firm.calls[0], "account": firm.account_id}[kind]
    hold_id = place_hold(firm.store, BOSS, firm.settings.site, HoldKind(kind), subject, "court", now=NOW)
    set_rule(firm.store, BOSS, DataClass.CALL, 200, now=NOW)
    set_rule(firm.store, BOSS, DataClass.RECORDING, 200, now=NOW)

    assert preview(firm.store, BOSS, DataClass.CALL, 200, now=NOW).rows == 0
    assert forget_old(firm.settings, firm.store, now=NOW) == {}
    assert [hold.reason for hold in holds(firm.store, BOSS)] == ["court"]

    lift_hold(firm.store, BOSS, hold_id, now=NOW)
    assert forget_old(firm.settings, firm.store, now=NOW)[DataClass.CALL] == 1


def test_closed_chats_and_lines_of_the_trail_go_in_their_time(firm: Firm) -> None:
    assert preview(firm.store, BOSS, DataClass.CHAT, 200, now=NOW).rows == 1
    set_rule(firm.store, BOSS, DataClass.CHAT, 200, now=NOW)
    set_rule(firm.store, BOSS, DataClass.AUDIT, 200, now=NOW)

    gone = forget_old(firm.settings, firm.store, now=NOW)

    assert gone[DataClass.CHAT] == 1
    assert gone[DataClass.AUDIT] == 1  # the comment of 400 days ago
    assert _rows(firm, "from message") == []


def test_a_recording_outside_our_folders_is_left_alone(firm: Firm, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-elsewhere.wav"
    outside.write_bytes(b"not ours")
    firm.store._writer.execute(
        "update recording set path = $path where call_id = $id", {"path": str(outside), "id": firm.calls[0]}
    )
    set_rule(firm.store, BOSS, DataClass.RECORDING, 1, now=NOW)

    assert forget_old(firm.settings, firm.store, now=NOW) == {DataClass.RECORDING: 1}

    assert outside.exists()


@pytest.mark.parametrize(("kind", "days"), [("call", 29), ("recording", 0), ("audit", 179), ("event", 36_501)])
def test_a_time_that_would_delete_by_accident_is_refused(firm: Firm, kind: str, days: int) -> None:
    with pytest.raises(BadInput, match=f"{days} days cannot be"):
        set_rule(firm.store, BOSS, DataClass(kind), days, now=NOW)


def test_only_who_may_decides(firm: Firm) -> None:
    with pytest.raises(NotAllowed):
        set_rule(firm.store, Actor(user="eva", role=Role.SUPERVISOR), DataClass.CALL, 365, now=NOW)


def _ids(firm: Firm, table: str) -> set[str]:
    return {row["call_id"] for row in _rows(firm, f"select call_id from {table}")}


def _rows(firm: Firm, sql: str) -> list[dict[str, Any]]:
    return firm.store.query(sql, actor=ACTOR).to_pylist()


def _sounds(firm: Firm) -> list[Path]:
    return sorted((firm.settings.data / "recordings").rglob("*.wav"))
