"""Passwords: argon2id hashes, one-time passwords, and what a password must be."""

from __future__ import annotations

import secrets
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from data.errors import CallboardError

SHORTEST = 8
LONGEST = 200
# No letters that look alike: it is read aloud and typed.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

# The second recommended option of RFC 9106: 64 MiB, three passes.
_hasher = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4, type=Type.ID)
# A flood of logins must not take all memory: each check holds 64 MiB.
_turns = BoundedSemaphore(2)


class PasswordRefused(CallboardError):
    """The new password is too short or too long."""


def hash_password(password: str) -> str:
    """What is kept of `password`; raises PasswordRefused."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordRefused(f"A password has {SHORTEST} to {LONGEST} characters, this one {len(password)}.")
    with _turns:
        return _hasher.hash(password)


def is_password(password: str, kept: str | None) -> bool:
    """Whether `kept` is the hash of `password`; takes as long where there is no such user (None)."""
    if len(password) > LONGEST:
        return False
    with _turns:
        try:
            return _hasher.verify(kept or _hash_of_nobody(), password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def one_time_password() -> str:
    """Twelve letters and digits in three groups: 59 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


@cache
def _hash_of_nobody() -> str:
    return _hasher.hash(secrets.token_hex())
