"""Chats of the demo: its accounts at two pretended messengers, and `clients`, the process of those who write."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from commands import Add
from commands.serving import command_line, served
from data.errors import NotFound
from data.identity.actor import system
from data.messaging import Messenger
from data.settings import Settings
from data.store.protocol import Store
from data.supervise import tell_ready

CHATS = (Messenger.WHATSAPP, Messenger.TELEGRAM)  # each account is named after its messenger, as in the history
_ACTOR = system("demo")
_TITLES = {Messenger.WHATSAPP: "WhatsApp отдела продаж", Messenger.TELEGRAM: "Бот службы поддержки"}
_GREETING = "Здравствуйте! Сейчас подключится сотрудник и ответит вам."
_REPLIES = (
    ("привет", "Приветствие", "Здравствуйте! Чем могу помочь?"),
    ("адрес", "Адрес и часы", "Склад: ул. Складская, 5, ворота 3. Работаем по будням с 9 до 19, в субботу с 10 до 16."),
    ("почта", "Спросить почту", "Подскажите, пожалуйста, почту — отправлю расчёт."),
    ("минутку", "Нужно время", "Проверяю, одну минуту."),
)


def register(add: Add) -> None:
    command = add("clients", clients, "pretend to be WhatsApp and Telegram, and people who write over them")
    for messenger in CHATS:
        command.add_argument(f"--{messenger}", type=int, required=True, help=f"port of the pretended {messenger}")
    command.add_argument("--chats-per-minute", type=float, default=1.5, help="people who begin to write (1.5)")
    command.add_argument("--seed", type=int, default=1, help="another number, other people (1)")
    command.add_argument("--waiting", nargs="*", default=[], help="who waits from before, as telegram:42")


def clients(options: argparse.Namespace, settings: Settings) -> int:
    from ingest.simulator.messengers.inbox import serve_people

    host = "127.0.0.1" if settings.web.host in ("0.0.0.0", "::") else settings.web.host  # noqa: S104 - compared
    with served() as stop:
        serve_people(
            {messenger: getattr(options, messenger.value) for messenger in CHATS},
            f"http://{host}:{settings.web.port}/hooks/{Messenger.WHATSAPP}",
            seed=options.seed,
            per_minute=options.chats_per_minute,
            automatic=(_GREETING,),
            waiting=[
                (Messenger(messenger), user) for messenger, _, user in (one.partition(":") for one in options.waiting)
            ],
            stop=stop,
            ready=tell_ready,
        )
    return 0


def clients_command(
    options: argparse.Namespace, settings: Settings, ports: Mapping[Messenger, int], queued: Sequence[str]
) -> list[str]:
    """How the demo starts that process."""
    words = [*command_line("clients", options, settings), "--seed", str(options.seed)]
    for messenger, port in ports.items():
        words += [f"--{messenger}", str(port)]
    return [*words, "--waiting", *queued]


def waiting(store: Store) -> list[str]:
    """Clients whom nobody answers, so that a new start of the demo does not add to a queue that is full."""
    rows = store.query("select messenger, user_key from chat where state = 'queued'", actor=_ACTOR).to_pylist()
    return [f"{row['messenger']}:{row['user_key']}" for row in rows if row["messenger"] in set(CHATS)]


def connect(store: Store, settings: Settings, ports: Mapping[Messenger, int]) -> None:
    """The accounts lead to those ports; what somebody set otherwise in an earlier demo stays."""
    from data.identity.secrets import Secrets
    from data.services import messenger_accounts as them
    from ingest.simulator.messengers.bots import Bots
    from ingest.simulator.messengers.graph import Graph

    now, secrets = datetime.now(UTC), Secrets(settings)
    for service in (Graph(), Bots()):
        account = service.messenger.value
        service.url = f"http://127.0.0.1:{ports[service.messenger]}"
        try:
            present = them.get_account(store, _ACTOR, account)
        except NotFound:
            config = {"connection": service.connection, "automation": {"greeting": _GREETING}}
            them.create_account(
                store, _ACTOR, account, service.messenger, _TITLES[service.messenger], config=config, now=now
            )
            _ready_answers(store, now)
        else:
            them.update_account(
                store,
                _ACTOR,
                account,
                title=present.title,
                config={**present.config, "connection": {**present.connection, **service.connection}},
                enabled=present.enabled,
                version=present.version,
                now=now,
            )
        them.put_secrets(store, secrets, _ACTOR, account, service.secrets, now=now)
        for what in (them.CHECK, them.TEMPLATES):
            them.ask(store, _ACTOR, account, what, now=now)


def _ready_answers(store: Store, now: datetime) -> None:
    from data.services.canned_replies import add_reply, replies

    known = {one.shortcut for one in replies(store, _ACTOR)}
    for shortcut, title, text in _REPLIES:
        if shortcut not in known:
            add_reply(store, _ACTOR, shortcut, title, text, account=None, now=now)
