"""Clients as people use them: numbers attached and moved, cards merged and taken apart, a file with bad rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from data.identity.actor import Role
from data.identity.users import Users
from data.settings import Settings
from data.store.database import Database
from tests.browser.conftest import PASSWORD, LiveApp
from tests.builders import Office, inbound
from tests.dashboard.serving import running as serving

pytestmark = pytest.mark.browser

PageAs = Callable[..., Page]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A running application and the office behind it."""

    app: LiveApp
    office: Office


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An office without clients; tests take names and numbers of their own."""
    folder = tmp_path_factory.mktemp("clients")
    settings, users = Settings(data=folder), Users(Settings(data=folder))
    for role in Role:
        users.ensure(role.value, password=PASSWORD, role=role, name=f"Имя {role.value}")
    with Database(folder) as store:
        office = Office(store)
        office.employee("Иванов Пётр", "201")
        with serving(settings, store) as process:
            yield Place(app=LiveApp(url=process.url, settings=settings, store=store), office=office)


def unused() -> str:
    """Ten digits of a mobile number that nobody has, also when a test is tried again."""
    return f"916{uuid4().int % 10**7:07}"


def attach(page: Page, number: str) -> None:
    """Type a number into the card's section of numbers."""
    section = page.locator("#client-card section").nth(1)
    section.get_by_role("button", name="Добавить").click()
    page.get_by_label("Телефон", exact=True).fill(number)
    page.get_by_role("button", name="Привязать").click()


def test_a_number_is_attached_and_moves_only_after_the_owner_was_shown(page_as: PageAs, place: Place) -> None:
    office, number = place.office, unused()
    shown = f"+7 {number[:3]} {number[3:6]}-{number[6:8]}-{number[8:]}"
    office.add(inbound(datetime.now(UTC) - timedelta(hours=2), f"+7{number}", talked="201"))
    former, latter = office.client("Первый владелец"), office.client("Второй владелец")
    page = page_as("supervisor", f"/clients/{former}", app=place.app)

    attach(page, f"8 (916) {number[3:6]}-{number[6:]}")
    expect(page.locator(".c-entry.is-call")).to_have_count(1)
    page.goto(f"/clients/{latter}")
    attach(page, shown)
    expect(page.locator(".c-ask")).to_contain_text("Первый владелец")
    page.get_by_role("button", name="Перенести сюда").click()

    card = page.locator("#client-card")
    expect(card).to_contain_text(shown)
    page.get_by_role("button", name="Чей был этот номер").click()
    expect(page.locator("dialog")).to_contain_text(re.compile("Первый владелец.*Второй владелец", re.DOTALL))
    page.goto(f"/clients/{former}")
    expect(page.locator(".c-former")).to_contain_text("1 прежний номер")
    expect(page.locator(".c-entry.is-call")).to_have_count(1)


def test_two_cards_are_merged_after_a_preview_and_come_apart_again(page_as: PageAs, place: Place) -> None:
    word, ours, theirs = f"лютик{uuid4().hex[:6]}", unused(), unused()
    kept = place.office.client(f"ООО «{word}»", f"+7{ours}")
    gone = place.office.client(f"{word}, ООО", f"+7{theirs}")
    page = page_as("supervisor", "/clients/duplicates", app=place.app)

    page.locator(".c-pair", has_text=word).get_by_role("button", name="Сравнить и объединить").click()
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text(ours[-2:])
    expect(dialog).to_contain_text(theirs[-2:])
    dialog.get_by_role("button", name="Объединить", exact=True).click()

    expect(page).to_have_url(re.compile(f"/clients/({kept}|{gone})$"))
    card = page.locator("#client-card")
    expect(card).to_contain_text(ours[-2:])
    expect(card).to_contain_text(theirs[-2:])
    page.get_by_role("button", name="Отменить объединение").click()

    expect(page.locator(".c-merged")).to_have_count(0)
    expect(card.locator(".c-lines").first.locator("li")).to_have_count(1)
    page.goto(f"/clients?q={word}")
    expect(page.locator(".c-table tbody tr")).to_have_count(2)


def test_of_two_who_change_a_card_the_second_sees_what_the_first_wrote(page_as: PageAs, place: Place) -> None:
    account_id = place.office.client("Общая карточка")
    first = page_as("supervisor", f"/clients/{account_id}", app=place.app)
    second = page_as("administrator", f"/clients/{account_id}", app=place.app)
    for page in (first, second):
        page.locator("#client-card").get_by_role("button", name="Изменить").click()

    first.get_by_label("Примечание").fill("Написал первый")
    first.get_by_role("button", name="Сохранить").click()
    expect(first.locator("#client-card .c-notes")).to_have_text("Написал первый")
    second.get_by_label("Название").fill("Общая карточка 2")
    second.get_by_role("button", name="Сохранить").click()

    expect(second.locator(".j-conflict")).to_contain_text("Написал первый")
    second.get_by_role("button", name="Оставить моё").click()
    expect(second.locator("#client-name")).to_have_text("Общая карточка 2")


@pytest.mark.parametrize(
    ("path", "shown"), [("/clients/{one}", "#client-card .c-lines"), ("/clients/duplicates", ".c-pair")]
)
def test_axe_finds_nothing_on_a_card_and_among_duplicates(page_as: PageAs, place: Place, path: str, shown: str) -> None:
    word = f"<b>лютик{uuid4().hex[:6]}</b>"
    one = place.office.client(word, f"+7{unused()}")
    place.office.client(word)
    page = page_as("supervisor", path.format(one=one), app=place.app, color_scheme="dark")
    page.locator(shown).first.wait_for()

    found = Axe().run(page)

    assert [(sin["id"], [node["html"] for node in sin["nodes"]][:3]) for sin in found["violations"]] == []


def test_a_file_with_bad_rows_is_previewed_taken_and_its_bad_rows_come_back(
    page_as: PageAs, place: Place, tmp_path: Path
) -> None:
    file, word, number = tmp_path / "клиенты.csv", uuid4().hex[:8], unused()
    rows = [f"{word};Импорт {word};8{number}", "2;;89161110005", "3;Импорт три;нет номера"]
    file.write_bytes("\n".join(["Код;Название;Телефон", *rows]).encode("cp1251"))
    page = page_as("supervisor", "/clients/import", app=place.app)

    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_label("Телефон")).to_have_value("phone")
    page.get_by_role("button", name="Проверить").click()
    expect(page.locator(".c-counts")).to_have_text("1 новый клиент2 строки не будут загружены")
    with page.expect_download() as download:
        page.get_by_role("link", name="Скачать строки с причинами").click()
    page.get_by_role("button", name="Загрузить", exact=True).click()

    expect(page.get_by_role("heading", name="Загрузка завершена")).to_be_visible()
    bad = download.value.path().read_text("utf-8-sig").splitlines()
    assert bad[0] == "Строка,Код,Название,Телефон,Почему не загружено"
    assert bad[1:] == ["3,2,,89161110005,нет названия", "4,3,Импорт три,нет номера,нет номера — не телефонный номер"]
    page.get_by_role("button", name="К списку клиентов").click()
    page.get_by_role("searchbox").fill(word)
    expect(page.locator(".c-table tbody tr")).to_have_count(1)
