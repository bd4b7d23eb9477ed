"""Cards and the wall board while a recorded PBX speaks: two people look, piece by piece as the test lets it."""

from __future__ import annotations

import gzip
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from data.identity.actor import Role
from data.identity.users import Users
from data.settings import Pbx, PbxOriginate, Settings, Site
from data.store.opening import open_store
from ingest.daemon import ingest
from ingest.sources.ami_supervisor import Patience
from ingest.stream import Framer
from tests.browser.conftest import PASSWORD, LiveApp
from tests.builders import Office, inbound
from tests.dashboard.serving import running
from tests.ingest.manager import SECRET, Manager

pytestmark = pytest.mark.browser
SCENARIOS = Path(__file__).parents[1] / "scenarios"
SOON = Patience(first_pause=0.05, longest_pause=0.1, booted=0.2)
NUMBER = "79161112208"
MISSED = "79031234577"  # whom the recorded employee calls by a click
_STAMP = re.compile(rb"Timestamp: (\d+\.\d+)")


class Pretending(Manager):
    """A PBX that says what the test lets it, and whose lists are empty."""

    def __init__(self) -> None:
        super().__init__()
        self.originate: dict[str, str] = {}
        self.asked = threading.Event()

    def answer(self, action: dict[str, str]) -> str:
        text = super().answer(action)
        if action["Action"] == "Originate":
            self.originate = action
            self.asked.set()
        if action["Action"] in ("QueueStatus", "CoreShowChannels"):
            text += f"Event: {action['Action']}Complete\nActionID: {action['ActionID']}\n\n"
        return text


class Switch:
    """The manager port of a PBX: it can be shut and opened again."""

    def __init__(self) -> None:
        self.manager = Pretending()
        self._door: socket.socket | None = None
        self.port = 0
        self.open()

    def open(self) -> None:
        self._door = socket.create_server(("127.0.0.1", self.port))
        self.port = self._door.getsockname()[1]
        threading.Thread(target=self._serve, args=(self._door,), daemon=True).start()

    def shut(self) -> None:
        assert self._door is not None
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        for client in self.manager.clients:
            client.shutdown(socket.SHUT_RDWR)
        self.manager.clients.clear()

    def say(self, messages: list[bytes]) -> None:
        self.manager.clients[-1].sendall(b"".join(raw.rstrip() + b"\r\n\r\n" for raw in messages))

    def _serve(self, door: socket.socket) -> None:
        while True:
            try:
                client, _ = door.accept()
            except OSError:
                return
            threading.Thread(target=self.manager, args=(client,), daemon=True).start()


def recorded(name: str) -> list[bytes]:
    """What the PBX said in a scenario, without answers to questions, as if it began just now."""
    (file,) = (SCENARIOS / name).glob("events.ami*")
    data = file.read_bytes()
    data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    ahead = time.time() - float(_STAMP.search(data)[1])  # type: ignore[index]
    data = _STAMP.sub(lambda found: b"Timestamp: %.6f" % (float(found[1]) + ahead), data)
    return [raw for raw, _ in Framer().feed(data) if b"Event: " in raw and b"EventList" not in raw]


def name_of(raw: bytes) -> bytes:
    return raw.split(b"Event: ", 1)[1].split(b"\r\n", 1)[0]


def acts(messages: list[bytes], *marks: bytes) -> list[list[bytes]]:
    """The messages in pieces; each mark names the event that begins the next piece."""
    names, places = [name_of(raw) for raw in messages], [0]
    for mark in marks:
        places.append(names.index(mark, places[-1]))
    return [messages[begin:end] for begin, end in zip(places, [*places[1:], len(messages)], strict=True)]


@contextmanager
def office(folder: Path, switch: Switch) -> Iterator[LiveApp]:
    pbx = Pbx(
        name="lab",
        host="127.0.0.1",
        port=switch.port,
        user="callboard",
        secret=SecretStr(SECRET),
        originate=PbxOriginate(enabled=True),
    )
    settings = Settings(data=folder / "var", site=Site(name="Ромашка"), pbx=[pbx])
    users = Users(settings)
    users.ensure("supervisor", password=PASSWORD, role=Role.SUPERVISOR, name="Шеф")
    users.ensure("manager", password=PASSWORD, role=Role.MANAGER, name="Анна", extension="201")
    stop, ready = threading.Event(), threading.Event()
    with open_store(settings) as store:
        filled = Office(store)  # type: ignore[arg-type]
        filled.employee("Иван Петров", "201")
        filled.employee("Анна Смирнова", "202")
        filled.client("ООО «Лютик»", f"+{NUMBER}")
        options = {"ready": ready.set, "stop": stop, "patience": SOON}
        listening = threading.Thread(target=ingest, args=(settings, store), kwargs=options, daemon=True)
        with running(settings, store) as process:
            listening.start()
            try:
                assert ready.wait(60)
                yield LiveApp(url=process.url, settings=settings, store=store)
            finally:
                stop.set()
                listening.join(60)


def test_a_recorded_call_is_followed_on_the_card_and_on_the_board_and_a_lost_link_is_told(
    page_as: Callable[..., Page], tmp_path: Path
) -> None:
    switch = Switch()
    rings, answers, _ = acts(recorded("in_queue_answered_second"), b"DialEnd", b"AgentComplete")
    with office(tmp_path, switch) as app:
        employee = page_as("manager", "/clients", app=app)
        board = page_as("supervisor", "/live", app=app)
        card = employee.locator(".call-card")
        queue = board.locator('[data-queue="sales"]')
        expect(board.locator(".lb-calls .lb-none")).to_be_visible()
        expect(card).to_have_count(0)

        began = datetime.now(UTC)
        switch.say(rings)
        expect(card).to_contain_text("ООО «Лютик»")
        expect(card).to_have_attribute("data-state", "ringing")
        expect(queue.locator("td").first).to_have_text("1")
        expect(board.locator('[data-extension="201"]')).to_contain_text("звонит телефон")
        since = board.locator(".lb-call .lb-clock").get_attribute("data-since")
        assert since is not None
        shown = datetime.fromisoformat(since)
        assert began - timedelta(seconds=5) < shown < datetime.now(UTC) + timedelta(seconds=5)
        card.locator("textarea").fill("Просил <b>перезвонить</b>")
        employee.reload()
        expect(card.locator("textarea")).to_have_value("Просил <b>перезвонить</b>")

        switch.say(answers)
        expect(board.locator('[data-extension="202"]')).to_contain_text("говорит")
        expect(board.locator(".lb-call")).to_contain_text("ООО «Лютик»")
        expect(queue.locator("td").first).to_have_text("0")
        assert [(one["id"], one["help"]) for one in Axe().run(board)["violations"]] == []

        switch.shut()
        expect(board.locator(".lb-stale")).to_contain_text("Нет связи с АТС lab")
        expect(board.locator(".lb-call")).to_contain_text("разговор")
        switch.open()
        expect(board.locator(".lb-stale")).to_have_count(0)
        expect(board.locator(".lb-calls .lb-none")).to_be_visible()


# Notes what a tab would say aloud, instead of saying it.
EARS = """
() => {
    window.told = [];
    window.Notification = function (title, options) { window.told.push(`${title}: ${options.body}`); };
    window.Notification.permission = "granted";
    const node = { connect: (next) => next, stop() {}, frequency: {} };
    const gain = { setValueAtTime() {}, exponentialRampToValueAtTime() {} };
    window.AudioContext = class {
        currentTime = 0;
        createOscillator() { return { ...node, start: () => window.told.push("tone") }; }
        createGain() { return { ...node, gain }; }
    };
}
"""


def test_one_tab_rings_and_notifies_another_takes_over_and_nothing_disturbs_who_wants_none(
    page_as: Callable[..., Page], tmp_path: Path
) -> None:
    switch = Switch()
    with office(tmp_path, switch) as app:
        first = page_as("manager", "/clients", app=app)
        first.context.add_init_script(f"({EARS})()")
        first.reload()
        for choice in ("Звук звонка", "Уведомления о звонках"):
            _choose(first, choice)
        second = first.context.new_page()
        second.goto("/clients")
        first.evaluate("() => (window.told.length = 0)")

        _ring(switch, "in_direct_answered", first, second)
        assert set(_told(first)) == {"tone", f"Вам звонят: {SHOWN['in_direct_answered']}"}
        assert _told(second) == []

        first.close()
        second.wait_for_function("() => window.callboard.isLead() && window.callboard.isLive()")
        _ring(switch, "hold_unhold", second)
        assert set(_told(second)) == {"tone", f"Вам звонят: {SHOWN['hold_unhold']}"}

        _choose(second, "Не беспокоить")
        second.evaluate("() => (window.told.length = 0)")
        _ring(switch, "transfer_blind_answered", second)
        assert _told(second) == []
        expect(second.locator(".call-card").last).to_have_class(re.compile("is-folded"))


def test_a_browser_that_was_away_shows_what_goes_on_without_being_loaded_anew(
    page_as: Callable[..., Page], tmp_path: Path
) -> None:
    switch = Switch()
    rings, answers = acts(recorded("in_direct_answered"), b"DialEnd")
    with office(tmp_path, switch) as app:
        employee, board = page_as("manager", "/clients", app=app), page_as("supervisor", "/live", app=app)
        expect(board.locator(".lb-calls .lb-none")).to_be_visible()
        for page in (employee, board):
            page.evaluate("() => (window.isSame = true)")
            page.context.set_offline(True)
        expect(board.locator(".lb-stale")).to_be_visible()

        switch.say(rings)
        for page in (employee, board):
            page.context.set_offline(False)

        expect(employee.locator(".call-card")).to_have_attribute("data-state", "ringing")
        expect(board.locator(".lb-call .lb-state")).to_have_text("вызов")
        expect(board.locator(".lb-stale")).to_have_count(0)
        switch.say(answers)
        expect(employee.locator(".call-card")).to_have_attribute("data-state", "ended")
        assert [page.evaluate("() => window.isSame") for page in (employee, board)] == [True, True]


SHOWN = {"in_direct_answered": "+7 916 111-22-01", "hold_unhold": "+7 916 111-22-47"}


def _choose(page: Page, choice: str) -> None:
    page.locator(".side summary").last.click()
    with page.expect_response(lambda response: "preferences" in response.url):
        page.get_by_label(choice).check()
    page.keyboard.press("Escape")


def _ring(switch: Switch, scenario: str, *pages: Page) -> None:
    """A phone rings until its card stands on every page; then the call goes on to its end."""
    before = [page.locator(".call-card").count() for page in pages]
    rings, rest = acts(recorded(scenario), b"DialEnd")
    switch.say(rings)
    for page, count in zip(pages, before, strict=True):
        expect(page.locator(".call-card")).to_have_count(count + 1)
    switch.say(rest)
    for page in pages:
        expect(page.locator(".call-card").last).not_to_have_attribute("data-state", re.compile("ringing|talking"))


def _told(page: Page) -> list[str]:
    said: list[str] = page.evaluate("() => window.told")
    return said


def test_a_missed_caller_is_called_back_by_a_click_and_waits_no_more(
    page_as: Callable[..., Page], tmp_path: Path
) -> None:
    switch = Switch()
    with office(tmp_path, switch) as app:
        filled = Office(app.store)  # type: ignore[arg-type]
        filled.add(inbound(datetime.now(UTC) - timedelta(hours=1), f"+{MISSED}", rang=["201"], call_id="lab-1.1"))
        page = page_as("manager", "/callbacks", app=app)
        row = page.locator('.cb-row[data-call="lab-1.1"]')
        row.locator("[data-do=call]").click()
        expect(row).to_contain_text("у меня")

        assert switch.manager.asked.wait(60)
        order = switch.manager.originate
        assert (order["Channel"], order["Exten"], order["Async"]) == ("PJSIP/201", MISSED, "true")
        messages = recorded("click_to_call")
        mine = b"\r\nActionID: " + order["ActionID"].encode()
        messages = [raw.rstrip() + mine if name_of(raw) == b"OriginateResponse" else raw for raw in messages]
        rings, dials, talks, ends = acts(messages, b"OriginateResponse", b"BridgeEnter", b"BridgeLeave")

        switch.say(rings)
        expect(page.locator(".call-card")).to_have_attribute("data-state", re.compile("ringing|calling"))
        switch.say(dials)
        expect(page.locator(".dial-card")).to_contain_text("вызываем абонента")
        switch.say(talks)
        expect(page.locator(".call-card")).to_have_attribute("data-state", "talking")
        switch.say(ends)
        expect(row).to_have_count(0)
        expect(page.locator(".call-card")).to_have_attribute("data-state", "ended")
        expect(page.locator(".dial-card")).to_contain_text("Разговор завершён")
