"""Recordings: in ranges, to those who may hear them, and nothing that lies outside our folders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.context import Context
from dashboard.recordings import extra_routes, locate
from data.errors import CallboardError
from data.identity.actor import Actor, Role, Scope
from data.settings import Settings
from data.store.database import Database
from tests.builders import Office, inbound

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
