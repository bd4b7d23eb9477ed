"""What people type on the card of a client or contact person, checked and brought into one form."""

from __future__ import annotations

import re
from collections.abc import Iterable

from data.errors import BadInput

LONGEST_NAME = 300
LONGEST_NOTES = 10_000
LONGEST_ADDRESS = 254
MOST_ADDRESSES = 20

_EMAIL = re.compile(r"[^@\s,;<>\"']+@[^@\s,;<>\"']+\.[^@\s,;<>\"'.]+")
_MESSENGER = re.compile(r"([a-z][a-z0-9_-]{1,30}):(\S.{0,120})")


def usable_name(text: str) -> str:
    """The name without needless blanks. Raises BadInput for none, and for one that is too long."""
    name = " ".join(text.split())
    if not name:
        raise BadInput("A client or contact person needs a name. Type one.")
    if len(name) > LONGEST_NAME:
        raise BadInput(f"The name has {len(name)} characters, at most {LONGEST_NAME} are kept. Shorten it.")
    return name


def usable_text(text: str | None, what: str, longest: int) -> str | None:
    """The text without blanks around it, None for an empty one. Raises BadInput for one that is too long."""
    if text is None or not (kept := text.strip()):
        return None
    if len(kept) > longest:
        raise BadInput(f"The {what} has {len(kept)} characters, at most {longest} are kept. Shorten it.")
    return kept


def usable_emails(given: Iterable[str]) -> list[str]:
    """Addresses in small letters, each once. Raises BadInput that names the one that is none."""
    kept = _each_once(text.strip().lower() for text in given)
    for address in kept:
        if len(address) > LONGEST_ADDRESS or not _EMAIL.fullmatch(address):
            raise BadInput(f"{address[:60]!r} is no e-mail address. Write it as name@example.ru.")
    return kept


def usable_messengers(given: Iterable[str]) -> list[str]:
    """Ids as "telegram:@name", each once. Raises BadInput that names the one that is none."""
    kept = []
    for text in _each_once(text.strip() for text in given):
        kind, colon, there = text.partition(":")
        entry = f"{kind.strip().lower()}:{there.strip()}" if colon else text
        if not _MESSENGER.fullmatch(entry):
            raise BadInput(f"{text[:60]!r} is no messenger id. Write the messenger first: telegram:@name.")
        kept.append(entry)
    return _each_once(kept)


def _each_once(given: Iterable[str]) -> list[str]:
    kept = list(dict.fromkeys(text for text in given if text))
    if len(kept) > MOST_ADDRESSES:
        raise BadInput(f"{len(kept)} addresses are too many for one card, at most {MOST_ADDRESSES} are kept.")
    return kept
