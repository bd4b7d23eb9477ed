"""The only reach into the request: on whose behalf, over which store, at what time.

The shell sets a Context at the beginning of every request (pages, callbacks, /api, recordings);
tests and exports enter one themselves with `acting`. A generator that streams a response runs after
its request: it must fetch what it needs here before its first yield.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask import current_app

from dashboard.text import language, speaking
from data.disk import Room, judge, read_disk
from data.errors import NotAllowed
from data.identity.actor import Actor, Permission
from data.identity.users import Users
from data.settings import Settings
from data.store.protocol import Store


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What one request knows."""

    settings: Settings
    store: Store
    actor: Actor | None  # None: nobody has logged in
    request_id: str = "-"
    clock: Callable[[], datetime] = utc_now
    preferences: Mapping[str, str] = field(default_factory=dict)  # what the user chose for himself
    theme: str = "light"  # light or dark, as the browser shows it
    csrf_token: str = ""  # of the session; forms send it back
    given: Settings | None = None  # what file and environment say, without what was changed at run time
    room: Callable[[], Room] | None = None  # of the disk of the data folder


_context: ContextVar[Context] = ContextVar("context")


def current_settings() -> Settings:
    return _context.get().settings


def given_settings() -> Settings:
    """What file and environment say, without what was changed at run time."""
    context = _context.get()
    return context.given or context.settings


def current_store() -> Store:
    return _context.get().store


def current_users() -> Users:
    """Everybody who may log in: what they are called, and what they prefer."""
    users: Users = current_app.extensions["callboard_users"]
    return users


def current_actor() -> Actor:
    """Who asks. Raises NotAllowed where nobody has logged in."""
    actor = _context.get().actor
    if actor is None:
        raise NotAllowed("Nobody has logged in on this request. Log in first.")
    return actor


def current_theme() -> str:
    return _context.get().theme


def require(permission: Permission) -> Actor:
    """Who asks, if allowed to; raises NotAllowed that names the permission."""
    actor = current_actor()
    if not actor.may(permission):
        raise NotAllowed(f"User {actor.user} ({actor.role}) lacks the permission {permission}. Ask an administrator.")
    return actor


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _context.get().clock()


def disk_room() -> Room:
    """How full the disk of the data folder is."""
    context = _context.get()
    if context.room is not None:
        return context.room()
    return judge(read_disk(context.settings.data), context.settings.disk)


def locale() -> str:
    """The language of the request: "ru" or "en"."""
    return language()


def preferences(area: str) -> dict[str, str]:
    """What the user chose for himself under names `area.…`, without the area."""
    prefix = f"{area}."
    return {
        name.removeprefix(prefix): value
        for name, value in _context.get().preferences.items()
        if name.startswith(prefix)
    }


def csrf_token() -> str:
    """What a form of ours must send back with every change."""
    return _context.get().csrf_token


def request_id() -> str:
    """The id that stands on the response, in the log and on the error page."""
    return _context.get().request_id


def enter(context: Context) -> None:
    """From here on this request is `context`. For the shell; others use `acting`."""
    _context.set(context)


@contextmanager
def acting(context: Context, language: str = "ru") -> Iterator[Context]:
    """Inside the block everything runs as `context`, in `language`."""
    token = _context.set(context)
    try:
        with speaking(language):
            yield context
    finally:
        _context.reset(token)
