"""The user's words: looked up by key, in the language of the request.

`t("journal.title")` finds the entry "journal.title" of the catalogue `<language>/journal.po`: the
first part of a key names its file, so that pages add words without touching each other's files.
Words are looked up when a layout is built, never at import (docs/web.md, Words).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum

from dashboard.text.catalogue import LANGUAGES, key_of, read_catalogue

__all__ = ["LANGUAGES", "key_of", "label", "language", "set_language", "speaking", "t", "tn"]

_language: ContextVar[str] = ContextVar("language", default="ru")


def t(key: str, /, **values: object) -> str:
    """The words of `key`, with {names} replaced by `values`."""
    words = read_catalogue(language()).gettext(key)
    return words.format(**values) if values else words


def tn(key: str, count: int, /, **values: object) -> str:
    """The words of `key` in the plural form for `count`; {count} is written by the language's rules."""
    from dashboard.text.formats import number

    words = read_catalogue(language()).ngettext(key, key, count)
    return words.format(**({"count": number(count)} | values))


def label(value: StrEnum) -> str:
    """What people read for one member of a closed set: Status.LOST is the key "status.lost" of domain.po."""
    return t(key_of(value))


def language() -> str:
    """The language of the request: one of LANGUAGES."""
    return _language.get()


def set_language(chosen: str) -> None:
    """From here on this request speaks `chosen`, where it is one of LANGUAGES."""
    if chosen in LANGUAGES:
        _language.set(chosen)


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Inside the block words are of the language `chosen`: for exports, mails and tests."""
    token = _language.set(chosen)
    try:
        yield
    finally:
        _language.reset(token)
