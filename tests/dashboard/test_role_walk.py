"""Every page, route, callback, export and media address, tried as every role and as nobody.

What comes of it is compared with dashboard/doors.py and the rights of the roles. Requests are complete,
so that a refusal comes from the rights and not from a body that is wrong.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.asgi import build
from dashboard.auth import CSRF_HEADER, SESSION_COOKIE, Identity
from dashboard.context import utc_now
from dashboard.doors import CALLBACKS, DOORS, Everybody, Need
from dashboard.page import discover
from data.identity.actor import PERMISSIONS, Permission, Role, Scope, system
from data.identity.database import open_identity
from data.identity.users import Rights
from data.services.clients import ContactFields
from data.services.contacts import create_contact
from data.settings import Settings
from data.store.database import Database
from tests.builders import Office, inbound
from tests.dashboard.house import PASSWORD

NOBODY = "nobody"
WALKERS = (NOBODY, *(role.value for role in Role))
_MANAGERS_PHONE = "201"
# Supervisors with a list for seeing and another for listening: which phones each of them names.
_LISTS = {
    "sees-and-hears": (_MANAGERS_PHONE, _MANAGERS_PHONE),
    "only-sees": (_MANAGERS_PHONE, "202"),
    "would-only-hear": ("202", _MANAGERS_PHONE),
    "neither": ("202", "202"),
}
_SOME_ID = "0b5f8f0e-9f5a-4d0c-9f0e-5b9f0e9f5a4d"

# Bodies without which a door would find fault with the request before it asks for rights.
_BODIES: dict[str, dict[str, Any]] = {
    "POST /_dash-update-component": {
        "output": "overview-running.children",
        "outputs": {"id": "overview-running", "property": "children"},
        "inputs": [{"id": "shell-notice-live", "property": "data", "value": None}],
    },
    "POST /api/dial": {"number": "+79160000001"},
    "PUT /api/calls/<call_id>/comment": {"text": "перезвонить", "version": 0},
    "POST /api/calls/<call_id>/client": {"name": "Ромашка"},
    "POST /api/calls/export.<form>": {"calls": ["{call}"]},
    "POST /api/calls/tags": {"calls": ["{call}"], "add": [_SOME_ID], "remove": []},
    "POST /api/tags": {"title": "важно"},
    "PUT /api/tags/<tag_id>": {"title": "важнее", "colour": "grey", "version": 1},
    "POST /api/accounts": {"name": "Лютик"},
    "PATCH /api/accounts/<uuid:account_id>": {"name": "Лютик", "version": 1},
    "POST /api/contacts": {"name": "Иван", "account_id": "{account}"},
    "PATCH /api/contacts/<uuid:contact_id>": {"name": "Иван", "version": 1},
    "PUT /api/clients/<account_id>/comment": {"text": "звонить утром", "version": 0},
    "POST /api/clients": {"name": "Мак"},
    "PUT /api/clients/<account_id>": {"name": "Василёк", "version": 1},
    "POST /api/clients/<account_id>/contacts": {"name": "Иван"},
    "PUT /api/clients/<account_id>/contacts/<contact_id>": {"name": "Иван", "version": 1},
    "DELETE /api/clients/<account_id>/contacts/<contact_id>": {"version": 9},
    "POST /api/clients/<account_id>/numbers": {"number": "+79160000001"},
    "POST /api/clients/<kept_id>/merge/<gone_id>": {"kept_version": 1, "gone_version": 1},
    "POST /api/clients/distinct": {"one_id": "{account}", "other_id": _SOME_ID},
    "POST /api/directory/employees": {"name": "Белова Ольга", "extensions": ["207"]},
    "PUT /api/directory/employees/<employee_id>": {"name": "Белова Ольга", "extensions": []},
    "PUT /api/directory/<kind>/<path:code>": {"title": "Продажи"},
    "PUT /api/directory/channels/<did>": {"title": "Сайт"},
    "PUT /api/directory/hours/<int:weekday>": {"opens": "09:00", "closes": "18:00"},
    "PUT /api/directory/holidays/<day>": {"title": "Новый год"},
    "POST /api/leads": {"name": "Пётр"},
    "PATCH /api/leads/<key>": {"version": 0, "comment": "обдумывает"},
    "POST /api/tasks": {"title": "перезвонить", "subject": {"kind": "call", "id": "{call}"}},
    "PATCH /api/tasks/<task_id>": {"version": 1, "done": True},
    "POST /api/callbacks/<call_id>/take": {"version": 0},
    "POST /api/callbacks/<call_id>/give-back": {"version": 0},
    "POST /api/callbacks/<call_id>/restore": {"version": 0},
    "POST /api/callbacks/<call_id>/dismiss": {"version": 0, "reason": "spam"},
    "POST /api/chats": {"account": "office", "number": "+79160000001", "text": "здравствуйте", "client_key": "1"},
    "POST /api/chats/<chat_id>/messages": {"text": "здравствуйте", "client_key": "2"},
    "PUT /api/chats/<chat_id>/messages/<message_id>": {"text": "здравствуйте!"},
    "POST /api/chats/<chat_id>/notes": {"text": "постоянный клиент", "client_key": "3"},
    "POST /api/chats/<chat_id>/hand-over": {"employee_id": _SOME_ID, "version": 1},
    "POST /api/chats/<chat_id>/seen": {"until": "2026-11-20T10:00:00Z"},
    "POST /api/chats/<chat_id>/tags": {"add": ["важно"]},
    "POST /api/chats/<chat_id>/client": {"name": "Ромашка"},
    **{f"POST /api/chats/<chat_id>/{act}": {"version": 1} for act in ("take", "close", "reopen")},
    "POST /api/live/members": {"change": "pause", "extension": "202"},
    "PUT /api/me/preferences/<name>": {"value": "dark"},
    "POST /api/views": {"page": "calls", "title": "мои", "query": "kind=missed"},
}
# The second password differs, so that nothing changes.
_FORMS = {"POST /password": {"present": PASSWORD, "password": "one of my own", "again": "another one"}}


@dataclass(frozen=True, kw_only=True)
class House:
    """The whole web application with one call, its recording and one user a role."""

    app: Starlette
    client: TestClient
    identity: Identity
    call_id: str
    account_id: str
    contact_id: str

    def headers(self, walker: str) -> dict[str, str]:
        """Those of a browser that has just logged in; of a stranger, none."""
        if walker == NOBODY:
            return {}
        user = self.identity.users.find(walker)
        assert user is not None
        opened = self.identity.sessions.open(user)
        return {"Cookie": f"{SESSION_COOKIE}={opened.secret}", CSRF_HEADER: opened.session.csrf_token}

    def ask(self, door: str, walker: str) -> int:
        """The status of the door's answer."""
        method, path = self.address(door)
        headers = self.headers(walker)
        if path == "/events":
            # In a thread of its own: browser tests of this process leave a running loop in the present one.
            with ThreadPoolExecutor(1) as own:
                return own.submit(asyncio.run, _status_of_stream(self.app, path, headers)).result()
        sent: dict[str, Any] = {}
        if door in _FORMS:
            sent = {"data": _FORMS[door]}
        elif method != "GET":
            sent = {"json": _filled(_BODIES.get(door, {}), {"{call}": self.call_id, "{account}": self.account_id})}
        return self.client.request(method, path, headers=headers, **sent).status_code

    def address(self, door: str) -> tuple[str, str]:
        method, _, path = door.partition(" ")
        known = {"call_id": self.call_id, "recording_id": f"{self.call_id}.1", "form": "csv"}
        known |= {"account_id": self.account_id, "contact_id": self.contact_id}
        known |= {"kept_id": self.account_id, "gone_id": self.account_id, "number": "79160000001"}
        known |= {"kind": "queues", "did": "74951234567", "weekday": "1", "day": "2026-12-31"}
        known |= {"key": f"call:{self.call_id}"}
        known |= {"name": "calls" if "reports" in path else "theme"}

        def fill(found: re.Match[str]) -> str:
            name = found[0].strip("<>{}").split(":")[-1] if "<" in found[0] else found[0].strip("{}").split(":")[0]
            return known.get(name, _SOME_ID)

        return method, re.sub(r"<[^>]+>|\{[^}]+\}", fill, path)


@dataclass(frozen=True, kw_only=True)
class Premises:
    """A data folder with one call, its recording, a client and one user a role; nobody has it open."""

    folder: Path
    ids: dict[str, str]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Premises:
    folder = tmp_path_factory.mktemp("office") / "var"
    users = Identity.open(Settings(data=folder)).users
    for role in Role:
        phone = _MANAGERS_PHONE if role is Role.MANAGER else None
        users.ensure(role.value, password=PASSWORD, role=role, name=role.value, extension=phone)
    for login, (seen, heard) in _LISTS.items():
        users.ensure(login, password=PASSWORD, role=Role.SUPERVISOR, name=login)
        rights = Rights(
            name=login,
            role=Role.SUPERVISOR,
            scope=Scope.LISTED,
            listed=frozenset({seen}),
            listens=Scope.LISTED,
            listens_to=frozenset({heard}),
        )
        users.set_rights(login, rights)
    open_identity(Settings(data=folder)).dispose()  # else its rows are in the log beside the file, which grows
    with Database(folder) as store:
        call = inbound("2026-11-20 10:00", talked=_MANAGERS_PHONE, recorded=True)
        call_id = Office(store).add(call, sound_in=folder / "recordings")
        account_id = Office(store).client("Василёк", "+79160000001")
        contact_id = create_contact(store, system("test"), account_id, ContactFields(name="Иван"), now=utc_now())
    return Premises(folder=folder, ids={"call_id": call_id, "account_id": account_id, "contact_id": contact_id})


@pytest.fixture(scope="module")
def house(office: Premises, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """For tests that only look."""
    with _opened(office, tmp_path_factory.mktemp("house") / "var") as house:
        yield house


@pytest.fixture
def own_house(office: Premises, tmp_path: Path) -> Iterator[House]:
    """For one walk through doors that change something: the next walker finds everything as it was."""
    with _opened(office, tmp_path / "var") as house:
        yield house


@contextmanager
def _opened(office: Premises, folder: Path) -> Iterator[House]:
    shutil.copytree(office.folder, folder)
    settings = Settings(data=folder)
    with Database(folder) as store:
        app = build(settings, store)
        yield House(app=app, client=_client(app), identity=Identity.open(settings), **office.ids)


def test_every_door_has_its_line_in_the_list(house: House) -> None:
    rules = house.app.state.flask.url_map.iter_rules()
    flask = {f"{method} {rule.rule}" for rule in rules for method in rule.methods - {"HEAD", "OPTIONS"}}
    routes = [route for route in house.app.routes if isinstance(route, Route)]
    starlette = {f"{method} {route.path}" for route in routes for method in (route.methods or set()) - {"HEAD"}}

    assert {door.partition("?")[0] for door in DOORS} == flask | starlette


@pytest.mark.parametrize("walker", WALKERS)
def test_every_door_lets_in_whom_the_list_says_and_nobody_else(own_house: House, walker: str) -> None:
    wrong = []
    for door, need in DOORS.items():
        status = own_house.ask(door, walker)
        # A wrong name at the login is no refusal of the page.
        refused = need is not Everybody.STRANGERS and (status in (401, 403) or (walker == NOBODY and status == 303))
        if refused is _may(walker, need) or status >= 500:
            wrong.append(f"{door}: {status}, needs {_words(need)}")

    assert wrong == []


@pytest.mark.parametrize("walker", _LISTS)
def test_every_door_to_a_call_asks_whom_one_may_see_and_every_door_to_its_sound_whom_one_may_hear(
    house: House, walker: str
) -> None:
    seen, heard = (phone == _MANAGERS_PHONE for phone in _LISTS[walker])
    of_sound = {door for door in DOORS if door.startswith("GET /recordings/")}
    of_call = {door for door in DOORS if door.startswith("GET /api/calls/<call_id>")}

    answers = {door: house.ask(door, walker) < 300 for door in of_call | of_sound}

    assert (len(of_call), len(of_sound)) == (4, 3)
    assert answers == dict.fromkeys(of_call, seen) | dict.fromkeys(of_sound, seen and heard)
    rows = house.client.get("/api/calls", headers=house.headers(walker)).json()["rows"]
    assert [row["call_id"] for row in rows] == [house.call_id] * seen
    if seen:
        assert (
            house.client.get(f"/api/calls/{house.call_id}", headers=house.headers(walker)).json()["may_hear"] is heard
        )


@pytest.mark.parametrize("walker", WALKERS)
def test_every_page_opens_for_whom_it_says_and_nobody_else(house: House, walker: str) -> None:
    wrong = []
    for page in discover():
        path = re.sub(r"<[^>]+>", house.call_id, page.path)
        need: Need = frozenset({page.permission}) if page.permission else Everybody.USERS
        status = house.client.get(path, headers=house.headers(walker)).status_code
        expected = 303 if walker == NOBODY else 200 if _may(walker, need) else 403
        if status != expected:
            wrong.append(f"{page.path}: {status} instead of {expected}")

    assert wrong == []


@pytest.mark.parametrize("walker", [role.value for role in Role])
def test_a_page_that_is_closed_does_not_come_through_the_callback_of_the_frame_either(
    house: House, walker: str
) -> None:
    wrong = []
    for page in discover():
        path = re.sub(r"<[^>]+>", house.call_id, page.path)
        inputs = {"shell-location.pathname": path, "shell-location.search": ""}
        answer = _call_back(house, "shell-content.children", inputs, walker)
        may = page.permission is None or permitted(walker, page.permission)
        if ("Нет доступа" in answer.text) is may or answer.status_code != 200:
            wrong.append(f"{page.path}: {answer.status_code}")

    assert wrong == []


def test_no_page_answer_or_export_shows_an_analyst_a_whole_number(house: House) -> None:
    shown = []
    for door, need in DOORS.items():
        method, path = house.address(door)
        if method != "GET" or path == "/events" or isinstance(need, Everybody) or not _may("analyst", need):
            continue
        answer = house.client.get(path, headers=house.headers("analyst"))
        if _numbers_in(_unpacked(answer.content)):
            shown.append(door)
    for page in discover():
        path = re.sub(r"<[^>]+>", house.call_id if "calls" in page.path else house.account_id, page.path)
        inputs = {"shell-location.pathname": path, "shell-location.search": ""}
        if _numbers_in(_call_back(house, "shell-content.children", inputs, "analyst").content):
            shown.append(page.path)

    assert shown == []
    # The same walk finds them where they may be seen.
    seen = house.client.get("/api/calls", headers=house.headers("supervisor")).content
    assert _numbers_in(seen)


def test_every_callback_has_its_line_in_the_list(house: House) -> None:
    assert set(_callbacks(house)) == set(CALLBACKS)


@pytest.mark.parametrize("walker", WALKERS)
def test_every_callback_answers_whom_the_list_says_and_nobody_else(house: House, walker: str) -> None:
    wrong = []
    for name, need in CALLBACKS.items():
        answer = _call_back(house, name, {}, walker)
        refused = answer.status_code in (401, 403) or "Нет доступа" in answer.text
        if refused is _may(walker, need):
            wrong.append(f"{name}: {answer.status_code}, needs {_words(need)}")

    assert wrong == []


def test_some_doors_are_open_and_closed_as_people_would_expect() -> None:
    """By hand, so that a slip in the table of roles is seen too."""
    assert not permitted("manager", Permission.EXPORT)
    assert not permitted("manager", Permission.REPORTS)
    assert not permitted("analyst", Permission.LISTEN)
    assert not permitted("analyst", Permission.FULL_NUMBERS)
    assert not permitted("supervisor", Permission.USERS)
    assert all(permitted("administrator", permission) for permission in Permission)


def _unpacked(content: bytes) -> bytes:
    """A workbook or archive as the text of its parts."""
    if not content.startswith(b"PK"):
        return content
    with ZipFile(BytesIO(content)) as parts:
        return b"".join(parts.read(name) for name in parts.namelist())


def _numbers_in(content: bytes) -> list[bytes]:
    """The outside numbers of the office, in every spelling."""
    return re.findall(rb"916\D{0,3}(?:123|000)\D{0,3}(?:45|00)\D{0,3}(?:67|01)", content)


def permitted(walker: str, permission: Permission) -> bool:
    return permission in PERMISSIONS[Role(walker)]


def _may(walker: str, need: Need) -> bool:
    if isinstance(need, Everybody):
        return need is Everybody.STRANGERS or walker != NOBODY
    return walker != NOBODY and need <= PERMISSIONS[Role(walker)]


def _words(need: Need) -> str:
    return need.value if isinstance(need, Everybody) else " + ".join(sorted(need))


def _callbacks(house: House) -> dict[str, Any]:
    """The callbacks that run on the server, by their first output."""
    known = house.app.state.flask.extensions["callboard"].callback_map
    return {_first(output): entry for output, entry in known.items() if "callback" in entry}


def _first(output: str) -> str:
    return output.strip(".").split("...")[0]


def _call_back(house: House, name: str, inputs: dict[str, Any], walker: str) -> Any:
    known = house.app.state.flask.extensions["callboard"].callback_map
    output = next(key for key in known if _first(key) == name)
    parts = [dict(zip(("id", "property"), one.rsplit(".", 1), strict=True)) for one in output.strip(".").split("...")]
    body = {
        "output": output,
        "outputs": parts if output.startswith("..") else parts[0],
        "inputs": [one | {"value": inputs.get(f"{one['id']}.{one['property']}")} for one in known[output]["inputs"]],
        "state": [one | {"value": None} for one in known[output]["state"]],
        "changedPropIds": list(inputs),
    }
    return house.client.post("/_dash-update-component", json=body, headers=house.headers(walker))


def _filled(body: Any, known: dict[str, str]) -> Any:
    if isinstance(body, dict):
        return {key: _filled(value, known) for key, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, known) for value in body]
    return known.get(body, body) if isinstance(body, str) else body


def _client(app: Starlette) -> TestClient:
    return TestClient(app, follow_redirects=False)


async def _status_of_stream(app: Starlette, path: str, headers: dict[str, str]) -> int:
    """The status with which an endless answer begins."""
    begun: asyncio.Queue[int] = asyncio.Queue()

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            begun.put_nowait(message["status"])

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    answering = asyncio.create_task(app(scope, receive, send))
    status = await asyncio.wait_for(begun.get(), 60)
    answering.cancel()
    await asyncio.gather(answering, return_exceptions=True)
    return status
