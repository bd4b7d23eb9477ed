"""Chats as people use them: who sees which, takes, answers, hands over, watches, closes; nothing twice or by two."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from data.errors import BadInput, Conflict, NotAllowed, NotFound
from data.identity.actor import Actor, Role
from data.media import Stored
from data.messaging import ChatState
from data.services.chats import acting, revising
from data.services.chats.beginning import write_first
from data.services.chats.filing import file_name
from data.services.chats.filling import Template
from data.services.chats.linking import create_client_of, link_client, set_tags
from data.services.chats.listed import ChatRow, Whose, chats, counts
from data.services.chats.reading import mark_seen
from data.services.chats.timeline import after, around, before, latest, since
from data.services.chats.writing import (
    WindowClosed,
    retry,
    write,
    write_file,
    write_note,
    write_template,
)
from data.services.clients import ClientFields
from data.services.tasks import tasks
from tests.data.chat_desk import ANNA, BORIS, MINUTE, NOON, OLGA, VERA, Desk, open_desk
from tests.data.told import ANALYST, SITE

CHIEF_WITH_PHONE = Actor(user="olga", role=Role.SUPERVISOR, extensions=frozenset({"203"}))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(tmp_path_factory.mktemp("chats")) as desk:
        yield desk


@pytest.fixture(autouse=True)
def nothing_left(desk: Desk) -> None:
    for table in ("chat", "message", "chat_event", "chat_seen", "chat_tag", "outbox", "task", "audit", "account"):
        desk.store._writer.execute(f"delete from {table}")
    for table in ("phone_assignment", "messenger_account", "message_template", "tag"):
        desk.store._writer.execute(f"delete from {table}")


def listed(desk: Desk, actor: Actor, **asked: object) -> tuple[ChatRow, ...]:
    return chats(desk.store, actor, SITE, now=NOON, **asked).rows  # type: ignore[arg-type]


def events(desk: Desk, chat_id: str) -> list[str]:
    return desk.column(f"select kind from chat_event where chat_id = '{chat_id}' order by rowid")


def test_the_first_who_takes_a_chat_has_it_and_the_second_is_told(desk: Desk) -> None:
    chat_id = desk.chat()

    acting.take(desk.store, ANNA, chat_id, version=1, now=NOON)
    with pytest.raises(NotFound):
        acting.take(desk.store, BORIS, chat_id, version=1, now=NOON)
    with pytest.raises(Conflict, match="Анна"):
        acting.take(desk.store, CHIEF_WITH_PHONE, chat_id, version=1, now=NOON)

    card = desk.card(chat_id)
    assert (card.state, card.assignee, card.version) == (ChatState.ACTIVE, "Анна", 2)
    assert events(desk, chat_id) == ["taken"]
    assert desk.column("select action from audit") == ["chat.taken"]


def test_the_second_of_two_who_saw_the_same_queue_meets_a_conflict_in_the_store(desk: Desk) -> None:
    chat_id = desk.chat()
    desk.store._writer.execute("update chat set version = 2")  # somebody was quicker after the page was read

    with pytest.raises(Conflict):
        acting.take(desk.store, ANNA, chat_id, version=1, now=NOON)

    assert desk.card(chat_id).assignee is None
    assert events(desk, chat_id) == []


def test_a_manager_sees_the_queue_his_own_and_what_he_watches(desk: Desk) -> None:
    queued, annas, watched = desk.chat(title="Очередь"), desk.chat(title="Анны"), desk.chat(title="Под присмотром")
    for chat_id in (annas, watched):
        acting.take(desk.store, ANNA, chat_id, version=1, now=NOON)
    acting.watch(desk.store, ANNA, watched, desk.ids["boris"], now=NOON)

    active = {"state": ChatState.ACTIVE}

    assert [row.chat_id for row in listed(desk, BORIS)] == [queued]
    assert [row.title for row in listed(desk, BORIS, **active)] == ["Под присмотром"]
    assert [row.is_watched for row in listed(desk, BORIS, **active)] == [True]
    assert len(listed(desk, OLGA, **active)) == 2
    with pytest.raises(NotFound):
        desk.card(annas, BORIS)
    with pytest.raises(NotAllowed):
        listed(desk, ANALYST)
    assert listed(desk, VERA, **active) == ()
    assert [row.title for row in listed(desk, CHIEF_WITH_PHONE, whose=Whose.MINE, **active)] == []


def test_who_waits_longest_comes_first_and_search_finds_words_numbers_and_names(desk: Desk) -> None:
    late = desk.chat(wrote=NOON - 30 * MINUTE, title="Давно", chat_no=12)
    desk.chat(wrote=NOON - MINUTE, title="Только что", number="79161234567", text="Ещё счёт <b>")

    found = chats(desk.store, OLGA, SITE, now=NOON)

    assert [row.title for row in found.rows] == ["Давно", "Только что"]
    assert (found.counts.queued, found.counts.unread, found.counts.late) == (2, 2, 1)
    assert [row.title for row in listed(desk, OLGA, search="еще СЧЕТ")] == ["Только что"]
    assert [row.title for row in listed(desk, OLGA, search="8 916 123")] == ["Только что"]
    assert [row.chat_id for row in listed(desk, OLGA, search="#12")] == [late]
    assert listed(desk, OLGA, search="%") == ()


def test_unread_is_counted_for_each_user_and_never_goes_back(desk: Desk) -> None:
    chat_id = desk.chat(wrote=NOON - 5 * MINUTE)
    desk.message(chat_id, NOON - 3 * MINUTE, "Вы здесь?")
    desk.store._writer.execute("update chat set client_wrote_at = $at", {"at": NOON - 3 * MINUTE})

    mark_seen(desk.store, ANNA, chat_id, NOON - 4 * MINUTE, now=NOON)
    mark_seen(desk.store, ANNA, chat_id, NOON - 9 * MINUTE, now=NOON)

    assert [row.unread for row in listed(desk, ANNA)] == [1]
    assert [row.unread for row in listed(desk, BORIS)] == [2]
    mark_seen(desk.store, ANNA, chat_id, NOON, now=NOON)
    assert [row.unread for row in listed(desk, ANNA)] == [0]
    assert counts(desk.store, ANNA, now=NOON).unread == 0


def test_who_answers_first_becomes_responsible_and_the_answer_goes_to_the_outbox(desk: Desk) -> None:
    chat_id = desk.chat()

    message_id = write(desk.store, ANNA, chat_id, " Добрый день ", client_key="k1", now=NOON)

    card = desk.card(chat_id)
    assert (card.state, card.assignee, card.waiting_since) == (ChatState.ACTIVE, "Анна", None)
    assert desk.column("select subject_id from outbox where kind = 'message'") == [message_id]
    said = latest(desk.store, ANNA, chat_id).entries
    assert [(one.kind, one.text, one.state) for one in said] == [
        ("text", "Здравствуйте", None), ("taken", None, None), ("text", "Добрый день", "queued")
    ]  # fmt: skip


def test_an_answer_is_signed_where_its_account_says_so_and_never_in_groups(desk: Desk) -> None:
    desk.account("telegram", automation={"signature": "{name}, отдел продаж"})
    alone, group = desk.chat(), desk.chat(is_group=True)

    for number, chat_id in enumerate((alone, group)):
        write(desk.store, ANNA, chat_id, "Да", client_key=f"k{number}", now=NOON)
        write_note(desk.store, ANNA, chat_id, "Проверила", client_key=f"n{number}", now=NOON)

    said = "select text from message where chat_id = '{}' and ours order by text"
    assert desk.column(said.format(alone)) == ["Да\n\nАнна, отдел продаж", "Проверила"]
    assert desk.column(said.format(group)) == ["Да", "Проверила"]


def test_the_same_message_sent_twice_is_one(desk: Desk) -> None:
    chat_id = desk.chat()

    first = write(desk.store, ANNA, chat_id, "Раз", client_key="k1", now=NOON)
    again = write(desk.store, ANNA, chat_id, "Раз", client_key="k1", now=NOON + MINUTE)

    assert first == again
    assert len(desk.column("select outbox_id from outbox")) == 1
    assert desk.column("select text from message where ours") == ["Раз"]


def test_a_note_never_goes_out_and_who_is_mentioned_gets_a_task_and_sees_the_chat(desk: Desk) -> None:
    chat_id = desk.chat()
    acting.take(desk.store, ANNA, chat_id, version=1, now=NOON)

    write_note(desk.store, ANNA, chat_id, "@Борис глянь", mention_ids=[desk.ids["boris"]], client_key="n1", now=NOON)
    write_note(desk.store, ANNA, chat_id, "@Борис глянь", mention_ids=[desk.ids["boris"]], client_key="n1", now=NOON)

    assert desk.column("select outbox_id from outbox") == []
    (task,) = tasks(desk.store, BORIS, now=NOON)
    assert (task.fields.title, task.subject and task.subject.id) == ("@Борис глянь", chat_id)
    assert [one.mentions_me for one in latest(desk.store, BORIS, chat_id).entries if one.kind == "note"] == [True]
    assert desk.card(chat_id).waiting_since == NOON - 5 * MINUTE  # the client waits on


def test_a_chat_is_handed_over_with_a_note_by_its_responsible_only(desk: Desk) -> None:
    chat_id = desk.chat()
    acting.take(desk.store, ANNA, chat_id, version=1, now=NOON)
    acting.watch(desk.store, ANNA, chat_id, desk.ids["vera"], now=NOON)

    with pytest.raises(NotAllowed):
        acting.hand_over(desk.store, VERA, chat_id, desk.ids["boris"], version=2, now=NOON)
    with pytest.raises(NotAllowed):
        acting.close(desk.store, VERA, chat_id, version=2, now=NOON)
    acting.hand_over(desk.store, ANNA, chat_id, desk.ids["boris"], note="Ждёт счёт", version=2, now=NOON)

    assert desk.card(chat_id, BORIS).is_mine
    assert desk.column("select text from message where kind = 'note'") == ["Ждёт счёт"]
    assert events(desk, chat_id) == ["taken", "watched", "handed_over"]
    with pytest.raises(NotFound):
        desk.card(chat_id, ANNA)
    write(desk.store, VERA, chat_id, "Я тоже тут", client_key="v", now=NOON)  # watchers may write
    assert desk.card(chat_id).assignee == "Борис"
    acting.leave(desk.store, VERA, chat_id, now=NOON)
    with pytest.raises(NotFound):
        desk.card(chat_id, VERA)


def test_a_chat_goes_back_to_the_queue(desk: Desk) -> None:
    chat_id = desk.chat()
    acting.take(desk.store, ANNA, chat_id, version=1, now=NOON)

    acting.hand_over(desk.store, ANNA, chat_id, None, version=2, now=NOON)

    card = desk.card(chat_id, BORIS)
    assert (card.state, card.assignee_id, card.may_take) == (ChatState.QUEUED, None, True)


def test_a_closed_chat_is_reopened_for_its_responsible_and_by_an_answer(desk: Desk) -> None:
    chat_id = desk.chat()
    acting.take(desk.store, ANNA, chat_id, version=1, now=NOON)

    acting.close(desk.store, ANNA, chat_id, version=2, now=NOON)
    with pytest.raises(Conflict):
        acting.close(desk.store, ANNA, chat_id, version=2, now=NOON)
    acting.reopen(desk.store, OLGA, chat_id, version=3, now=NOON)
    acting.close(desk.store, OLGA, chat_id, version=4, now=NOON)
    write(desk.store, ANNA, chat_id, "Забыла сказать", client_key="k", now=NOON)

    card = desk.card(chat_id)
    assert (card.state, card.assignee, card.closed_at) == (ChatState.ACTIVE, "Анна", None)
    assert events(desk, chat_id) == ["taken", "closed", "reopened", "closed", "reopened"]


def test_outside_the_window_only_a_template_goes_out(desk: Desk) -> None:
    chat_id = desk.chat(messenger="whatsapp", wrote=NOON - timedelta(hours=24))
    desk.template("Здравствуйте, {{1}}! Заказ {{2}} готов.", 2)

    with pytest.raises(WindowClosed):
        write(desk.store, ANNA, chat_id, "Добрый день", client_key="k", now=NOON)
    with pytest.raises(BadInput, match="2 fields"):
        write_template(desk.store, ANNA, chat_id, Template(name="hello", language="ru"), client_key="k", now=NOON)
    filled = Template(name="hello", language="ru", variables=["Пётр {{2}}", "№ 5"])
    write_template(desk.store, ANNA, chat_id, filled, client_key="k", now=NOON)

    assert desk.column("select text from message where ours") == ["Здравствуйте, Пётр {{2}}! Заказ № 5 готов."]
    assert desk.card(chat_id).is_locked(NOON)
    open_one = desk.chat(messenger="whatsapp", wrote=NOON - timedelta(hours=23, minutes=59))
    write(desk.store, ANNA, open_one, "Ещё можно", client_key="k", now=NOON)


def test_what_a_messenger_does_not_take_is_refused_before_it_is_kept(desk: Desk) -> None:
    chat_id = desk.chat()

    for text in ("", "   ", "ы" * 4097):
        with pytest.raises(BadInput):
            write(desk.store, ANNA, chat_id, text, client_key="k", now=NOON)
    with pytest.raises(BadInput, match="50 MB"):
        huge = Stored(media="0" * 64, media_type="application/pdf", size_bytes=60_000_000)
        write_file(desk.store, ANNA, chat_id, huge, "a.pdf", client_key="k", now=NOON)
    with pytest.raises(BadInput, match="1024"):
        small = Stored(media="0" * 64, media_type="image/png", size_bytes=100)
        write_file(desk.store, ANNA, chat_id, small, "a.png", caption="ы" * 1025, client_key="k", now=NOON)
    with pytest.raises(NotFound):
        write(desk.store, ANNA, chat_id, "Ответ", client_key="k", replies_to=chat_id, now=NOON)

    assert desk.column("select message_id from message where ours") == []


def test_a_file_is_sent_as_what_it_is_under_a_name_that_harms_nobody(desk: Desk) -> None:
    chat_id = desk.chat()
    picture = Stored(media="a" * 64, media_type="image/png", size_bytes=100)

    write_file(desk.store, ANNA, chat_id, picture, "../../<b>снимок</b>\n.png", client_key="k", now=NOON)

    (sent,) = (one for one in latest(desk.store, ANNA, chat_id).entries if one.ours)
    assert (sent.kind, sent.media_name, sent.media_state) == ("image", "b>.png", "present")
    assert file_name("..\\..\\") == "file"
    assert len(file_name("д" * 500 + ".docx")) == 120


def test_a_failed_message_is_sent_again_only_out_of_its_own_chat(desk: Desk) -> None:
    mine, others = desk.chat(), desk.chat()
    acting.take(desk.store, BORIS, others, version=1, now=NOON)
    failed = desk.message(mine, NOON, "Не ушло", ours=True, state="failed", error="blocked: 403")
    foreign = desk.message(others, NOON, "Чужое", ours=True, state="failed", error="unknown")

    with pytest.raises(NotFound):
        retry(desk.store, ANNA, others, foreign, now=NOON)
    with pytest.raises(NotFound):
        retry(desk.store, ANNA, mine, foreign, now=NOON)
    assert [(one.error, one.error_detail) for one in latest(desk.store, ANNA, mine).entries if one.ours] == [
        ("blocked", "403")
    ]
    retry(desk.store, ANNA, mine, failed, now=NOON)

    assert desk.column("select subject_id from outbox") == [failed]


def test_second_thoughts_are_the_writers_in_time_and_where_the_messenger_has_them(desk: Desk) -> None:
    chat_id = desk.chat(assignee_id=desk.ids["anna"], state="active")
    sent = write(desk.store, ANNA, chat_id, "было", client_key="1", now=NOON)
    note = write_note(desk.store, ANNA, chat_id, "внутри", client_key="2", now=NOON)
    theirs = desk.message(chat_id, NOON, "от клиента")
    now = NOON + 3 * MINUTE

    revising.edit(desk.store, ANNA, chat_id, sent, " стало ", now=now)
    wish = desk.column(
        f"select change_kind || ' ' || change_text || ' ' || text from message where message_id = '{sent}'"
    )
    assert wish == ["edit стало было"]
    assert desk.column("select kind from outbox order by created_at") == ["message", "revision"]
    with pytest.raises(Conflict):  # it is on its way
        revising.let_stand(desk.store, ANNA, chat_id, sent)
    with pytest.raises(NotAllowed):
        revising.edit(desk.store, OLGA, chat_id, sent, "чужое", now=now)
    for wrong in (note, theirs):
        with pytest.raises(BadInput, match="client"):
            revising.edit(desk.store, ANNA, chat_id, wrong, "стало", now=now)
    for text in (" ", "x" * 4097):
        with pytest.raises(BadInput, match="characters"):
            revising.edit(desk.store, ANNA, chat_id, sent, text, now=now)
    with pytest.raises(BadInput, match="48 hours"):
        revising.delete(desk.store, ANNA, chat_id, sent, now=NOON + 48 * 60 * MINUTE)
    revising.delete(desk.store, OLGA, chat_id, sent, now=now)  # who is in charge of all
    assert desk.column(f"select change_kind from message where message_id = '{sent}'") == ["delete"]
    assert desk.column("select action from audit where action like 'message.%'") == ["message.edit", "message.delete"]


def test_pages_of_a_long_chat_join_without_gap_or_repeat(desk: Desk) -> None:
    chat_id = desk.chat(wrote=None)
    desk.store._writer.execute(
        """
        insert into message (message_id, chat_id, kind, ours, text, sent_at)
        select uuid(), $chat_id::uuid, 'text', false, n::varchar, $at + (n // 3) * interval 1 second
        from range(100) as numbers (n)
        """,
        {"chat_id": chat_id, "at": NOON},
    )

    page = latest(desk.store, OLGA, chat_id, limit=30)
    found = list(page.entries)
    while page.before:
        page = before(desk.store, OLGA, chat_id, found[0].cursor, limit=30)
        found = [*page.entries, *found]
    down = after(desk.store, OLGA, chat_id, found[9].cursor, limit=20)
    again = since(desk.store, OLGA, chat_id, found[90].cursor)
    middle = around(desk.store, OLGA, chat_id, found[50].id, limit=20)

    assert len({one.id for one in found}) == len(found) == 100
    assert [one.happened_at for one in found] == sorted(one.happened_at for one in found)
    assert [one.id for one in down.entries] == [one.id for one in found[10:30]]
    assert [one.id for one in again.entries] == [one.id for one in found[90:]]
    assert [one.id for one in middle.entries] == [one.id for one in found[40:60]]
    assert middle.before and middle.after


def test_a_client_made_from_a_chat_gets_its_number_and_tags_are_hung_once(desk: Desk) -> None:
    chat_id = desk.chat(number="79161234567")
    other = desk.chat(number="79161234567")

    account_id = create_client_of(desk.store, ANNA, chat_id, ClientFields(name="Ромашка"), now=NOON)
    link_client(desk.store, OLGA, other, account_id, now=NOON)
    set_tags(desk.store, ANNA, chat_id, add=["Срочно", "срочно"], now=NOON)
    (tag,) = desk.card(chat_id).tags
    set_tags(desk.store, ANNA, chat_id, remove=[tag.tag_id], now=NOON)

    assert (desk.card(chat_id).client, desk.card(other).client) == ("Ромашка", "Ромашка")
    assert desk.column("select number from phone_assignment") == ["79161234567"]
    assert desk.card(chat_id).tags == ()
    assert events(desk, chat_id) == ["linked", "tagged", "untagged"]


def test_one_may_write_first_only_where_the_messenger_lets_one(desk: Desk) -> None:
    desk.account("webhook")

    def begin(actor: Actor, **said: object) -> str:
        said = {"text": "Добрый день", "client_key": "k", **said}
        return write_first(desk.store, actor, SITE, "office", "8 (916) 123-45-67", now=NOON, **said)  # type: ignore[arg-type]

    chat_id = begin(ANNA)
    again = begin(ANNA, text="И ещё", client_key="k2")

    card = desk.card(chat_id)
    assert (again, card.state, card.assignee, card.number) == (chat_id, ChatState.ACTIVE, "Анна", "79161234567")
    assert len(desk.column("select outbox_id from outbox")) == 2
    with pytest.raises(Conflict):
        begin(BORIS)
    desk.store._writer.execute("delete from chat")
    desk.store._writer.execute("update messenger_account set messenger = 'whatsapp'")
    with pytest.raises(WindowClosed):
        begin(ANNA)
    desk.store._writer.execute("update messenger_account set messenger = 'telegram'")
    with pytest.raises(BadInput):
        begin(ANNA)


def test_a_user_who_is_no_employee_writes_and_the_chat_stays_in_the_queue(desk: Desk) -> None:
    chat_id = desk.chat()

    with pytest.raises(BadInput, match="no employee"):
        acting.take(desk.store, OLGA, chat_id, version=1, now=NOON)
    write(desk.store, OLGA, chat_id, "Минуту", client_key="k", now=NOON)

    assert desk.card(chat_id).state is ChatState.QUEUED
