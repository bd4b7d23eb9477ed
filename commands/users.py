"""`user`: add people who may log in, reset their passwords, lock them out, list them."""

from __future__ import annotations

import argparse

from commands import Add, note, say
from data.errors import SettingsError
from data.identity.actor import Role
from data.settings import Settings


def register(add: Add) -> None:
    command = add("user", user, "add people who may log in, reset their passwords, lock them out, list them")
    command.add_argument("action", choices=["add", "reset", "lock", "unlock", "list"])
    command.add_argument("login", nargs="?")
    command.add_argument("--role", choices=[role.value for role in Role], default=Role.MANAGER.value)
    command.add_argument("--name", default="", help="shown beside comments")
    command.add_argument("--extension", help="the phone of this user, for his own calls")


def user(options: argparse.Namespace, settings: Settings) -> int:
    from data.identity.users import Users

    people = Users(settings)
    if options.action == "list":
        for person in people.list():
            say(f"{person.login:<20} {person.role.value:<15} {person.name}")
        return 0
    if not options.login:
        raise SettingsError(f"`user {options.action}` needs a login name: python app.py user {options.action} anna")
    if options.action in ("lock", "unlock"):
        people.lock(options.login, options.action == "lock")
        note(settings, "user.lock" if options.action == "lock" else "user.unlock", "user", options.login)
        say(f"{options.login} is locked out." if options.action == "lock" else f"{options.login} may log in again.")
        return 0
    if options.action == "add":
        password = people.add(
            options.login, role=Role(options.role), name=options.name or options.login, extension=options.extension
        )
        note(settings, "user.invite", "user", options.login, role=options.role, name=options.name)
    else:
        password = people.reset(options.login)
        note(settings, "user.reset", "user", options.login)
    say(f"{options.login} may log in with the one-time password {password}")
    return 0


def first_administrator(settings: Settings) -> None:
    """Make an administrator with a one-time password where nobody may log in yet, and say so."""
    from data.identity.users import Users

    people = Users(settings)
    if not people.list():
        password = people.add("admin", role=Role.ADMINISTRATOR, name="Администратор")
        say(f"First start: log in as admin with the one-time password {password}")
