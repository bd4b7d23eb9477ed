"""Leads: the list is the report's, as of any moment, and what people write down of them is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from data.errors import BadInput, Conflict, NotAllowed, NotFound
from data.identity.actor import Actor, Role, Scope
from data.journal import LeadState
from data.metrics.measure import measure
from data.metrics.periods import Period
from data.services.leads import (
    NONE,
    Lead,
    LeadFields,
    LeadFilter,
    LeadResult,
    LeadSource,
    LeadWork,
    create_lead,
    lead_totals,
    leads,
    save_lead,
)
from data.store.database import Database
from tests.data.told import ANALYST, CHIEF, SITE, account, employee, local, own, told, write

NOW = local("03-05 12:00")
PERIOD = Period(from_on=local("03-01 12:00").date(), to_on=local("03-05 12:00").date())
CLERK = Actor(user="boris", role=Role.MANAGER, extensions=frozenset({"202"}), scope=Scope.OWN)
REPORT = ("leads", "leads_registered", "leads_unregistered", "leads_lost")


def listed(
    database: Database, wanted: LeadFilter | None = None, *, actor: Actor = CHIEF, **asked: object
) -> list[Lead]:
    return list(leads(database, actor, SITE, PERIOD, wanted or LeadFilter(), now=NOW, **asked))  # type: ignore[arg-type]


@pytest.fixture
def office(database: Database) -> Database:
    """Four strangers, a client, a number we called first, a hidden one, and a call before the period."""
    write(
        database,
        told("talked", "03-01 10:00", number="+79120000001"),
        told("lost", "03-02 10:00", "missed", number="+79120000002"),
        told("became", "03-02 11:00", number="+79120000003"),
        told("fresh", "03-04 11:00", "missed", number="+79120000004", employees=["202"]),
        told("client", "03-02 12:00", number="+79120000005"),
        told("ours", "03-02 13:00", "reached", number="+79120000006"),
        told("back", "03-02 14:00", number="+79120000006"),
        told("again", "03-03 10:00", number="+79120000001"),
        told("hidden", "03-03 11:00", number=None),
        told("older", "02-10 11:00", number="+79120000007"),
    )
    own(database, "79120000005", account(database, "Давний"), "01-01 00:00")
    own(database, "79120000003", account(database, "Ромашка"), "03-03 09:00")
    return database


def test_leads_are_the_first_calls_of_strangers_with_what_became_of_them(office: Database) -> None:
    assert [(lead.call_id, lead.fate, lead.client) for lead in listed(office)] == [
        ("fresh", LeadState.LOST, None),
        ("became", LeadState.REGISTERED, "Ромашка"),
        ("lost", LeadState.LOST, None),
        ("talked", LeadState.UNREGISTERED, None),
    ]


@pytest.mark.parametrize("as_of", [None, "03-02 10:30", "03-02 23:00", "03-03 08:00", "03-03 10:00", "03-04 12:00"])
@pytest.mark.parametrize("actor", [CHIEF, CLERK], ids=["all", "own"])
def test_counts_are_those_of_the_report_as_of_any_moment(office: Database, as_of: str | None, actor: Actor) -> None:
    moment = local(as_of) if as_of else None

    totals = lead_totals(office, actor, SITE, PERIOD, LeadFilter(), as_of=moment, now=NOW)
    rows = listed(office, actor=actor, as_of=moment)

    days: dict[str, Any] = {"from_on": PERIOD.from_on, "to_on": PERIOD.to_on}
    report = measure(office, REPORT, **days, site=SITE, actor=actor, as_of=moment, now=NOW)
    assert [totals.leads, totals.registered, totals.unregistered, totals.lost] == report.iloc[0].tolist()
    assert len(rows) == totals.leads
    assert [sum(row.fate == fate for row in rows) for fate in LeadState] == report.iloc[0].tolist()[1:]


def test_what_is_written_down_of_a_lead_is_kept_and_found(office: Database) -> None:
    anna = employee(office, "Анна", "201")
    changes = {"work": LeadWork.ACTIVE, "responsible_id": anna, "comment": " ждёт счёт ", "result": LeadResult.SALE}

    assert save_lead(office, CHIEF, SITE, "call:lost", changes, version=0, now=NOW) == 1
    assert save_lead(office, CHIEF, SITE, "call:lost", {"work": LeadWork.CLOSED}, version=1, now=NOW) == 2

    lead = next(one for one in listed(office) if one.call_id == "lost")
    kept = LeadFields(responsible_id=anna, work=LeadWork.CLOSED, comment="ждёт счёт", result=LeadResult.SALE)
    assert (lead.fields, lead.responsible, lead.version) == (kept, "Анна", 2)
    actions = office.query("select action, actor from audit order by rowid", actor=CHIEF).to_pylist()
    assert [tuple(row.values()) for row in actions] == [("lead.create", "olga"), ("lead.change", "olga")]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (LeadFilter(fates=frozenset({LeadState.LOST})), ["fresh", "lost"]),
        (LeadFilter(works=frozenset({LeadWork.CLOSED})), ["lost"]),
        (LeadFilter(results=frozenset({LeadResult.REFUSAL})), ["lost"]),
        (LeadFilter(results=frozenset({NONE})), ["fresh", "became", "talked"]),
        (LeadFilter(responsible=frozenset({NONE})), ["fresh", "became", "lost", "talked"]),
        (LeadFilter(sources=frozenset({LeadSource.CHAT})), []),
        (LeadFilter(channels=frozenset({"Сайт"})), ["fresh", "became", "lost", "talked"]),
        (LeadFilter(channels=frozenset({"Карты"})), []),
        (LeadFilter(search="ромАш"), ["became"]),
        (LeadFilter(search="подумает"), ["lost"]),
        (LeadFilter(search="8 912 000-00-04"), ["fresh"]),
        (LeadFilter(search="'; drop table lead; --"), []),
    ],
)
def test_filters_leave_what_they_say(office: Database, wanted: LeadFilter, found: list[str]) -> None:
    office.append("acquisition_channel", pa.table({"did": ["74951112233"], "title": ["Сайт"]}), actor=CHIEF)
    changes = {"work": LeadWork.CLOSED, "result": LeadResult.REFUSAL, "comment": "подумает"}
    save_lead(office, CHIEF, SITE, "call:lost", changes, version=0, now=NOW)

    assert [lead.call_id for lead in listed(office, wanted)] == found
    assert lead_totals(office, CHIEF, SITE, PERIOD, wanted, now=NOW).listed == len(found)


def test_a_lead_made_by_hand_is_listed_and_not_counted(office: Database) -> None:
    at: datetime = local("03-04 15:00")
    key = create_lead(office, CHIEF, SITE, LeadFields(name="С выставки"), number="8 912 000 00 05", now=at)
    save_lead(office, CHIEF, SITE, key, {"comment": "визитка"}, version=1, now=at)

    newest = listed(office)[0]
    totals = lead_totals(office, CHIEF, SITE, PERIOD, LeadFilter(), now=NOW)
    assert (newest.fields.name, newest.source, newest.fate, newest.client) == (
        "С выставки", LeadSource.HAND, LeadState.REGISTERED, "Давний"
    )  # fmt: skip
    assert (totals.listed, totals.leads) == (5, 4)
    assert "С выставки" not in [lead.fields.name for lead in listed(office, as_of=at - timedelta(hours=1))]


def test_a_lead_of_a_chat_has_it_as_its_source(office: Database) -> None:
    chat_id = "00000000-0000-0000-0000-00000000000c"
    chat = {"chat_id": chat_id, "messenger": "whatsapp", "messenger_account": "a", "user_key": "u", "created_at": NOW}
    office.append("chat", pa.table({name: [value] for name, value in chat.items()}), actor=CHIEF)

    create_lead(office, CHIEF, SITE, LeadFields(name="Из чата"), chat_id=chat_id, now=local("03-04 15:00"))

    assert [lead.fields.name for lead in listed(office, LeadFilter(sources=frozenset({LeadSource.CHAT})))] == [
        "Из чата"
    ]
    with pytest.raises(NotFound):
        create_lead(office, CHIEF, SITE, LeadFields(name="x"), chat_id="nonsense", now=NOW)


def test_the_second_of_two_writers_is_told(office: Database) -> None:
    save_lead(office, CHIEF, SITE, "call:lost", {"work": LeadWork.ACTIVE}, version=0, now=NOW)

    with pytest.raises(Conflict):
        save_lead(office, CHIEF, SITE, "call:lost", {"work": LeadWork.CLOSED}, version=0, now=NOW)


def test_nobody_writes_on_leads_he_may_not_see(office: Database) -> None:
    with pytest.raises(NotFound):
        save_lead(office, CLERK, SITE, "call:lost", {"comment": "x"}, version=0, now=NOW)
    with pytest.raises(NotAllowed):
        save_lead(office, ANALYST, SITE, "call:lost", {"comment": "x"}, version=0, now=NOW)
    for key in ("nonsense", "call:nowhere", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(NotFound):
            save_lead(office, CHIEF, SITE, key, {"comment": "x"}, version=0, now=NOW)


def test_numbers_are_masked_for_who_may_not_see_them(office: Database) -> None:
    assert listed(office, actor=ANALYST)[0].number_text == "7912•••••04"
    assert listed(office, LeadFilter(search="79120000004"), actor=ANALYST) == []


def test_a_lead_by_hand_needs_a_name_or_a_number(office: Database) -> None:
    for fields, number in ((LeadFields(), ""), (LeadFields(name=" "), " "), (LeadFields(), "не номер")):
        with pytest.raises(BadInput):
            create_lead(office, CHIEF, SITE, fields, number=number, now=NOW)


def test_pages_follow_each_other_without_gap(office: Database) -> None:
    found = [lead.call_id for offset in range(0, 6, 2) for lead in listed(office, limit=2, offset=offset)]

    assert found == [lead.call_id for lead in listed(office)]
