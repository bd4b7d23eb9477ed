"""Logging in and out, the gate before every address, CSRF, and the throttle as a visitor meets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboard.auth import CSRF_COOKIE, CSRF_HEADER, SESSION_COOKIE, safe_next
from data.identity.actor import Role
from tests.dashboard.house import PASSWORD, House, build_house, csrf_of, log_in


def test_a_page_leads_a_stranger_to_the_login_and_remembers_where_he_wanted_to_go(house: House) -> None:
    answer = house.visitor().get("/calls?word=a%26b")

    assert answer.status_code == 303
    assert answer.location == "/login?next=/calls%3Fword%3Da%2526b"


def test_the_login_leads_back_to_the_wanted_page_with_its_filters(house: House) -> None:
    browser = house.visitor()
    asked = browser.get("/calls?word=a%26b")
    browser.get(asked.location)

    answer = log_in(browser, "manager", next_path="/calls?word=a%26b")

    assert answer.status_code == 303
    assert answer.location == "/calls?word=a%26b"
    assert browser.get(answer.location).status_code == 200


@pytest.mark.parametrize(
    "address", ["/api/me", "/_dash-layout", "/_dash-dependencies", "/recordings/x", "/api/nothing"]
)
def test_programs_get_401_as_json_instead_of_a_login_page(house: House, address: str) -> None:
    answer = house.visitor().get(address)

    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["error"] == "login"
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]


def test_a_callback_of_a_stranger_is_refused(house: House) -> None:
    answer = house.visitor().post("/_dash-update-component", json={})

    assert answer.status_code == 401


@pytest.mark.parametrize(("login", "password"), [("supervisor", "wrong one"), ("nobody", PASSWORD), ("", "")])
def test_a_failed_login_says_the_same_whichever_part_was_wrong(house: House, login: str, password: str) -> None:
    answer = log_in(house.visitor(), login, password)

    assert answer.status_code == 401
    assert "Неверное имя пользователя или пароль" in answer.text


def test_the_login_name_may_be_typed_in_capitals_and_with_blanks(house: House) -> None:
    assert log_in(house.visitor(), " Supervisor ").status_code == 303


def test_what_was_typed_is_shown_again_escaped(house: House) -> None:
    answer = log_in(house.visitor(), '"><script>alert(1)</script>', "x")

    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answer.text


def test_failed_logins_must_wait_and_are_told_how_long(house: House) -> None:
    browser = house.visitor()
    codes = [log_in(browser, "supervisor", "wrong").status_code for _ in range(4)]

    answer = log_in(browser, "supervisor")

    assert codes == [401, 401, 401, 429]
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert "Слишком много попыток" in answer.text


def test_the_secret_of_a_session_is_new_at_every_login(house: House) -> None:
    browser = house.visitor()
    browser.set_cookie(SESSION_COOKIE, "planted-by-an-attacker")

    log_in(browser, "supervisor")
    first = browser.get_cookie(SESSION_COOKIE)
    log_in(browser, "supervisor")
    second = browser.get_cookie(SESSION_COOKIE)

    assert first is not None
    assert second is not None
    assert len({first.value, second.value, "planted-by-an-attacker"}) == 3
    assert house.identity.sessions.find(first.value) is None
    assert len(house.ended) == 1


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(house: House) -> None:
    browser = house.visitor()
    answer = log_in(browser, "supervisor")

    cookies = {line.partition("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}
    assert "HttpOnly" in cookies[SESSION_COOKIE]
    assert "SameSite=Lax" in cookies[SESSION_COOKIE]
    assert "Secure" not in cookies[SESSION_COOKIE]  # plain http on this machine
    assert "HttpOnly" not in cookies[CSRF_COOKIE]  # Dash's script reads it


def test_over_https_cookies_are_secure(house: House) -> None:
    browser = house.visitor()
    browser.get("/login", base_url="https://calls.example")
    token = browser.get_cookie(CSRF_COOKIE, domain="calls.example")
    assert token is not None

    form = {"login": "supervisor", "password": PASSWORD, "csrf_token": token.value}
    answer = browser.post("/login", data=form, base_url="https://calls.example")

    assert answer.status_code == 303
    assert all("Secure" in line for line in answer.headers.getlist("Set-Cookie"))


def test_logging_out_ends_the_session_everywhere(house: House) -> None:
    browser = house.logged_in()
    secret = browser.get_cookie(SESSION_COOKIE)
    assert secret is not None

    answer = browser.post("/logout", data={"csrf_token": csrf_of(browser)})

    assert answer.location == "/login"
    assert house.identity.sessions.find(secret.value) is None
    assert len(house.ended) == 1
    browser.set_cookie(SESSION_COOKIE, secret.value)
    assert browser.get("/api/me").status_code == 401


def test_a_link_cannot_log_anybody_out(house: House) -> None:
    browser = house.logged_in()

    answer = browser.get("/logout")

    assert answer.status_code == 404
    assert browser.get("/api/me").status_code == 200


def test_a_logged_in_user_passes_by_the_login_page(house: House) -> None:
    answer = house.logged_in().get("/login?next=/calls")

    assert answer.location == "/calls"


@pytest.mark.parametrize(
    ("target", "goal"),
    [
        ("/calls?day=2026-11-22", "/calls?day=2026-11-22"),
        ("/", "/"),
        (None, "/"),
        ("", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/%5cevil.example", "/%5cevil.example"),
        ("\t//evil.example", "/"),
        ("/calls\r\nSet-Cookie: a=b", "/"),
        ("javascript:alert(1)", "/"),
        ("/login?next=/login", "/"),
        ("/logout", "/"),
    ],
)
def test_after_the_login_nobody_is_sent_to_another_site(target: str | None, goal: str) -> None:
    assert safe_next(target) == goal


def test_a_write_without_the_token_is_refused(house: House) -> None:
    browser = house.logged_in()

    without = browser.put("/api/me/preferences/theme", json={"value": "dark"})
    wrong = browser.put("/api/me/preferences/theme", json={"value": "dark"}, headers={CSRF_HEADER: "guess"})
    right = browser.put("/api/me/preferences/theme", json={"value": "dark"}, headers={CSRF_HEADER: csrf_of(browser)})

    assert (without.status_code, wrong.status_code, right.status_code) == (403, 403, 200)
    assert without.json is not None
    assert without.json["error"] == "csrf"


def test_the_token_of_one_session_is_worth_nothing_in_another(house: House) -> None:
    mine, others = house.logged_in(), house.logged_in("manager")

    answer = mine.put("/api/me/preferences/theme", json={"value": "dark"}, headers={CSRF_HEADER: csrf_of(others)})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_write_from_another_site_is_refused_even_with_the_token(house: House, headers: dict[str, str]) -> None:
    browser = house.logged_in()

    answer = browser.put(
        "/api/me/preferences/theme", json={"value": "dark"}, headers=headers | {CSRF_HEADER: csrf_of(browser)}
    )

    assert answer.status_code == 403


def test_a_login_that_another_site_submits_is_refused(house: House) -> None:
    browser = house.visitor()
    browser.get("/login")
    form = {"login": "supervisor", "password": PASSWORD, "csrf_token": csrf_of(browser)}

    answer = browser.post("/login", data=form, headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403
    assert browser.get_cookie(SESSION_COOKIE) is None


def test_behind_a_proxy_the_public_address_is_ours_too(tmp_path: Path) -> None:
    house = build_house(tmp_path, web={"public_url": "https://calls.example"})
    browser = house.logged_in()
    token = {CSRF_HEADER: csrf_of(browser), "Origin": "https://calls.example"}

    answer = browser.put("/api/me/preferences/theme", json={"value": "dark"}, headers=token)

    assert answer.status_code == 200


def test_a_login_page_that_lay_open_too_long_asks_again_and_keeps_the_name(house: House) -> None:
    browser = house.visitor()

    answer = browser.post("/login", data={"login": "supervisor", "password": PASSWORD, "csrf_token": "old"})

    assert answer.status_code == 403
    assert "Страница входа устарела" in answer.text
    assert 'value="supervisor"' in answer.text


def test_a_token_opens_the_api_but_no_page(house: House) -> None:
    secret = house.identity.tokens.issue("analyst", "выгрузка")
    headers = {"Authorization": f"Bearer {secret}"}
    script = house.visitor()

    api = script.get("/api/me", headers=headers)
    page = script.get("/calls", headers=headers)
    write = script.put("/api/me/preferences/theme", json={"value": "dark"}, headers=headers)

    assert api.json is not None
    assert api.json["user"] == "analyst"
    assert page.status_code == 401
    assert write.status_code == 200  # no cookie, so no other site can abuse it


def test_a_one_time_password_opens_nothing_but_the_change_of_it(house: House) -> None:
    password = house.identity.users.add("anna", role=Role.MANAGER, name="Анна")
    browser = house.visitor()
    log_in(browser, "anna", password)

    assert browser.get("/calls").location == "/password?next=/calls"
    assert browser.get("/api/me").status_code == 401
    assert "Одноразовый пароль" in browser.get("/password").text

    answer = _change(browser, password, "my own password")

    assert answer == 303
    assert browser.get("/calls").status_code == 200
    assert log_in(house.visitor(), "anna", "my own password").status_code == 303


def test_a_token_of_a_user_with_a_one_time_password_is_not_accepted(house: House) -> None:
    house.identity.users.add("anna", role=Role.MANAGER, name="Анна")
    secret = house.identity.tokens.issue("anna", "x")

    answer = house.visitor().get("/api/me", headers={"Authorization": f"Bearer {secret}"})

    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("present", "new", "again", "status"),
    [
        ("wrong", "my own password", "my own password", 401),
        (PASSWORD, "my own password", "another one", 422),
        (PASSWORD, "short", "short", 422),
        (PASSWORD, PASSWORD, PASSWORD, 422),
    ],
)
def test_a_change_of_password_checks_all_three_fields(
    house: House, present: str, new: str, again: str, status: int
) -> None:
    browser = house.logged_in()

    assert _change(browser, present, new, again) == status
    assert log_in(house.visitor(), "supervisor").status_code == 303


def test_a_change_of_password_ends_the_other_sessions_of_the_user(house: House) -> None:
    here, elsewhere = house.logged_in(), house.logged_in()

    _change(here, PASSWORD, "my own password")

    assert here.get("/api/me").status_code == 200
    assert elsewhere.get("/api/me").status_code == 401


def test_the_login_page_speaks_the_chosen_language_from_then_on(house: House) -> None:
    browser = house.visitor()

    chosen = browser.get("/login?language=en&next=/calls")
    later = browser.get("/login")

    assert "User name" in chosen.text
    assert 'name="next" value="/calls"' in chosen.text
    assert "User name" in later.text


def _change(browser: FlaskClient, present: str, new: str, again: str | None = None) -> int:
    form = {"present": present, "password": new, "again": new if again is None else again}
    return browser.post("/password", data=form | {"csrf_token": csrf_of(browser)}).status_code
