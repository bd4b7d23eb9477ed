"""Chats through /api: the list, one chat, what is done and written there, files, and who may not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from dashboard.auth import CSRF_HEADER
from dashboard.presence import LASTS_S, Presence
from data.media import MediaFolder
from tests.builders import inbound
from tests.dashboard.desk import NOW, Desk, open_desk
from tests.dashboard.house import csrf_of
from tests.data.chat_desk import Desk as Chats

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(tmp_path_factory.mktemp("chats")) as desk:
        desk.office.employee("Иванов Пётр", "201")
        desk.office.employee("Белова Ольга", "202")
        yield desk


@pytest.fixture
def chats(desk: Desk) -> Chats:
    for table in ("chat", "message", "chat_event", "outbox", "messenger_account", "canned_reply"):
        desk.office.store._writer.execute(f"delete from {table}")
    return Chats(store=desk.office.store, ids={})


def waiting(chats: Chats, minutes: int = 5, **changed: Any) -> str:
    return chats.chat(wrote=NOW - timedelta(minutes=minutes), **changed)


def send_file(desk: Desk, chat_id: str, content: bytes, query: str) -> Any:
    client = desk.user("manager").client
    headers = {CSRF_HEADER: csrf_of(client), "Content-Type": "application/octet-stream"}
    return client.post(f"/api/chats/{chat_id}/files?{query}", data=content, headers=headers)


def test_the_list_counts_every_tab_and_shows_who_waits_longest_first(desk: Desk, chats: Chats) -> None:
    first = waiting(chats, 20, title="Первый")
    waiting(chats, 3, title="Второй"), waiting(chats, 1, state="closed", waiting_since=None)
    said = chats.message(first, NOW - timedelta(minutes=19), "Позвоните мне", ours=True)

    found = desk.user("manager").get("/api/chats?state=queued")

    assert [row["title"] for row in found["chats"]] == ["Первый", "Второй"]
    assert found["counts"] == {"queued": 2, "active": 0, "closed": 0, "unread": 2, "late": 1}
    assert desk.user().get("/api/chats?state=closed&whose=all")["counts"]["closed"] == 1
    (hit,) = desk.user().get("/api/chats?q=ПОЗВОНИТЕ")["chats"]
    assert (hit["title"], hit["found_text"], hit["found_message_id"]) == ("Первый", "Позвоните мне", said)
    for query in ("state=ufo", "whose=ufo", "limit=0", "limit=9999"):
        desk.user().get(f"/api/chats?{query}", 400)


def test_a_number_of_the_report_lists_its_chats_in_their_tabs(desk: Desk, chats: Chats) -> None:
    waiting(chats, 3, title="Ждёт", messenger="whatsapp"), waiting(chats, 20, messenger="telegram")
    closed = NOW - timedelta(minutes=1)
    waiting(chats, 30, messenger="whatsapp", state="closed", waiting_since=None, closed_at=closed)
    day = NOW.date().isoformat()
    link = f"slice=chats%3Fmessenger%3Dwhatsapp&from={day}&to={day}"

    found = desk.user().get(f"/api/chats?state=queued&{link}")

    assert [row["title"] for row in found["chats"]] == ["Ждёт"]
    assert (found["counts"]["queued"], found["counts"]["closed"]) == (1, 1)
    assert desk.user().get("/api/chats?slice=chats&from=2020-01-01&to=2020-01-02")["chats"] == []
    for query in ("slice=chats", "slice=calls&from=2026-01-01&to=2026-01-02", "slice=ufo&from=2026-01-01&to=x"):
        desk.user().get(f"/api/chats?{query}", 400)


def test_a_chat_is_taken_once_and_the_second_hears_of_it(desk: Desk, chats: Chats) -> None:
    chat_id = waiting(chats)

    taken = desk.user("manager").send("POST", f"/api/chats/{chat_id}/take", {"version": 1})

    assert (taken["state"], taken["assignee"], taken["is_mine"]) == ("active", "Иванов Пётр", True)
    desk.user("manager").send("POST", f"/api/chats/{chat_id}/take", {"version": 1}, 409)
    desk.user("manager").send("POST", f"/api/chats/{chat_id}/take", {"version": "1"}, 400)


def test_an_answer_is_kept_once_and_read_back_with_what_it_answers(desk: Desk, chats: Chats) -> None:
    chat_id = waiting(chats, text=SCRIPT)
    user = desk.user("manager")
    (asked,) = user.get(f"/api/chats/{chat_id}/timeline")["entries"]
    said = {"text": "=1+1", "client_key": "k", "replies_to": asked["id"]}

    first = user.send("POST", f"/api/chats/{chat_id}/messages", said, 201)
    again = user.send("POST", f"/api/chats/{chat_id}/messages", said, 201)

    entries = user.get(f"/api/chats/{chat_id}/timeline")["entries"]
    assert first == again
    assert [one["kind"] for one in entries] == ["text", "taken", "text"]
    assert (entries[2]["quoted"]["text"], entries[2]["text"], entries[2]["state"]) == (SCRIPT, "=1+1", "queued")
    desk.user("manager").send("POST", f"/api/chats/{chat_id}/messages", {"text": "без ключа"}, 400)


def test_a_long_chat_is_read_in_pages_from_both_ends_and_from_a_day(desk: Desk, chats: Chats) -> None:
    chat_id = waiting(chats, text="0")
    for number in range(1, 8):  # four of them in one moment, the other half on the day before
        chats.message(chat_id, NOW - timedelta(days=number // 4, minutes=1), str(number))
    path, user = f"/api/chats/{chat_id}/timeline?limit=3", desk.user("manager")
    whole = [entry["id"] for entry in user.get(f"/api/chats/{chat_id}/timeline")["entries"]]

    def pages(way: str, page: dict[str, Any]) -> list[str]:
        ids = [entry["id"] for entry in page["entries"]]
        if not page[way]:
            return ids
        edge = page["entries"][0 if way == "before" else -1]["cursor"].replace("+", "%2B")
        more = pages(way, user.get(f"{path}&{way}={edge}"))
        return more + ids if way == "before" else ids + more

    assert len(set(whole)) == 8
    assert pages("before", user.get(path)) == whole
    assert pages("after", user.get(f"{path}&at=2020-01-01")) == whole
    today = user.get(f"/api/chats/{chat_id}/timeline?limit=6&at={NOW.date()}")
    assert [entry["id"] for entry in today["entries"]] == whole[1:7]  # three before the day, three of it
    assert (today["before"], today["after"]) == (True, True)
    user.get(f"{path}&at=yesterday", 400)


def test_outside_the_window_the_answer_names_the_lock(desk: Desk, chats: Chats) -> None:
    chat_id = waiting(chats, 24 * 60, messenger="whatsapp")
    user = desk.user("manager")

    refused = user.send("POST", f"/api/chats/{chat_id}/messages", {"text": "Добрый день", "client_key": "k"}, 400)
    file = send_file(desk, chat_id, PNG, "name=a.png&client_key=f")

    assert refused["error"] == "window_closed"
    assert (file.status_code, file.get_json()["error"]) == (400, "window_closed")
    assert user.get(f"/api/chats/{chat_id}")["locked"] is True
    user.send("POST", f"/api/chats/{chat_id}/notes", {"text": "позвонить", "client_key": "n"}, 201)


def test_a_file_is_kept_by_what_it_is_and_sent_once(desk: Desk, chats: Chats) -> None:
    chat_id = waiting(chats)

    first = send_file(desk, chat_id, PNG, "name=..%2Fскан.exe&client_key=f&caption=Скан")
    again = send_file(desk, chat_id, PNG, "name=..%2Fскан.exe&client_key=f&caption=Скан")

    assert (first.status_code, first.get_json()) == (201, again.get_json())
    sent = desk.user("manager").get(f"/api/chats/{chat_id}/timeline")["entries"][-1]
    assert (sent["kind"], sent["media_name"], sent["media_type"], sent["text"]) == (
        "image",
        "скан.exe",
        "image/png",
        "Скан",
    )
    (media,) = chats.column("select media from message where media is not null")
    assert MediaFolder(desk.settings).path(media).read_bytes() == PNG
    assert send_file(desk, chat_id, b"", "name=a&client_key=g").status_code == 400


def test_what_people_do_is_done_and_told_through_the_api(desk: Desk, chats: Chats) -> None:
    chat_id = waiting(chats, number="79161234567")
    path, user, chief = f"/api/chats/{chat_id}", desk.user("manager"), desk.user()
    employees = {one["title"]: one["id"] for one in user.get("/api/directory")["employee"]}

    user.send("POST", f"{path}/take", {"version": 1})
    watched = user.send("POST", f"{path}/watch", {"employee_id": employees["Белова Ольга"]})
    tagged = user.send("POST", f"{path}/tags", {"add": ["важно"]})
    client = user.send("POST", f"{path}/client", {"name": SCRIPT})
    lead = user.send("POST", f"{path}/lead", {}, 201)
    user.send("POST", f"{path}/seen", {"until": NOW.isoformat()})
    closed = user.send("POST", f"{path}/close", {"version": 2})
    reopened = chief.send("POST", f"{path}/reopen", {"version": 3})
    user.send("POST", f"{path}/hand-over", {"employee_id": employees["Белова Ольга"], "note": "твой", "version": 4})

    assert [one["name"] for one in watched["watchers"]] == ["Белова Ольга"]
    assert [tag["title"] for tag in tagged["tags"]] == ["важно"]
    assert (client["client"], closed["state"], reopened["assignee"]) == (SCRIPT, "closed", "Иванов Пётр")
    assert user.send("POST", f"{path}/lead", {}, 404)["error"] == "not_found"
    assert chief.get(path)["lead_id"] == lead["key"]
    user.get(path, 404)
    kinds = [one["kind"] for one in chief.get(f"{path}/timeline")["entries"]]
    assert sorted(kinds) == sorted(
        ["text", "taken", "watched", "tagged", "linked", "closed", "reopened", "handed_over", "note"]
    )


def test_the_clients_calls_stand_between_his_messages(desk: Desk, chats: Chats) -> None:
    desk.office.add(inbound("2026-11-20 11:30", "+79035556677", rang=["202"], call_id="pbx-chat.1"))
    chat_id = waiting(chats, 60, number="79035556677")
    chats.message(chat_id, NOW, "Не дозвонился")

    found = desk.user().get(f"/api/chats/{chat_id}/timeline")

    assert [call["call_id"] for call in found["calls"]] == ["pbx-chat.1"]
    older = desk.user().get(f"/api/chats/{chat_id}/timeline?limit=1")
    assert (older["before"], older["calls"]) == (True, [])


def test_who_writes_is_told_to_others_for_some_seconds(desk: Desk, chats: Chats) -> None:
    chat_id = waiting(chats)
    path = f"/api/chats/{chat_id}/typing"

    desk.user("manager").send("POST", path, {"note": True})

    assert desk.user().get(path) == {"names": ["Имя manager"]}
    assert desk.user("manager").get(path) == {"names": []}
    desk.user("manager").send("POST", path, {"stop": True})
    assert desk.user().get(path) == {"names": []}


def test_writing_is_forgotten_by_itself_and_news_is_told_once() -> None:
    at, told = [0.0], list[str]()
    presence = Presence(tell=told.append, clock=lambda: at[0])

    news = [presence.writes("c", "anna", "Анна"), presence.writes("c", "anna", "Анна")]
    at[0] = LASTS_S + 1

    assert (news, told, presence.writers("c", but="boris")) == ([True, False], ["c"], [])


def test_the_composer_is_offered_ready_answers_of_its_account(desk: Desk, chats: Chats) -> None:
    chat_id = waiting(chats)
    for account, shortcut in (("office", "hi"), (None, "bye"), ("other", "no")):
        row = {"reply_id": chat_id, "shortcut": shortcut, "title": "Привет", "text": SCRIPT, "changed_by": "admin"}
        chats._append("canned_reply", row | {"messenger_account": account, "changed_at": NOW})

    found = desk.user("manager").get(f"/api/chats/{chat_id}/tools")

    assert [one["shortcut"] for one in found["canned"]] == ["bye", "hi"]
    assert found["templates"] == []


def test_a_chat_that_is_no_business_of_somebody_is_not_there_for_him(desk: Desk, chats: Chats) -> None:
    chat_id = waiting(chats, state="active", assignee_id="0b5f8f0e-9f5a-4d0c-9f0e-5b9f0e9f5a4d")
    manager = desk.user("manager")

    manager.get(f"/api/chats/{chat_id}", 404)
    manager.get(f"/api/chats/{chat_id}/timeline", 404)
    manager.get(f"/api/chats/{chat_id}/typing", 404)
    manager.send("POST", f"/api/chats/{chat_id}/messages", {"text": "x", "client_key": "k"}, 404)
    manager.get("/api/chats/no-id", 404)
    desk.user().get(f"/api/chats/{chat_id}/timeline?before=rubbish", 400)
    desk.user("analyst").get("/api/chats", 403)
    assert manager.get("/api/chats?state=active")["chats"] == []
    assert desk.user("analyst").client.get("/chats").status_code == 403
    assert manager.client.get(f"/chats/{chat_id}").status_code == 200
