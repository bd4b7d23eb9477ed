"""The page about retention, holds and erasures, as an administrator uses it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from data.identity.actor import system
from ingest.erasing import erase_asked
from tests.builders import inbound
from tests.dashboard.desk import NOW, Browser, Desk, open_desk
from tests.dashboard.house import csrf_of

NUMBER = "+79161112233"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(tmp_path_factory.mktemp("privacy")) as desk:
        folder = desk.settings.data / "recordings"
        desk.office.add(inbound("2026-11-01 10:00", NUMBER, talked="201", recorded=True), sound_in=folder)
        yield desk


def test_a_retention_is_shown_before_it_is_switched_on(desk: Desk) -> None:
    text = _shown(desk, "?class=recording&days=10")
    assert "Сразу удалится: 1 запись" in text
    assert "Пока есть место" in text
    assert "Звонки: наименьший срок – 30 дней" in _shown(desk, "?class=call&days=3")

    sent = _send(desk.user("administrator"), "retention", kind="recording", days="10")

    assert sent.location == "/settings/privacy?said=kept"
    assert "10 дней" in _shown(desk, "?said=kept")
    _send(desk.user("administrator"), "retention", kind="recording", days="")
    assert "10 дней" not in _shown(desk, "")


@pytest.mark.parametrize(
    ("act", "values"),
    [
        ("retention", {"kind": "call", "days": "3"}),
        ("retention", {"kind": "call", "days": "many"}),
        ("retention", {"kind": "everything", "days": "365"}),
        ("hold", {"kind": "number", "subject": "", "reason": "court"}),
        ("hold", {"kind": "call", "subject": "pbx-1.1", "reason": ""}),
        ("erase", {"person": "201", "reason": "letter"}),
        ("erase", {"person": NUMBER, "reason": ""}),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_happens(desk: Desk, act: str, values: dict[str, str]) -> None:
    refused = _send(desk.user("administrator"), act, **values)

    assert refused.status_code == 422
    assert "Проверьте введённое" in refused.text
    for table in ("retention_rule", "legal_hold", "erasure"):
        assert desk.office.store.query(f"from {table}", actor=system("test")).num_rows == 0


@pytest.mark.parametrize("search", ["?class=call&days=1", "?class=moon&days=9", "?class=call&days=x", "?person=201"])
def test_an_address_with_nonsense_shows_the_page(desk: Desk, search: str) -> None:
    assert "Сроки хранения" in _shown(desk, search)


def test_a_hold_forbids_an_erasure_until_it_is_lifted_and_then_the_certificate_comes(desk: Desk) -> None:
    boss = desk.user("administrator")
    _send(boss, "hold", kind="number", subject="8 916 111-22-33", reason="суд")
    assert "+7 916 111-22-33" in _shown(desk, "?said=held")
    held = "действует запрет удаления – номер +7 916 111-22-33, основание: суд."
    assert held in _shown(desk, "?person=%2B79161112233")
    refused = _send(boss, "erase", person=NUMBER, reason="письмо")
    assert refused.status_code == 409
    assert held in refused.text

    (hold,) = desk.office.store.query("select hold_id::varchar as id from legal_hold", actor=system("test")).to_pylist()
    _send(boss, "hold/lift", hold=hold["id"])
    assert _send(boss, "hold/lift", hold=hold["id"]).status_code == 409
    text = _shown(desk, "?person=%2B79161112233")
    assert "1 звонок" in text
    assert "1 запись" in text
    assert _send(boss, "erase", person=NUMBER, reason="письмо 12").location == "/settings/privacy?said=asked"
    assert "Ждёт выполнения" in _shown(desk, "")

    erase_asked(desk.settings, desk.office.store, now=NOW)

    (done,) = desk.office.store.query("select erasure_id::varchar as id from erasure", actor=system("test")).to_pylist()
    text = boss.page(f"/settings/privacy/{done['id']}")
    assert "письмо 12" in text
    assert "звонки: 1" in text
    assert "9161112233" not in text


def _send(browser: Browser, act: str, **values: str) -> Any:
    return browser.client.post(f"/privacy/do/{act}", data=values | {"csrf_token": csrf_of(browser.client)})


def _shown(desk: Desk, search: str) -> str:
    return desk.user("administrator").page("/settings/privacy", search)
