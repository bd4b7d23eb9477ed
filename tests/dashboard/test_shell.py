"""The frame around pages: menu by rights, router, preferences, error pages, headers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashboard.auth import CSRF_HEADER, SESSION_COOKIE
from dashboard.components.shell import CONTENT, LOCATION, MARKED, TITLE
from dashboard.page import Page, Pages
from tests.dashboard.house import House, build_house, csrf_of, log_in

ROOT = Path(__file__).parents[2]


def test_the_start_address_leads_to_the_first_page_of_the_menu(house: House) -> None:
    assert house.logged_in().get("/").location == "/calls"


def test_a_page_of_its_own_may_take_the_start_address(tmp_path: Path) -> None:
    start = Page(path="/", title="status.accepted", layout=lambda: "Обзор")
    other = Page(path="/calls", title="status.lost", layout=lambda: "Звонки")
    pages = Pages((start, other))

    match = pages.match("/")

    assert match is not None
    assert match.page is start


@pytest.mark.parametrize(
    ("login", "menu"),
    [
        ("manager", ["/calls", "/away", "/broken"]),
        ("analyst", ["/calls", "/away", "/broken", "/analytics/calls"]),
        ("administrator", ["/calls", "/away", "/broken", "/analytics/calls", "/settings/users"]),
    ],
)
def test_the_menu_shows_what_the_role_may_open(house: House, login: str, menu: list[str]) -> None:
    layout = house.logged_in(login).get("/_dash-layout").text

    links = [link["props"]["href"] for link in _find(json.loads(layout), "side-link")]
    assert links == menu


def test_a_page_that_the_role_may_not_open_is_forbidden_by_address_and_by_link(house: House) -> None:
    browser = house.logged_in("manager")

    by_address = browser.get("/settings/users")
    by_link = show(browser, "/settings/users")

    assert by_address.status_code == 403
    assert "Нет доступа" in by_address.text
    assert "Нет доступа" in by_link
    assert "page-head" not in by_link


def test_an_address_that_nobody_knows_is_not_found_by_address_and_by_link(house: House) -> None:
    browser = house.logged_in()

    assert browser.get("/nowhere").status_code == 404
    assert "Страница не найдена" in show(browser, "/nowhere")


def test_a_page_gets_its_query_and_the_parts_of_its_path(house: House) -> None:
    browser = house.logged_in()

    assert "вечер" in show(browser, "/calls", "?word=%D0%B2%D0%B5%D1%87%D0%B5%D1%80&word2=")
    assert "pbx-1732.7" in show(browser, "/calls/pbx-1732.7")


def test_a_page_below_another_marks_that_one_in_the_menu(house: House) -> None:
    answer = _update(house.logged_in(), "/calls/pbx-1732.7")

    assert answer["response"][MARKED]["data"] == "/calls"
    assert answer["response"][TITLE]["data"] == "Потерян"


def test_a_page_without_its_store_offers_to_retry_and_names_the_request(house: House) -> None:
    content = show(house.logged_in(), "/away")

    assert "Хранилище не отвечает" in content
    assert "Повторить" in content
    assert re.search(r'"children": ?"[0-9a-f]{16}"', content)


def test_a_broken_page_tells_no_secrets(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    content = show(house.logged_in(), "/broken")

    assert "Что-то сломалось" in content
    assert "ZeroDivisionError" not in content
    assert "ZeroDivisionError" in capsys.readouterr().out


def test_an_error_page_speaks_the_language_and_wears_the_theme_of_the_user(house: House) -> None:
    browser = house.logged_in()
    prefer(browser, "language", "en")
    prefer(browser, "theme", "dark")

    answer = browser.get("/nowhere")

    assert '<html lang="en" data-theme="dark"' in answer.text
    assert "Page not found" in answer.text
    assert answer.headers["X-Request-ID"] in answer.text


def test_the_site_speaks_its_own_language_to_strangers(tmp_path: Path) -> None:
    house = build_house(tmp_path, site={"language": "en", "name": "Acme"})

    answer = house.visitor().get("/login")

    assert '<html lang="en"' in answer.text
    assert "Log in · Acme" in answer.text


def test_a_language_that_we_do_not_speak_changes_nothing(house: House) -> None:
    browser = house.logged_in()
    prefer(browser, "language", "xx")

    assert '<html lang="ru"' in browser.get("/calls").text


def test_the_page_frame_carries_words_scripts_and_no_foreign_address(house: House) -> None:
    answer = house.logged_in().get("/calls")

    foreign = [
        url for url in re.findall(r'(?:src|href)="([^"]+)"', answer.text) if not url.startswith("/") or "//" in url
    ]
    words = re.search(r'<script type="application/json" id="callboard-words">(.*?)</script>', answer.text)
    assert foreign == []
    assert words is not None
    assert json.loads(words[1])["shell.js.close"] == "Закрыть"
    assert "<title>Принят · Callboard</title>" in answer.text


def test_scripts_run_only_with_the_nonce_of_the_page(house: House) -> None:
    browser = house.logged_in()

    first, second = browser.get("/calls"), browser.get("/calls")

    policy = first.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)([^>]*)>", first.text)
    assert nonce is not None
    assert "unsafe-eval" not in policy
    assert inline
    assert all(f'nonce="{nonce[1]}"' in tag for tag in inline)
    assert nonce[1] not in second.text


def test_a_callback_that_fails_says_so_in_a_toast_and_keeps_what_is_shown(house: House) -> None:
    site = house.server.extensions["callboard"].site

    with house.server.test_request_context("/"):
        kept = _call_in_callback(site.fail_callback, RuntimeError("secret detail"))

    assert kept["returned"] == "no update"
    assert kept["toast"]["kind"] == "bad"
    assert "Что-то сломалось" in kept["toast"]["text"]
    assert "secret detail" not in kept["toast"]["text"]


def test_every_answer_carries_the_id_of_its_request(house: House) -> None:
    browser = house.logged_in()

    ids = [browser.get(path).headers["X-Request-ID"] for path in ("/calls", "/api/me", "/nowhere", "/login")]

    assert len(set(ids)) == 4
    assert all(re.fullmatch("[0-9a-f]{16}", request_id) for request_id in ids)


def test_pages_and_data_are_never_kept_by_a_browser(house: House) -> None:
    browser = house.logged_in()

    kept = [browser.get(path).headers["Cache-Control"] for path in ("/calls", "/api/me", "/_dash-layout")]

    assert kept == ["no-store"] * 3


def test_the_link_ribbon_knows_which_pbx_nobody_listens_to(house: House) -> None:
    browser = house.logged_in()
    house.store.gaps = [{"pbx": "office", "since": _moment()}]

    told: Any = browser.get("/api/link").json

    assert set(told.pop("disk")) == {"level", "free_percent"}
    assert told == {
        "gaps": [{"pbx": "office", "since": "2026-11-22T11:58:00+00:00"}],
        "store": "ok",
    }
    house.store.away = True
    away: Any = browser.get("/api/link").json
    assert (away["gaps"], away["store"]) == ([], "away")


def test_a_user_is_told_what_he_may_do(house: House) -> None:
    told = house.logged_in("analyst").get("/api/me").json

    assert told is not None
    assert told["role"] == "analyst"
    assert told["permissions"] == ["export", "notebooks", "reports", "see_calls"]


@pytest.mark.parametrize("body", [None, [], {"value": 3}, {"other": "x"}, "text"])
def test_a_preference_that_is_no_text_is_refused(house: House, body: object) -> None:
    browser = house.logged_in()

    answer = browser.put("/api/me/preferences/theme", json=body, headers={CSRF_HEADER: csrf_of(browser)})

    assert answer.status_code == 400


def test_an_unknown_api_address_is_a_json_404(house: House) -> None:
    answer = house.logged_in().get("/api/nothing")

    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["error"] == "not_found"


@pytest.mark.parametrize(
    ("name", "status", "error"),
    [
        ("away", 503, "store_away"),
        ("slow", 503, "too_long"),
        ("denied", 403, "forbidden"),
        ("missing", 404, "not_found"),
        ("conflict", 409, "conflict"),
        ("broken", 500, "internal"),
    ],
)
def test_programs_and_people_are_told_the_same_trouble_each_in_their_way(
    house: House, name: str, status: int, error: str
) -> None:
    browser = house.logged_in()

    to_program = browser.get(f"/api/faults/{name}")
    to_person = browser.get(f"/faults/{name}")

    assert to_program.status_code == to_person.status_code == status
    assert to_program.json is not None
    assert to_program.json["error"] == error
    assert to_program.json["request_id"] == to_program.headers["X-Request-ID"]
    assert to_person.mimetype == "text/html"
    assert to_person.headers["X-Request-ID"] in to_person.text
    assert ("Повторить" in to_person.text) == (status >= 500)
    assert "secret detail" not in to_program.text + to_person.text


def test_two_pages_with_one_path_are_refused_at_the_start() -> None:
    page = Page(path="/calls", title="status.lost", layout=lambda: "")

    with pytest.raises(ValueError, match="/calls"):
        Pages((page, page))


def test_a_second_application_in_the_process_has_all_callbacks_too(tmp_path: Path) -> None:
    first = build_house(tmp_path / "first").server.extensions["callboard"]
    second = build_house(tmp_path / "second").server.extensions["callboard"]

    assert set(first.callback_map) == set(second.callback_map)
    assert len(first._callback_list) == len(second._callback_list)


def test_no_two_components_of_any_page_share_an_id() -> None:
    """Ids are constants of modules; Dash itself can miss a duplicate across pages."""
    seen: dict[str, str] = {}
    twice = []
    for file in sorted((ROOT / "dashboard").rglob("*.py")):
        for name, value in re.findall(
            r'^([A-Z][A-Z0-9_]*)(?:: \w+)? = "([a-z]+-[a-z0-9-]+)"$', file.read_text("utf-8"), re.M
        ):
            place = f"{file.relative_to(ROOT)}: {name}"
            if value in seen:
                twice.append(f"{value}: {seen[value]} and {place}")
            seen[value] = place

    assert twice == []


def test_a_user_whose_session_was_revoked_is_a_stranger_at_once(house: House) -> None:
    browser = house.logged_in()
    house.identity.sessions.close_all("supervisor")

    assert browser.get("/calls").status_code == 303
    assert browser.get_cookie(SESSION_COOKIE) is not None
    assert log_in(browser, "supervisor").status_code == 303


def show(browser: FlaskClient, path: str, search: str = "") -> str:
    """What the router puts into the frame, as JSON."""
    return json.dumps(_update(browser, path, search)["response"][CONTENT], ensure_ascii=False)


def prefer(browser: FlaskClient, name: str, value: str) -> None:
    headers = {CSRF_HEADER: csrf_of(browser)}
    assert browser.put(f"/api/me/preferences/{name}", json={"value": value}, headers=headers).status_code == 200


def _update(browser: FlaskClient, path: str, search: str = "") -> Any:
    outputs = [(CONTENT, "children"), (TITLE, "data"), (MARKED, "data")]
    inputs = [(LOCATION, "pathname", path), (LOCATION, "search", search)]
    body = {
        "output": ".." + "...".join(f"{name}.{prop}" for name, prop in outputs) + "..",
        "outputs": [{"id": name, "property": prop} for name, prop in outputs],
        "inputs": [{"id": name, "property": prop, "value": value} for name, prop, value in inputs],
        "changedPropIds": [f"{LOCATION}.pathname"],
    }
    answer = browser.post("/_dash-update-component", json=body, headers={CSRF_HEADER: csrf_of(browser)})
    assert answer.status_code == 200
    return answer.json


def _find(node: Any, class_name: str) -> list[Any]:
    """All components of a layout with that class."""
    if isinstance(node, list):
        return [found for child in node for found in _find(child, class_name)]
    if not isinstance(node, dict):
        return []
    props = node.get("props", {})
    own = [node] if props.get("className") == class_name else []
    return own + _find(props.get("children"), class_name)


def _call_in_callback(handler: Any, error: Exception) -> dict[str, Any]:
    """Run Dash's error handler the way Dash does."""
    from dash import no_update
    from dash._callback_context import context_value
    from dash._utils import AttributeDict

    from dashboard.components.shell import TOAST

    context = AttributeDict(updated_props={}, ignore_register_page=False)
    token = context_value.set(context)
    try:
        returned = handler(error)
    finally:
        context_value.reset(token)
    return {
        "returned": "no update" if returned is no_update else returned,
        "toast": context.updated_props[TOAST]["data"],
    }


def _moment() -> Any:
    from datetime import UTC, datetime

    return datetime(2026, 11, 22, 11, 58, tzinfo=UTC)
