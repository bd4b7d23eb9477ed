"""`token`: keys for scripts and PBXs that ask /api on behalf of a user."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from commands import Add, note, say
from data.errors import SettingsError
from data.settings import Settings


def register(add: Add) -> None:
    command = add("token", token, "make, list and revoke keys for scripts that ask /api")
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    make = actions.add_parser("make", help="a new key, shown once")
    make.add_argument("login", help="the user on whose behalf it asks")
    make.add_argument("title", nargs="?", default="", help="what it is for: crm, pbx …")
    listed = actions.add_parser("list", help="all keys, without their secrets")
    listed.add_argument("login", nargs="?", help="those of this user only")
    revoke = actions.add_parser("revoke", help="the key opens nothing any more")
    revoke.add_argument("token_id", metavar="ID", help="as `token list` shows it")
    for action in (make, listed, revoke):
        action.add_argument("--data", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="data folder (var/)")
        action.add_argument("--settings", type=Path, default=argparse.SUPPRESS, metavar="FILE", help="settings file")


def token(options: argparse.Namespace, settings: Settings) -> int:
    from data.identity.tokens import Tokens
    from data.identity.users import Users

    tokens = Tokens(settings)
    if options.action == "list":
        for one in tokens.list(options.login):
            used = _day(one.used_at) if one.used_at else "never used"
            say(f"{one.token_id}  {one.login:<20} {_day(one.created_at)}  {used:<12} {one.title}")
        return 0
    if options.action == "revoke":
        known = next((one for one in tokens.list() if one.token_id == options.token_id), None)
        if known is None:
            raise SettingsError(f"There is no token {options.token_id!r}. `token list` shows those there are.")
        tokens.revoke(known.login, known.token_id)
        note(settings, "token.revoke", "user", known.login, token_id=known.token_id)
        say(f"The token {options.token_id} opens nothing any more.")
        return 0
    user = Users(settings).find(options.login)
    if user is None:
        raise SettingsError(f"There is no user {options.login!r}. Make one: python app.py user add {options.login}")
    if user.must_change:
        say(f"Note: {options.login} still has a one-time password; the token opens /api once it is changed.")
    say(tokens.issue(options.login, options.title))
    note(settings, "token.make", "user", options.login, title=options.title)
    return 0


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
