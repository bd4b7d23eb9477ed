"""Who may do what at the store: a token leads to a grant.

Two tokens belong to our own processes (`rw` for ingest and the command line, `app` for the web
process) and stand in `store.json` beside the database. Every analyst has one of his own (`ro`), of
which only a hash is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from data.errors import DatabaseUnusable
from data.identity.actor import Actor, Permission
from data.store.files import write_private
from data.store.wire import pack_actor, unpack_actor


class TokenKind(StrEnum):
    RW = "rw"  # everything: facts, bulk loads, backup
    APP = "app"  # reads anything, writes by named statements only
    RO = "ro"  # reads the views made for one analyst


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a token allows. actor: whose token it is; None: the process says for whom it acts."""

    kind: TokenKind
    actor: Actor | None = None
    masked: bool = True


class TokenBook(Protocol):
    """Where the tokens of analysts are looked up."""

    def grant(self, token: str) -> Grant | None:
        """What it allows; None for a token that nobody knows, or that was taken back."""
        ...


class FileTokenBook:
    """Tokens of analysts in one private file, which may change under a running store."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._grants: dict[str, Grant] = {}

    def grant(self, token: str) -> Grant | None:
        with self._lock:
            self._refresh()
            return self._grants.get(_digest(token))

    def issue(self, actor: Actor, *, masked: bool = True) -> str:
        """A new token for `actor`, told once. Full numbers need the right to them."""
        masked = masked or not actor.may(Permission.FULL_NUMBERS)
        token = secrets.token_urlsafe(32)
        with self._lock:
            entries = self._read()
            entries[_digest(token)] = {"actor": pack_actor(actor), "masked": masked}
            write_private(self._path, json.dumps(entries, indent=2))
        return token

    def revoke(self, user: str) -> int:
        """Take back every token of `user`; how many there were."""
        with self._lock:
            entries = self._read()
            kept = {digest: entry for digest, entry in entries.items() if entry["actor"]["user"] != user}
            write_private(self._path, json.dumps(kept, indent=2))
        return len(entries) - len(kept)

    @property
    def exists(self) -> bool:
        """Whether a token was ever issued here; the store may run on another machine."""
        return self._path.exists()

    def _refresh(self) -> None:
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_ino)
        except FileNotFoundError:
            self._stamp, self._grants = None, {}
            return
        if stamp != self._stamp:
            self._grants = {digest: _entry_grant(entry) for digest, entry in self._read().items()}
            self._stamp = stamp

    def _read(self) -> dict[str, Any]:
        try:
            entries: dict[str, Any] = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise DatabaseUnusable(
                f"{self._path} is broken: {error}. Remove it; analysts then need new tokens."
            ) from None
        return entries


class Tokens:
    """All tokens of one store: those of our processes and those of the book."""

    def __init__(self, own: Mapping[TokenKind, str], book: TokenBook) -> None:
        self._own = {kind: token.encode() for kind, token in own.items()}
        self._book = book

    def grant(self, token: str) -> Grant | None:
        given = token.encode()
        for kind, own in self._own.items():
            if hmac.compare_digest(given, own):
                return Grant(kind=kind, masked=False)
        return self._book.grant(token)


def _entry_grant(entry: Mapping[str, Any]) -> Grant:
    return Grant(kind=TokenKind.RO, actor=unpack_actor(entry["actor"]), masked=bool(entry["masked"]))


def _digest(token: str) -> str:
    # Tokens are 256 random bits: a slow hash would protect nothing more.
    return hashlib.sha256(token.encode()).hexdigest()
