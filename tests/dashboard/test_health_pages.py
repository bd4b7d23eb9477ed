"""The status page and the settings, as an administrator uses them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from dashboard.text import LANGUAGES, speaking, t
from data.disk import Reading
from data.health import FINE, STATES, Mark
from data.identity.actor import system
from data.runtime import CHANGEABLE
from tests.dashboard.desk import Desk, open_desk
from tests.dashboard.house import csrf_of


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(tmp_path_factory.mktemp("health")) as desk:
        yield desk


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_and_every_setting_has_its_words(language: str) -> None:
    keys = [f"health.{check}.{state}" for check, states in STATES.items() for state in states]
    keys += [f"{key}.do" for key in keys if key.rpartition(".")[2] not in FINE]
    keys += [f"health.check.{check}" for check in STATES] + [f"health.mark.{mark}" for mark in Mark]
    keys += [f"settings.{name}{part}" for name in CHANGEABLE for part in ("", ".hint")]
    values = dict.fromkeys(("seconds", "bytes", "free_bytes", "free_share", "stopped", "count", "made_at", "why"), "1")

    with speaking(language):
        missing = [key for key in keys if t(key, **values, host="x") == key]

    assert missing == []


def test_the_status_is_told_in_words_with_the_remedy(desk: Desk) -> None:
    text = _shown(desk, "/settings/status")

    assert "Хранилище звонков" in text
    assert "Копий ещё нет." in text
    assert "Первая появится ночью" in text
    assert "Не настроена: письма не отправляются." in text


def test_a_setting_holds_at_once_and_is_taken_back(desk: Desk) -> None:
    saved = _send(desk, "save", {"backup.keep": "5", "disk.warn_free_percent": "12,5", "backup.at": "03:20"})

    text = _shown(desk, "/settings/general", "?said=saved")
    assert (saved.status_code, saved.location) == (303, "/settings/general?said=saved")
    assert "Сохранено. Уже действует." in text
    assert desk.server.extensions["callboard_runtime"].now().backup.keep == 5
    assert desk.server.extensions["callboard_runtime"].now().disk.warn_free_percent == 12.5
    stored = desk.office.store.query("select name from setting order by name", actor=system("test"))
    assert stored["name"].to_pylist() == ["backup.keep", "disk.warn_free_percent"]

    _send(desk, "reset", {"name": "backup.keep"})

    assert desk.server.extensions["callboard_runtime"].now().backup.keep == 14


@pytest.mark.parametrize(
    ("values", "says"),
    [({"backup.keep": "many"}, "backup.keep"), ({"backup.at": "<script>"}, "&lt;script&gt;")],
)
def test_what_will_not_do_is_refused_in_words(desk: Desk, values: dict[str, str], says: str) -> None:
    refused = _send(desk, "save", values)

    assert refused.status_code == 422
    assert "Такое значение не подходит" in refused.text
    assert says in refused.text
    assert "<script>" not in refused.text.partition("plain-id")[2]


def test_no_secret_is_on_the_page(desk: Desk) -> None:
    text = _shown(desk, "/settings/general")

    assert "store.token" in text
    assert "site.timezone" in text
    assert "по умолчанию" in text


def test_a_disk_that_is_nearly_full_is_told_to_everybody_and_refuses_files_that_can_wait(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = desk.server.extensions["callboard_guard"]
    monkeypatch.setattr(guard, "_read", lambda folder: Reading(total_bytes=1000, free_bytes=10))
    monkeypatch.setattr(guard, "_room", None)
    manager, boss = desk.user("manager"), desk.user("supervisor")

    assert manager.get("/api/link")["disk"] == {"level": "scarce", "free_percent": 1.0}
    refused = boss.get("/api/calls/export.parquet", 507)
    assert refused["error"] == "disk_full"
    assert boss.client.get("/api/calls/export.csv").status_code == 200
    monkeypatch.setattr(guard, "_read", lambda folder: Reading(total_bytes=1000, free_bytes=80))
    monkeypatch.setattr(guard, "_room", None)
    assert manager.get("/api/link")["disk"]["level"] == "good", "what only an administrator can mend"
    assert desk.user("administrator").get("/api/link")["disk"]["level"] == "low"
    monkeypatch.setattr(guard, "_room", None)


def test_a_line_of_the_log_bears_the_id_of_its_request(desk: Desk) -> None:
    client = desk.user("administrator").client
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        answer = client.post(
            "/logout", data={"csrf_token": csrf_of(client)}, headers={"X-Request-ID": "0123456789abcdef"}
        )
    del desk.browsers["administrator"]

    assert answer.status_code == 303
    assert [line["request_id"] for line in logs if line["event"] == "logout"] == ["0123456789abcdef"]


def _send(desk: Desk, act: str, values: dict[str, str]):  # type: ignore[no-untyped-def]
    client = desk.user("administrator").client
    return client.post(f"/settings/do/{act}", data={**values, "csrf_token": csrf_of(client)})


def _shown(desk: Desk, path: str, search: str = "") -> str:
    """The page as its callback sends it."""
    return desk.user("administrator").page(path, search)
