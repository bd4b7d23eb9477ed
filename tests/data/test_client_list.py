"""The list of clients: what a search finds, filters, orders, and blocks that neither skip nor repeat."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data.errors import BadCursor, NotAllowed
from data.identity.actor import Actor, Role
from data.services.client_list import (
    NOBODY,
    ClientFilter,
    ClientSort,
    client_page,
    count_clients,
    export_clients,
)
from data.services.clients import ClientFields, ClientKind, ContactFields, create_client
from data.services.contacts import create_contact
from data.services.numbers import attach_number
from data.store.database import Database
from tests.data.told import ANALYST, CHIEF, SITE, employee, local, told, write

NOON = local("03-02 12:00")
NUMBER = "79123456789"


def names(database: Database, actor: Actor = CHIEF, **wanted: object) -> list[str]:
    page = client_page(database, actor, ClientFilter(**wanted), site=SITE)  # type: ignore[arg-type]
    return [row.name for row in page.rows]


@pytest.fixture
def office(database: Database) -> Database:
    """Three clients, of which one has all that can be searched."""
    olga = employee(database, "Семёнова Ольга", "201")
    fields = ClientFields(
        name="ООО «Ёлка»", responsible_id=olga, emails=("info@elka.ru",), external_id="1c-77", tags=("Опт",)
    )
    account_id = create_client(database, CHIEF, fields, now=NOON)
    person = ContactFields(name="Ирина Крюкова", emails=("irina@elka.ru",))
    contact_id = create_contact(database, CHIEF, account_id, person, now=NOON)
    attach_number(database, CHIEF, NUMBER, account_id, contact_id=contact_id, now=NOON)
    for minutes, fields in enumerate(
        (ClientFields(name="Астра"), ClientFields(name="Яков", kind=ClientKind.PERSON)), 1
    ):
        create_client(database, CHIEF, fields, now=NOON + timedelta(minutes=minutes))
    return database


@pytest.mark.parametrize(
    "text",
    ["елка", "ЁЛКА", "крюк", "семенова", "+7 (912) 345", "8912345", "345-67-89", "irina@", "info@elka", "1c-77", "опт"],
)
def test_a_client_is_found_by_all_that_stands_on_his_card(office: Database, text: str) -> None:
    assert names(office, search=text) == ["ООО «Ёлка»"]
    assert count_clients(office, CHIEF, ClientFilter(search=text), site=SITE) == 1


@pytest.mark.parametrize("text", ["irina@", "345-67-89", "info@elka"])
def test_who_may_not_see_numbers_finds_nobody_by_them_nor_by_mail(office: Database, text: str) -> None:
    assert names(office, ANALYST, search=text) == []


def test_numbers_are_masked_and_addresses_left_out_for_who_may_not_see_them(office: Database) -> None:
    (row,) = client_page(office, ANALYST, ClientFilter(search="елка"), site=SITE).rows

    assert (row.numbers, row.emails) == (("7912•••••89",), ())


def test_filters_leave_clients_of_a_kind_a_responsible_or_a_tag(office: Database) -> None:
    (row,) = client_page(office, CHIEF, ClientFilter(search="елка"), site=SITE).rows

    assert names(office, kind=ClientKind.PERSON) == ["Яков"]
    assert names(office, responsible=row.responsible_id) == ["ООО «Ёлка»"]
    assert names(office, responsible=NOBODY) == ["Астра", "Яков"]
    assert names(office, tag="Опт") == ["ООО «Ёлка»"]


def test_orders_are_by_name_or_by_the_last_change(office: Database) -> None:
    assert names(office) == ["Астра", "ООО «Ёлка»", "Яков"]
    assert names(office, sort=ClientSort.CHANGED, descending=True) == ["Яков", "Астра", "ООО «Ёлка»"]


def test_the_row_tells_the_last_call(office: Database) -> None:
    write(office, told("call", "03-02 13:00", number=NUMBER))

    (row,) = client_page(office, CHIEF, ClientFilter(search="елка"), site=SITE).rows
    assert row.last_call_at == local("03-02 13:00")


@pytest.mark.parametrize("descending", [False, True])
def test_blocks_there_and_back_show_every_client_once(database: Database, descending: bool) -> None:
    for place in range(7):
        create_client(database, CHIEF, ClientFields(name=f"Клиент {place % 3}"), now=NOON)  # equal names, too
    wanted = ClientFilter(descending=descending)

    there, back = [], []
    page = client_page(database, CHIEF, wanted, site=SITE, limit=3)
    while True:
        there.append([row.account_id for row in page.rows])
        if page.after is None:
            break
        page = client_page(database, CHIEF, wanted, site=SITE, after=page.after, limit=3)
    while page.before is not None:
        page = client_page(database, CHIEF, wanted, site=SITE, before=page.before, limit=3)
        back.append([row.account_id for row in page.rows])

    assert [len(block) for block in there] == [3, 3, 1]
    assert len({account_id for block in there for account_id in block}) == 7
    assert back == there[-2::-1]


@pytest.mark.parametrize("cursor", ["nonsense", "", "W10", "WyJjaGFuZ2VkIiwieCIsInkiXQ"])
def test_a_cursor_that_is_none_is_refused(office: Database, cursor: str) -> None:
    with pytest.raises(BadCursor):
        client_page(office, CHIEF, ClientFilter(), site=SITE, after=cursor)


def test_an_export_has_every_client_and_needs_the_right(office: Database) -> None:
    exported = [row.name for block in export_clients(office, CHIEF, ClientFilter(), site=SITE) for row in block]

    assert exported == names(office)
    with pytest.raises(NotAllowed, match="export"):
        list(export_clients(office, Actor(user="anna", role=Role.MANAGER), ClientFilter(), site=SITE))
