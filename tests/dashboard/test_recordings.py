"""Recordings: in ranges, to those who may hear them, and nothing that lies outside our folders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.context import Context
from dashboard.errors import trouble_of
from dashboard.recordings import extra_routes, locate
from data.errors import CallboardError, NotFound, RecordingMissing, StorageAway
from data.identity.actor import Actor, Role, Scope
from data.remote_storage import kept_copy
from data.settings import RecordingSettings, Settings
from data.store.database import Database
from tests.builders import Office, inbound
from tests.web_storage import WebStorage, web_storage

SUPERVISOR = Actor(user="anna", role=Role.SUPERVISOR)
STRANGER = Actor(user="ivan", role=Role.MANAGER, scope=Scope.OWN, extensions=frozenset({"209"}))
CONCERNED = Actor(user="petr", role=Role.MANAGER, scope=Scope.OWN, extensions=frozenset({"201"}))
ANALYST = Actor(user="maria", role=Role.ANALYST)


class Ears:
    """Asks the endpoint as whoever `actor` is."""

    def __init__(self, settings: Settings, store: Database, recording_id: str) -> None:
        self.actor: Actor | None = SUPERVISOR
        self.settings, self.store = settings, store
        self.path = f"/recordings/{recording_id}"
        app = Starlette(routes=extra_routes(lambda request: self._context()))
        self.client = TestClient(app, raise_server_exceptions=True)

    def hear(self, suffix: str = "", **headers: str) -> Any:
        return self.client.get(self.path + suffix, headers=headers)

    def _context(self) -> Context | None:
        if self.actor is None:
            return None
        return Context(settings=self.settings, store=self.store, actor=self.actor)


@pytest.fixture
def ears(tmp_path: Path) -> Iterator[Ears]:
    settings = Settings(data=tmp_path)
    with Database(tmp_path) as store:
        call = inbound("2026-11-20 10:00", talked="201", recorded=True)
        call_id = Office(store).add(call, sound_in=tmp_path / "recordings")
        yield Ears(settings, store, f"{call_id}.1")


def test_a_part_is_sent_as_a_part(ears: Ears) -> None:
    whole, part = ears.hear(), ears.hear(Range="bytes=100-199")

    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/wav")
    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.content)}"
    assert part.content == whole.content[100:200]


def test_a_range_behind_the_end_is_refused(ears: Ears) -> None:
    assert ears.hear(Range="bytes=99999999-").status_code == 416


def test_the_waveform_comes_with_its_sides(ears: Ears) -> None:
    peaks = ears.hear("/peaks")

    assert (len(peaks.content), peaks.headers["x-sides"]) == (200, "2")


def test_who_has_not_logged_in_hears_nothing(ears: Ears) -> None:
    ears.actor = None

    assert ears.hear().status_code == 401
    assert ears.hear("/peaks").status_code == 401


@pytest.mark.parametrize("actor", [STRANGER, ANALYST])
def test_who_may_not_listen_or_took_no_part_hears_nothing(ears: Ears, actor: Actor) -> None:
    ears.actor = actor

    with pytest.raises(CallboardError):
        ears.hear()
    with pytest.raises(CallboardError):
        ears.hear("/peaks")


@pytest.mark.parametrize(
    ("scope", "listens", "team", "listed", "listens_to", "status"),
    [
        (Scope.GROUP, Scope.GROUP, {"201"}, set(), set(), 200),  # of his team
        (Scope.GROUP, Scope.GROUP, {"202"}, set(), set(), 404),  # of another one
        (Scope.ALL, Scope.GROUP, {"201"}, set(), set(), 200),
        (Scope.ALL, Scope.GROUP, {"202"}, set(), set(), 404),  # he sees the call, and does not hear it
        (Scope.ALL, Scope.LISTED, set(), set(), {"201"}, 200),
        (Scope.ALL, Scope.LISTED, {"201"}, {"201"}, {"202"}, 404),
        (Scope.LISTED, Scope.LISTED, set(), {"201"}, {"201"}, 200),
        (Scope.LISTED, Scope.LISTED, set(), {"201"}, {"202"}, 404),  # named for seeing only
        (Scope.LISTED, Scope.LISTED, set(), {"202"}, {"201"}, 404),  # never more than he sees
        (Scope.OWN, Scope.ALL, {"201"}, {"201"}, {"201"}, 404),
        (Scope.ALL, Scope.OWN, {"201"}, {"201"}, {"201"}, 404),
    ],
)
def test_whom_a_user_hears_is_asked_where_the_file_is_served(
    ears: Ears,
    scope: Scope,
    listens: Scope,
    team: set[str],
    listed: set[str],
    listens_to: set[str],
    status: int,
) -> None:
    ears.actor = Actor(
        user="head",
        role=Role.MANAGER,
        extensions=frozenset({"209"}),
        scope=scope,
        listens=listens,
        group=frozenset(team),
        listed=frozenset(listed),
        listens_to=frozenset(listens_to),
    )

    for suffix in ("", "/peaks"):
        if status == 200:
            assert ears.hear(suffix).status_code == 200
        else:
            with pytest.raises(NotFound):
                ears.hear(suffix)


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/identity.sqlite",
        "....//....//identity.sqlite",
        "%2fetc%2fpasswd",
        "x%00.wav",
        "..%5c..%5cidentity.sqlite",
    ],
)
def test_an_address_is_an_id_and_never_a_path(ears: Ears, name: str) -> None:
    (ears.settings.data / "identity.sqlite").write_bytes(b"secret hashes")

    answered = b""
    with suppress(CallboardError):
        answered = ears.client.get(f"/recordings/{name}").content

    assert b"secret" not in answered
    assert b"root:" not in answered


def test_a_row_that_names_a_file_outside_our_folders_gives_nothing_out(ears: Ears) -> None:
    outside = ears.settings.data / "identity.sqlite"
    outside.write_bytes(b"secret hashes")
    ears.store._writer.execute("update recording set path = $path", {"path": "../identity.sqlite"})

    with pytest.raises(RecordingMissing):
        ears.hear()


def test_who_took_part_hears_but_keeps_no_copy(ears: Ears) -> None:
    ears.actor = CONCERNED

    assert ears.hear().status_code == 200
    with pytest.raises(CallboardError, match="download"):
        ears.hear("?download=1")


def test_each_listening_and_each_copy_is_written_down_once(ears: Ears) -> None:
    for _ in range(3):
        ears.hear(Range="bytes=100-199")
    ears.actor = CONCERNED
    ears.hear()
    ears.actor = SUPERVISOR
    ears.hear("?download=1")
    ears.hear("/peaks")

    rows = ears.store.query("select actor, action, subject_id from audit", actor=SUPERVISOR).to_pylist()
    recording_id = ears.path.rpartition("/")[2]
    assert [(row["actor"], row["action"]) for row in rows] == [
        ("anna", "recording.listen"),
        ("petr", "recording.listen"),
        ("anna", "recording.download"),
    ]
    assert {row["subject_id"] for row in rows} == {recording_id}


def test_a_refusal_is_no_listening(ears: Ears) -> None:
    ears.actor = STRANGER

    with pytest.raises(CallboardError):
        ears.hear()

    assert ears.store.query("select * from audit", actor=SUPERVISOR).num_rows == 0


def test_a_copy_has_a_plain_name(ears: Ears) -> None:
    disposition = ears.hear("?download=1").headers["content-disposition"]

    assert disposition.startswith('attachment; filename="pbx_')
    assert disposition.endswith('_1.wav"')


def test_a_file_that_is_gone_is_said_to_be_missing(ears: Ears, tmp_path: Path) -> None:
    for file in (tmp_path / "recordings").iterdir():
        file.unlink()

    with pytest.raises(CallboardError, match=r"recordings\.roots"):
        ears.hear()


def test_nothing_outside_the_roots_is_found(tmp_path: Path) -> None:
    root, secret = tmp_path / "root", tmp_path / "secret.wav"
    root.mkdir()
    secret.write_bytes(b"secret")
    (root / "link.wav").symlink_to(secret)
    (root / "inside.wav").write_bytes(b"sound")
    (root / "alias.wav").symlink_to(root / "inside.wav")

    assert locate("../secret.wav", (root,)) is None
    assert locate(str(secret), (root,)) is None
    assert locate("link.wav", (root,)) is None
    assert locate("a\0b", (root,)) is None
    assert locate("", (root,)) is None
    assert locate("alias.wav", (root,)) == root / "inside.wav"
    assert locate(str(root / "inside.wav"), (root,)) == root / "inside.wav"


# ---------------------------------------------------------------- in a storage behind a web server


@pytest.fixture
def storage() -> Iterator[WebStorage]:
    with web_storage() as served:
        yield served


@pytest.fixture
def far(ears: Ears, storage: WebStorage) -> Ears:
    """The same recording, of which only a web server has the sound."""
    (row,) = ears.store.query("select path from recording", actor=SUPERVISOR).to_pylist()
    storage.files["/a.wav"] = (ears.settings.data / "recordings" / row["path"]).read_bytes()
    ears.store._writer.execute("update recording set path = 'remote://storage/a.wav'")
    remote = RecordingSettings(remote=[storage.settings(timeout_seconds=5.0)])
    ears.settings = ears.settings.model_copy(update={"recordings": remote})
    return ears


def test_remote_recording_passes_through_whole_and_in_parts(far: Ears, storage: WebStorage) -> None:
    sound = storage.files["/a.wav"]

    whole, part, behind = far.hear(), far.hear(Range="bytes=100-199"), far.hear(Range="bytes=99999999-")

    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, sound, "audio/wav")
    assert (part.status_code, part.content) == (206, sound[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(sound)}"
    assert behind.status_code == 416


def test_copy_of_a_remote_recording_is_taken_while_it_is_kept(far: Ears, storage: WebStorage) -> None:
    copy = kept_copy(far.settings.data, "remote://storage/a.wav")
    copy.parent.mkdir()
    copy.write_bytes(storage.files["/a.wav"])

    part = far.hear(Range="bytes=100-199")

    assert (part.status_code, part.content) == (206, storage.files["/a.wav"][100:200])
    assert storage.asked == []


@pytest.mark.parametrize("actor", [STRANGER, ANALYST, None])
def test_who_may_not_listen_makes_no_request_to_the_storage(
    far: Ears, storage: WebStorage, actor: Actor | None
) -> None:
    far.actor = actor

    with suppress(CallboardError):
        assert far.hear().status_code == 401

    assert storage.asked == []


@pytest.mark.parametrize("fault", [500, 401, "redirect", "packed"])
def test_storage_that_misbehaves_is_named_and_nothing_of_it_passed_on(
    far: Ears, storage: WebStorage, fault: str | int
) -> None:
    storage.fault = fault

    with pytest.raises(StorageAway) as told:
        far.hear()

    assert trouble_of(told.value).status == 503
    assert "s3cret" not in str(told.value)
    assert all("a.wav" in asked for asked in storage.asked)
    assert far.store.query("select 1 from audit", actor=SUPERVISOR).num_rows == 0


def test_recording_of_a_storage_that_is_set_no_more_is_missing(far: Ears) -> None:
    far.settings = far.settings.model_copy(update={"recordings": RecordingSettings()})

    with pytest.raises(RecordingMissing, match=r"recordings\.remote"):
        far.hear()


def test_file_that_the_storage_lost_is_missing(far: Ears, storage: WebStorage) -> None:
    storage.files.clear()

    with pytest.raises(RecordingMissing, match="has the file no more"):
        far.hear()
