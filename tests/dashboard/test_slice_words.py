"""The chip of a slice says in words which number of a report its calls are behind."""

from __future__ import annotations

from datetime import date
from typing import cast

import pytest

from dashboard.components.slice_words import slice_words
from dashboard.text import speaking
from data.identity.actor import Actor, Role
from data.metrics.dimensions import DIMENSIONS
from data.metrics.slices import Slice
from data.metrics.terms import Kind
from data.store.protocol import Store
from tests.data.office import Office

BOSS = Actor(user="boss", role=Role.SUPERVISOR)


def words(behind: Slice, office: Office, language: str = "ru", actor: Actor = BOSS) -> str:
    with speaking(language):
        return slice_words(behind, cast(Store, office), actor)


@pytest.fixture(scope="module")
def office() -> Office:
    return Office()


@pytest.mark.parametrize(
    ("behind", "ru", "en"),
    [
        (Slice(metric="missed"), "Пропущенные", "Missed"),
        (
            Slice(metric="missed", values={"weekday": 1, "hour": 14}),
            "Пропущенные: понедельник, 14:00",
            "Missed: Monday, 14:00",
        ),
        (
            Slice(metric="accepted", values={"week": date(2026, 11, 2)}),
            "Принятые: 2 ноя – 8 ноября 2026",
            "Accepted: 2 Nov – 8 November 2026",
        ),
        (
            Slice(metric="accepted", values={"month": date(2026, 11, 1)}),
            "Принятые: ноябрь 2026",
            "Accepted: November 2026",
        ),
        (
            Slice(metric="abandoned", values={"wait_from": 20}, params={"target_s": 30.0}),
            "Ушли: ожидание 20–30 с, ответ за 30 с",
            "Abandoned: wait 20–30 s, answer within 30 s",
        ),
        (Slice(metric="missed", values={"employee": None}), "Пропущенные: без сотрудника", "Missed: no employee"),
        (
            Slice(metric="inbound", without={"place": ["mobile", "toll_free"]}),
            "Входящие: все, кроме: Мобильные, Бесплатные вызовы",
            "Inbound: all but Mobile, Toll-free",
        ),
        (Slice(metric="inbound", values={"place": "country:BY"}), "Входящие: Беларусь", "Inbound: Belarus"),
    ],
)
def test_a_slice_reads_like_its_report(office: Office, behind: Slice, ru: str, en: str) -> None:
    assert (words(behind, office), words(behind, office, "en")) == (ru, en)


def test_ids_are_told_by_their_names_as_far_as_one_may_read_them() -> None:
    office = Office()
    anna = office.employee(1, "Анна", "201")
    client = office.assign("79120000001", 1, "11-01 00:00")
    office.insert("queue", queue="sales", title="Продажи", pbx="pbx")
    analyst = Actor(user="ann", role=Role.ANALYST)

    told = words(Slice(metric="calls", values={"employee": anna, "queue": "sales"}), office)
    masked = words(Slice(metric="calls", values={"client": str(client)}), office, actor=analyst)

    assert told.endswith("Анна, очередь «Продажи»")
    assert str(client)[:8] in masked
    assert str(client) not in masked


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("name", sorted(DIMENSIONS))
def test_every_dimension_has_words_with_and_without_a_value(office: Office, name: str, language: str) -> None:
    value: object = {Kind.DAY: date(2026, 11, 2), Kind.NUMBER: 1}.get(DIMENSIONS[name].kind, "anything")

    told = words(Slice(metric="calls", values={name: value}), office, language)
    without = words(Slice(metric="calls", values={name: None}), office, language)

    assert "slices." not in told + without
