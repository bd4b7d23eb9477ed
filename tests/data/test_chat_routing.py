"""Who gets a waiting chat: the rules alone, without a database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from data.errors import BadInput
from data.services.chats.routing import Load, chosen, routing_of, usable_routing
from data.services.chats.signing import signed

NINE, TEN = datetime(2026, 11, 20, 9, tzinfo=UTC), datetime(2026, 11, 20, 10, tzinfo=UTC)
ANNA, BORIS, VERA, GONE = (f"00000000-0000-4000-8000-00000000000{number}" for number in range(1, 5))
LOADS = {
    ANNA: Load(employee_id=ANNA, name="Анна", chats=3, taken_at=NINE),
    BORIS: Load(employee_id=BORIS, name="Борис", chats=1, taken_at=TEN),
    VERA: Load(employee_id=VERA, name="Вера", chats=1, taken_at=NINE),
}
RETURNS = {"words": "возврат, не работает", "employee_ids": [ANNA]}


def got(text: str = "Здравствуйте", responsible: str | None = None, **given: Any) -> tuple[str, str | None] | None:
    choice = chosen(routing_of(usable_routing(given)), text, responsible, LOADS)
    return (choice.employee.name, choice.word) if choice else None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Хочу оформить ВОЗВРАТ!", "возврат"),
        ("по поводу возврата…", "возврат"),
        ("У меня НЕ  РАБОТАЕТ телефон", "не работает"),
        ("невозвратный билет", None),
        ("работает не очень", None),
        ("", None),
    ],
)
def test_a_word_is_found_where_a_word_begins_with_it(text: str, word: str | None) -> None:
    assert got(text, by_word=[RETURNS]) == (("Анна", word) if word else None)


def test_yo_and_capitals_are_the_same() -> None:
    assert got("надоЁло", by_word=[{"words": "надоело", "employee_ids": [BORIS]}]) == ("Борис", "надоело")


def test_a_word_goes_before_the_responsible_and_he_before_the_others() -> None:
    every = {"by_word": [RETURNS], "by_client": True, "employee_ids": [BORIS, VERA]}

    assert got("возврат", BORIS, **every) == ("Анна", "возврат")
    assert got("привет", ANNA, **every) == ("Анна", None)
    assert got("привет", GONE, **every) == ("Вера", None)
    assert got("привет", ANNA, employee_ids=[BORIS, VERA]) == ("Вера", None)


def test_who_has_least_gets_it_and_of_equals_who_waits_longest_for_one() -> None:
    assert got(employee_ids=[ANNA, BORIS, VERA]) == ("Вера", None)
    assert got(employee_ids=[ANNA, BORIS]) == ("Борис", None)
    assert got(employee_ids=[GONE]) is None


def test_nobody_gets_more_than_the_limit() -> None:
    assert got(employee_ids=[ANNA, BORIS, VERA], most_chats=1) is None
    assert got("возврат", by_word=[RETURNS], employee_ids=[VERA], most_chats=3) == ("Вера", None)
    assert got(responsible=ANNA, by_client=True, most_chats=1) == ("Анна", None)  # his own clients always


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"most_chats": -1}, "most_chats"),
        ({"most_chats": "many"}, "most_chats"),
        ({"employee_ids": ["anna"]}, "anna"),
        ({"employee_ids": "anna"}, "employee_ids"),
        ({"by_word": [{"words": " , ", "employee_ids": [ANNA]}]}, "words"),
        ({"by_word": [{"words": "возврат", "employee_ids": []}]}, "возврат"),
        ({"by_word": ["возврат"]}, "by_word"),
        ({"employee_ids": [GONE]}, GONE),
    ],
)
def test_what_cannot_be_set_is_named(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        usable_routing(wrong, LOADS.keys())


def test_a_signature_stands_below_and_gives_way_to_the_text() -> None:
    assert signed("Да", "{name}, отдел продаж", "Анна", longest=100) == "Да\n\nАнна, отдел продаж"
    assert signed("Да", "", "Анна", longest=100) == "Да"
    assert signed("Да", "{name}", "Анна", longest=7) == "Да"
