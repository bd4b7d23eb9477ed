"""Recordings behind a web server are found, measured once and kept for a while, whatever the server does."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from datetime import timedelta, timezone
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from data.errors import QueryRejected, RecordingMissing, StorageAway
from data.remote_storage import RemoteStorage, kept_copy
from data.settings import RecordingSettings, RemoteRecordings
from data.store.database import Database
from data.store.protocol import Statement
from ingest.remote_recordings import RemoteKeeper, make_room
from ingest.sources.check_findings import Mark
from ingest.sources.check_recordings import check_recordings
from tests.ingest.test_recordings import NAME, NOON, Office, write_wav
from tests.web_storage import WebStorage, web_storage

MOSCOW = timezone(timedelta(hours=3))
THERE = "/var/spool/monitor/2026/11/22/15"
PATH = f"remote://storage/2026/11/22/15/{NAME}"


@pytest.fixture
def storage() -> Iterator[WebStorage]:
    with web_storage() as served:
        yield served


@pytest.fixture
def sound(tmp_path: Path) -> bytes:
    return write_wav(tmp_path / "made.wav").read_bytes()


class Keeping:
    """A keeper over one storage, whose clock the test moves."""

    def __init__(self, office: Office, storage: WebStorage, data: Path, **settings: Any) -> None:
        self.office = office
        self.data = data
        self.now = NOON + timedelta(seconds=30)
        remote = {"storage": RemoteStorage(storage.settings(**settings))}
        self.room = 1_000_000
        self.keeper = RemoteKeeper(
            office.database,
            remote,
            data=data,
            zone=MOSCOW,
            cache_bytes=1_000_000,
            has_room=lambda size_bytes: size_bytes <= self.room,
        )

    def look(self, rounds: int = 2, later: timedelta = timedelta(minutes=2)) -> None:
        for _ in range(rounds):
            self.keeper.look(self.now)
            self.now += later


@pytest.fixture
def keeping(tmp_path: Path, storage: WebStorage) -> Iterator[Keeping]:
    with Database(tmp_path / "var", memory_limit="256MB", readers=1, salt="salt") as database:
        yield Keeping(Office(tmp_path, database), storage, tmp_path / "var")


def test_remote_file_is_measured_once_and_a_copy_kept(keeping: Keeping, storage: WebStorage, sound: bytes) -> None:
    storage.files[f"/2026/11/22/15/{NAME}"] = sound
    keeping.office.expect(f"{THERE}/{NAME}")

    keeping.look(6)

    row = keeping.office.row()
    assert (row["state"], row["path"], row["bytes"], row["sound_s"]) == ("present", PATH, len(sound), 2.0)
    assert row["peaks"]
    assert kept_copy(keeping.data, PATH).read_bytes() == sound
    keeping.office.look(3)  # the keeper of the folders leaves it alone
    assert keeping.office.row()["state"] == "present"


def test_without_room_for_its_copy_a_remote_file_waits_and_comes_once_there_is(
    keeping: Keeping, storage: WebStorage, sound: bytes
) -> None:
    storage.files[f"/2026/11/22/15/{NAME}"] = sound
    keeping.office.expect(f"{THERE}/{NAME}")
    keeping.room = len(sound) - 1
    keeping.look(4)
    before = keeping.office.row()["state"], kept_copy(keeping.data, PATH).exists()

    keeping.room = len(sound)
    keeping.look(1)

    assert before == ("expected", False)
    assert keeping.office.row()["state"] == "present"


def test_a_change_that_the_store_refuses_does_not_keep_the_others_out(
    keeping: Keeping, storage: WebStorage, sound: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.files[f"/2026/11/22/15/{NAME}"] = sound
    keeping.office.expect(f"{THERE}/{NAME}")
    database, refused = keeping.office.database, list[Statement]()

    def transact(statements: Sequence[Statement], **how: Any) -> list[pa.Table]:
        if not refused or any(one is step for one in refused for step in statements):
            refused.extend(statements)
            raise QueryRejected("a value that the table cannot hold")
        return write(statements, **how)

    write = database.transact
    monkeypatch.setattr(database, "transact", transact)
    with pytest.raises(QueryRejected):
        keeping.look(4)

    keeping.look(4)

    assert keeping.office.row()["state"] == "present"


def test_remote_file_that_grows_waits_until_it_does_not(keeping: Keeping, storage: WebStorage, sound: bytes) -> None:
    storage.files[f"/2026/11/22/15/{NAME}"] = sound[:5_000]
    keeping.office.expect(f"{THERE}/{NAME}")
    keeping.look(1)
    storage.files[f"/2026/11/22/15/{NAME}"] = sound
    keeping.look(1)
    before = keeping.office.row()["state"]

    keeping.look(1)

    assert before == "expected"
    assert (keeping.office.row()["state"], keeping.office.row()["bytes"]) == ("present", len(sound))


def test_remote_file_that_went_away_is_missing_and_comes_back_without_being_fetched(
    keeping: Keeping, storage: WebStorage, sound: bytes
) -> None:
    storage.files[f"/2026/11/22/15/{NAME}"] = sound
    keeping.office.expect(f"{THERE}/{NAME}")
    keeping.look(3)
    storage.files.clear()
    keeping.look(2)
    gone = keeping.office.row()["state"]
    storage.files[f"/2026/11/22/15/{NAME}"] = sound
    kept_copy(keeping.data, PATH).unlink()

    keeping.look(3)

    assert (gone, keeping.office.row()["state"]) == ("missing", "present")
    assert not kept_copy(keeping.data, PATH).exists()


@pytest.mark.parametrize("fault", [500, 503, 403, "redirect", "short", "packed"])
def test_storage_that_misbehaves_makes_no_recording_missing(
    keeping: Keeping, storage: WebStorage, sound: bytes, fault: str | int
) -> None:
    storage.files[f"/2026/11/22/15/{NAME}"] = sound
    keeping.office.expect(f"{THERE}/{NAME}")
    keeping.look(3)

    storage.fault = fault
    keeping.look(3)

    assert keeping.office.row()["state"] == "present"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (401, r"refuses our credentials \(401\)"),
        (500, "answered 500"),
        ("redirect", "redirects"),
        ("short", "closed connection|incomplete|peer"),
        ("packed", "packed"),
        ("endless", "more than 0.1 MB"),
    ],
)
def test_fault_of_a_storage_is_named(storage: WebStorage, sound: bytes, fault: str | int, reason: str) -> None:
    storage.files[f"/{NAME}"] = sound
    storage.fault = fault

    with pytest.raises(StorageAway, match=reason) as told:
        RemoteStorage(storage.settings(most_mb=0.1)).fetch(f"remote://storage/{NAME}", io.BytesIO())

    assert "s3cret" not in str(told.value)
    assert not any("meta-data" in asked for asked in storage.asked)


def test_slow_storage_is_given_up(storage: WebStorage, sound: bytes) -> None:
    storage.files[f"/{NAME}"] = sound
    storage.fault = "slow"

    with pytest.raises(StorageAway, match="timed out"):
        RemoteStorage(storage.settings(timeout_seconds=0.2)).fetch(f"remote://storage/{NAME}", io.BytesIO())


def test_file_that_drips_for_too_long_is_given_up(storage: WebStorage, sound: bytes) -> None:
    storage.files[f"/{NAME}"] = sound
    moments = iter(range(0, 10_000, 100))
    dripping = RemoteStorage(storage.settings(fetch_seconds=50.0), clock=lambda: float(next(moments)))

    with pytest.raises(StorageAway, match="more than 50 s"):
        dripping.fetch(f"remote://storage/{NAME}", io.BytesIO())


def test_token_is_sent_instead_of_a_password(storage: WebStorage, sound: bytes) -> None:
    storage.files[f"/{NAME}"], storage.wants = sound, "Bearer t0ken"
    into = io.BytesIO()

    RemoteStorage(storage.settings(user="", token="t0ken")).fetch(f"remote://storage/{NAME}", into)

    assert into.getvalue() == sound


@pytest.mark.parametrize(
    ("file", "template", "path"),
    [
        (f"{THERE}/a b#?%2e.wav", "{path}", "2026/11/22/15/a%20b%23%3F%252e.wav"),
        ("запись.wav", "{path}", "%D0%B7%D0%B0%D0%BF%D0%B8%D1%81%D1%8C.wav"),
        ("x/../..//etc@evil.example/a.wav", "{name}", "a.wav"),
        (f"{THERE}/{NAME}", "{year}/{month}/{day}/{hour}/{name}", f"2026/11/22/15/{NAME}"),
    ],
)
def test_name_of_a_file_becomes_one_path_and_nothing_more(
    storage: WebStorage, file: str, template: str, path: str
) -> None:
    remote = RemoteStorage(storage.settings(files=template))

    assert remote.path_of(PurePosixPath(file), NOON, MOSCOW) == f"remote://storage/{path}"


def test_file_of_another_folder_of_the_pbx_is_not_asked_for(storage: WebStorage) -> None:
    remote = RemoteStorage(storage.settings())

    assert remote.path_of(PurePosixPath("/etc/asterisk/a.wav"), NOON, MOSCOW) is None


def test_wrong_names_are_never_asked_for(keeping: Keeping, storage: WebStorage) -> None:
    keeping.office.expect("/var/spool/monitor/../../etc/passwd.wav", f"{THERE}/.htaccess", f"{THERE}/passwords.txt")

    keeping.look(3)

    assert storage.asked == []


def test_what_is_not_there_is_asked_for_less_and_less(keeping: Keeping, storage: WebStorage) -> None:
    keeping.office.expect(f"{THERE}/{NAME}")

    keeping.look(60, timedelta(minutes=1))

    assert 5 <= len(storage.asked) <= 12


def test_copies_used_longest_ago_make_room(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"{number}.wav").write_bytes(b"x" * 100)
        os.utime(tmp_path / f"{number}.wav", (1_000 + number, 1_000 + number))
    os.utime(tmp_path / "0.wav", (4_990, 4_990))  # in use

    make_room(tmp_path, 200, now=lambda: 5_000.0)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.wav", "3.wav"]


@pytest.mark.parametrize(
    ("wants", "mark", "words"),
    [("Basic", Mark.MISSING, "refuses our credentials"), (None, Mark.GOOD, "answers")],
)
def test_check_tells_whether_a_storage_answers(storage: WebStorage, wants: str | None, mark: Mark, words: str) -> None:
    storage.wants = wants or storage.wants

    (told,) = check_recordings(RecordingSettings(remote=[storage.settings()]))

    assert (told.subject, told.mark) == ("recordings, storage", mark)
    assert words in told.text
    assert "s3cret" not in told.text


def test_check_tells_of_a_storage_that_is_away_and_of_a_folder_that_is_not_there(tmp_path: Path) -> None:
    away = RemoteRecordings(url="http://127.0.0.1:9", timeout_seconds=2.0)

    told = check_recordings(RecordingSettings(roots=[tmp_path / "nowhere"], remote=[away]))

    assert [one.mark for one in told] == [Mark.MISSING, Mark.MISSING]


@pytest.mark.parametrize(
    "files", ["{url}", "{path.parts}", "{path!r}", "/{path}", "../{path}", "fixed.wav", "{path", ""]
)
def test_template_that_makes_no_path_is_refused(files: str) -> None:
    with pytest.raises(ValidationError, match="is no address of a file"):
        RemoteRecordings(url="https://pbx.example", files=files)


def test_two_storages_of_one_name_are_refused() -> None:
    one = RemoteRecordings(url="https://pbx.example")

    with pytest.raises(ValidationError, match="'storage' twice"):
        RecordingSettings(remote=[one, one])


def test_size_that_is_not_told_is_no_reason_to_wait(storage: WebStorage, sound: bytes) -> None:
    storage.files[f"/{NAME}"] = sound
    remote = RemoteStorage(storage.settings())

    assert remote.size(f"remote://storage/{NAME}") == len(sound)
    storage.fault = "no ranges"
    assert remote.size(f"remote://storage/{NAME}") == len(sound)
    storage.fault = "endless"
    assert remote.size(f"remote://storage/{NAME}") is None
    with pytest.raises(RecordingMissing):
        remote.size("remote://storage/other.wav")
