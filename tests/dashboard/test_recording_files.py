"""Lists of recordings without a file and of files without a recording: who sees what of them, and their files."""

from __future__ import annotations

from collections.abc import Iterator
from csv import reader
from zoneinfo import ZoneInfo

import pytest

from dashboard.components.checks import value_words
from dashboard.pages import recording_files
from dashboard.text import speaking
from data.errors import NotAllowed
from data.identity.actor import Actor, Role, Scope, system
from data.services.recording_lists import FileList, list_size, listed_files
from data.settings import RecordingSettings, RemoteRecordings
from data.store.protocol import Statement
from tests.builders import at, inbound
from tests.dashboard.desk import NOW, Desk, open_desk

LONELY = "/mnt/pbx/=cmd|x<b>.wav"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(tmp_path_factory.mktemp("files")) as desk:
        for hour, talked in ((9, "201"), (10, "202"), (11, "202")):
            desk.office.add(inbound(f"2026-11-20 {hour:02}:00", talked=talked, recorded=True))
        desk.office.store._writer.execute("update recording set state = 'missing'")
        desk.office.store._writer.execute(
            "update recording set path = 'x.wav', bytes = 2_500_000 where hour(started_at) = 7"
        )
        for paths, seen in (([LONELY, "/mnt/pbx/b.wav"], NOW),):
            told = {"paths": paths, "sizes": [1_536, 10], "times": [at("2026-11-19 12:00")] * 2, "seen_at": seen}
            desk.office.store.transact([Statement(name="orphan_insert", params=told)], actor=system("test"), touches={})
        yield desk


def test_missing_recordings_lead_to_their_calls_and_say_what_happened(desk: Desk) -> None:
    text = desk.user("supervisor").page("/settings/recordings", "")

    assert text.count("/calls/pbx-") == 3
    assert text.count("не появился") == 2
    assert text.count("был и пропал") == 1
    assert "2,4 МБ" in text


def test_files_without_a_recording_are_shown_with_size_and_time(desk: Desk) -> None:
    text = desk.user("administrator").page("/settings/recordings", "?list=orphans")

    assert LONELY in text
    assert "1,5 КБ" in text
    assert "/calls/pbx-" not in text


def test_of_a_storage_that_cannot_be_listed_the_page_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    words = "Только в папках: веб-сервер не даёт списка своих файлов"
    before = desk.user("administrator").page("/settings/recordings", "?list=orphans")
    recordings = RecordingSettings(remote=[RemoteRecordings(name="storage", url="https://pbx.example/r")])
    settings = desk.settings.model_copy(update={"recordings": recordings})
    monkeypatch.setattr(recording_files, "current_settings", lambda: settings)

    after = desk.user("administrator").page("/settings/recordings", "?list=orphans")

    assert words not in before
    assert words in after
    assert "(storage)" in after


@pytest.mark.parametrize("search", ["?list=nothing", "?page=0", "?page=-1", "?page=999999", "?list=missing&page=٣"])
def test_odd_addresses_show_the_first_list(desk: Desk, search: str) -> None:
    assert desk.user("supervisor").page("/settings/recordings", search).count("/calls/pbx-") == 3


def test_who_hears_some_calls_sees_their_recordings_and_no_file_without_a_call(desk: Desk) -> None:
    some = Actor(user="olga", role=Role.SUPERVISOR, scope=Scope.OWN, extensions=frozenset({"202"}))
    store = desk.office.store

    assert list_size(store, some, FileList.MISSING).files == 2
    assert len(listed_files(store, some, FileList.MISSING, limit=9, offset=0)) == 2
    with pytest.raises(NotAllowed):
        list_size(store, some, FileList.ORPHANS)
    with pytest.raises(NotAllowed):
        list_size(store, Actor(user="petr", role=Role.MANAGER), FileList.MISSING)


def test_a_list_leaves_as_a_file_without_formulas_and_that_is_written_down(desk: Desk) -> None:
    answer = desk.user("supervisor").client.get("/api/recording-files/orphans.csv")
    lines = list(reader(answer.get_data(as_text=True).splitlines()))

    assert answer.status_code == 200
    assert any(LONELY in line for line in lines)
    assert not any(cell.startswith("=") for line in lines for cell in line)
    missing = desk.user("supervisor").client.get("/api/recording-files/missing.csv").get_data(as_text=True)
    assert missing.count("pbx-") >= 3
    rows = desk.office.store.query("select subject_id from audit where action = 'recordings.export'", actor=system("t"))
    assert sorted(row["subject_id"] for row in rows.to_pylist()) == ["missing", "orphans"]


@pytest.mark.parametrize("address", ["nothing.csv", "missing.exe"])
def test_a_list_or_form_that_does_not_exist_is_named(desk: Desk, address: str) -> None:
    answer = desk.user("supervisor").client.get(f"/api/recording-files/{address}")

    assert answer.status_code == 400
    assert "There are: missing, orphans" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("reason", "busy", "занято"),
        ("outcome", "not_reached", "не дозвонились"),
        ("queue_visit.result", "timeout", "время ожидания вышло"),
        ("talk_s", "63.5", "63,5"),
        ("ended_at", "2026-11-20T09:00:30.000+00:00", "12:00:30"),
        ("reason", "of another version", "of another version"),
        ("ended_at", "soon", "soon"),
        ("queues", "sales, support", "sales, support"),
    ],
)
def test_what_two_sources_say_differently_is_told_in_words(field: str, value: str, words: str) -> None:
    with speaking("ru"):
        told = value_words(field, value, ZoneInfo("Europe/Moscow"))

    assert told is not None
    assert told.lower() == words
