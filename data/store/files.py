"""The files of a data folder that belong to the store, and how private ones are written."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from data.errors import DatabaseUnusable

DATABASE = "calls.duckdb"
IDENTITY = "identity.sqlite"  # the users: data/identity/database.py
LOCK = "store.lock"
ADDRESS = "store.json"
TOKENS = "store_tokens.json"
BACKUPS = "backups"
DATABASES = (".duckdb", ".wal", ".sqlite", ".sqlite-wal", ".sqlite-shm")  # files that only their own engine may change


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the store of a data folder listens, and the secrets of our own processes."""

    url: str | None = None
    pid: int | None = None
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    salt: str = field(default="", repr=False)  # of the pseudonyms that stand for masked numbers
    certificate: str | None = None


def read_address(folder: Path) -> Address | None:
    """What `store.json` says; None where no store ever ran on this folder."""
    path = folder / ADDRESS
    try:
        return Address(**json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise DatabaseUnusable(f"{path} cannot be used: {error}. Remove it; the next start makes a new one.") from None


def write_address(folder: Path, address: Address) -> None:
    values = {name: getattr(address, name) for name in Address.__slots__}
    write_private(folder / ADDRESS, json.dumps(values, indent=2))


def own_secrets(folder: Path) -> Address:
    """The secrets of this folder, made at the first start and kept from then on."""
    address = read_address(folder)
    if address is None or not address.salt:
        tokens = {kind: secrets.token_urlsafe(32) for kind in ("rw", "app")}
        address = Address(tokens=tokens, salt=secrets.token_hex(16))
        write_address(folder, address)
    return address


def write_private(path: Path, text: str) -> None:
    """Replace `path` at one stroke by a file that only its owner may read."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise DatabaseUnusable(
            f"{path} cannot be written: {error.strerror}. Make room, or check who owns the folder."
        ) from None
