"""Why a missed call has its status: the sentence fits the status, whenever the number was attached."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.reasons import reasons
from dashboard.text import speaking
from data.identity.actor import Actor, Role
from data.journal import CallJournal
from data.model import Status
from data.settings import Site
from data.store.database import Database
from tests.builders import Office, at, inbound

CHIEF = Actor(user="olga", role=Role.SUPERVISOR)
SITE = Site(timezone="Europe/Moscow", country="RU", area_code="495")
NUMBER = "+79161112233"
REGISTERED = "Когда звонили, номер уже принадлежал клиенту, поэтому потерянным звонок не считается."
LOST = "Когда звонили, номер не принадлежал клиенту, и до конца дня с ним никто не поговорил: звонок потерян."
IN_TIME = "Когда звонили, номер не принадлежал клиенту, но до конца дня с ним поговорили: звонок не потерян."
PENDING = "Когда звонили, номер не принадлежал клиенту: если до конца дня с ним не поговорят, звонок станет потерянным."


@pytest.mark.parametrize(
    ("attached", "called_again", "now", "status", "told"),
    [
        ("2026-11-19 10:00", None, "2026-11-25 12:00", Status.NO_ANSWER, REGISTERED),
        (None, None, "2026-11-25 12:00", Status.LOST, LOST),
        ("2026-11-23 10:00", None, "2026-11-25 12:00", Status.LOST, LOST),
        (None, "2026-11-23 09:00", "2026-11-25 12:00", Status.LOST, LOST),
        (None, "2026-11-20 17:00", "2026-11-25 12:00", Status.NO_ANSWER, IN_TIME),
        (None, None, "2026-11-20 18:00", Status.NO_ANSWER, PENDING),
        ("2026-11-20 11:00", None, "2026-11-20 18:00", Status.NO_ANSWER, PENDING),
    ],
)
def test_the_sentence_fits_the_status(
    tmp_path: Path, attached: str | None, called_again: str | None, now: str, status: Status, told: str
) -> None:
    with Database(tmp_path) as store:
        office = Office(store)
        call_id = office.add(inbound("2026-11-20 10:00", NUMBER))
        if attached:
            office.client("Ромашка", NUMBER, since=attached)
        if called_again:
            office.add(inbound(called_again, NUMBER, talked="201"))
        details = CallJournal(store, site=SITE).details(CHIEF, call_id, as_of=at(now))

    with speaking("ru"):
        words = reasons(details, SITE, at(now))

    assert details.row.status is status
    assert [sentence for sentence in words if sentence.startswith("Когда звонили")] == [told]


def test_another_horizon_is_named_as_it_is(tmp_path: Path) -> None:
    site = Site(timezone="Europe/Moscow", country="RU", area_code="495", horizon="8wh")
    with Database(tmp_path) as store:
        call_id = Office(store).add(inbound("2026-11-20 10:00", NUMBER))
        details = CallJournal(store, site=SITE).details(CHIEF, call_id, as_of=at("2026-11-25 12:00"))

    with speaking("ru"):
        words = reasons(details, site, at("2026-11-25 12:00"))
        in_hours = reasons(details, replace_horizon(site, "4h"), at("2026-11-25 12:00"))

    assert any("за 8 ч рабочего времени" in sentence for sentence in words)
    assert any("и за 4 ч с ним никто" in sentence for sentence in in_hours)


def replace_horizon(site: Site, horizon: str) -> Site:
    return site.model_copy(update={"horizon": horizon})
