"""What messengers deliver becomes chats and messages: each once, in whatever order it comes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from data.errors import Conflict
from data.identity.actor import Actor, Role, system
from data.messaging import (
    ChatMoved,
    Delivery,
    MediaRef,
    MessageDeleted,
    MessageEdited,
    MessageKind,
    MessageReceived,
    Messenger,
    Reaction,
    Receipt,
    Received,
)
from data.services.chats.delivery import retry
from data.services.chats.received_rows import Delivered
from data.services.chats.receiving import receive
from data.services.chats.timeline import latest
from data.settings import Site
from data.store.database import Database
from data.store.protocol import Statement, Topic
from tests.builders import Office
from tests.chats import chat_database, emptied

INGEST = system("ingest")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CHATS = "select * from chat order by chat_no"
MESSAGES = "select * from message order by sent_at, messenger_message_id"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with chat_database(tmp_path_factory.mktemp("chats")) as database:
        yield database


@pytest.fixture
def database(opened: Database) -> Database:
    return emptied(opened)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def said(number: int, minutes: float = 0, **changed: Any) -> MessageReceived:
    """A text of the client."""
    values: dict[str, Any] = {
        "messenger_message_id": f"m{number}",
        "user_key": "79161234567",
        "sent_at": at(minutes),
        "kind": MessageKind.TEXT,
        "user_name": "Пётр",
        "phone": "79161234567",
        "text": f"слово {number}",
    }
    return MessageReceived(**(values | changed))


def deliver(
    database: Database, *items: Received, account: str = "office", now: datetime = NOON, hook: str | None = None
) -> None:
    one = Delivered(account=account, messenger=Messenger.WHATSAPP, items=items, hook_id=hook)
    receive(database, INGEST, [one], site=Site(), now=now)


def rows(database: Database, sql: str) -> list[dict[str, Any]]:
    return database.query(sql, actor=INGEST).to_pylist()


def close(database: Database, assignee: str | None) -> None:
    """Put the only chat where people put it when they are done."""
    database._writer.execute(
        "update chat set state = 'closed', closed_at = $at, assignee_id = $who, unread_count = 0, "
        "waiting_since = null, last_message_ours = true, last_message_at = $at, answered_at = $at",
        {"at": at(5), "who": assignee},
    )


def sent_by_us(database: Database, message_id: str, chat_id: str, messenger_id: str | None, state: str) -> None:
    database._writer.execute(
        "insert into message (message_id, chat_id, messenger_message_id, kind, ours, sent_at, state) "
        "values ($id, $chat, $wamid, 'text', true, $at, $state)",
        {"id": message_id, "chat": chat_id, "wamid": messenger_id, "at": NOON, "state": state},
    )


OURS = "0b5f8f0e-9f5a-4d0c-9f0e-5b9f0e9f5a4d"


def test_a_stranger_opens_a_chat_in_the_queue(database: Database) -> None:
    deliver(database, said(1), now=at(1))

    [chat] = rows(database, CHATS)
    assert (chat["state"], chat["chat_no"], chat["unread_count"]) == ("queued", 1, 1)
    assert (chat["title"], chat["number"], chat["is_group"]) == ("Пётр", "79161234567", False)
    assert (chat["waiting_since"], chat["queued_at"], chat["created_at"]) == (NOON, at(1), NOON)
    assert (chat["last_text"], chat["last_kind"], chat["last_message_ours"]) == ("слово 1", "text", False)
    [message] = rows(database, MESSAGES)
    assert (message["ours"], message["state"], message["author_name"]) == (False, "delivered", "Пётр")
    assert [row["kind"] for row in rows(database, "select kind from chat_event")] == ["opened"]


def test_that_a_client_wrote_for_the_first_time_or_again_stands_before_what_he_wrote(database: Database) -> None:
    deliver(database, said(2, 1), said(1), now=at(1))
    close(database, None)
    deliver(database, said(3, 9), now=at(10))

    [chat] = rows(database, "select chat_id::varchar as id from chat")
    actor = Actor(user="olga", role=Role.SUPERVISOR)
    entries = latest(database, actor, chat["id"]).entries
    assert [(one.kind, one.text) for one in entries] == [
        ("opened", None),
        ("text", "слово 1"),
        ("text", "слово 2"),
        ("reopened", None),
        ("text", "слово 3"),
    ]


def test_a_group_that_moved_stays_one_chat_whenever_that_is_told(database: Database) -> None:
    group: dict[str, Any] = {"is_group": True, "phone": None}
    moved = [ChatMoved(user_key=f"-100{number}", former_key=f"-{number}") for number in (7, 8)]
    deliver(database, said(1, user_key="-7", **group))
    deliver(database, moved[0])
    deliver(database, said(2, 1, user_key="-1007", **group))
    deliver(database, said(3, 2, user_key="-8", **group), moved[1], said(4, 3, user_key="-1008", **group))

    assert [chat["user_key"] for chat in rows(database, CHATS)] == ["-1007", "-1008"]
    assert len(rows(database, MESSAGES)) == 4


def test_what_is_told_again_is_stored_once(database: Database) -> None:
    deliver(database, said(1), said(1))
    deliver(database, said(2, 1), said(1))
    deliver(database, said(1), account="branch")

    assert [row["messenger_message_id"] for row in rows(database, MESSAGES)] == ["m1", "m1", "m2"]
    chats = rows(database, CHATS)
    assert [(chat["messenger_account"], chat["unread_count"], chat["chat_no"]) for chat in chats] == [
        ("office", 2, 1),
        ("branch", 1, 2),
    ]


def test_a_hint_names_the_chat(database: Database) -> None:
    with database.subscribed([Topic.CHATS]) as subscription:
        subscription.take()
        deliver(database, said(1))
        told = subscription.take()

    [chat] = rows(database, CHATS)
    assert told is not None
    assert told[0].ids == (str(chat["chat_id"]),)


def test_a_known_number_makes_the_chat_its_clients(database: Database) -> None:
    account_id = Office(database).client("Ромашка", "+7 916 123-45-67")

    deliver(database, said(1, phone="79161234567"))

    [chat] = rows(database, CHATS)
    assert str(chat["account_id"]) == account_id


def test_an_id_on_the_card_makes_the_chat_its_clients_unless_two_carry_it(database: Database) -> None:
    office = Office(database)
    one, other = office.client("Ромашка", "+7 916 000-00-01"), office.client("Лютик", "+7 916 000-00-02")
    for account_id, ids in ((one, ["telegram:@Anna", "telegram:77"]), (other, ["telegram:77"])):
        database._writer.execute(
            "update account set messengers = $ids where account_id = $id", {"ids": ids, "id": account_id}
        )

    def write(user: str, handle: str | None) -> None:
        message = said(1, user_key=user, phone=None, user_handle=handle)
        one = Delivered(account="bot", messenger=Messenger.TELEGRAM, items=[message])
        receive(database, INGEST, [one], site=Site(), now=NOON)

    write("55", "anna")
    write("77", None)

    clients = {row["user_key"]: row["account_id"] for row in rows(database, CHATS)}
    assert (str(clients["55"]), clients["77"]) == (one, None)


@pytest.mark.parametrize(("active", "state"), [(True, "active"), (False, "queued"), (None, "queued")])
def test_a_closed_chat_comes_back_to_who_had_it_if_he_is_still_here(
    database: Database, active: bool | None, state: str
) -> None:
    deliver(database, said(1))
    if active is not None:
        database._writer.execute(
            "insert into employee (employee_id, name, active) values ($id, 'Анна', $active)",
            {"id": OURS, "active": active},
        )
    close(database, OURS if active is not None else None)

    deliver(database, said(2, 9), now=at(10))

    [chat] = rows(database, CHATS)
    assert (chat["state"], chat["closed_at"], chat["answered_at"]) == (state, None, None)
    assert (chat["assignee_id"] is not None) is (active is True)
    assert (chat["unread_count"], chat["waiting_since"], chat["version"]) == (1, at(9), 2)
    [event] = rows(database, "select * from chat_event where kind = 'reopened'")
    assert (event["employee_id"] is not None) is (active is True)


def test_a_message_that_came_late_is_not_waited_for_once_somebody_answered_after_it(database: Database) -> None:
    deliver(database, said(1))
    close(database, None)
    database._writer.execute("update chat set state = 'active', closed_at = null")

    deliver(database, said(2, 3), now=at(10))

    [chat] = rows(database, CHATS)
    assert (chat["waiting_since"], chat["unread_count"], chat["last_text"]) == (None, 1, "слово 1")


def test_the_wait_counts_from_the_first_unanswered_word(database: Database) -> None:
    deliver(database, said(2, 2))
    deliver(database, said(3, 3), said(1, 1))

    [chat] = rows(database, CHATS)
    assert (chat["waiting_since"], chat["last_text"], chat["client_wrote_at"]) == (at(2), "слово 3", at(3))


def test_what_we_write_in_the_messengers_own_app_ends_the_wait_and_counts_as_read(database: Database) -> None:
    deliver(database, said(1))
    deliver(database, said(2, 1, is_ours=True, user_name="Наш магазин"))

    [chat] = rows(database, CHATS)
    assert (chat["waiting_since"], chat["last_message_ours"], chat["answered_at"]) == (None, True, at(1))
    assert (chat["title"], chat["unread_count"]) == ("Пётр", 1)


@pytest.mark.parametrize("order", list(itertools.permutations(("sent", "delivered", "read"))))
@pytest.mark.parametrize("together", [True, False])
def test_a_state_never_goes_down(database: Database, order: tuple[str, ...], together: bool) -> None:
    deliver(database, said(1))
    sent_by_us(database, OURS, str(rows(database, CHATS)[0]["chat_id"]), "w1", "sent")
    receipts = [
        Receipt(messenger_message_id="w1", state=Delivery(state), happened_at=at(number))
        for number, state in enumerate(order)
    ]

    for batch in [receipts] if together else [[one] for one in receipts]:
        deliver(database, *batch)

    [message] = rows(database, "select * from message where ours")
    assert message["state"] == "read"
    assert message["read_at"] == at(order.index("read"))
    assert rows(database, "select * from message_change") == []


def test_failed_is_final_and_says_why(database: Database) -> None:
    deliver(database, said(1))
    sent_by_us(database, OURS, str(rows(database, CHATS)[0]["chat_id"]), "w1", "sent")

    failed = Receipt(
        messenger_message_id="w1", state=Delivery.FAILED, happened_at=NOON, error="window_closed", error_detail="131047"
    )
    deliver(database, failed)
    deliver(database, Receipt(messenger_message_id="w1", state=Delivery.DELIVERED, happened_at=NOON))

    [message] = rows(database, "select * from message where ours")
    assert (message["state"], message["error"]) == ("failed", "window_closed: 131047")


def test_a_receipt_that_comes_before_we_know_the_id_waits_for_it(database: Database) -> None:
    deliver(database, said(1))
    sent_by_us(database, OURS, str(rows(database, CHATS)[0]["chat_id"]), None, "queued")

    deliver(database, Receipt(messenger_message_id="w1", state=Delivery.READ, happened_at=at(1)))
    assert len(rows(database, "select * from message_change")) == 1
    database._writer.execute("update message set messenger_message_id = 'w1', state = 'sent' where ours")
    deliver(database, Receipt(messenger_message_id="w1", state=Delivery.SENT, happened_at=NOON))

    [message] = rows(database, "select * from message where ours")
    assert (message["state"], message["delivered_at"]) == ("read", at(1))


def test_a_receipt_that_carries_our_own_id_tells_the_messengers_one(database: Database) -> None:
    deliver(database, said(1))
    sent_by_us(database, OURS, str(rows(database, CHATS)[0]["chat_id"]), None, "queued")

    deliver(database, Receipt(messenger_message_id="w1", state=Delivery.DELIVERED, happened_at=at(1), message_id=OURS))

    [message] = rows(database, "select * from message where ours")
    assert (message["state"], message["messenger_message_id"]) == ("delivered", "w1")


def ordered(database: Database, state: str, message_id: str = OURS) -> None:
    """An order of that message in the outbox."""
    database._writer.execute(
        "insert into outbox (outbox_id, kind, target, subject_id, payload, state, created_at, created_by, changed_at) "
        "values (gen_random_uuid(), 'message', 'office', $id, '{}', $state, $at, 'anna', $at)",
        {"id": message_id, "state": state, "at": NOON},
    )


def arrived(state: Delivery, messenger_id: str = "w1", **more: Any) -> Receipt:
    """A receipt that tells our own id back."""
    return Receipt(messenger_message_id=messenger_id, state=state, happened_at=at(1), message_id=OURS, **more)


@pytest.mark.parametrize(
    ("told", "order"), [(Delivery.SENT, "done"), (Delivery.READ, "done"), (Delivery.FAILED, "failed")]
)
def test_a_receipt_withdraws_the_order_that_waits_to_send_its_message_again(
    database: Database, told: Delivery, order: str
) -> None:
    deliver(database, said(1))
    sent_by_us(database, OURS, str(rows(database, CHATS)[0]["chat_id"]), None, "queued")
    ordered(database, "queued")

    with database.subscribed([Topic.OUTBOX]) as subscription:
        subscription.take()
        deliver(database, arrived(told))
        moved = subscription.take(0.0)

    assert [row["state"] for row in rows(database, "select state from outbox")] == [order]
    assert [row["state"] for row in rows(database, "select state from message where ours")] == [told]
    assert moved  # what stands behind it in the chat may go


def test_a_message_given_up_without_an_answer_is_raised_by_its_receipt(database: Database) -> None:
    deliver(database, said(1))
    sent_by_us(database, OURS, str(rows(database, CHATS)[0]["chat_id"]), None, "failed")
    database._writer.execute("update message set error = 'unreachable: HTTP 503' where ours")

    deliver(database, arrived(Delivery.DELIVERED))

    [message] = rows(database, "select * from message where ours")
    assert (message["state"], message["error"], message["messenger_message_id"]) == ("delivered", None, "w1")


def test_what_is_told_of_a_former_attempt_does_not_touch_the_next_one(database: Database) -> None:
    deliver(database, said(1))
    sent_by_us(database, OURS, str(rows(database, CHATS)[0]["chat_id"]), "w1", "sent")
    refused = arrived(Delivery.FAILED, error="blocked")
    deliver(database, refused)
    retry(database, INGEST, OURS, now=at(2))

    deliver(database, refused)
    assert [row["state"] for row in rows(database, "select state from message where ours")] == ["queued"]
    assert [row["state"] for row in rows(database, "select state from outbox")] == ["queued"]

    deliver(database, arrived(Delivery.SENT, "w2"))
    deliver(database, refused)
    [message] = rows(database, "select * from message where ours")
    assert (message["state"], message["error"], message["messenger_message_id"]) == ("sent", None, "w2")


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_edits_and_signs_may_come_before_their_message(database: Database, order: tuple[int, ...]) -> None:
    told: list[Received] = [
        said(1),
        MessageEdited(messenger_message_id="m1", user_key="79161234567", edited_at=at(1), text="исправлено"),
        Reaction(messenger_message_id="m1", user_key="79161234567", happened_at=at(2), emoji="👍"),
    ]

    for number in order:
        deliver(database, told[number])
    deliver(database, said(2, -1))

    [_, message] = rows(database, MESSAGES)
    assert (message["text"], message["edited_at"], message["reaction"]) == ("исправлено", at(1), "👍")
    assert rows(database, CHATS)[0]["last_text"] == "исправлено"
    assert rows(database, "select * from message_change") == []


def test_an_older_edit_changes_nothing_and_a_sign_can_be_taken_back(database: Database) -> None:
    edits = [
        MessageEdited(messenger_message_id="m1", user_key="79161234567", edited_at=at(minute), text=f"в {minute}")
        for minute in (2, 1)
    ]
    deliver(database, said(1), *edits[:1])
    deliver(database, edits[1])
    for emoji, minute in (("👍", 3), (None, 4)):
        deliver(
            database,
            Reaction(messenger_message_id="m1", user_key="79161234567", happened_at=at(minute), emoji=emoji),
        )

    [message] = rows(database, MESSAGES)
    assert (message["text"], message["reaction"]) == ("в 2", None)


def test_a_deleted_message_is_marked_and_leaves_the_list(database: Database) -> None:
    deliver(database, said(1))
    deliver(database, MessageDeleted(messenger_message_id="m1", user_key="79161234567", deleted_at=at(1)))

    assert rows(database, MESSAGES)[0]["deleted_at"] == at(1)
    assert rows(database, CHATS)[0]["last_text"] is None


def test_changes_of_another_account_do_not_touch_a_message_of_the_same_id(database: Database) -> None:
    deliver(database, said(1))
    deliver(
        database,
        MessageDeleted(messenger_message_id="m1", user_key="79161234567", deleted_at=at(1)),
        account="branch",
    )

    assert rows(database, MESSAGES)[0]["deleted_at"] is None


def test_a_reply_points_at_what_it_quotes_in_the_same_delivery_and_before(database: Database) -> None:
    deliver(database, said(1))
    deliver(database, said(2, 1, reply_to="m1"), said(3, 2, reply_to="m2"), said(4, 3, reply_to="gone"))

    first, second, third, fourth = rows(database, MESSAGES)
    assert (second["replies_to"], third["replies_to"]) == (first["message_id"], second["message_id"])
    assert fourth["replies_to"] is None


def test_a_file_is_expected(database: Database) -> None:
    media = MediaRef(ref="media-1", name="счёт.pdf", media_type="application/pdf", size_bytes=10)

    deliver(database, said(1, kind=MessageKind.DOCUMENT, text=None, media=media))

    [message] = rows(database, MESSAGES)
    assert (message["media_state"], message["media_ref"], message["media_name"]) == ("expected", "media-1", "счёт.pdf")


def test_a_chat_under_another_id_of_the_client_is_continued(database: Database) -> None:
    deliver(database, said(1))
    deliver(database, said(2, 1, user_key="RU.1", also_known=("79161234567",)))
    deliver(database, said(3, 2, user_key="RU.1", phone=None))

    [chat] = rows(database, CHATS)
    assert (chat["user_key"], chat["unread_count"], chat["number"]) == ("RU.1", 3, "79161234567")


def test_hostile_words_are_kept_as_they_are(database: Database) -> None:
    hostile = "'); drop table chat; -- {\"a\": 1} <script>alert(1)</script> =cmd|' /C calc'!A0 \\u0000 𝕏\u202e"

    deliver(database, said(1, text=hostile, user_name=hostile))

    assert rows(database, MESSAGES)[0]["text"] == hostile
    assert rows(database, CHATS)[0]["title"] == hostile


def put_hook(database: Database, hook_id: str) -> None:
    params = {"hook_ids": [hook_id], "accounts": ["office"], "moments": [NOON], "bodies": [b"\x00{"], "headers": ["{}"]}
    step = Statement(name="hook_events_insert", params={**params, "from_at": NOON}, expect_rows=1)
    database.transact([step], actor=INGEST, touches={})


def test_the_raw_delivery_is_done_with_in_the_same_transaction_and_only_once(database: Database) -> None:
    put_hook(database, OURS)

    deliver(database, said(1), hook=OURS)
    with pytest.raises(Conflict):
        deliver(database, said(2), hook=OURS)

    assert [row["messenger_message_id"] for row in rows(database, MESSAGES)] == ["m1"]
    [hook] = rows(database, "select state, body from hook_event")
    assert (hook["state"], hook["body"]) == ("done", b"\x00{")


def _ids(found: Iterable[dict[str, Any]]) -> list[str]:
    return [row["messenger_message_id"] for row in found]


def test_whoever_wrote_first_meanwhile_has_the_chat(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    transact = database.transact
    tried: list[Any] = []

    def late(statements: Any, **options: Any) -> Any:
        if not tried:
            tried.append(statements)
            database._writer.execute(
                "insert into chat (chat_id, messenger, messenger_account, user_key, state, created_at) "
                "values ($id, 'whatsapp', 'office', '79161234567', 'active', $at)",
                {"id": OURS, "at": NOON},
            )
        return transact(statements, **options)

    monkeypatch.setattr(database, "transact", late)

    deliver(database, said(1))

    [chat] = rows(database, CHATS)
    assert (str(chat["chat_id"]), chat["unread_count"]) == (OURS, 1)
    assert _ids(rows(database, MESSAGES)) == ["m1"]
