"""Chats in real browsers: two people at once, the lock of 24 hours, hostile words, a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from data.identity.actor import Role, system
from data.identity.users import Users
from data.messaging import MessageKind, MessageReceived, Messenger
from data.services.chats.orders import revised, taken
from data.services.chats.received_rows import Delivered
from data.services.chats.receiving import receive
from tests.browser.conftest import PASSWORD, LiveApp
from tests.data.chat_desk import Desk

pytestmark = pytest.mark.browser

INGEST = system("ingest")
CARRIES = """(node, [way, files]) => {
    const data = new DataTransfer();
    for (const [name, size] of files) data.items.add(new File([new Uint8Array(size).fill(65)], name));
    const told = { bubbles: true, cancelable: true };
    if (way === "paste") node.dispatchEvent(new ClipboardEvent("paste", { ...told, clipboardData: data }));
    else
        for (const name of ["dragover", "drop"])
            node.dispatchEvent(new DragEvent(name, { ...told, dataTransfer: data }));
}"""
SCRIPT = "<img src=x onerror=alert(1)> =1+1"


@pytest.fixture(scope="module")
def office(live_app: LiveApp) -> Iterator[LiveApp]:
    """The shared office with two more managers, each an employee of his own."""
    phones = live_app.store.query(
        "select extension from extension where employee_id is not null order by extension", actor=INGEST
    )["extension"].to_pylist()
    users = Users(live_app.settings)
    for login, name, phone in (("anna", "Анна", phones[0]), ("boris", "Борис", phones[1])):
        users.ensure(login, password=PASSWORD, role=Role.MANAGER, name=name, extension=phone)
    yield live_app


def writes(app: LiveApp, key: str, text: str, name: str = "Пётр", messenger: Messenger = Messenger.TELEGRAM) -> str:
    """A client writes; the id of his chat."""
    now = datetime.now(UTC)
    message = MessageReceived(
        messenger_message_id=str(uuid4()), user_key=key, sent_at=now, kind=MessageKind.TEXT, user_name=name, text=text
    )
    delivered = Delivered(account="tests", messenger=messenger, items=[message])
    receive(app.store, INGEST, [delivered], site=app.settings.site, now=now)
    found = app.store.query(
        "select chat_id::varchar as chat_id from chat where user_key = $key", {"key": key}, actor=INGEST
    )
    return str(found["chat_id"][0].as_py())


def test_two_people_work_on_one_chat_at_once(office: LiveApp, page_as: Callable[..., Page]) -> None:
    anna, boris = page_as("anna", "/chats"), page_as("boris", "/chats")
    chat_id = writes(office, "two", SCRIPT, name="<b>Пётр</b>")

    # Both see it come, as text; Anna takes it and it leaves the queue of Boris.
    expect(anna.locator(f'[data-chat="{chat_id}"]')).to_contain_text(SCRIPT)
    expect(boris.locator(f'[data-chat="{chat_id}"]')).to_contain_text("<b>Пётр</b>")
    anna.locator(f'[data-chat="{chat_id}"]').click()
    expect(anna.locator(".ch-bubble.is-theirs .ch-text")).to_have_text(SCRIPT)

    # Boris looks in, watches, and sees that she writes.
    boris.locator(f'[data-chat="{chat_id}"]').click()
    boris.locator(".ch-head .ch-menu-button").click()
    boris.locator(".ch-menu [data-do=watch]").click()
    expect(anna.locator(".ch-log")).to_contain_text("Наблюдает за чатом")
    anna.locator(".ch-input").press_sequentially("До")
    expect(boris.locator(".ch-typing")).to_contain_text("Анна")
    anna.locator("[data-do=take-head]").click()
    expect(anna.locator(".ch-log")).to_contain_text("Анна берёт чат в работу")
    expect(boris.locator(f'[data-chat="{chat_id}"]')).to_have_count(0)

    # What she writes is there at once; a note stays inside.
    anna.locator(".ch-input").fill("Добрый день!")
    anna.locator(".ch-input").press("Enter")
    expect(anna.locator(".ch-bubble.is-ours")).to_contain_text("Добрый день!")
    expect(anna.locator(".ch-bubble.is-ours .ch-receipt.is-queued")).to_have_count(1)
    anna.locator("[data-mode=note]").click()
    with anna.expect_response(lambda answer: answer.url.endswith("/notes") and answer.status == 201):
        anna.locator(".ch-input").fill("Клиент ждёт счёт")
        anna.locator(".ch-input").press("Enter")
    expect(anna.locator(".ch-bubble.is-note")).to_contain_text("Клиент ждёт счёт")

    # She hands it over with a note; it is Boris's, and hers no more.
    theirs = office.store.query(
        """
        select employee.employee_id::varchar as id
        from extension
        inner join employee using (employee_id)
        order by extension.extension
        """,
        actor=INGEST,
    )["id"].to_pylist()
    if not anna.locator("[data-do=hand-over]").is_visible():
        anna.locator("[data-do=about]").click()
    anna.locator("[data-do=hand-over]").click()
    anna.locator(".ch-form select").select_option(theirs[1])
    anna.locator(".ch-form textarea").fill("Твой клиент")
    anna.locator(".ch-form [type=submit]").click()
    expect(anna.locator(".ch-room")).to_contain_text("Этот чат больше не ваш")
    boris.locator("[data-choice='state.active']").click()
    boris.locator(f'[data-chat="{chat_id}"]').click()
    expect(boris.locator(".ch-log")).to_contain_text("Твой клиент")

    # He closes it; the client writes again and it comes back to him.
    boris.locator("[data-do=close-head]").click()
    expect(boris.locator(".ch-log")).to_contain_text("закрывает чат")
    writes(office, "two", "Спасибо!", name="<b>Пётр</b>")
    expect(boris.locator(".ch-log")).to_contain_text("Спасибо!")
    expect(boris.locator("[data-do=close-head]")).to_be_visible()
    expect(boris.locator(".ch-bubble")).to_have_count(5)  # nothing lost, nothing twice


def test_files_are_dropped_and_pasted_and_the_last_words_are_changed_with_the_arrow_up(
    office: LiveApp, page_as: Callable[..., Page]
) -> None:
    page = page_as("anna", f"/chats/{writes(office, f'files-{uuid4().hex}', 'Пришлите счёт')}")
    field, staged, toasts = page.locator(".ch-input"), page.locator(".ch-stage"), page.locator("#shell-toasts")
    expect(field).to_be_enabled()

    page.locator(".ch-room-body").evaluate(CARRIES, ["drop", [["счёт.pdf", 3_000], ["акт.pdf", 2_000]]])
    field.evaluate(CARRIES, ["paste", [["снимок.pdf", 500]]])
    expect(staged).to_have_count(3)
    page.locator(".ch-room-body").evaluate(CARRIES, ["drop", [["кино.mp4", 51 << 20], ["пусто.txt", 0]]])
    expect(toasts).to_contain_text("Файл «кино.mp4» слишком большой: мессенджер принимает до 50 МБ")
    expect(toasts).to_contain_text("Файл «пусто.txt» пуст")
    expect(staged).to_have_count(3)
    field.fill("Держыте")
    field.press("Enter")
    ours = page.locator(".ch-bubble.is-ours")
    expect(ours.locator(".ch-receipt.is-queued")).to_have_count(3)
    expect(ours.locator(".ch-file-name")).to_have_text(["счёт.pdf", "акт.pdf", "снимок.pdf"])

    # The words stand below the first file; what the messenger refuses to change stays, with the reason.
    for error, words, told in (("refused: 400", "Держыте", "не принято"), (None, "Держите", "изменено")):
        field.press("ArrowUp")
        expect(field).to_have_value("Держыте")
        field.fill("Держите")
        with page.expect_response(lambda answer: answer.request.method == "PUT" and answer.ok):
            field.press("Enter")
        expect(ours.first).to_contain_text("изменяется")
        carry_out_revision(office, error)
        expect(ours.first).to_contain_text(told)
        expect(ours.first.locator(".ch-text")).to_have_text(words)
    expect(ours.first).not_to_contain_text("не принято")

    # Escape leaves the menu, and not the chat.
    ours.first.locator("[data-do=revise]").click()
    page.keyboard.press("Escape")
    expect(page.locator(".ch-menu")).to_have_count(0)
    expect(field).to_be_visible()


def carry_out_revision(app: LiveApp, error: str | None) -> None:
    """What ingest does with the change that somebody just wanted."""
    sql = """
        select
            outbox.outbox_id::varchar as outbox_id,
            outbox.target,
            message.message_id::varchar as message_id,
            message.chat_id::varchar as chat_id,
            'theirs' as messenger_message_id,
            message.change_kind,
            message.change_text
        from outbox
        inner join message on message.message_id = try_cast(outbox.subject_id as uuid)
        where outbox.kind = 'revision' and outbox.state = 'queued'
    """
    [row] = app.store.query(sql, actor=INGEST).to_pylist()
    assert taken(app.store, INGEST, row["outbox_id"], now=datetime.now(UTC))
    revised(app.store, INGEST, row["outbox_id"], row, error=error, now=datetime.now(UTC))


def test_the_menu_of_a_row_makes_a_client_a_person_a_lead_and_a_task_of_a_chat(
    office: LiveApp, page_as: Callable[..., Page]
) -> None:
    who = f"menu-{uuid4().hex}"  # somebody else where the test is tried again
    chat_id = writes(office, who, "Есть вопрос", name=SCRIPT)
    page = page_as("supervisor", "/chats")
    row = page.locator(f'[data-chat="{chat_id}"]')

    def choose(what: str) -> None:
        row.click(button="right")
        page.locator(f".ch-menu [data-do={what}]").click()

    with page.expect_response(lambda answer: answer.url.endswith("/client") and answer.ok):
        choose("client")
    expect(row).to_contain_text(SCRIPT)
    choose("contact")
    expect(page.locator("#shell-toasts")).to_contain_text("Клиент чата изменён")
    choose("lead")
    expect(page.locator("#shell-toasts")).to_contain_text("Лид создан")
    choose("task")
    page.locator("dialog [type=submit]").click()
    expect(page.locator("dialog")).to_have_count(0)

    row.press("Shift+F10")
    page.locator(".ch-menu [data-do=take]").focus()
    expect(page.locator(".ch-menu [data-do=lead]")).to_have_count(0)  # one a chat
    page.keyboard.press("Enter")
    expect(row).to_have_count(0)  # it left the queue
    page.goto(f"/chats/{chat_id}")
    about = page.locator(".ch-side")
    for words in ("Лид создан", "Ответить:", SCRIPT):
        expect(about).to_contain_text(words)
    found = office.store.query(
        "select contact_id is not null as named, account_id is not null as known from chat where user_key = $who",
        {"who": who},
        actor=INGEST,
    ).to_pylist()
    assert found == [{"named": True, "known": True}]


def test_after_24_hours_only_a_template_is_offered_and_a_note_still_goes(
    office: LiveApp, page_as: Callable[..., Page]
) -> None:
    desk = Desk(store=office.store, ids={})  # type: ignore[arg-type]
    wrote = datetime.now(UTC) - timedelta(hours=25)
    chat_id = desk.chat(messenger="whatsapp", messenger_account="lock", wrote=wrote, chat_no=4_000)
    row = {"messenger_account": "lock", "name": "ready", "language": "ru", "state": "approved", "variables": 1}
    desk._append("message_template", row | {"body": "Здравствуйте, {{1}}! Заказ готов.", "synced_at": wrote})

    page = page_as("boris", f"/chats/{chat_id}", color_scheme="dark")

    expect(page.locator(".ch-window")).to_contain_text("Прошло больше 24 часов")
    expect(page.locator(".ch-input")).to_be_disabled()
    page.get_by_role("button", name="Выбрать шаблон").click()
    page.locator(".ch-fields input").fill("<i>Пётр</i>")
    expect(page.locator(".ch-preview")).to_have_text("Здравствуйте, <i>Пётр</i>! Заказ готов.")
    page.get_by_role("button", name="Отправить шаблон").click()
    expect(page.locator(".ch-bubble.is-ours .ch-receipt.is-queued")).to_have_count(1)
    page.locator("[data-mode=note]").click()
    expect(page.locator(".ch-input")).to_be_enabled()
    found = Axe().run(page)
    assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found["violations"]] == []


def test_on_a_phone_one_sees_the_list_or_the_chat_and_a_refused_message_is_not_lost(
    office: LiveApp, page_as: Callable[..., Page]
) -> None:
    chat_id = writes(office, "phone", "Есть кто?", name="Зоя")
    page = page_as("anna", "/chats", width=390, height=844)
    page.locator(f'[data-chat="{chat_id}"]').click()
    expect(page.locator(".ch-list")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    page.route("**/messages", lambda route: route.fulfill(status=500, json={"message": "сбой"}))
    page.locator(".ch-input").fill("Здесь!")
    page.locator(".ch-send").click()
    expect(page.locator(".ch-bubble.is-failed")).to_contain_text("Здесь!")
    page.unroute("**/messages")
    page.locator(".ch-bubble.is-failed").get_by_role("button", name="Отправить ещё раз").click()
    expect(page.locator(".ch-bubble.is-ours .ch-receipt.is-queued")).to_have_count(1)
    expect(page.locator(".ch-bubble.is-failed")).to_have_count(0)

    page.locator(".ch-input").fill("черновик")
    expect(page.locator(".ch-input")).to_have_value("черновик")
    page.locator(".ch-back").click()
    expect(page.locator(".ch-list")).to_be_visible()
    page.goto(f"/chats/{chat_id}")
    expect(page.locator(".ch-input")).to_have_value("черновик")


def test_a_long_list_scrolls_in_its_pane_and_the_page_ends_at_the_window(page_as: Callable[..., Page]) -> None:
    page = page_as("supervisor", "/chats?state=closed", height=500)

    expect(page.locator(".ch-row").nth(8)).to_be_attached()

    assert page.evaluate("document.documentElement.scrollHeight") <= 500
    assert page.locator(".ch-rows").evaluate("list => list.scrollHeight > list.clientHeight")
