"""What every messenger must do alike, against services of ours over real HTTP that behave like the real ones."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data.errors import BadInput
from data.media import MediaFolder
from data.messaging import MessageKind, SendError
from data.messenger_fields import Way
from data.services.chats import revising
from data.services.chats.delivery import dead_letters, retry, tell_typing
from data.services.chats.timeline import latest
from data.services.messenger_accounts import (
    CHECK,
    TEMPLATES,
    MessengerAccount,
    ask,
    asked,
    get_account,
    put_secrets,
)
from data.settings import Settings
from data.store.database import Database
from ingest.messengers.adapter import Revision, SendFailed
from ingest.messengers.inbox import Inbox
from ingest.messengers.making import adapter_of
from ingest.simulator.messengers.bots import Bots, refused
from ingest.simulator.messengers.exchange import Fault
from ingest.simulator.messengers.graph import Graph
from ingest.simulator.messengers.graph_bodies import error_body, whole
from ingest.simulator.messengers.partner import Partner
from tests.chats import chat_database
from tests.ingest.chat_services import ADMIN, ANNA, SERVICES, Desk, desk, hooks, payload, settings_of
from tests.ingest.waiting import wait_until

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
OGG = b"OggS" + bytes(100)
_users = itertools.count(79_160_000_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("messengers")


@pytest.fixture(scope="module")
def settings(folder: Path) -> Settings:
    return settings_of(folder)


@pytest.fixture(scope="module")
def database(folder: Path) -> Iterator[Database]:
    with chat_database(folder) as database:
        yield database


@pytest.fixture(scope="module")
def hooks_url(settings: Settings, database: Database) -> Iterator[str]:
    with hooks(settings, database) as url:
        yield url


def _opened(kind: str, folder: Path, database: Database, settings: Settings, hooks_url: str) -> Iterator[Desk]:
    with desk(kind, folder, database, settings, hooks_url) as found:
        yield found


@pytest.fixture(scope="module")
def whatsapp(folder: Path, database: Database, settings: Settings, hooks_url: str) -> Iterator[Desk]:
    yield from _opened("whatsapp", folder, database, settings, hooks_url)


@pytest.fixture(scope="module")
def poll(folder: Path, database: Database, settings: Settings, hooks_url: str) -> Iterator[Desk]:
    yield from _opened("poll", folder, database, settings, hooks_url)


@pytest.fixture(scope="module")
def bot(folder: Path, database: Database, settings: Settings, hooks_url: str) -> Iterator[Desk]:
    yield from _opened("bot", folder, database, settings, hooks_url)


@pytest.fixture(scope="module")
def partner(folder: Path, database: Database, settings: Settings, hooks_url: str) -> Iterator[Desk]:
    yield from _opened("partner", folder, database, settings, hooks_url)


@pytest.fixture
def one(request: pytest.FixtureRequest) -> Desk:
    found: Desk = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def user() -> str:
    """A client of this test alone."""
    return str(next(_users))


every = pytest.mark.parametrize("one", list(SERVICES), indirect=True)
every_hook = pytest.mark.parametrize("one", ["whatsapp", "bot", "partner"], indirect=True)
with_receipts = pytest.mark.parametrize("one", ["whatsapp", "partner"], indirect=True)


# ---------------------------------------------------------------- what comes in


@every
def test_a_client_writes_and_has_a_chat(one: Desk, user: str) -> None:
    message_id = one.service.say(user, "Здравствуйте! 👋", name="Анна-Мария")

    message = one.message(message_id)
    assert (message["text"], message["kind"], message["ours"]) == ("Здравствуйте! 👋", "text", False)
    chat = one.chat(user)
    assert (chat["state"], chat["title"], chat["messenger"]) == ("queued", "Анна-Мария", one.service.messenger.value)


@every
def test_a_reply_points_at_what_it_quotes(one: Desk, user: str) -> None:
    first = one.service.say(user, "цена?")
    second = one.service.say(user, "за штуку", reply_to=first)

    assert one.message(second)["replies_to"] == one.message(first)["message_id"]


@every
@pytest.mark.parametrize(("kind", "content", "media_type"), [("image", PNG, "image/png"), ("voice", OGG, "audio/ogg")])
def test_a_file_is_fetched_at_once_and_looked_at(
    one: Desk, user: str, kind: str, content: bytes, media_type: str
) -> None:
    message_id = one.service.give(user, kind, content, "text/html; charset=utf-8")

    message = one.message(message_id, "media_state = 'present'")
    assert (message["kind"], message["media_type"], message["media_bytes"]) == (kind, media_type, len(content))
    assert MediaFolder(one.settings).path(message["media"]).read_bytes() == content


@every
def test_a_document_keeps_its_name_however_hostile(one: Desk, user: str) -> None:
    name = '../../etc/"счёт\u202efdp.exe'
    message_id = one.service.give(user, "document", b"%PDF-1.7", "application/pdf", name=name)

    message = one.message(message_id, "media_state = 'present'")
    assert (message["media_name"], message["media_type"]) == (name, "application/pdf")


PLACES: dict[str, dict[str, Any]] = {
    "whatsapp": {"type": "location", "location": {"latitude": 55.75, "longitude": 37.61, "name": "Склад"}},
    "poll": {"venue": {"title": "Склад", "location": {"latitude": 55.75, "longitude": 37.61}}},
    "partner": {"kind": "location", "latitude": 55.75, "longitude": 37.61, "name": "Склад"},
}
CARDS: dict[str, dict[str, Any]] = {
    "whatsapp": {
        "type": "contacts",
        "contacts": [{"name": {"formatted_name": "Пётр"}, "phones": [{"phone": "+79160000001"}]}],
    },
    "poll": {"contact": {"first_name": "Пётр", "phone_number": "+79160000001"}},
    "partner": {"kind": "contacts", "contacts": [{"name": "Пётр", "phones": ["+79160000001"]}]},
}
STRANGE: dict[str, dict[str, Any]] = {
    "whatsapp": {"type": "hologram", "hologram": {"depth": 3}},
    "poll": {"hologram": {"depth": 3}},
    "partner": {"kind": "hologram"},
}
three = pytest.mark.parametrize("one", ["whatsapp", "poll", "partner"], indirect=True)


@three
def test_places_contacts_and_unknown_kinds_are_kept(one: Desk, user: str) -> None:
    place, card, strange = (one.service.tell(user, kind[one.account]) for kind in (PLACES, CARDS, STRANGE))

    assert payload(one.message(place)) == {"latitude": 55.75, "longitude": 37.61, "name": "Склад"}
    [contact] = payload(one.message(card))["contacts"]
    assert (contact["name"], contact["phones"]) == ("Пётр", ["+79160000001"])
    unknown = one.message(strange)
    assert (unknown["kind"], payload(unknown)) == ("unsupported", {"name": "hologram"})


def test_whatsapp_tells_edits_deletions_and_signs_even_before_the_message(whatsapp: Desk, user: str) -> None:
    graph: Graph = whatsapp.service
    graph.tell(user, {"type": "reaction", "reaction": {"message_id": "wamid.early", "emoji": "👍"}})
    inner = {"type": "text", "text": {"body": "исправлено"}}
    graph.tell(user, {"type": "edit", "edit": {"original_message_id": "wamid.early", "message": inner}})
    graph.deliver(graph.event(user, "wamid.early", {"type": "text", "text": {"body": "было"}}, at=time.time() - 60))

    message = whatsapp.message("wamid.early", "edited_at is not null")
    assert (message["text"], message["reaction"]) == ("исправлено", "👍")
    graph.tell(user, {"type": "revoke", "revoke": {"original_message_id": "wamid.early"}})
    assert whatsapp.message("wamid.early", "deleted_at is not null")


def test_telegram_tells_edits_and_signs(poll: Desk, user: str) -> None:
    bots: Bots = poll.service
    message_id = bots.say(user, "было")
    number = int(message_id.partition(":")[2])
    later = int(time.time()) + 5
    bots.update({"edited_message": bots.message(user, number, {"text": "стало", "edit_date": later})})
    sign = {"chat": {"id": int(user)}, "message_id": number, "date": later, "old_reaction": []}
    bots.update({"message_reaction": {**sign, "new_reaction": [{"type": "emoji", "emoji": "🔥"}]}})

    message = poll.message(message_id, "reaction is not null")
    assert (message["text"], message["reaction"]) == ("стало", "🔥")


def test_a_partner_tells_edits_deletions_and_groups(partner: Desk, user: str) -> None:
    system: Partner = partner.service
    message_id = system.say(user, "было")
    system.deliver({"type": "edited", "id": message_id, "user": {"id": user}, "text": "стало", "at": time.time() + 5})
    system.deliver({"type": "deleted", "id": message_id, "user": {"id": user}})
    grouped = system.tell(user, {"kind": "text", "text": "всем", "group": {"id": f"g{user}", "title": "Дом 5"}})

    assert partner.message(message_id, "deleted_at is not null")["text"] == "стало"
    partner.message(grouped)
    chat = partner.chat(f"g{user}")
    assert (chat["is_group"], chat["title"], chat["number"]) == (True, "Дом 5", None)


def test_a_group_of_telegram_is_one_chat_and_comings_and_goings_are_none(poll: Desk, user: str) -> None:
    bots: Bots = poll.service
    group = {"chat": {"id": -int(user), "type": "supergroup", "title": "Дом 5"}}
    bots.update({"message": {**bots.message(user, 1, {"new_chat_members": [{"id": 1}]}), **group}})
    bots.update({"message": {**bots.message(user, 2, {"text": "всем"}, name="Пётр"), **group}})

    message = poll.message(f"-{user}:2")
    chat = poll.chat(f"-{user}")
    assert (chat["is_group"], chat["title"], message["author_name"]) == (True, "Дом 5", "Пётр")
    assert [row["text"] for row in poll.rows("select text from message where chat_id = $id", id=chat["chat_id"])] == [
        "всем"
    ]


def test_a_group_that_becomes_a_supergroup_stays_one_chat_and_hears_us_before_we_read_of_it(
    poll: Desk, user: str
) -> None:
    bots: Bots = poll.service
    old, new = f"-{user}", f"-100{user}"
    group = {"chat": {"id": int(old), "type": "group", "title": "Дом 5"}}
    bots.update({"message": {**bots.message(user, 1, {"text": "раз"}), **group}})
    chat = poll.chat(old)
    bots.upgraded[old] = new
    poll.mine(poll.write(old, "слышно?", replies_to=poll.message(f"{old}:1")["message_id"]), "state = 'sent'")
    bots.upgrade(old, new)
    bots.update({"message": {**bots.message(user, 7, {"text": "два"}), "chat": {**group["chat"], "id": int(new)}}})

    assert poll.message(f"{new}:7")["chat_id"] == chat["chat_id"] == poll.chat(new)["chat_id"]
    [heard] = [heard for heard in bots.heard if heard.user == new]
    assert (heard.text, heard.reply_to) == ("слышно?", None)


def test_one_webhook_may_hold_several_entries_in_any_order_with_parts_missing(whatsapp: Desk, user: str) -> None:
    graph: Graph = whatsapp.service
    now = int(time.time())
    bare = {"from": user, "id": f"wamid.b{user}", "timestamp": str(now), "type": "text", "text": {"body": "второе"}}
    first = {**bare, "id": f"wamid.a{user}", "timestamp": str(now - 5), "text": {"body": "первое"}}
    event = whole({"messages": [bare]})
    event["entry"] += whole({"contacts": [{"wa_id": user}], "messages": [first]})["entry"]
    event["entry"][0]["changes"].append({"field": "account_update", "value": {"event": "VERIFIED_ACCOUNT"}})

    graph.deliver(event)

    whatsapp.message(f"wamid.a{user}")
    chat = whatsapp.chat(user)
    assert (chat["unread_count"], chat["last_text"], chat["title"]) == (2, "второе", None)


def test_whoever_hides_his_number_keeps_his_chat_and_is_answered_by_his_id(whatsapp: Desk, user: str) -> None:
    graph: Graph = whatsapp.service
    graph.say(user, "пока с номером")
    whatsapp.chat(user)
    hidden = {"profile": {"name": "Аня", "username": "anya"}, "user_id": f"RU.{user}"}
    both = {"id": f"wamid.1{user}", "from": user, "from_user_id": f"RU.{user}", "timestamp": str(int(time.time()))}
    alone = {"id": f"wamid.2{user}", "from_user_id": f"RU.{user}", "timestamp": str(int(time.time()))}
    for message in (both, alone):
        text = {"type": "text", "text": {"body": "скрыт"}}
        graph.deliver(whole({"contacts": [hidden], "messages": [message | text]}))

    first, second = whatsapp.message(f"wamid.1{user}"), whatsapp.message(f"wamid.2{user}")
    assert first["chat_id"] == second["chat_id"]
    chat = whatsapp.chat(f"RU.{user}")
    assert (chat["unread_count"], chat["number"]) == (3, user)
    whatsapp.mine(whatsapp.write(f"RU.{user}", "ответ"), "state = 'sent'")
    [heard] = [heard for heard in graph.heard if heard.text == "ответ"]
    assert heard.payload["recipient"] == f"RU.{user}"


@every_hook
def test_what_is_told_again_is_shown_once(one: Desk, user: str) -> None:
    message_id = one.service.say(user, "один раз")
    one.message(message_id)
    body = one.rows("select body from hook_event where account = $a order by received_at desc limit 1", a=one.account)
    for _ in range(3):
        assert one.service.call(body[0]["body"]) == 200
    last = one.service.say(user, "после")

    one.message(last)
    rows = one.rows("select count(*) as n from message where messenger_message_id = $id", id=message_id)
    assert rows == [{"n": 1}]
    assert one.chat(user)["unread_count"] == 2


# ---------------------------------------------------------------- who may tell


@every_hook
def test_a_forged_webhook_is_refused_and_not_stored(one: Desk, user: str) -> None:
    body = json.dumps({"type": "message", "id": f"forged{user}", "user": {"id": user}}).encode()
    good = one.service.sign(body)
    forged: list[dict[str, str]] = [{}]
    forged += [{name: value[:-1] + ("0" if value[-1] != "0" else "1")} for name, value in good.items()]
    forged += [dict.fromkeys(good, "")]

    statuses = {one.service.call(body, headers) for headers in forged}
    if one.account != "bot":  # a secret of Telegram signs no bytes
        statuses.add(one.service.call(body + b" ", good))

    assert statuses == {401}
    one.message(one.service.say(user, "после"))  # what came before it is in the store by then
    assert one.rows("select 1 from hook_event where contains(body::varchar, $id)", id=f"forged{user}") == []


def test_a_signature_that_is_old_is_refused(partner: Desk) -> None:
    from data.hooks import signed

    body = b'{"type":"receipt","id":"x","state":"read"}'
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    secret = partner.service.secrets["hook_secret"]

    assert partner.service.call(body, signed(secret, "evt", body, now=long_ago)) == 401
    assert partner.service.call(body, signed(secret, "evt", body, now=datetime.now(UTC))) == 200


def test_the_address_is_proved_to_meta_and_to_nobody_else(whatsapp: Desk) -> None:
    right, wrong = whatsapp.service.verify(), whatsapp.service.verify(token="guess")

    assert (right.status_code, right.text) == (200, "1158201444")
    assert (wrong.status_code, wrong.text) == (403, "")


def test_unknown_accounts_and_too_much_are_refused(whatsapp: Desk) -> None:
    graph: Graph = whatsapp.service
    url = graph.hook_url
    large = graph._hooks.post(url, content=b"x" * (5 << 20))
    unknown = graph._hooks.post(url.replace("whatsapp", "nobody"), content=b"{}")

    assert (large.status_code, unknown.status_code) == (413, 404)


@every_hook
def test_garbage_is_kept_aside_with_the_reason_and_holds_up_nobody(one: Desk, user: str) -> None:
    for garbage in (b"\x00\xff", b"[]", b'{"object":"whatsapp_business_account","entry":[{"changes":[{"value":'
                    b'{"messages":[{"type":"text"}]}}]}],"update_id":1,"message":{}}'):  # fmt: skip
        assert one.service.call(garbage) == 200
    last = one.service.say(user, "и дальше")

    one.message(last)
    sql = "select error from hook_event where account = $account and state = 'failed'"
    wait_until(lambda: len(one.rows(sql, account=one.account)) >= 3)
    assert all(row["error"] for row in one.rows(sql, account=one.account))


# ---------------------------------------------------------------- what goes out


@every
def test_our_message_reaches_the_client_and_is_known_by_its_id_there(one: Desk, user: str) -> None:
    asked_id = one.service.say(user, "сколько?")
    question = one.message(asked_id)["message_id"]
    message_id = one.write(user, "Сто рублей", replies_to=question)

    message = one.mine(message_id, "state = 'sent'")
    [heard] = [heard for heard in one.service.heard if heard.user == user]
    assert (heard.text, heard.reply_to) == ("Сто рублей", asked_id)
    assert message["messenger_message_id"] == heard.message_id
    [order] = one.rows("select state, attempts from outbox where subject_id = $id", id=message_id)
    assert order == {"state": "done", "attempts": 1}


@every
@pytest.mark.parametrize("kind", [MessageKind.IMAGE, MessageKind.DOCUMENT])
def test_our_file_reaches_the_client(one: Desk, user: str, kind: MessageKind) -> None:
    one.service.say(user, "пришлите")
    stored = MediaFolder(one.settings).put(PNG)
    file = {"media": stored.media, "media_name": "план дома.png", "media_type": stored.media_type}
    message_id = one.write(user, "вот", kind, **file)

    one.mine(message_id, "state = 'sent'")
    [heard] = [heard for heard in one.service.heard if heard.user == user]
    assert (heard.kind, heard.file, heard.text) == (kind, PNG, "вот")


@three
def test_places_and_contacts_reach_the_client(one: Desk, user: str) -> None:
    one.service.say(user, "где вы?")
    place = one.write(user, None, MessageKind.LOCATION, payload='{"latitude": 55.75, "longitude": 37.61}')
    card = one.write(
        user, None, MessageKind.CONTACTS, payload='{"contacts": [{"name": "Пётр", "phones": ["+79160000001"]}]}'
    )

    one.mine(place, "state = 'sent'")
    one.mine(card, "state = 'sent'")
    first, second = (heard for heard in one.service.heard if heard.user == user)
    assert "55.75" in json.dumps(first.payload)
    assert "79160000001" in json.dumps(second.payload)


def test_a_template_goes_with_its_variables(whatsapp: Desk, user: str) -> None:
    whatsapp.service.say(user, "давно")
    template = {"name": "order_ready", "language": "ru", "variables": ["Анна", "№ 5"]}
    message_id = whatsapp.write(user, "Анна, заказ № 5 готов", MessageKind.TEMPLATE, payload=json.dumps(template))

    whatsapp.mine(message_id, "state = 'sent'")
    [heard] = [heard for heard in whatsapp.service.heard if heard.user == user]
    sent = heard.payload["template"]
    assert (sent["name"], sent["language"]) == ("order_ready", {"code": "ru"})
    assert [one["text"] for one in sent["components"][0]["parameters"]] == ["Анна", "№ 5"]


@with_receipts
def test_receipts_in_any_order_leave_the_highest(one: Desk, user: str) -> None:
    one.service.say(user, "да?")
    message_id = one.write(user, "да")
    sent_id = one.mine(message_id, "state = 'sent'")["messenger_message_id"]

    for state in ("read", "delivered", "sent", "read"):
        one.service.receipt(sent_id, state)

    assert one.mine(message_id, "state = 'read'")["read_at"]


@with_receipts
def test_a_receipt_that_overtakes_the_answer_waits_for_it(one: Desk, user: str) -> None:
    one.service.say(user, "да?")
    # The service tells of the message before it has answered the request that sends it.
    one.service.on_heard = lambda heard: one.service.receipt(heard.message_id, "delivered")
    try:
        message_id = one.write(user, "да")
        assert one.mine(message_id, "state = 'delivered'")["messenger_message_id"]
    finally:
        one.service.on_heard = None


def test_a_message_that_fails_later_says_why(whatsapp: Desk, user: str) -> None:
    whatsapp.service.say(user, "да?")
    message_id = whatsapp.write(user, "да")
    sent_id = whatsapp.mine(message_id, "state = 'sent'")["messenger_message_id"]
    errors = [{"code": 131047, "title": "Re-engagement message"}]

    whatsapp.service.receipt(sent_id, "failed", errors=errors)
    whatsapp.service.receipt(sent_id, "delivered")

    message = whatsapp.mine(message_id, "state = 'failed'")
    assert message["error"].startswith("window_closed: 131047")


def _words(status: int, description: str) -> dict[str, Any]:
    body = refused(status, description).body
    assert isinstance(body, dict)
    return body


REFUSALS = [
    ("whatsapp", 400, error_body(131047, "Re-engagement message"), SendError.WINDOW_CLOSED),
    ("whatsapp", 400, error_body(131026, "Message undeliverable"), SendError.NO_RECIPIENT),
    ("whatsapp", 400, error_body(132001, "Template does not exist"), SendError.TEMPLATE),
    ("whatsapp", 401, error_body(190, "Session has expired"), SendError.NOT_ALLOWED),
    ("whatsapp", 400, {}, SendError.REFUSED),
    ("poll", 403, _words(403, "Forbidden: bot was blocked by the user"), SendError.BLOCKED),
    ("poll", 400, _words(400, "Bad Request: chat not found"), SendError.NO_RECIPIENT),
    ("poll", 401, _words(401, "Unauthorized"), SendError.NOT_ALLOWED),
    ("partner", 422, {"error": "blocked", "detail": "отписался"}, SendError.BLOCKED),
    ("partner", 404, {}, SendError.REFUSED),
]


@pytest.mark.parametrize(("one", "status", "body", "word"), REFUSALS, indirect=["one"])
def test_what_is_refused_is_a_dead_letter_with_the_reason_and_can_be_sent_again(
    one: Desk, user: str, status: int, body: dict[str, Any], word: SendError
) -> None:
    one.service.say(user, "?")
    one.chat(user)
    one.service.faults.append(Fault(status=status, body=body))
    message_id = one.write(user, "ответ")

    one.mine(message_id, "state = 'failed'")
    letter = next(letter for letter in dead_letters(one.database, ANNA, now=_now()) if letter.message_id == message_id)
    assert letter.error is word
    assert not any(secret in str(letter.detail) for secret in one.service.secrets.values())

    retry(one.database, ANNA, message_id, now=_now())

    assert one.mine(message_id, "state = 'sent'")["error"] is None
    assert [heard.text for heard in one.service.heard if heard.user == user] == ["ответ"]


BUSY = {
    "whatsapp": Fault(status=400, body=error_body(131056, "Pair rate limit hit"), headers={"Retry-After": "1"}),
    "poll": Fault(
        status=429,
        body=_words(429, "Too Many Requests: retry after 1") | {"parameters": {"retry_after": 1}},
    ),
    "partner": Fault(status=429, headers={"Retry-After": "1"}),
}


@three
def test_a_service_that_is_busy_is_asked_again_and_the_order_holds(one: Desk, user: str) -> None:
    one.service.say(user, "?")
    one.chat(user)
    one.service.faults.append(BUSY[one.account])
    ids = [one.write(user, text) for text in ("один", "два", "три")]

    for message_id in ids:
        one.mine(message_id, "state = 'sent'")
    assert [heard.text for heard in one.service.heard if heard.user == user] == ["один", "два", "три"]
    [first] = one.rows("select attempts from outbox where subject_id = $id", id=ids[0])
    assert first["attempts"] == 2


@three
def test_a_slow_answer_holds_up_its_own_chat_only(one: Desk, user: str) -> None:
    other = str(next(_users))
    for client in (user, other):
        one.service.say(client, "?")
        one.chat(client)
    one.service.faults.append(Fault(held=True))
    one.service.released.clear()
    slow = one.write(user, "первое")
    wait_until(lambda: not one.service.faults)
    behind, beside = one.write(user, "второе"), one.write(other, "рядом")

    one.mine(beside, "state = 'sent'")
    waiting = [one.mine(message_id)["state"] for message_id in (slow, behind)]
    one.service.released.set()

    assert waiting == ["queued", "queued"]
    one.mine(behind, "state = 'sent'")
    assert [heard.text for heard in one.service.heard if heard.user == user] == ["первое", "второе"]


def test_a_partner_that_answered_too_late_shows_a_message_once(partner: Desk, user: str) -> None:
    partner.service.say(user, "?")
    partner.chat(user)
    partner.service.faults.append(Fault(status=503, after=True, headers={"Retry-After": "0"}))

    message_id = partner.write(user, "один раз")

    partner.mine(message_id, "state = 'sent'")
    assert [heard.text for heard in partner.service.heard if heard.user == user] == ["один раз"]
    sent = [asked for asked in partner.service.asked if asked.json.get("id") == message_id]
    assert len(sent) == 2


def test_whatsapp_whose_answer_was_lost_is_known_by_the_receipt(whatsapp: Desk, user: str) -> None:
    graph: Graph = whatsapp.service
    graph.say(user, "?")
    whatsapp.chat(user)
    graph.on_heard = lambda heard: graph.receipt(
        heard.message_id, "delivered", biz_opaque_callback_data=heard.payload["biz_opaque_callback_data"]
    )
    graph.faults.append(Fault(status=503, after=True, headers={"Retry-After": "0"}))
    try:
        message_id, behind = whatsapp.write(user, "один раз"), whatsapp.write(user, "после")

        whatsapp.first("select 1 from outbox where subject_id = $id and state = 'done'", id=message_id)
        assert whatsapp.mine(message_id, "state = 'delivered'")["error"] is None
        whatsapp.mine(behind, "state != 'queued'")
    finally:
        graph.on_heard = None
    assert [heard.text for heard in graph.heard if heard.user == user] == ["один раз", "после"]


def test_what_may_have_arrived_is_not_sent_again_before_all_that_was_told_is_read(
    whatsapp: Desk, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph: Graph = whatsapp.service
    graph.say(user, "?")
    whatsapp.chat(user)
    monkeypatch.setattr("ingest.messengers.outbox._RECEIPTS_COME", timedelta(seconds=0.2))
    reading, take = threading.Event(), Inbox.take
    monkeypatch.setattr(Inbox, "take", lambda self: take(self) if reading.is_set() else 0)
    graph.on_heard = lambda heard: graph.receipt(
        heard.message_id, "delivered", biz_opaque_callback_data=heard.payload["biz_opaque_callback_data"]
    )
    graph.faults.append(Fault(status=503, after=True, headers={"Retry-After": "0"}))
    try:
        message_id = whatsapp.write(user, "один раз")
        is_due = "select 1 from outbox where subject_id = $id and state = 'queued' and next_attempt_at < $ago"
        wait_until(lambda: bool(whatsapp.rows(is_due, id=message_id, ago=_now() - timedelta(seconds=0.5))))
    finally:
        graph.on_heard = None
        reading.set()
    graph.say(user, "!")  # another delivery: nothing else tells the reader that it may read

    whatsapp.first("select 1 from outbox where subject_id = $id and state = 'done'", id=message_id)
    assert [heard.text for heard in graph.heard if heard.user == user] == ["один раз"]


def test_what_nobody_tells_of_is_sent_again(whatsapp: Desk, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whatsapp.service.say(user, "?")
    whatsapp.chat(user)
    monkeypatch.setattr("ingest.messengers.outbox._RECEIPTS_COME", timedelta(seconds=0.2))
    whatsapp.service.faults.append(Fault(status=503, headers={"Retry-After": "0"}))

    message_id = whatsapp.write(user, "дошло?")

    whatsapp.mine(message_id, "state = 'sent'")
    assert [heard.text for heard in whatsapp.service.heard if heard.user == user] == ["дошло?"]


# ---------------------------------------------------------------- second thoughts


def revise(one: Desk, message_id: str, text: str | None) -> str:
    """What a person does with a message that was sent; the id of its chat."""
    chat_id = str(one.mine(message_id)["chat_id"])
    if text is None:
        revising.delete(one.database, ANNA, chat_id, message_id, now=_now())
    else:
        revising.edit(one.database, ANNA, chat_id, message_id, text, now=_now())
    return chat_id


with_revisions = pytest.mark.parametrize("one", ["poll", "bot", "partner"], indirect=True)


@with_revisions
def test_what_was_sent_is_changed_and_deleted_there_and_here(one: Desk, user: str) -> None:
    one.service.say(user, "?")
    one.chat(user)
    message_id = one.write(user, "было")
    theirs = one.mine(message_id, "state = 'sent'")["messenger_message_id"]

    one.service.faults.append(Fault(status=503, after=True, headers={"Retry-After": "0"}))  # done, its answer lost
    chat_id = revise(one, message_id, "стало")

    message = one.mine(message_id, "edited_at is not null and change_kind is null")
    assert (message["text"], message["state"]) == ("стало", "sent")
    revise(one, message_id, None)
    assert one.mine(message_id, "deleted_at is not null")["change_kind"] is None
    told = [change.text for change in one.service.revised if change.message_id == theirs]
    assert list(dict.fromkeys(told)) == ["стало", None]
    [entry] = [entry for entry in latest(one.database, ANNA, chat_id).entries if entry.id == message_id]
    assert (entry.text, entry.change_kind) == (None, None)


@with_revisions
def test_what_is_changed_before_it_left_is_sent_and_then_changed(one: Desk, user: str) -> None:
    one.service.say(user, "?")
    one.chat(user)
    one.service.faults.append(Fault(status=429, headers={"Retry-After": "1"}, body={"ok": False}))
    message_id = one.write(user, "было")
    revise(one, message_id, "стало")

    one.mine(message_id, "edited_at is not null")
    [heard] = [heard for heard in one.service.heard if heard.user == user]
    assert heard.text == "было"
    assert [change.text for change in one.service.revised if change.message_id == heard.message_id] == ["стало"]


@with_revisions
def test_a_refused_change_leaves_the_message_and_says_why(one: Desk, user: str) -> None:
    one.service.say(user, "?")
    one.chat(user)
    message_id = one.write(user, "было")
    one.mine(message_id, "state = 'sent'")

    description = "Bad Request: message can't be edited"
    body = {"ok": False, "error_code": 400, "description": description, "error": "refused", "detail": description}
    one.service.faults.append(Fault(status=400, body=body))
    chat_id = revise(one, message_id, "стало")

    message = one.mine(message_id, "change_error is not null")
    assert (message["text"], message["edited_at"], message["state"]) == ("было", None, "sent")
    [entry] = [entry for entry in latest(one.database, ANNA, chat_id).entries if entry.id == message_id]
    assert (entry.change_text, entry.change_error) == ("стало", "refused")
    assert description in (entry.change_detail or "")
    revising.let_stand(one.database, ANNA, chat_id, message_id)
    assert one.mine(message_id)["change_kind"] is None


def test_whatsapp_changes_nothing_that_was_sent(whatsapp: Desk, user: str) -> None:
    whatsapp.service.say(user, "?")
    whatsapp.chat(user)
    message_id = whatsapp.write(user, "было")
    whatsapp.mine(message_id, "state = 'sent'")

    for text in ("стало", None):
        with pytest.raises(BadInput, match="whatsapp"):
            revise(whatsapp, message_id, text)
    with pytest.raises(SendFailed, match="refused"):
        adapter_of(
            get_account(whatsapp.database, ADMIN, "whatsapp"), whatsapp.service.secrets, whatsapp.settings
        ).revise(
            Revision(
                revision_id="1", message_id="1", messenger_message_id="1", user_key=user, kind=MessageKind.TEXT, text=""
            )
        )


# ---------------------------------------------------------------- files that do not come


@pytest.mark.parametrize("one", ["whatsapp", "poll", "partner"], indirect=True)
def test_a_file_that_is_too_large_is_said_so(one: Desk, user: str) -> None:
    from ingest.messengers import media

    content = b"GIF89a" + bytes(media.LARGEST[MessageKind.IMAGE] + 1)
    message_id = one.service.give(user, "image", content, "image/gif")

    message = one.message(message_id, "media_state = 'too_large'")
    assert message["media"] is None


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest/meta-data", "http://10.0.0.1/x", "file:///etc/passwd", "http://[::1]:22/"]
)
def test_a_partner_cannot_make_us_ask_our_own_network(partner: Desk, user: str, url: str) -> None:
    message_id = partner.service.tell(user, {"kind": "image", "media": {"url": url}})

    assert partner.message(message_id, "media_state = 'refused'")["media"] is None


@three
def test_an_address_that_has_expired_is_tried_again_later(
    one: Desk, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.messengers.media._FIRST_PAUSE", timedelta(seconds=0.1))
    number = one.service._number + 1
    key = {"whatsapp": str(900_000 + number), "poll": f"file{number}", "partner": str(number)}[one.account]
    one.service.expired.add(key)
    message_id = one.service.give(user, "image", PNG, "image/png")
    wait_until(lambda: any(f"/{key}" in asked.path and "file" in asked.path for asked in one.service.asked))
    assert one.message(message_id)["media_state"] == "expected"
    one.service.expired.clear()

    assert one.message(message_id, "media_state = 'present'")["media_type"] == "image/png"


# ---------------------------------------------------------------- what people ask beside


@every
def test_a_test_of_the_connection_tells_the_real_answer(one: Desk) -> None:
    if one.account == "bot":
        pytest.skip("a bot with a webhook needs an address of ours: the next test")
    order = ask(one.database, ADMIN, one.account, CHECK, now=_now())

    wait_until(lambda: asked(one.database, ADMIN, order, CHECK).done)
    found = asked(one.database, ADMIN, order, CHECK)
    expected = {"whatsapp": "Ромашка, +7 495 123-45-67, GREEN", "poll": "@romashka_bot", "partner": "HTTP 200"}
    assert (found.works, found.answer) == (True, expected[one.account])
    wait_until(lambda: get_account(one.database, ADMIN, one.account).state == "working")


def test_a_bot_with_a_webhook_and_no_address_of_ours_says_what_is_missing(bot: Desk) -> None:
    order = ask(bot.database, ADMIN, bot.account, CHECK, now=_now())

    wait_until(lambda: asked(bot.database, ADMIN, order, CHECK).done)
    found = asked(bot.database, ADMIN, order, CHECK)
    assert not found.works
    assert "web.public_url" in (found.answer or "")


def test_a_bot_with_a_webhook_is_given_our_address_and_our_secret(folder: Path) -> None:
    with Bots(Way.WEBHOOK) as bots:
        account = MessengerAccount(
            account="shop", messenger=bots.messenger, title="Бот", config={"connection": bots.connection}
        )
        settings = settings_of(folder, public_url="https://calls.example.org/")
        adapter = adapter_of(account, bots.secrets, settings)

        answer = adapter.check()
        adapter.close()

        assert answer == "@romashka_bot, https://calls.example.org/hooks/shop"
        assert bots.webhook["url"] == "https://calls.example.org/hooks/shop"
        assert bots.webhook["secret_token"] == bots.secrets["hook_secret"]
        assert "message_reaction" in bots.webhook["allowed_updates"]


def test_a_wrong_key_is_told_and_a_right_one_mends_it(whatsapp: Desk) -> None:
    def tried(token: str) -> tuple[bool, str]:
        put_secrets(whatsapp.database, whatsapp.secrets, ADMIN, whatsapp.account, {"token": token}, now=_now())
        order = ask(whatsapp.database, ADMIN, whatsapp.account, CHECK, now=_now())
        wait_until(lambda: asked(whatsapp.database, ADMIN, order, CHECK).done)
        found = asked(whatsapp.database, ADMIN, order, CHECK)
        return found.works, found.answer or ""

    works, answer = tried("EAAG-wrong-and-secret")
    assert not works
    assert answer.startswith("not_allowed: 190")
    assert "EAAG-wrong-and-secret" not in answer
    assert get_account(whatsapp.database, ADMIN, whatsapp.account).state == "failing"
    assert tried(whatsapp.service.secrets["token"])[0]


def test_templates_are_read_page_by_page_and_replace_what_was_there(whatsapp: Desk) -> None:
    graph: Graph = whatsapp.service
    graph.templates = [
        {
            "name": f"t{number}",
            "language": "ru",
            "status": "APPROVED",
            "category": "UTILITY",
            "components": [
                {"type": "HEADER", "format": "TEXT", "text": "Заказ"},
                {"type": "BODY", "text": "{{1}}, заказ {{2}} готов"},
            ],
        }
        for number in range(5)
    ]
    for expected in (5, 3):
        graph.templates = graph.templates[:expected]
        order = ask(whatsapp.database, ADMIN, whatsapp.account, TEMPLATES, now=_now())
        wait_until(lambda order=order: asked(whatsapp.database, ADMIN, order, TEMPLATES).done)  # type: ignore[misc]
        rows = whatsapp.rows("select * from message_template order by name")
        assert len(rows) == expected
    assert (rows[0]["state"], rows[0]["variables"], rows[0]["body"]) == ("approved", 2, "{{1}}, заказ {{2}} готов")


def test_telegram_shows_that_somebody_writes(poll: Desk, user: str) -> None:
    poll.service.say(user, "?")
    chat = poll.chat(user)
    tell_typing(poll.database, ANNA, str(chat["chat_id"]), poll.account, user, now=_now())

    wait_until(lambda: (user, "typing") in poll.service.actions)


def test_a_long_poll_confirms_only_what_is_stored(poll: Desk, user: str) -> None:
    first = poll.service.say(user, "раз")
    poll.message(first)
    poll.service.repeat()
    second = poll.service.say(user, "два")

    poll.message(second)
    assert poll.chat(user)["unread_count"] == 2


def _now() -> datetime:
    return datetime.now(UTC)
