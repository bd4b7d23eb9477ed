"""How a word looks in what the product writes and takes in: CSV, XML, JSON, addresses, other alphabets, capitals."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

# Of files that people send: Excel's "Unicode text", and Russian offices of the last century.
_ENCODINGS = ("cp1251", "utf-16-le", "utf-16-be")


def spellings(word: str) -> tuple[str, ...]:
    """The word as text: as it is, and as each form of file escapes it."""
    found = [word, word.replace('"', '""')]  # CSV
    found += [json.dumps(word, ensure_ascii=is_ascii)[1:-1] for is_ascii in (False, True)]
    quotes = {'"': "&quot;", "'": "&apos;"}
    found += [
        escape(word),
        escape(word, quotes),
        escape(word, quotes | {"'": "&#39;"}),
        escape(word, quotes | {"'": "&#x27;"}),
    ]
    found += [quote(word, safe=""), quote(word), quote_plus(word)]
    return tuple(dict.fromkeys(found))


def encoded(word: str) -> tuple[bytes, ...]:
    """The word as bytes of UTF-8, in the capitals that people use."""
    return tuple(sorted({spelled.encode() for case in _cases(word) for spelled in spellings(case)}))


def encoded_anyhow(word: str) -> tuple[bytes, ...]:
    """The same and in other encodings; the longest first."""
    found = {*encoded(word), *_elsewhere(word, "")}
    return tuple(sorted(found, key=lambda one: (-len(one), one)))


def needles(word: str) -> tuple[bytes, ...]:
    """The longest run of letters and digits of the word, in small, as `bytes.lower` makes it.

    One of them is in whatever holds one of `encoded_anyhow`.
    """
    run = max(re.findall(r"[^\W_]+", word) or [word], key=len)
    # The first byte or the last tells the order of the other two; between them both orders are alike.
    found = {one[1:] if name == "utf-16-be" else one[:-1] for name in _ENCODINGS[1:] for one in _elsewhere(run, name)}
    found.update(_elsewhere(run, "cp1251"))
    found.update(form.encode() for case in _cases(run) for form in (case, json.dumps(case)[1:-1], quote(case)))
    return tuple(sorted({one.lower() for one in found}))


def _elsewhere(word: str, encoding: str) -> Iterator[bytes]:
    """The word in other encodings; "": in each."""
    for case in _cases(word):
        for name in (encoding,) if encoding else _ENCODINGS:
            for spelled in (case, case.replace('"', '""'), escape(case)):
                try:
                    yield spelled.encode(name)
                except UnicodeEncodeError:
                    continue


def _cases(word: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((word, word.lower(), word.upper(), word.title())))
