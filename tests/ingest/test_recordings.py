"""Recordings are tied to their files however these come, and nothing outside the folders is ever taken."""

from __future__ import annotations

import os
import shutil
import threading
import wave
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.errors import StoreUnavailable
from data.facts import fact_tables
from data.identity.actor import system
from data.model import CallFacts, Recording
from data.settings import Site
from data.store.database import Database
from data.store.protocol import Topic
from data.store.statements import WRITE
from ingest.peaks import BUCKETS, measure
from ingest.recordings import RecordingKeeper
from ingest.sound_files import SoundFolders, WrongName, checked
from ingest.sound_lists import missing, orphans, states
from tests.ingest.fakes import facts

ACTOR = system("tests")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
THERE = "/var/spool/asterisk/monitor/2026/11/22/15"
NAME = "201-79031234567-20261122-150000-1.wav"


class Office:
    """A database, a folder of recordings and a keeper whose clock the test moves."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.root = folder / "monitor"
        self.root.mkdir()
        self.outside = folder / "outside"
        self.outside.mkdir()
        self.database = database
        self.now = NOON + timedelta(seconds=30)
        self.measured: list[str] = []
        self.folders = SoundFolders([self.root], zone=timezone(timedelta(hours=3)))
        self.has_room = True
        self.keeper = RecordingKeeper(
            database,
            self.folders,
            patience=timedelta(hours=1),
            measure=self._measure,
            keeps_peaks=lambda: self.has_room,
        )

    def _measure(self, path: Path) -> Any:
        self.measured.append(path.name)
        return measure(path)

    def expect(self, *files: str) -> None:
        self.database.write_facts(fact_tables([self.told(*files)], site=Site(), source="ami"), actor=ACTOR)

    def told(self, *files: str) -> CallFacts:
        parts = tuple(
            Recording(
                call_id="pbx-1", position=place, file=file, party="201", heard=("201",),
                started_at=NOON, ended_at=NOON + timedelta(seconds=20),
            )
            for place, file in enumerate(files, 1)
        )  # fmt: skip
        return replace(facts("pbx-1"), recordings=parts)

    def put(self, place: str, seconds: float = 2.0) -> Path:
        return write_wav(self.root / place, seconds)

    def look(self, rounds: int = 2, later: timedelta = timedelta(seconds=11)) -> None:
        for _ in range(rounds):
            self.keeper.look(self.now)
            self.now += later

    def row(self, position: int = 1) -> dict[str, Any]:
        sql = "select * from recording where position = $position"
        (row,) = self.database.query(sql, {"position": position}, actor=ACTOR).to_pylist()
        return row


def write_wav(path: Path, seconds: float = 2.0, *, sides: int = 2, width: int = 2, loud: float = 0.5) -> Path:
    """A tone on the last side, silence on the others."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.zeros((int(seconds * 8000), sides))
    samples[:, -1] = loud * np.where(np.arange(len(samples)) % 20 < 10, 1, -1)
    raw = (samples * 127 + 128).astype(np.uint8) if width == 1 else (samples * 32_767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(sides)
        file.setsampwidth(width)
        file.setframerate(8000)
        file.writeframes(raw.tobytes())
    return path


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Database(tmp_path / "var", memory_limit="256MB", readers=1, salt="salt") as database:
        yield Office(tmp_path, database)


# ---------------------------------------------------------------- files that come


@pytest.mark.parametrize(
    "place",
    [
        f"2026/11/22/15/{NAME}",  # the trailing parts of the name
        f"15/{NAME}",
        NAME,
        f"2026/11/22/{NAME}",  # the day of the office
    ],
)
def test_file_is_found_by_the_trailing_parts_of_its_name_or_its_day(office: Office, place: str) -> None:
    file = office.put(place)
    office.expect(f"{THERE}/{NAME}")

    office.look()

    row = office.row()
    assert (row["state"], row["path"], row["bytes"]) == ("present", str(file), file.stat().st_size)
    assert (row["sound_s"], row["channel_count"], row["codec"], len(row["peaks"])) == (2.0, 2, "pcm_s16le", 2 * BUCKETS)


def test_file_is_found_at_the_very_path_that_the_pbx_named(office: Office) -> None:
    file = office.put(f"odd/place/{NAME}")
    office.expect(str(file))

    office.look()

    assert office.row()["path"] == str(file)


def test_folder_of_the_pbx_may_lie_elsewhere_here(office: Office) -> None:
    moved = {"/var/spool/asterisk/monitor/2026": office.root / "old"}
    folders = SoundFolders([office.root], zone=UTC, moved=moved)
    file = office.put(f"old/11/22/15/{NAME}")

    assert folders.find(f"{THERE}/{NAME}", NOON) == file


def test_file_that_comes_late_is_taken_when_it_is_there(office: Office) -> None:
    office.expect(f"{THERE}/{NAME}")
    office.look()
    before = office.row()["state"]

    office.put(f"2026/11/22/15/{NAME}")
    office.look()

    assert (before, office.row()["state"]) == ("expected", "present")


def test_file_that_comes_thirty_seconds_late_is_there_at_the_next_look_but_one(office: Office) -> None:
    """The daemon looks every two seconds; the clock of the test does the same."""
    office.expect(f"{THERE}/{NAME}")
    over, seen = NOON + timedelta(seconds=20), {}
    office.now = over + timedelta(seconds=2)
    while (late := (office.now - over).total_seconds()) <= 34:
        if late == 30:
            office.put(f"2026/11/22/15/{NAME}")
        office.look(rounds=1, later=timedelta(seconds=2))
        seen[late] = office.row()["state"]

    assert seen == {late: "expected" if late < 32 else "present" for late in range(2, 35, 2)}
    assert office.row()["sound_s"] == 2.0


def test_file_counts_as_finished_when_two_looks_see_the_same_size(office: Office) -> None:
    office.expect(f"{THERE}/{NAME}")
    seen = []
    for seconds in (1.0, 2.0, 3.0, 3.0):
        office.put(f"2026/11/22/15/{NAME}", seconds)
        office.look(rounds=1)
        seen.append((office.row()["state"], office.row()["sound_s"]))

    assert seen == [("expected", None)] * 3 + [("present", 3.0)]
    assert office.measured == [NAME]


def test_file_is_measured_once(office: Office) -> None:
    office.put(f"2026/11/22/15/{NAME}")
    office.expect(f"{THERE}/{NAME}")

    office.look(rounds=5)

    assert office.measured == [NAME]


def test_without_room_a_recording_is_there_without_its_curve_which_comes_once_there_is(office: Office) -> None:
    office.put(f"2026/11/22/15/{NAME}")
    office.expect(f"{THERE}/{NAME}")
    office.has_room = False

    office.look(rounds=5)
    without = office.row()
    measured = len(office.measured)
    office.has_room = True
    office.look(rounds=4)

    assert (without["state"], without["peaks"], without["sound_s"], measured) == ("present", None, 2.0, 1)
    assert office.row()["peaks"] is not None
    assert len(office.measured) == 2


def test_what_was_measured_survives_newer_facts_of_the_call(office: Office) -> None:
    office.put(f"2026/11/22/15/{NAME}")
    office.expect(f"{THERE}/{NAME}")
    office.look()

    office.expect(f"{THERE}/{NAME}", f"{THERE}/other-{NAME}")
    office.look()

    assert office.measured == [NAME]
    assert (office.row(1)["state"], office.row(2)["state"]) == ("present", "expected")


def test_converted_file_takes_the_place_of_the_first(office: Office) -> None:
    first = office.put(f"2026/11/22/15/{NAME}")
    office.expect(f"{THERE}/{NAME}")
    office.look()

    first.rename(first.with_suffix(".mp3"))
    office.look(rounds=3)

    row = office.row()
    assert (row["state"], Path(row["path"]).name) == ("present", Path(NAME).with_suffix(".mp3").name)


def test_file_that_moved_to_any_folder_below_a_root_is_found_by_its_name(office: Office) -> None:
    first = office.put(f"2026/11/22/15/{NAME}")
    office.expect(f"{THERE}/{NAME}")
    office.look()
    there = office.root / "archive" / "box 7"
    there.mkdir(parents=True)

    first.rename(there / NAME)
    office.look(rounds=6, later=timedelta(minutes=3))

    assert (office.row()["state"], office.row()["path"]) == ("present", str(there / NAME))


def test_name_that_lies_in_two_folders_is_not_guessed(office: Office) -> None:
    office.put(f"archive/a/{NAME}")
    office.put(f"archive/b/{NAME}")
    office.expect(f"{THERE}/{NAME}")

    office.look(rounds=6, later=timedelta(minutes=3))

    assert office.row()["state"] == "expected"


# ---------------------------------------------------------------- files that are not there


def test_recording_without_a_file_is_missing_after_the_patience_and_present_when_it_comes(office: Office) -> None:
    office.expect(f"{THERE}/{NAME}")
    office.look()
    office.now = NOON + timedelta(hours=2)
    office.look()
    late = office.row()["state"]

    office.put(f"2026/11/22/15/{NAME}")
    office.look()

    assert (late, office.row()["state"]) == ("missing", "present")


def test_empty_file_is_no_recording(office: Office) -> None:
    office.root.joinpath(NAME).touch()
    office.expect(f"{THERE}/{NAME}")
    office.now = NOON + timedelta(hours=2)

    office.look()

    assert office.row()["state"] == "missing"


def test_removed_file_is_missing_and_comes_back_without_being_measured_again(office: Office) -> None:
    file = office.put(f"2026/11/22/15/{NAME}")
    office.put("another-file.wav")
    office.expect(f"{THERE}/{NAME}")
    office.look()
    kept = shutil.move(file, office.outside)
    office.look()
    gone = office.row()["state"]

    shutil.move(kept, file)
    office.look()

    assert (gone, office.row()["state"]) == ("missing", "present")
    assert office.measured == [NAME]


def test_storage_that_is_not_mounted_makes_no_recording_missing(office: Office) -> None:
    office.put(f"2026/11/22/15/{NAME}")
    office.expect(f"{THERE}/{NAME}")
    office.look()

    shutil.rmtree(office.root)
    office.root.mkdir()
    office.look()

    assert office.row()["state"] == "present"


def test_deleted_recording_stays_deleted(office: Office) -> None:
    office.put(f"2026/11/22/15/{NAME}")
    tables = dict(fact_tables([office.told(f"{THERE}/{NAME}")], site=Site(), source="ami"))
    tables["recording"] = tables["recording"].append_column("state", [["deleted"]])
    office.database.write_facts(tables, actor=ACTOR)

    office.look(rounds=3)

    assert office.row()["state"] == "deleted"


# ---------------------------------------------------------------- hostile names and files


@pytest.mark.parametrize(
    "file",
    [
        "", "/", "../../etc/passwd.wav", f"{THERE}/../../../x.wav", "a\0b.wav", "a\nb.wav", "a\\b.wav", ".hidden.wav",
        "x" * 300 + ".wav", "a/" * 900 + "x.wav", "/".join("a" * 40) + "/x.wav", "\ud800.wav",
        "call\u202evaw.exe.wav", "call\u200b.wav", "\ufeffcall.wav", "call\u2028.wav\u0085",
    ],
)  # fmt: skip
def test_absurd_name_is_refused(file: str) -> None:
    with pytest.raises(WrongName, match="recording rules"):
        checked(file)


def test_refused_name_is_counted_and_missing_at_once(office: Office) -> None:
    office.expect("../outside/secret.wav")
    write_wav(office.outside / "secret.wav")

    office.look(rounds=3)

    assert office.row()["state"] == "missing"
    assert office.keeper.troubles == {"names that no recording has": 1}


def test_file_outside_the_folders_is_not_taken(office: Office) -> None:
    office.expect(str(write_wav(office.outside / NAME)))

    office.look(rounds=6, later=timedelta(minutes=3))

    assert office.row()["state"] == "expected"


def test_link_that_leads_out_is_refused_and_counted(office: Office) -> None:
    secret = write_wav(office.outside / NAME)
    (office.root / NAME).symlink_to(secret)
    (office.root / "15").symlink_to(office.outside)
    office.expect(f"{THERE}/{NAME}")

    office.look(rounds=6, later=timedelta(minutes=3))

    assert office.row()["state"] == "expected"
    assert office.folders.refused["leads out of the folders"] > 0


def test_link_between_folders_of_ours_is_followed(office: Office) -> None:
    file = office.put(f"storage/{NAME}")
    (office.root / NAME).symlink_to(file)

    assert office.folders.find(f"{THERE}/{NAME}", NOON) == file


def test_pipe_in_the_place_of_a_file_is_refused(office: Office) -> None:
    os.mkfifo(office.root / NAME)
    office.expect(f"{THERE}/{NAME}")

    office.look()

    assert office.row()["state"] == "expected"
    assert office.folders.refused["is no regular file"] > 0
    with pytest.raises(OSError, match="no regular file"):
        measure(office.root / NAME)


def test_file_that_is_no_sound_is_not_taken(office: Office) -> None:
    (office.root / "passwords.txt").write_text("secret")
    office.expect("/var/spool/asterisk/monitor/passwords.txt")

    office.look()

    assert office.row()["state"] == "expected"


def test_link_with_the_name_of_a_sound_leads_to_nothing_else(office: Office) -> None:
    (office.root / "passwords.txt").write_text("secret")
    (office.root / NAME).symlink_to(office.root / "passwords.txt")

    assert office.folders.find(f"{THERE}/{NAME}", NOON) is None


def test_file_that_cannot_be_read_stops_nothing(office: Office) -> None:
    def unreadable(path: Path) -> Any:
        raise PermissionError(13, "Permission denied")

    office.put(NAME)
    office.expect(f"{THERE}/{NAME}")
    keeper = RecordingKeeper(office.database, office.folders, patience=timedelta(hours=1), measure=unreadable)

    for minutes in (1, 2, 90, 91):
        keeper.look(NOON + timedelta(minutes=minutes))

    assert office.row()["state"] == "missing"
    assert keeper.troubles["files that cannot be read"] >= 1


# ---------------------------------------------------------------- the store


def test_change_is_announced_with_its_call(office: Office) -> None:
    office.put(NAME)
    office.expect(f"{THERE}/{NAME}")
    notices = office.database.notices([Topic.CALLS])
    next(notices)

    office.look()

    assert next(notices).ids == ("pbx-1",)


def test_store_that_is_away_gets_everything_when_it_is_back(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("The store does not answer.")

    office.put(NAME)
    office.expect(f"{THERE}/{NAME}")
    office.look(rounds=1)
    with monkeypatch.context() as broken:
        broken.setattr(office.database, "transact", away)
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                office.look(rounds=1)

    office.look(rounds=1)

    assert office.row()["state"] == "present"
    assert office.measured == [NAME]


def test_rounds_go_on_after_one_that_failed_until_told_to_stop(office: Office) -> None:
    class Stop(threading.Event):
        rounds = 0

        def wait(self, timeout: float | None = None) -> bool:
            self.rounds += 1
            return self.rounds > 3

    def broken(_: Path) -> Any:
        raise ZeroDivisionError("nobody expected this")

    stop = Stop()
    office.put(NAME)
    office.expect(f"{THERE}/{NAME}")

    RecordingKeeper(office.database, office.folders, patience=timedelta(days=9999), measure=broken).run(stop)

    assert stop.rounds == 4
    assert office.row()["state"] == "expected"


def test_file_found_while_retention_took_it_stays_deleted(office: Office) -> None:
    office.put(NAME)
    office.expect(f"{THERE}/{NAME}")
    office.look(rounds=1)
    tables = dict(fact_tables([office.told(f"{THERE}/{NAME}")], site=Site(), source="ami"))
    tables["recording"] = tables["recording"].append_column("state", [["deleted"]])
    office.database.write_facts(tables, actor=ACTOR)

    office.look(rounds=1)

    assert office.measured == [NAME]
    assert office.row()["state"] == "deleted"


@pytest.mark.parametrize("name", ["recording_found", "recording_back", "recording_missing"])
def test_write_statement_names_the_row_in_full(name: str) -> None:
    sql = (WRITE / f"{name}.sql").read_text()

    assert all(f"{column} = ${column}" in sql for column in ("recording_id", "file", "started_at"))


# ---------------------------------------------------------------- sound


@pytest.mark.parametrize(("sides", "width", "codec"), [(1, 1, "pcm_u8"), (1, 2, "pcm_s16le"), (2, 1, "pcm_u8")])
def test_waveform_is_drawn_for_each_side(tmp_path: Path, sides: int, width: int, codec: str) -> None:
    sound = measure(write_wav(tmp_path / "a.wav", 1.5, sides=sides, width=width))

    assert (sound.sound_s, sound.channel_count, sound.codec) == (1.5, sides, codec)
    assert sound.peaks is not None
    levels = np.frombuffer(sound.peaks, np.uint8).reshape(sides, BUCKETS)
    assert np.abs(levels[-1].astype(int) - 127).max() <= 2
    assert sides == 1 or levels[0].max() <= 1


def test_waveform_is_the_one_that_the_simulated_office_draws(tmp_path: Path) -> None:
    from ingest.simulator.sound import SoundBank

    made = SoundBank(tmp_path, seed=1).sounds[0]

    sound = measure(made.path)

    assert (sound.sound_s, sound.peaks, sound.size_bytes) == (made.sound_s, made.peaks, made.size_bytes)


def test_file_shorter_than_its_header_says_is_as_long_as_it_is(tmp_path: Path) -> None:
    file = write_wav(tmp_path / "a.wav", 4.0)
    os.truncate(file, 44 + 8000 * 4)

    sound = measure(file)

    assert sound.sound_s == 1.0
    assert sound.peaks is not None


@pytest.mark.parametrize("content", [b"RIFF", b"RIFF\xff\xff\xff\xffWAVEfmt ", b"\0" * 500, b"ID3" + b"\xff" * 400])
@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".webm", ".ogg"])
def test_broken_file_has_a_size_and_nothing_else(tmp_path: Path, content: bytes, suffix: str) -> None:
    file = tmp_path / f"a{suffix}"
    file.write_bytes(content)

    sound = measure(file)

    assert (sound.size_bytes, sound.peaks) == (len(content), None)


# ---------------------------------------------------------------- lists


def test_lists_tell_states_missing_recordings_and_files_without_one(office: Office) -> None:
    office.put(f"2026/11/22/15/{NAME}")
    office.put("2026/11/22/15/nobody-knows-it.wav")
    office.expect(f"{THERE}/{NAME}", f"{THERE}/lost-for-ever.wav")
    office.now = NOON + timedelta(hours=2)
    office.look()
    later = datetime.now(UTC) + timedelta(hours=1)

    counts = {each.state: each.recordings for each in states(office.database, ACTOR)}
    lost = [each.file for each in missing(office.database, ACTOR, rows=10)]
    alone = list(orphans(office.database, ACTOR, [office.root], older_than=later))

    assert counts == {"missing": 1, "present": 1}
    assert lost == [f"{THERE}/lost-for-ever.wav"]
    assert [path.name for path in alone] == ["nobody-knows-it.wav"]


def test_converted_copy_beside_a_file_is_no_orphan_and_a_fresh_file_neither(office: Office) -> None:
    office.put(f"2026/11/22/15/{Path(NAME).stem}.mp3")
    office.put("2026/11/22/15/of-a-call-that-goes-on.wav")
    os.utime(office.root / f"2026/11/22/15/{Path(NAME).stem}.mp3", (0, 0))
    office.expect(f"{THERE}/{NAME}")

    alone = list(orphans(office.database, ACTOR, [office.root], older_than=NOON - timedelta(days=9999)))

    assert alone == []
