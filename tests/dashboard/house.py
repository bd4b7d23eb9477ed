"""The web application over a store in memory, with small pages of its own, and a browser without a screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dash import html
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.api import link, me
from dashboard.auth import CSRF_COOKIE, Identity
from dashboard.components.shell import page_head
from dashboard.factory import create_app
from dashboard.page import Page, Pages, Section
from data.errors import Conflict, NotAllowed, NotFound, QueryTooLong, StoreUnavailable
from data.identity.actor import Permission, Role
from data.settings import Settings
from tests.dashboard.fakes import FakeStore

PASSWORD = "demo1234"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def _plain(**query: str) -> Any:
    return html.Div([page_head("Звонки", count="3"), html.P(query.get("word", "нет слова"))])


def _one(call_id: str, **query: str) -> Any:
    return html.Div([page_head(call_id)])


def _away(**query: str) -> Any:
    raise StoreUnavailable("Nobody serves the store here. Try again later.")


def _broken(**query: str) -> Any:
    raise ZeroDivisionError("a page of ours is broken")


PAGES = Pages(
    (
        Page(
            path="/calls",
            title="status.accepted",
            layout=_plain,
            icon="telephone",
            section=Section.WORK,
            permission=Permission.SEE_CALLS,
            key="j",
        ),
        Page(path="/calls/<call_id>", title="status.lost", layout=_one, parent="/calls"),
        Page(path="/away", title="status.reached", layout=_away, section=Section.WORK, order=110),
        Page(path="/broken", title="status.cancelled", layout=_broken, section=Section.WORK, order=120),
        Page(
            path="/analytics/calls",
            title="permission.reports",
            layout=_plain,
            section=Section.ANALYTICS,
            permission=Permission.REPORTS,
        ),
        Page(
            path="/settings/users",
            title="permission.users",
            layout=_plain,
            section=Section.SETTINGS,
            permission=Permission.USERS,
        ),
    )
)


FAULTS: dict[str, Exception] = {
    "away": StoreUnavailable("Nobody serves the store here. Try again later."),
    "denied": NotAllowed("User x lacks the permission export. Ask an administrator."),
    "missing": NotFound("There is no call pbx-1."),
    "conflict": Conflict("Somebody changed the comment meanwhile."),
    "slow": QueryTooLong("The query passed 30 s."),
    "broken": ZeroDivisionError("secret detail"),
}
faults = Blueprint("faults", __name__)


@faults.route("/api/faults/<name>", methods=["GET", "POST"])
@faults.route("/faults/<name>")
def fault(name: str) -> str:
    """Fail as a view of ours may fail."""
    raise FAULTS[name]


OPTIONS: dict[str, Any] = {"pages": PAGES, "blueprints": (link.API, me.API, faults), "clock": lambda: NOON}


@dataclass(kw_only=True)
class House:
    """One application under test."""

    settings: Settings
    store: FakeStore
    identity: Identity
    server: Flask
    ended: list[str] = field(default_factory=list)

    def visitor(self) -> FlaskClient:
        """A browser that has not logged in."""
        return self.server.test_client()

    def logged_in(self, login: str = "supervisor") -> FlaskClient:
        """A browser that has logged in as the user of that name (each role has one)."""
        browser = self.visitor()
        assert log_in(browser, login).status_code == 303
        return browser


def build_house(folder: Path, **settings: Any) -> House:
    """An application with one user a role, all with PASSWORD."""
    chosen = Settings(data=folder, **settings)
    store, identity = FakeStore(), Identity.open(chosen)
    ended: list[str] = []
    for role in Role:
        identity.users.ensure(role.value, password=PASSWORD, role=role, name=f"Имя {role.value}")
    server = create_app(chosen, store, identity, session_ended=ended.append, **OPTIONS)
    return House(settings=chosen, store=store, identity=identity, server=server, ended=ended)


def log_in(browser: FlaskClient, login: str, password: str = PASSWORD, next_path: str = "/") -> TestResponse:
    """Fill in the login page."""
    browser.get("/login")
    form = {"login": login, "password": password, "next": next_path, "csrf_token": csrf_of(browser)}
    return browser.post("/login", data=form)


def csrf_of(browser: FlaskClient) -> str:
    """The token that pages of ours send with writes."""
    cookie = browser.get_cookie(CSRF_COOKIE)
    return cookie.value if cookie else ""
