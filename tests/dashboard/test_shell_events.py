"""Live hints: what a browser hears, and the process that says it."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from dashboard.asgi import listening, serve
from dashboard.auth import CSRF_COOKIE, CSRF_HEADER
from dashboard.events import Hub, Stream, frames
from dashboard.mine import Mine
from data.errors import PortBusy, SettingsError
from data.services.standing import LinkStands, Standing
from data.settings import Settings, Web
from data.store.database import Database
from data.store.protocol import Notice, Topic
from tests.builders import Office
from tests.builders import running as live_call
from tests.dashboard.fakes import FakeStore
from tests.dashboard.house import OPTIONS, PASSWORD, build_house
from tests.dashboard.serving import Running, in_own_thread, running

_WAIT_S = 20.0


class Ear:
    """One browser's stream of events."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.iter_lines()

    def event(self, name: str) -> dict[str, Any]:
        """The next event of that name; fails by the client's time limit."""
        found: dict[str, str] = {}
        for line in self._lines:
            if not line:
                if found.get("event") == name:
                    return {"id": found.get("id", ""), **json.loads(found["data"])}
                found = {}
            else:
                key, _, value = line.partition(": ")
                found[key] = value
        raise AssertionError(f"the stream ended without {name}")


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def served(tmp_path: Path, store: FakeStore) -> Iterator[Running]:
    settings = build_house(tmp_path).settings
    with running(settings, store, **OPTIONS) as process:
        yield process


@contextmanager
def browser_of(process: Running, login: str = "supervisor") -> Iterator[httpx.Client]:
    with httpx.Client(base_url=process.url, timeout=_WAIT_S) as client:
        client.get("/login")
        form = {"login": login, "password": PASSWORD, "csrf_token": client.cookies[CSRF_COOKIE]}
        assert client.post("/login", data=form).status_code == 303
        yield client


def test_a_commit_is_heard_by_every_browser_with_its_ids(served: Running, store: FakeStore) -> None:
    with (
        browser_of(served) as one,
        browser_of(served) as other,
        one.stream("GET", "/events") as first,
        other.stream("GET", "/events") as second,
    ):
        ears = [Ear(first), Ear(second)]
        for ear in ears:
            ear.event("hello")

        store.announce(Topic.CALLS, "pbx-1732.7")

        hints = [ear.event("hint") for ear in ears]
        assert [(hint["topic"], hint["number"], hint["ids"]) for hint in hints] == [("calls", 1, ["pbx-1732.7"])] * 2


def test_a_user_who_sees_only_his_own_calls_hears_no_ids(served: Running, store: FakeStore) -> None:
    with browser_of(served, "manager") as browser, browser.stream("GET", "/events") as stream:
        ear = Ear(stream)
        ear.event("hello")

        store.announce(Topic.CALLS, "pbx-1732.7")

        assert ear.event("hint")["ids"] == []


def test_a_browser_that_comes_back_hears_which_topics_moved_on(served: Running, store: FakeStore) -> None:
    with browser_of(served) as browser:
        with browser.stream("GET", "/events") as stream:
            ear = Ear(stream)
            ear.event("hello")
            store.announce(Topic.CALLS, "a")
            last = ear.event("hint")["id"]
            store.announce(Topic.CLIENTS, "b")
            ear.event("hint")

        with browser.stream("GET", "/events", headers={"Last-Event-ID": last}) as stream:
            hint = Ear(stream).event("hint")

    assert (hint["topic"], hint["number"], hint["ids"]) == ("clients", 1, [])


def test_logging_out_ends_the_stream(served: Running) -> None:
    with browser_of(served) as browser, browser.stream("GET", "/events") as stream:
        ear = Ear(stream)
        ear.event("hello")

        browser.post("/logout", headers={CSRF_HEADER: browser.cookies[CSRF_COOKIE]})

        assert ear.event("bye")["id"] is not None
        assert browser.get("/events").status_code == 401


def test_a_store_that_goes_away_and_comes_back_is_told(served: Running, store: FakeStore) -> None:
    with browser_of(served) as browser, browser.stream("GET", "/events") as stream:
        ear = Ear(stream)
        ear.event("hello")

        store.hang_up()
        assert ear.event("store")["away"] is True
        assert browser.get("/readyz").status_code == 503
        assert browser.get("/healthz").status_code == 200

        store.away = False
        assert ear.event("store")["away"] is False
        assert browser.get("/readyz").json()["status"] == "ready"


def test_an_answer_does_not_wait_for_the_acknowledgement_of_its_head(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, web=Web(port=0))
    with listening(settings.web) as door:
        assert door.proto == socket.IPPROTO_TCP  # what asyncio wants to see before it sets TCP_NODELAY


def test_the_process_stops_at_once_although_streams_are_open(tmp_path: Path, store: FakeStore) -> None:
    settings = build_house(tmp_path).settings
    with (
        running(settings, store, **OPTIONS) as process,
        browser_of(process) as browser,
        browser.stream("GET", "/events") as stream,
    ):
        ear = Ear(stream)
        ear.event("hello")

        process.stop.set()

        assert ear.event("bye")


def test_the_outbox_is_not_announced_to_browsers(served: Running, store: FakeStore) -> None:
    with browser_of(served) as browser, browser.stream("GET", "/events") as stream:
        hello = Ear(stream).event("hello")

    assert "outbox" not in hello["id"]


def test_a_slow_browser_is_owed_one_hint_a_topic_however_many_there_were() -> None:
    hub = Hub()
    stream = Stream(session="s", with_ids=True)

    async def play() -> list[str]:
        hub.publish(Notice(topic=Topic.CALLS, number=1))
        hub.attach(stream, None)
        for number in range(2, 30):
            hub.publish(Notice(topic=Topic.CALLS, number=number, ids=(f"call-{number % 3}",)))
        hub.end()
        return [frame async for frame in frames(hub, stream, is_valid=lambda: True)]

    heard = [frame for frame in in_own_thread(lambda: asyncio.run(play())) if "event: hint" in frame]

    assert len(heard) == 1
    assert json.loads(heard[0].split("data: ")[1]) == {
        "topic": "calls",
        "number": 29,
        "ids": ["call-2", "call-0", "call-1"],
    }


def test_too_many_ids_become_none_so_that_the_page_loads_anew() -> None:
    hub = Hub()
    stream = Stream(session="s", with_ids=True)
    hub.publish(Notice(topic=Topic.CALLS, number=1))
    hub.attach(stream, None)

    for number in range(2, 60):
        hub.publish(Notice(topic=Topic.CALLS, number=number, ids=(f"call-{number}",)))

    assert stream.waiting[Topic.CALLS].ids == ()


def test_a_store_that_began_anew_with_lower_numbers_is_news() -> None:
    hub = Hub()
    hub.publish(Notice(topic=Topic.CALLS, number=3))
    stream = Stream(session="s", with_ids=True)

    hub.attach(stream, "calls=900")

    assert stream.waiting[Topic.CALLS].number == 3


def test_a_stream_ends_when_its_session_does_not_exist_any_more() -> None:
    hub = Hub()
    stream = Stream(session="s", with_ids=True)

    async def play() -> list[str]:
        hub.attach(stream, None)
        return [frame async for frame in frames(hub, stream, is_valid=lambda: False, heartbeat_s=0.01)]

    assert "event: bye" in in_own_thread(lambda: asyncio.run(play()))[-1]


def test_every_answer_is_numbered_and_sealed_also_beside_flask(served: Running) -> None:
    with httpx.Client(base_url=served.url) as stranger:
        answers = [stranger.get(path) for path in ("/healthz", "/events", "/login", "/assets/none.css")]
        chosen = stranger.get("/healthz", headers={"X-Request-ID": "abc-12345678"})
        forged = stranger.get("/healthz", headers={"X-Request-ID": "<script>\u00e4"[:8]})

    assert [answer.status_code for answer in answers] == [200, 401, 200, 404]
    assert all(answer.headers["X-Content-Type-Options"] == "nosniff" for answer in answers)
    assert all("Server" not in answer.headers for answer in answers)
    assert len({answer.headers["X-Request-ID"] for answer in answers}) == 4
    assert chosen.headers["X-Request-ID"] == "abc-12345678"
    assert forged.headers["X-Request-ID"] != "<script>"


def test_an_endpoint_that_breaks_answers_in_json_and_is_logged_once(
    served: Running, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**parts: Any) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("dashboard.asgi.Stream", broken)
    with browser_of(served) as browser:
        answer = browser.get("/events")

    assert answer.status_code == 500
    assert answer.json()["error"] == "internal"
    assert answer.headers["X-Request-ID"] == answer.json()["request_id"]
    assert "secret detail" not in answer.text
    assert capsys.readouterr().out.count("ZeroDivisionError: secret detail") == 1


def test_a_busy_port_is_named_with_the_remedy(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        message = rf"127\.0\.0\.1:{port}.*web\.port"
        with pytest.raises(PortBusy, match=message), listening(Web(host="127.0.0.1", port=port)):
            raise AssertionError("two programs listen on one port")


def test_an_address_that_is_not_this_machine_is_named_with_the_remedy() -> None:
    with pytest.raises(SettingsError, match=r"192\.0\.2\.1.*web\.host"), listening(Web(host="192.0.2.1", port=0)):
        raise AssertionError("listening on the address of another machine")


def test_serving_ends_when_it_is_told_to_and_says_when_it_is_ready(tmp_path: Path, store: FakeStore) -> None:
    stop = threading.Event()
    settings = Settings(data=tmp_path, web=Web(port=0))

    in_own_thread(lambda: serve(settings, store, ready=stop.set, stop=stop, **OPTIONS))

    assert stop.is_set()


def test_a_browser_hears_of_its_own_phone_and_of_lost_links_and_only_supervisors_of_pauses() -> None:
    hub = Hub()
    anna = Stream(session="a", with_ids=False, extensions=frozenset({"201"}), is_watching=False)
    chief = Stream(session="c", with_ids=True)

    async def heard(stream: Stream) -> list[str]:
        return [frame async for frame in frames(hub, stream, is_valid=lambda: True)]

    async def play() -> list[list[str]]:
        for stream in (anna, chief):
            hub.attach(stream, None)
        hub.publish(Notice(topic=Topic.PRESENCE, number=1))
        hub.publish(Notice(topic=Topic.PRESENCE, number=2))
        hub.tell_mine(frozenset({"201", "205"}))
        hub.tell_links((LinkStands(pbx="lab", standing=Standing.SILENT),))
        hub.end()
        return [await heard(anna), await heard(chief)]

    annas, chiefs = in_own_thread(lambda: asyncio.run(play()))

    def told(name: str, frames: list[str]) -> list[str]:
        return [frame.split("data: ")[1].strip() for frame in frames if f"event: {name}\n" in frame]

    assert (told("mine", annas), told("mine", chiefs)) == (["{}"], [])
    assert told("links", annas) == ['{"links":[{"pbx":"lab","standing":"silent"}]}']
    assert (told("hint", annas), len(told("hint", chiefs))) == ([], 1)


def test_only_the_phones_on_which_something_changed_are_told(tmp_path: Path) -> None:
    with Database(tmp_path) as store:
        office, mine = Office(store), Mine(store)
        mine.changed()
        office.live(live_call("2026-11-20 12:00", ringing=["201", "202"], call_id="pbx-1"))
        assert mine.changed() == {"201", "202"}

        office.live(live_call("2026-11-20 12:00", state="talking", talking=["202"], call_id="pbx-1"))
        assert mine.changed() == {"201", "202"}
        assert mine.changed() == frozenset()
        office.live()
        assert mine.changed() == {"202"}
