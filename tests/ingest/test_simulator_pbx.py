"""The pretend PBX on its port: it speaks the manager protocol, to a plain socket and to our own source."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from data.errors import PbxLoginRefused, PortBusy
from data.settings import Pbx
from ingest.simulator.live import LiveOffice, Pace
from ingest.simulator.pbx import SECRET, USER, ManagerServer, serve_office
from ingest.sources.ami import Connection
from ingest.sources.check_findings import Mark
from ingest.sources.check_pbx import check
from ingest.stream import Framer, Message, parse_headers
from tests.ingest.waiting import wait_until

HOST = "127.0.0.1"


@contextmanager
def serving(*, speed: float = 1.0, per_minute: float = 60.0) -> Iterator[ManagerServer]:
    def begin(now: float) -> LiveOffice:
        return LiveOffice(seed=1, begins_at=now, pace=Pace(calls_per_minute=per_minute))

    server = ManagerServer(begin, speed=speed)
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(target=server.serve, args=(HOST, 0), kwargs={"stop": stop, "ready": ready.set})
    thread.start()
    try:
        assert ready.wait(10)
        yield server
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def server() -> Iterator[ManagerServer]:
    with serving() as server:
        yield server


@dataclass
class Client:
    """A manager client that is nothing but a socket."""

    socket: socket.socket
    framer: Framer
    waiting: list[dict[str, str]]

    def ask(self, **fields: str) -> dict[str, str]:
        """Send an action; its response."""
        self.send(**fields)
        return self.wait(lambda message: "Response" in message)

    def send(self, **fields: str) -> None:
        self.socket.sendall("".join(f"{key}: {value}\r\n" for key, value in fields.items()).encode() + b"\r\n")

    def wait(self, wanted: Callable[[dict[str, str]], bool]) -> dict[str, str]:
        """The next message that is wanted; others before it are forgotten."""
        while True:
            while self.waiting:
                message = self.waiting.pop(0)
                if wanted(message):
                    return message
            data = self.socket.recv(65_536)
            assert data, "the server closed the connection"
            self.waiting += [parse_headers(raw) for raw, _ in self.framer.feed(data)]

    def list_of(self, **fields: str) -> list[dict[str, str]]:
        """Send an action that answers with a list; its items."""
        self.send(**fields, ActionID="list")
        items: list[dict[str, str]] = []
        while not (items and items[-1].get("EventList") == "Complete"):
            items.append(self.wait(lambda message: message.get("ActionID") == "list"))
        assert items[0]["Response"] == "Success"
        assert int(items[-1]["ListItems"]) == len(items) - 2
        return items[1:-1]

    def is_closed(self) -> bool:
        while data := self.socket.recv(65_536):
            self.waiting += [parse_headers(raw) for raw, _ in self.framer.feed(data)]
        return True


@contextmanager
def connected(server: ManagerServer) -> Iterator[Client]:
    with socket.create_connection((HOST, server.port), timeout=10) as connection:
        banner = connection.makefile("rb", buffering=0).readline()
        assert banner == b"Asterisk Call Manager/11.0.0\r\n"
        yield Client(connection, Framer(), [])


@contextmanager
def logged_in(server: ManagerServer) -> Iterator[Client]:
    with connected(server) as client:
        assert client.ask(Action="Login", Username=USER, Secret=SECRET)["Response"] == "Success"
        yield client


def test_login_by_secret_is_followed_by_fully_booted(server: ManagerServer) -> None:
    with connected(server) as client:
        answer = client.ask(Action="Login", ActionID="1", Username=USER, Secret=SECRET)
        booted = client.wait(lambda message: "Event" in message)

    assert answer == {"Response": "Success", "ActionID": "1", "Message": "Authentication accepted"}
    assert booted["Event"] == "FullyBooted"
    assert "Timestamp" not in booted


def test_login_by_challenge_never_sends_the_secret(server: ManagerServer) -> None:
    with connected(server) as client:
        offer = client.ask(Action="Challenge", AuthType="MD5")
        key = hashlib.md5((offer["Challenge"] + SECRET).encode()).hexdigest()

        answer = client.ask(Action="Login", AuthType="MD5", Username=USER, Key=key)

    assert answer["Response"] == "Success"


@pytest.mark.parametrize(
    "wrong", [{"Username": USER, "Secret": "wrong"}, {"Username": "nobody", "Secret": SECRET}, {"Username": USER}]
)
def test_a_wrong_login_is_refused_and_the_connection_closed(server: ManagerServer, wrong: dict[str, str]) -> None:
    with connected(server) as client:
        answer = client.ask(Action="Login", **wrong)
        closed = client.is_closed()

    assert (answer["Response"], answer["Message"]) == ("Error", "Authentication failed")
    assert closed
    assert server.office is None


def test_nothing_is_told_before_login(server: ManagerServer) -> None:
    with connected(server) as client:
        answer = client.ask(Action="CoreShowChannels", ActionID="7")

    assert answer == {"Response": "Error", "ActionID": "7", "Message": "Permission denied"}


def test_calls_begin_within_two_seconds_of_the_first_login(server: ManagerServer) -> None:
    with logged_in(server) as client:
        first = client.wait(lambda message: message.get("Event") == "Newchannel")

    assert server.office is not None
    assert float(first["Timestamp"]) - server.office.pbx.started_at < 2.0


def test_stock_can_be_taken_while_calls_go_on() -> None:
    with serving(speed=20.0) as server, logged_in(server) as client:
        client.wait(lambda message: message.get("Event") == "QueueCallerJoin")
        client.wait(lambda message: message.get("Event") == "BridgeEnter" and message["BridgeNumChannels"] == "2")

        channels = client.list_of(Action="CoreShowChannels")
        stock = client.list_of(Action="Status")
        bridges = client.list_of(Action="BridgeList")
        queues = client.list_of(Action="QueueStatus")
        summary = client.list_of(Action="QueueSummary")
        status = client.ask(Action="CoreStatus")

    assert {"Channel", "Uniqueid", "Linkedid", "Duration", "BridgeId"} <= set(channels[0])
    assert all(item["Event"] == "Status" for item in stock)
    assert {channel["BridgeId"] for channel in channels} - {""}
    assert bridges
    assert {item["Queue"] for item in queues} == {"sales", "support", "delivery"} == {item["Queue"] for item in summary}
    assert any(item["Event"] == "QueueMember" and item["Name"] == "Смирнова Анна" for item in queues)
    assert int(status["CoreCurrentCalls"]) >= 1


def test_small_actions_are_answered(server: ManagerServer) -> None:
    with logged_in(server) as client:
        ping = client.ask(Action="Ping")
        settings = client.ask(Action="CoreSettings")
        version = client.ask(Action="Command", Command="core show version")
        unknown_command = client.ask(Action="Command", Command="core explode")
        unknown = client.ask(Action="Sing", ActionID="9")
        nameless = client.ask(ActionID="10")

    assert ping["Ping"] == "Pong"
    assert settings["AMIversion"] == "11.0.0"
    assert version["Output"].startswith("Asterisk 22")
    assert unknown_command["Response"] == "Error"
    assert (unknown["Response"], unknown["ActionID"]) == ("Error", "9")
    assert nameless["Message"] == "Missing action in request"


def test_events_can_be_switched_off_and_on() -> None:
    with serving(speed=50.0) as server, logged_in(server) as client:
        client.wait(lambda message: "Event" in message and message["Event"] != "FullyBooted")

        client.ask(Action="Events", EventMask="off")
        quiet = [client.ask(Action="Ping") for _ in range(5)]
        events_meanwhile = [message for message in client.waiting if "Event" in message]
        client.ask(Action="Events", EventMask="on")
        client.wait(lambda message: "Event" in message)

    assert all(answer["Ping"] == "Pong" for answer in quiet)
    assert events_meanwhile == []


def test_logoff_says_goodbye(server: ManagerServer) -> None:
    with logged_in(server) as client:
        answer = client.ask(Action="Logoff")
        closed = client.is_closed()

    assert answer["Response"] == "Goodbye"
    assert closed


def test_two_clients_hear_the_same_calls() -> None:
    with serving(speed=20.0) as server, logged_in(server) as one, logged_in(server) as two:
        heard = one.wait(lambda message: message.get("Event") == "Hangup")
        same = two.wait(lambda message: message.get("Event") == "Hangup")

    assert heard == same


def test_a_taken_port_is_named(server: ManagerServer) -> None:
    with pytest.raises(PortBusy, match=str(server.port)):
        serve_office(
            HOST, server.port, seed=1, calls_per_minute=1.0, recordings_dir=None, stop=threading.Event(), ready=None
        )


def test_an_office_is_served_until_it_is_stopped(tmp_path: Path) -> None:
    stop = threading.Event()

    serve_office(HOST, 0, seed=1, calls_per_minute=6.0, recordings_dir=tmp_path, stop=stop, ready=stop.set)

    assert stop.is_set()


class _Heard:
    """Takes the bytes of our own source."""

    def __init__(self) -> None:
        self.framer = Framer()
        self.messages: list[Message] = []

    def append(self, at: float, data: bytes) -> bool:
        for raw, _ in self.framer.feed(data):
            self.messages.append(Message(len(self.messages) + 1, at, raw))
        return True


def _settings(server: ManagerServer, **other: str) -> Pbx:
    return Pbx(**{"name": "office", "host": HOST, "port": server.port, "user": USER, "secret": SECRET, **other})


def test_our_own_source_listens_to_it_as_to_a_real_pbx() -> None:
    with serving(speed=30.0) as server:
        connection, heard = Connection(_settings(server)), _Heard()
        connection.connect()
        connection.login()
        connection.pass_to(heard)
        wait_until(lambda: sum(message.name == "Hangup" for message in heard.messages) >= 3)
        connection.close()

    assert {"FullyBooted", "Newchannel", "DialBegin", "Hangup"} <= {message.name for message in heard.messages}
    assert heard.framer.oversized == 0


def test_our_own_source_is_refused_with_a_wrong_secret(server: ManagerServer) -> None:
    connection = Connection(_settings(server, secret="wrong"))
    connection.connect()

    with pytest.raises(PbxLoginRefused):
        connection.login()
    connection.close()


def test_the_check_of_a_pbx_finds_nothing_missing() -> None:
    with serving(speed=60.0) as server:
        report = check(_settings(server), listen_s=1.0)

    assert report.usable
    assert report.version == "Asterisk 22.0.0-simulated"
    assert [finding for finding in report.findings if finding.mark is Mark.MISSING] == []
