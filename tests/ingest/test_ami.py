"""The link to a PBX: what is said to people when it fails, and what it does when it breaks."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog

from data.errors import PbxError, PbxLoginRefused, PbxUnreachable
from data.services.standing import PbxRight
from data.settings import JournalSettings, Pbx, PbxOriginate, PbxQueues
from ingest.journal import JOURNAL_FULL, Journal
from ingest.segments import OWN_RESTART, segments
from ingest.sources.ami import LINK_CUT, PBX_RESTART, SILENT_LINK, Connection, WrongAddress
from ingest.sources.ami_reader import AnswerFinder
from ingest.sources.ami_supervisor import AmiSupervisor, Patience
from ingest.stream import Message, connections
from ingest.tail import Ended, Item, Tail
from tests.ingest.manager import SECRET, Manager, server
from tests.ingest.replay import capture, replaying
from tests.ingest.waiting import wait_until

SOON = Patience(first_pause=0.01, longest_pause=0.05, refused_pause=0.05, healthy=60.0, booted=0.3)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "pbx", JournalSettings(fsync_seconds=0.0), retry_s=0.01)
    opened.start()
    yield opened
    opened.close()


@contextmanager
def linked(pbx: Pbx, journal: Journal, patience: Patience = SOON) -> Iterator[AmiSupervisor]:
    supervisor = AmiSupervisor(pbx, journal, patience=patience)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()


def read_all(journal: Journal) -> list[Item]:
    wait_until(lambda: journal.drained)
    tail = Tail(journal.folder, position=lambda: journal.position)
    found: list[Item] = []
    while items := tail.read():
        found += items
    tail.close()
    return found


def causes(journal: Journal) -> list[str]:
    return [item.cause for item in read_all(journal) if isinstance(item, Ended)]


def failure(pbx: Pbx) -> PbxError:
    """What a person is told of the attempt to use this PBX."""
    connection = Connection(pbx)
    try:
        connection.connect()
        connection.login()
    except PbxError as error:
        return error
    finally:
        connection.close()
    raise AssertionError("the connection succeeded")


# ---------------------------------------------------------------- what people are told


def test_an_unknown_host_is_named() -> None:
    error = failure(Pbx(host="no-such-host.invalid", port=5038, connect_seconds=5))

    assert isinstance(error, PbxUnreachable)
    assert "no-such-host.invalid" in str(error)
    assert "unknown host" in str(error)


def test_a_closed_port_is_named_with_what_to_look_at() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    error = failure(Pbx(host="127.0.0.1", port=port))

    assert f"127.0.0.1:{port} refuses connections" in str(error)
    assert "manager.conf" in str(error)
    assert not isinstance(error, WrongAddress), "a PBX that restarts refuses connections too"


def test_a_web_server_is_no_manager_interface() -> None:
    with server(lambda client: client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as pbx:
        error = failure(pbx)

    assert isinstance(error, WrongAddress)
    assert "'HTTP/1.1 400 Bad Request'" in str(error)
    assert "5038" in str(error)


def test_silence_is_no_manager_interface() -> None:
    with server(lambda client: None) as pbx:
        error = failure(pbx.model_copy(update={"connect_seconds": 0.1}))

    assert isinstance(error, WrongAddress)
    assert "says nothing" in str(error)


def test_endless_text_is_no_manager_interface() -> None:
    with server(lambda client: client.sendall(b"x" * 100_000)) as pbx:
        error = failure(pbx)

    assert isinstance(error, WrongAddress)


def test_a_connection_that_closes_at_once_points_to_permit() -> None:
    with server(lambda client: client.shutdown(socket.SHUT_RDWR)) as pbx:
        error = failure(pbx)

    assert "permit" in str(error)


def test_a_wrong_secret_is_told_without_the_secret() -> None:
    with server(Manager()) as pbx:
        error = failure(pbx.model_copy(update={"secret": pbx.secret.__class__("wrong-one")}))

    assert isinstance(error, PbxLoginRefused)
    assert "'callboard'" in str(error)
    assert "Authentication failed" in str(error)
    assert "wrong-one" not in str(error)


# ---------------------------------------------------------------- login and actions


@pytest.mark.parametrize("offers_md5", [True, False])
def test_login_sends_the_secret_in_the_clear_only_where_nothing_else_is_offered(offers_md5: bool) -> None:
    manager = Manager(offers_md5=offers_md5)

    with server(manager) as pbx:
        connection = Connection(pbx)
        connection.connect()
        connection.login()
        connection.close()

    (login,) = manager.named("Login")
    assert ("Secret" in login) is not offers_md5
    assert connection.version == "9.0.0"


def test_answers_find_who_asked() -> None:
    class Shuffled(Manager):
        """Answers every second ping before the first."""

        held = ""

        def answer(self, action: dict[str, str]) -> str:
            text = super().answer(action)
            if action["Action"] != "Ping":
                return text
            text = text.replace("\n\n", f"\nEcho: {action['Number']}\n\n")
            if not self.held:
                self.held = text
                return ""
            text, self.held = text + self.held, ""
            return text

    with server(Shuffled()) as pbx:
        connection = Connection(pbx)
        connection.connect()
        connection.login()
        heard: dict[int, str] = {}

        def ask(number: int) -> None:
            answer = connection.send_action({"Action": "Ping", "Number": str(number)})
            heard[number] = answer.get_header("Echo")

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        connection.close()

    assert heard == {number: str(number) for number in range(40)}


def test_an_action_without_an_answer_fails_in_time() -> None:
    with server(Manager(answers=False)) as pbx:
        connection = Connection(pbx)
        connection.connect()
        connection.login()

        with pytest.raises(PbxUnreachable, match=r"no answer to Ping within 0\.05 s"):
            connection.send_action({"Action": "Ping"}, timeout=0.05)

        connection.close()


def test_an_action_with_a_line_break_is_not_sent() -> None:
    with server(Manager()) as pbx:
        connection = Connection(pbx)
        connection.connect()

        with pytest.raises(PbxError, match="line break"):
            connection.send_action({"Action": "Ping", "Value": "1\r\nAction: Reload"})

        connection.close()


def test_a_lost_connection_wakes_who_waits_for_an_answer() -> None:
    class Leaving(Manager):
        def answer(self, action: dict[str, str]) -> str:
            if action["Action"] == "Ping":
                self.clients[0].shutdown(socket.SHUT_RDWR)
                return ""
            return super().answer(action)

    with server(Leaving()) as pbx:
        connection = Connection(pbx)
        connection.connect()
        connection.login()

        with pytest.raises(PbxUnreachable, match=LINK_CUT):
            connection.send_action({"Action": "Ping"}, timeout=60)

        connection.close()


STREAM = (
    b"Response: Success\r\nActionID: a-1\r\n\r\n"
    b"Event: UserEvent\r\nText: \r\nNote: Response: Success in a value\r\n\r\n"
    b"Event: FullyBooted\r\n\r\n"
    b"Response: Error\r\nActionID: a-2\r\nChanVariable: x=y\r\n\r\n"
    b"Response: Follows\r\nPrivilege: Command\r\nActionID: a-3\r\nfirst\n\nsecond\n--END COMMAND--\r\n\r\n"
    b"Event: Shutdown\r\n\r\nResponse: Goodbye\r\n\r\n"
)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, len(STREAM)])
@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
def test_answers_are_found_in_pieces_of_any_size(size: int, newline: bytes) -> None:
    stream = STREAM.replace(b"\r\n", newline)
    finder = AnswerFinder()
    answers: list[bytes] = []

    for position in range(0, len(stream), size):
        answers += finder.feed(stream[position : position + size])

    assert [answer.split(newline)[0] for answer in answers] == [
        b"Response: Success",
        b"Response: Error",
        b"Response: Follows",
        b"Response: Goodbye",
    ]
    assert b"second" in answers[2]
    assert finder.fully_booted
    assert finder.shutting_down


def test_an_answer_without_an_end_does_not_fill_the_memory() -> None:
    finder = AnswerFinder()

    finder.feed(b"Response: Success\r\n")
    for _ in range(300):
        finder.feed(b"x" * 10_000)

    assert len(finder._rest) < 2 << 20


# ---------------------------------------------------------------- the supervisor


def test_stock_is_taken_at_every_login(journal: Journal) -> None:
    manager = Manager()

    with server(manager) as pbx, linked(pbx, journal):
        wait_until(lambda: manager.named("QueueStatus"))
        manager.clients[0].shutdown(socket.SHUT_RDWR)
        wait_until(lambda: len(manager.named("QueueStatus")) == 2)

    for name in ("CoreStatus", "CoreSettings", "CoreShowChannels", "QueueStatus"):
        assert len(manager.named(name)) == 2
    assert causes(journal) == [LINK_CUT, OWN_RESTART]


def test_without_fully_booted_stock_is_taken_all_the_same_and_again_when_it_comes(journal: Journal) -> None:
    manager = Manager(booted=False)

    with server(manager) as pbx, linked(pbx, journal):
        wait_until(lambda: manager.named("QueueStatus"))
        manager.clients[0].sendall(b"Event: FullyBooted\r\n\r\n")
        wait_until(lambda: len(manager.named("QueueStatus")) == 2)


def test_a_second_fully_booted_changes_nothing(journal: Journal) -> None:
    manager = Manager()

    with server(manager) as pbx, linked(pbx, journal):
        wait_until(lambda: manager.named("QueueStatus"))
        manager.clients[0].sendall(b"Event: FullyBooted\r\n\r\n")
        wait_until(lambda: len(manager.named("Ping")) >= 2)

    assert len(manager.named("QueueStatus")) == 1


def test_a_silent_link_is_given_up_and_its_gap_begins_with_the_last_sign_of_life(journal: Journal) -> None:
    manager = Manager(answers=False)

    with server(manager) as pbx, linked(pbx.model_copy(update={"ping_seconds": 0.05}), journal):
        wait_until(lambda: len(manager.clients) >= 2)

    items = read_all(journal)
    ended = next(item for item in items if isinstance(item, Ended))
    before = [item for item in items if isinstance(item, Message) and item.sequence < ended.sequence]
    assert ended.cause == SILENT_LINK
    assert ended.at == pytest.approx(before[-1].received_at, abs=0.01)


def test_an_orderly_restart_of_the_pbx_is_told_from_a_cut(journal: Journal) -> None:
    manager = Manager()

    with server(manager) as pbx, linked(pbx, journal):
        wait_until(lambda: manager.named("QueueStatus"))
        manager.clients[0].sendall(b"Event: Shutdown\r\nShutdown: Cleanly\r\n\r\n")
        manager.clients[0].shutdown(socket.SHUT_RDWR)
        wait_until(lambda: len(manager.clients) == 2)

    assert causes(journal)[0] == PBX_RESTART


def test_a_refused_login_is_tried_again_rarely_and_leaves_nothing_in_the_journal(journal: Journal) -> None:
    manager = Manager()
    patience = Patience(first_pause=0.001, longest_pause=0.001, refused_pause=60.0)

    with server(manager) as pbx:
        wrong = pbx.model_copy(update={"secret": pbx.secret.__class__("wrong")})
        with structlog.testing.capture_logs() as logs, linked(wrong, journal, patience) as supervisor:
            wait_until(lambda: any("no link" in log["event"] for log in logs))

    assert len(manager.named("Login")) == 1
    assert isinstance(supervisor.first_try, PbxLoginRefused)
    assert segments(journal.folder) == []


def test_the_secret_is_nowhere_on_disk_nor_in_the_log(journal: Journal) -> None:
    manager = Manager(offers_md5=False)

    with structlog.testing.capture_logs() as logs, server(manager) as pbx, linked(pbx, journal):
        wait_until(lambda: manager.named("QueueStatus"))
    read_all(journal)

    files = [path for path in journal.folder.rglob("*") if path.is_file()]
    assert files
    assert all(SECRET.encode() not in path.read_bytes() for path in files)
    assert SECRET not in repr(logs)


def test_clocks_that_differ_are_reported_once_a_connection(journal: Journal) -> None:
    class Late(Manager):
        def answer(self, action: dict[str, str]) -> str:
            return super().answer(action).replace("\n\n", "\nTimestamp: 1000000000.5\n\n", 1)

    manager = Late()
    with structlog.testing.capture_logs() as logs, server(manager) as pbx:
        quick = pbx.model_copy(update={"ping_seconds": 0.2})
        with linked(quick, journal) as link:
            wait_until(lambda: len(manager.named("Ping")) >= 3)
            connections = link.connections  # more than one where this machine stalled

    reports = [log for log in logs if "clocks" in log["event"]]
    assert 1 <= len(reports) <= connections
    assert reports[0]["ahead_s"] < -1000


def test_a_journal_that_overflowed_gets_a_new_connection_when_it_writes_again(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = Manager()

    with server(manager) as pbx, linked(pbx.model_copy(update={"ping_seconds": 0.05}), journal):
        wait_until(lambda: manager.named("QueueStatus"))
        monkeypatch.setattr(journal, "_ring_bytes", 0)
        wait_until(lambda: journal.overflowed)
        monkeypatch.setattr(journal, "_ring_bytes", 1 << 20)
        wait_until(lambda: len(manager.named("QueueStatus")) == 2)

    assert causes(journal) == [JOURNAL_FULL, OWN_RESTART]


def test_one_thread_of_a_connection_is_left_when_it_ends(journal: Journal) -> None:
    before = threading.active_count()
    manager = Manager()

    with server(manager) as pbx, linked(pbx, journal):
        for number in range(1, 6):
            wait_until(lambda number=number: len(manager.named("QueueStatus")) == number)  # type: ignore[misc]
            manager.clients[-1].shutdown(socket.SHUT_RDWR)
        wait_until(lambda: len(manager.clients) == 6)

    wait_until(lambda: threading.active_count() <= before)


# ---------------------------------------------------------------- against the replay tool


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--split", "1-700"),
        ("--lf",),
        ("--garbage", "0.05", "--oversize", "200000"),
        ("--stall-after", "200", "--stall-seconds", "0.5"),
        ("--fully-booted", "0.2"),
    ],
    ids=lambda options: options[0].strip("-") if options else "plain",
)
def test_every_event_of_a_stream_reaches_the_journal(journal: Journal, options: tuple[str, ...]) -> None:
    events = capture("busy_mini") / "events.ami.gz"

    with replaying(events, options=("--close-after", "0.1", *options)) as replay:
        with linked(replay.settings(), journal, Patience(first_pause=30.0, booted=0.3)) as supervisor:
            wait_until(lambda: supervisor.connections and not supervisor.connected)
        done = replay.stop()

    found = [item for item in read_all(journal) if isinstance(item, Message)]
    sent = [
        plain(message) for message in connections([events])[0].messages() if message.name != "" and not login(message)
    ]
    assert done["events"] == len(sent)
    assert not Counter(sent) - Counter(plain(message) for message in found)
    assert [item.sequence for item in found] == sorted({item.sequence for item in found})


def plain(message: Message) -> bytes:
    return message.raw.replace(b"\r", b"").strip()


def login(message: Message) -> bool:
    """The answer to the login of the client that captured, together with the banner before it."""
    return b"Response: " in message.raw


class Listing(Manager):
    """A PBX whose user may pause members, but start no calls."""

    def answer(self, action: dict[str, str]) -> str:
        text = super().answer(action)
        if action["Action"] == "ListCommands":
            may = "Ping: Keepalive command.  (Priv: <none>)\nQueuePause: Makes a member unavailable.  (Priv: agent,all)"
            return text.rstrip("\n") + f"\n{may}\n\n"
        return text


def test_a_right_is_missing_where_the_pbx_does_not_offer_what_it_allows(journal: Journal) -> None:
    with server(Listing()) as pbx:
        needs = {"originate": PbxOriginate(enabled=True), "queues": PbxQueues(enabled=True)}
        with linked(pbx.model_copy(update=needs), journal) as link:
            wait_until(lambda: bool(link.lacks))

            assert link.lacks == (PbxRight.ORIGINATE,)
