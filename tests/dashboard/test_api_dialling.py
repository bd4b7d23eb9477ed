"""/api/dial: a call is asked for by number or by call, and its state belongs to who asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import inbound
from tests.dashboard.desk import Desk, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        desk.office.add(inbound("2026-11-20 09:00", "+79035556677", talked="201", call_id="pbx-1.1"))
        yield desk


def test_an_office_without_originate_says_so_on_the_button_and_to_who_asks_anyway(desk: Desk) -> None:
    user = desk.user("manager")

    assert user.get("/api/calls/pbx-1.1")["call_back"]["reason"] == "Обратный звонок через АТС ещё не настроен"
    refused = user.send("POST", "/api/dial", {"number": "+79035556677"}, status=400)
    assert "originate.enabled" in refused["message"]


def test_who_has_no_right_to_call_is_refused_and_unknown_orders_are_not_found(desk: Desk) -> None:
    desk.user("analyst").send("POST", "/api/dial", {"number": "+79035556677"}, status=403)
    desk.user("manager").get("/api/dial/not-an-id", status=404)
