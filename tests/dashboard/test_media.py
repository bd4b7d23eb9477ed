"""Files of chats: to those who may chat, shown only where nothing can run, by names that trip nobody up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.context import Context
from dashboard.media import extra_routes
from data.errors import NotAllowed, NotFound
from data.identity.actor import Actor, Role
from data.media import MediaFolder, sniffed
from data.settings import Settings
from data.store.database import Database
from tests.chats import chat_database

MANAGER = Actor(user="anna", role=Role.MANAGER)
ANALYST = Actor(user="maria", role=Role.ANALYST)
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
PAGE = b"<html><script>alert(1)</script></html>"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


class Eyes:
    """Asks as whoever `actor` is."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.actor: Actor | None = MANAGER
        self.settings, self.database = settings, database
        self.client = TestClient(Starlette(routes=extra_routes(lambda request: self._context())))

    def put(self, content: bytes, name: str | None = None, media_type: str | None = None) -> str:
        """A message with that file; its id."""
        stored = MediaFolder(self.settings).put(content)
        chat_id, message_id = str(uuid4()), str(uuid4())
        write = self.database._writer.execute
        write(
            "insert into chat (chat_id, messenger, messenger_account, user_key, created_at) "
            "values ($id, 'telegram', 'bot', $id, $at)",
            {"id": chat_id, "at": NOON},
        )
        write(
            "insert into message "
            "(message_id, chat_id, kind, ours, sent_at, media, media_state, media_name, media_type) "
            "values ($id, $chat, 'document', false, $at, $media, 'present', $name, $type)",
            {
                "id": message_id,
                "chat": chat_id,
                "at": NOON,
                "media": stored.media,
                "name": name,
                "type": media_type or stored.media_type,
            },
        )
        return message_id

    def see(self, message_id: str, suffix: str = "", **headers: str) -> Any:
        return self.client.get(f"/media/{message_id}{suffix}", headers=headers)

    def _context(self) -> Context | None:
        if self.actor is None:
            return None
        return Context(settings=self.settings, store=self.database, actor=self.actor)


@pytest.fixture(scope="module")
def eyes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Eyes]:
    folder = tmp_path_factory.mktemp("media")
    with chat_database(folder) as database:
        yield Eyes(Settings(data=folder / "var"), database)


@pytest.fixture(autouse=True)
def manager(eyes: Eyes) -> None:
    eyes.actor = MANAGER


def test_a_picture_is_shown_and_cannot_be_anything_else(eyes: Eyes) -> None:
    answer = eyes.see(eyes.put(PNG, "дом.png"))

    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/png", PNG)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["content-disposition"].startswith("inline; ")


@pytest.mark.parametrize("content", [PAGE, DRAWING, b"%PDF-1.7 x", b"PK\x03\x04x", b"MZ\x90\x00"])
def test_what_may_run_is_a_download_of_bytes(eyes: Eyes, content: bytes) -> None:
    answer = eyes.see(eyes.put(content, "x.html"))

    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment; ")


def test_a_type_that_nobody_looked_for_is_not_believed(eyes: Eyes) -> None:
    answer = eyes.see(eyes.put(PAGE, "x.html", media_type="text/html"))

    assert answer.headers["content-type"] == "application/octet-stream"


def test_a_part_is_sent_as_a_part_and_a_copy_as_a_copy(eyes: Eyes) -> None:
    message_id = eyes.put(PNG)
    part, copy = eyes.see(message_id, Range="bytes=10-19"), eyes.see(message_id, "?download=1")

    assert (part.status_code, part.content) == (206, PNG[10:20])
    assert copy.headers["content-disposition"].startswith("attachment; ")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", 'a"; filename="b.exe', "x\r\nSet-Cookie: a=b", "счёт\u202efdp.exe", "." * 300]
)
def test_a_hostile_name_trips_nobody_up(eyes: Eyes, name: str) -> None:
    answer = eyes.see(eyes.put(PAGE, name))

    told = answer.headers["content-disposition"]
    assert "set-cookie" not in answer.headers
    assert told.count('"') == 2
    assert not any(sign in told for sign in ("/", "\\", "\r", "\n", "\u202e", "%2F", "%E2%80%AE"))


def test_strangers_analysts_and_wrong_ids_get_nothing(eyes: Eyes) -> None:
    message_id = eyes.put(PNG)
    assert eyes.see("..%2f..%2fidentity.sqlite").status_code == 404
    for wrong in (str(uuid4()), "x"):
        with pytest.raises(NotFound):
            eyes.see(wrong)
    eyes.actor = ANALYST
    with pytest.raises(NotAllowed):
        eyes.see(message_id)
    eyes.actor = None
    assert eyes.see(message_id).status_code == 401


def test_a_file_that_is_gone_is_said_so(eyes: Eyes, tmp_path: Path) -> None:
    message_id = eyes.put(PNG + b"gone")
    [row] = eyes.database.query(
        "select media from message where message_id = $id::uuid", {"id": message_id}, actor=MANAGER
    ).to_pylist()
    MediaFolder(eyes.settings).path(row["media"]).unlink()

    with pytest.raises(NotFound, match="backup"):
        eyes.see(message_id)


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"\x00\x00\x00\x18ftypisom", "video/mp4"),
        (b"\x00\x00\x00\x18ftypM4A ", "audio/mp4"),
        (b"\x00\x00\x00\x18ftyp3gp5", "video/3gpp"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"\xff\xfb\x90\x64", "audio/mpeg"),
        ("привет".encode()[:-1], "text/plain"),
        (b"\x00\x01\x02", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_what_a_file_is_says_its_beginning(head: bytes, media_type: str) -> None:
    assert sniffed(head) == media_type
