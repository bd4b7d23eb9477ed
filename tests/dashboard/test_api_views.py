"""Saved views: one's own and shared ones, replaced by title, deleted by their owner only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dashboard.desk import Browser, Desk, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


def save(user: Browser, title: str, query: str = "kind=missed", shared: bool = False) -> dict[str, Any]:
    body = {"page": "calls", "title": title, "query": query, "shared": shared}
    view: dict[str, Any] = user.send("POST", "/api/views", body, status=201)
    return view


def titles(user: Browser) -> list[str]:
    return [view["title"] for view in user.get("/api/views?page=calls")["views"]]


def test_a_view_is_ones_own_until_it_is_shared(desk: Desk) -> None:
    supervisor, manager = desk.user("supervisor"), desk.user("manager")

    save(supervisor, "Мои пропущенные")
    save(supervisor, "Общие", shared=True)

    assert titles(supervisor) == ["Мои пропущенные", "Общие"]
    assert titles(manager) == ["Общие"]


def test_saving_under_the_same_name_replaces(desk: Desk) -> None:
    user = desk.user()
    save(user, "Вечер", "hour=18")

    save(user, "Вечер", "hour=19")

    assert [view["query"] for view in user.get("/api/views")["views"]] == ["hour=19"]


def test_only_the_owner_deletes_a_view(desk: Desk) -> None:
    owner, other = desk.user("supervisor"), desk.user("manager")
    view = save(owner, "Общие", shared=True)

    other.send("DELETE", f"/api/views/{view['view_id']}", {}, status=404)
    owner.send("DELETE", f"/api/views/{view['view_id']}", {})

    assert titles(owner) == []


@pytest.mark.parametrize("body", [{}, {"page": "calls", "title": "  "}, {"page": "calls", "title": "x" * 81}])
def test_a_view_without_a_usable_name_is_refused(desk: Desk, body: dict[str, str]) -> None:
    desk.user().send("POST", "/api/views", body, status=400)
