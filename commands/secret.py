"""`secret`: the keys of messengers, mail and the like, kept encrypted; and the key that opens them."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from getpass import getpass, getuser
from pathlib import Path

from commands import Add, note, say
from data.errors import NotFound
from data.settings import Settings


def register(add: Add) -> None:
    command = add("secret", secret, "keep the keys of messengers and mail encrypted, and turn the key that opens them")
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    listed = actions.add_parser("list", help="names, and who changed them when; never what they are")
    put = actions.add_parser("set", help="ask for a secret, or read it from standard input, and keep it")
    remove = actions.add_parser("remove", help="forget a secret")
    key = actions.add_parser("key", help="make the key file, where there is none, and tell where it lies")
    turn = actions.add_parser("turn", help="encrypt everything with a new key and forget the old one")
    for action in (put, remove):
        action.add_argument("name", metavar="NAME", help="as `secret list` shows it")
    for action in (listed, put, remove, key, turn):
        action.add_argument("--data", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="data folder (var/)")
        action.add_argument("--settings", type=Path, default=argparse.SUPPRESS, metavar="FILE", help="settings file")


def secret(options: argparse.Namespace, settings: Settings) -> int:
    from data.identity.secrets import Secrets

    secrets = Secrets(settings)
    if options.action == "list":
        for one in secrets.names():
            say(f"{one.name:<40} {one.changed_at:%Y-%m-%d %H:%M} UTC  {one.changed_by}")
    elif options.action == "set":
        value = getpass(f"{options.name}: ") if sys.stdin.isatty() else sys.stdin.read().strip()
        secrets.put(options.name, value, by=f"system:{getuser()}", now=datetime.now(UTC))
        note(settings, "secret.set", "secret", options.name)
        say(f"{options.name} is kept, encrypted.")
    elif options.action == "remove":
        if not secrets.remove(options.name):
            raise NotFound(f"There is no secret {options.name!r}. `secret list` shows those there are.")
        note(settings, "secret.remove", "secret", options.name)
        say(f"{options.name} is forgotten.")
    elif options.action == "key":
        secrets.make_key()
        say(f"The key is {settings.secret_key_file}. Keep a copy of it, apart from the backups.")
    else:
        count = secrets.turn_key()
        note(settings, "secret.turn", "secret", "", secrets=count)
        say(f"A new key is in {settings.secret_key_file}, and {count} secrets are encrypted with it. Keep a copy.")
    return 0
