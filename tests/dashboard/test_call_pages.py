"""The pages of recorded calls: route, lanes and reasons read as people would tell them."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from dashboard.context import Context, acting
from dashboard.pages import call as page
from dashboard.route import HandOver, QueueStay, RouteLeg, route_lanes, route_lines
from data.identity.actor import Actor, Role
from data.journal import CallDetails, CallJournal
from data.journal.chats import chats_beside
from data.settings import Settings, Site
from data.store.database import Database
from ingest.assembler import Batch, Office
from ingest.replay import replay
from ingest.writer import FactWriter
from tests.builders import Office as People
from tests.builders import at, inbound

SCENARIOS = Path(__file__).parents[1] / "scenarios"
FAMILIES = (
    "anonymous_caller",
    "click_to_call",
    "conference_three",
    "connect_mid_call",
    "forward_unconditional",
    "in_busy_on_the_phone",
    "in_ivr_abandoned",
    "in_queue_overflow_to_group",
    "internal_answered",
    "out_invalid_number",
    "parking_retrieved",
    "pickup_group",
    "transfer_attended_completed",
    "transfer_attended_customer_hangs_up",
    "transfer_blonde_by_feature_code",
    "transfer_twice",
    "voicemail",
)
SITE = Site(timezone="Europe/Moscow", country="RU", area_code="495")
AFTERWARDS = at("2026-11-25 12:00")  # the captures are of the 22nd
CHIEF = Actor(user="olga", role=Role.SUPERVISOR)
ANALYST = Actor(user="nina", role=Role.ANALYST)

Pages = dict[str, list[tuple[CallDetails, str]]]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """Of each family its calls and the text of their pages."""
    folder = tmp_path_factory.mktemp("families")
    with Database(folder) as store:
        for family in FAMILIES:
            fill(store, family)
        yield {family: shown(store, Settings(data=folder, site=SITE), family) for family in FAMILIES}


def fill(store: Database, family: str) -> None:
    writer = FactWriter(store, pbx=family, site=SITE, stop=threading.Event())

    def sink(batch: Batch) -> None:
        writer.write(batch)

    replay([SCENARIOS / family], Office(), sink, pbx=family)


def shown(store: Database, settings: Settings, family: str) -> list[tuple[CallDetails, str]]:
    found = store.query("select call_id from call where pbx = $pbx order by call_id", {"pbx": family}, actor=CHIEF)
    calls = []
    for call_id in found["call_id"].to_pylist():
        context = Context(settings=settings, store=store, actor=CHIEF, clock=lambda: AFTERWARDS)
        with acting(context, language="ru"):
            calls.append((details_of(store, call_id, CHIEF), text_of(page.layout(call_id))))
    return calls


def details_of(store: Database, call_id: str, actor: Actor) -> CallDetails:
    return CallJournal(store, site=SITE).details(actor, call_id, as_of=AFTERWARDS)


def text_of(component: Any) -> str:
    """All words of a component and of what is in it, a line each."""
    if component is None or isinstance(component, bool):
        return ""
    if isinstance(component, str | int | float):
        return str(component)
    if isinstance(component, list | tuple):
        return "\n".join(filter(None, map(text_of, component)))
    return "\n".join(
        filter(None, [text_of(getattr(component, "title", None)), text_of(getattr(component, "children", None))])
    )


def told(details: CallDetails) -> list[str]:
    """The route as short lines."""
    lines = []
    for line in route_lines(details):
        if isinstance(line, RouteLeg):
            caller = "PBX" if line.caller.is_pbx else line.caller.text or "?"
            lines.append(f"{caller} > {line.called.text} {line.result} {round(line.talk_s)}")
        elif isinstance(line, HandOver):
            lines.append(f"{line.kind}: {line.by.text} > {line.to.text}{'' if line.completed else ' failed'}")
        elif isinstance(line, QueueStay):
            lines.append(f"queue {line.queue} {round(line.wait_s)} {line.result}")
    return lines


ROUTES = {
    "in_queue_overflow_to_group": [
        "queue sales 8 timeout",
        "+7 916 111-22-14 > 201 no_answer 0",
        "+7 916 111-22-14 > 202 no_answer 0",
        "+7 916 111-22-14 > 203 no_answer 0",
        "+7 916 111-22-14 > 206 answered 5",
        "+7 916 111-22-14 > 204 elsewhere 0",
    ],
    "forward_unconditional": ["+7 916 111-22-43 > +7 903 555-03-03 answered 5"],
    "click_to_call": ["PBX > 201 answered 5", "201 > +7 903 123-45-77 answered 5"],
    "parking_retrieved": [
        "+7 916 111-22-45 > 201 answered 3",
        "park: 201 > 701",
        "unpark: 701 > 204",
        "+7 916 111-22-45 > 204 answered 5",
    ],
    "pickup_group": [
        "+7 916 111-22-41 > 201 elsewhere 0",
        "pickup: 201 > 202",
        "+7 916 111-22-41 > 202 answered 5",
    ],
    "transfer_attended_completed": [
        "+7 916 111-22-34 > 201 answered 10",
        "201 > 202 answered 4",
        "attended: 201 > 202",
        "+7 916 111-22-34 > 202 answered 5",
    ],
    "transfer_twice": [
        "+7 916 111-22-84 > 201 answered 3",
        "blind: 201 > 202",
        "+7 916 111-22-84 > 202 answered 3",
        "blind: 202 > 204",
        "+7 916 111-22-84 > 204 answered 4",
    ],
    "transfer_blonde_by_feature_code": [
        "+7 916 111-22-39 > 201 answered 6",
        "blonde: 201 > 202",
        "+7 916 111-22-39 > 202 answered 5",
    ],
    "internal_answered": ["201 > 204 answered 5"],
}


def test_the_route_reads_as_people_would_tell_it(pages: Pages) -> None:
    assert {family: told(pages[family][0][0]) for family in ROUTES} == ROUTES


def test_no_page_shows_an_unknown_person_or_a_word_of_the_pbx(pages: Pages) -> None:
    for details, text in chain(*pages.values()):
        assert "?" not in text
        assert not re.search(r"journal\.\w+|\bivr\b(?!-)|@default|: \.|\( *\)|None", text), text
        if details.row.direction == "internal":
            assert "Номер скрыт" not in text
            assert "клиент" not in text.lower().replace("незнакомый", "")


def test_every_lane_lies_within_the_call_and_names_its_party(pages: Pages) -> None:
    for details, _ in chain(*pages.values()):
        row, names = details.row, []
        for lane in route_lanes(details):
            names.append(lane.party.text)
            for segment in lane.segments:
                assert segment.started_at <= segment.ended_at <= row.ended_at
                assert row.incomplete or segment.started_at >= row.started_at
        assert len(names) == len(set(names)), "one lane a party"


def test_a_mobile_that_a_phone_forwards_to_is_not_the_client(pages: Pages) -> None:
    ((details, text),) = pages["forward_unconditional"]

    assert [lane.party.text for lane in route_lanes(details)] == ["+7 916 111-22-43", "+7 903 555-03-03"]
    assert "С клиентом говорили: +7 903 555-03-03." in text
    assert "Итог: отвечен (+7 903 555-03-03), с людьми говорили" in text


def test_a_conference_names_who_came_and_where_to(pages: Pages) -> None:
    assert [told(details) for details, _ in pages["conference_three"]] == [
        ["201 > 800 answered 9"],
        ["202 > 800 answered 9"],
        ["203 > 800 answered 6"],
    ]


def test_after_a_click_a_telephone_rings_until_it_is_picked_up_and_not_until_the_client_answers(pages: Pages) -> None:
    ((details, _),) = pages["click_to_call"]

    lanes = {lane.party.number: lane.segments for lane in route_lanes(details)}
    (ring,) = [segment for segment in lanes["201"] if segment.kind == "ring"]
    assert [round(leg.ring_s, 1) for leg in details.legs] == [1.5, 2.0]
    assert (ring.ended_at - ring.started_at).total_seconds() == details.legs[0].ring_s


def test_nobody_of_ours_rang_in_a_call_that_was_made_from_here(pages: Pages) -> None:
    ((_, text),) = pages["out_invalid_number"]

    assert "Сотрудники: 204 — разговора не было, звонили отсюда." in text


def test_both_who_consult_have_it_on_their_lanes(pages: Pages) -> None:
    ((details, _),) = pages["transfer_attended_completed"]

    lanes = {lane.party.number: [segment.kind for segment in lane.segments] for lane in route_lanes(details)}
    assert "consultation" in lanes["201"]
    assert "consultation" in lanes["202"]


def test_the_clients_chats_stand_beside_the_call_for_those_who_chat(tmp_path: Path) -> None:
    with Database(tmp_path) as store:
        office = People(store)
        account_id = office.client("Ромашка", "+79161112233")
        call_id = office.add(inbound("2026-11-20 10:00", "+79161112233", talked="201"))
        chat_id = office.chat("telegram", account_id=account_id, said=["Здравствуйте", "Где мой заказ?"])
        office.chat("whatsapp", number="79990000000", said=["чужой"])
        row = details_of(store, call_id, CHIEF).row

        (chat,) = chats_beside(store, CHIEF, row)
        context = Context(settings=Settings(data=tmp_path, site=SITE), store=store, actor=CHIEF)
        with acting(context, language="ru"):
            text = text_of(page.layout(call_id))

        assert (chat.chat_id, chat.messenger, chat.last_text) == (chat_id, "telegram", "Где мой заказ?")
        assert "Где мой заказ?" in text
        assert "чужой" not in text
        assert chats_beside(store, ANALYST, row) == ()
