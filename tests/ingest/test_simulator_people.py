"""People of the demo who write over pretended messengers: what they do until a moment, without a clock."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from data.media import sniffed
from data.messaging import MessageKind, Messenger
from ingest.simulator.messengers.bots import Bots
from ingest.simulator.messengers.exchange import Heard
from ingest.simulator.messengers.graph import Graph
from ingest.simulator.messengers.keepsakes import picture
from ingest.simulator.messengers.people import People

BEGIN = 1_800_000_000.0


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Everything that the two services tell us, instead of a request."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(Graph, "deliver", lambda self, event, **_: found.append(dict(event)))
    monkeypatch.setattr(Bots, "update", lambda self, event: found.append(dict(event)))
    return found


def people(**options: Any) -> People:
    return People(Graph(), Bots(), seed=1, begins_at=BEGIN, per_minute=0.0, **{"not_reached": 0.0} | options)


def parts(told: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The messages or receipts of WhatsApp among it."""
    values = [event["entry"][0]["changes"][0]["value"] for event in told if "entry" in event]
    return [part for value in values for part in value.get(name, [])]


def answer(them: People, user: str, text: str, *, number: int = 1) -> None:
    heard = Heard(message_id=f"wamid.{number}", user=user, kind=MessageKind.TEXT, text=text)
    assert them._graph.on_heard is not None
    them._graph.on_heard(heard)


def test_somebody_writes_at_once_and_the_same_seed_tells_the_same(told: list[dict[str, Any]]) -> None:
    people().advance(BEGIN + 30)
    first = len(told)
    people().advance(BEGIN + 30)

    assert first == 3
    words = [text_of(event) for event in told]
    assert words[:3] == words[3:]
    assert all(words)


def text_of(event: dict[str, Any]) -> str:
    if "message" in event:
        return str(event["message"]["text"])
    return str(parts([event], "messages")[0]["text"]["body"])


def test_who_is_written_to_receives_reads_and_answers_once(told: list[dict[str, Any]]) -> None:
    them = people()
    them.advance(BEGIN + 30)
    told.clear()

    answer(them, "79160000001", "Добрый день!")
    answer(them, "79160000001", "Чем помочь?", number=2)
    them.advance(BEGIN + 31)
    them.advance(BEGIN + 60)

    states = {(one["id"], one["status"]) for one in parts(told, "statuses")}
    assert states == {(f"wamid.{number}", state) for number in (1, 2) for state in ("delivered", "read")}
    assert [one["from"] for one in parts(told, "messages")] == ["79160000001"]


def test_who_is_not_reached_does_not_answer(told: list[dict[str, Any]]) -> None:
    them = people(not_reached=1.0)
    them.advance(BEGIN + 30)
    told.clear()

    answer(them, "79160000001", "Добрый день!")
    them.advance(BEGIN + 31)
    them.advance(BEGIN + 90)

    (receipt,) = parts(told, "statuses")
    assert (receipt["status"], receipt["errors"][0]["code"]) == ("failed", 131026)
    assert not parts(told, "messages")


def test_nobody_answers_what_no_person_wrote(told: list[dict[str, Any]]) -> None:
    them = people(automatic=["Мы скоро ответим"])
    them.advance(BEGIN + 30)
    told.clear()

    answer(them, "79160000001", "Мы скоро ответим")
    them.advance(BEGIN + 31)
    them.advance(BEGIN + 90)

    assert parts(told, "statuses") and not parts(told, "messages")


def test_nobody_comes_into_a_full_queue_though_the_demo_is_started_anew(told: list[dict[str, Any]]) -> None:
    waiting = [(Messenger.TELEGRAM, str(user)) for user in range(20)]
    them = people(waiting=waiting)
    them.advance(BEGIN + 3)
    assert told == []

    heard = Heard(message_id="1:1", user="7", kind=MessageKind.TEXT, text="Добрый день!")
    assert them._bots.on_heard is not None
    them._bots.on_heard(heard)
    them.advance(BEGIN + 6)
    them.advance(BEGIN + 60)

    assert len(told) == 1 + 1  # who is answered writes again, and one comes in his place


def test_what_no_webhook_took_is_told_again(told: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    them = people()
    answer(them, "79160000001", "Добрый день!")

    with monkeypatch.context() as away:
        away.setattr(Graph, "deliver", refused)
        away.setattr(Bots, "update", refused)
        them.advance(BEGIN + 30)
    assert told == []
    them.advance(BEGIN + 60)

    assert len(told) == 3 + 2 + 1  # who came, both receipts, the answer


def refused(*_: Any, **__: Any) -> None:
    raise httpx.ConnectError("nobody is there")


def test_a_picture_of_a_client_is_one() -> None:
    assert sniffed(picture(1)) == "image/png"
    assert picture(1) != picture(2)


def test_messages_after_another_start_have_ids_of_their_own() -> None:
    graph = Graph()
    graph.number_from(500)

    assert graph.next_number() == 501
    assert graph.messenger is Messenger.WHATSAPP
