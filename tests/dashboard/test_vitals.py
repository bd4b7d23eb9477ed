"""The numbers for Prometheus: what they say, and who may read them."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dashboard.asgi import build
from dashboard.auth import Identity
from dashboard.vitals import exposition
from data.identity.actor import Role
from data.settings import Settings
from data.store.database import Database
from tests.builders import Office, inbound
from tests.dashboard.fakes import FakeStore

HERE = ("127.0.0.1", 50_000)


def test_the_office_stands_in_numbers(tmp_path: Path) -> None:
    (tmp_path / "journal" / "pbx").mkdir(parents=True)
    (tmp_path / "journal" / "pbx" / "raw").write_bytes(b"x" * 123)
    with Database(tmp_path) as store:
        Office(store).add(inbound("2026-11-20 10:00", talked="201"))
        client = TestClient(build(Settings(data=tmp_path), store), client=HERE)
        client.get("/healthz")

        lines = client.get("/metrics").text.splitlines()

    assert "callboard_store_up 1" in lines
    assert "callboard_calls 1" in lines
    assert "callboard_gaps_open 0" in lines
    assert 'callboard_journal_bytes{pbx="pbx"} 123' in lines
    assert 'callboard_requests_total{status="2xx"} 1' in lines
    assert any(line.startswith("callboard_disk_free_bytes ") for line in lines)


def test_a_store_that_is_away_is_a_number_and_no_error(tmp_path: Path) -> None:
    store = FakeStore()
    store.away = True
    client = TestClient(build(Settings(data=tmp_path), store), client=HERE)

    answer = client.get("/metrics")

    assert answer.status_code == 200
    assert "callboard_store_up 0" in answer.text.splitlines()


@pytest.mark.parametrize(
    ("peer", "forwarded", "role", "status"),
    [
        ("127.0.0.1", None, None, 200),
        ("127.0.0.1", "203.0.113.7", None, 401),
        ("203.0.113.7", None, None, 401),
        ("203.0.113.7", None, Role.SUPERVISOR, 401),
        ("203.0.113.7", None, Role.ADMINISTRATOR, 200),
    ],
)
def test_the_numbers_are_for_this_machine_and_for_administrators(
    tmp_path: Path, peer: str, forwarded: str | None, role: Role | None, status: int
) -> None:
    settings = Settings(data=tmp_path)
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    if role is not None:
        identity = Identity.open(settings)
        identity.users.add("anna", role=role, name="Анна", password="a long password")
        headers["Authorization"] = f"Bearer {identity.tokens.issue('anna', 'prometheus')}"
    store = FakeStore()
    store.away = True
    client = TestClient(build(settings, store), client=(peer, 50_000))

    assert client.get("/metrics", headers=headers).status_code == status


def test_a_label_cannot_break_out_of_its_quotes() -> None:
    text = exposition([("a", "gauge", "Help.", 1.5, {"pbx": 'x"} 1\nb'})])

    assert text == '# HELP a Help.\n# TYPE a gauge\na{pbx="x\\"} 1\\nb"} 1.5\n'
