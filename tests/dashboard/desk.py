"""The whole application over a real store with an office in it, asked without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from dashboard.auth import CSRF_HEADER, Identity
from dashboard.factory import create_app
from data.identity.actor import Role
from data.settings import Settings
from data.store.database import Database
from tests.builders import Office, at
from tests.dashboard.house import PASSWORD, csrf_of, log_in

NOW = at("2026-11-20 12:00")


@dataclass(frozen=True, kw_only=True)
class Desk:
    """An application, its store, and browsers that have logged in."""

    office: Office
    server: Flask
    settings: Settings
    browsers: dict[str, Browser] = field(default_factory=dict)

    def user(self, login: str = "supervisor") -> Browser:
        """The browser of the user of that name; it logs in once."""
        if login not in self.browsers:
            client = self.server.test_client()
            assert log_in(client, login).status_code == 303
            self.browsers[login] = Browser(client)
        return self.browsers[login]


class Browser:
    """Somebody's requests; answers are JSON already."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, status: int = 200) -> Any:
        return self._read(self.client.get(path), status)

    def send(self, method: str, path: str, body: dict[str, Any], status: int = 200) -> Any:
        headers = {CSRF_HEADER: csrf_of(self.client)}
        return self._read(self.client.open(path, method=method, json=body, headers=headers), status)

    def page(self, path: str, search: str = "") -> str:
        """The page as the callback of the frame sends it."""
        parts = [("shell-content", "children"), ("shell-title", "data"), ("shell-marked", "data")]
        body = {
            "output": "..shell-content.children...shell-title.data...shell-marked.data..",
            "outputs": [{"id": name, "property": kind} for name, kind in parts],
            "inputs": [
                {"id": "shell-location", "property": "pathname", "value": path},
                {"id": "shell-location", "property": "search", "value": search},
            ],
            "changedPropIds": [],
        }
        return str(self.send("POST", "/_dash-update-component", body))

    def rows(self, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"/api/calls?{query}")["rows"]
        return found

    def _read(self, response: Any, status: int) -> Any:
        assert response.status_code == status, response.get_data(as_text=True)
        return response.get_json()


@contextmanager
def open_desk(folder: Path, **options: Any) -> Iterator[Desk]:
    """An empty office at noon of 20 November 2026; one user a role, the manager has the extension 201.

    options: further settings.
    """
    settings = Settings(data=folder, **options)
    identity = Identity.open(settings)
    for role in Role:
        extension = "201" if role is Role.MANAGER else None
        identity.users.ensure(role.value, password=PASSWORD, role=role, name=f"Имя {role.value}", extension=extension)
    with Database(folder) as store:
        server = create_app(settings, store, identity, clock=lambda: NOW)
        yield Desk(office=Office(store), server=server, settings=settings)
