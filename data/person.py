"""A person who is to be erased: what names him in our data, and how that is found in text and bytes.

Numbers are found in every spelling that people and phone systems use, whole numbers only; names, addresses and
ids of messengers in every spelling of `data/spellings.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from data.settings import Site
from data.spellings import encoded_anyhow, needles

# What stands between the digits of a number: what people put there, and the second bytes of UTF-16.
_SEPARATORS = b" +-().\xc2\xa0\x00"
_ESCAPED_SEPARATOR = re.compile(rb"%2[0389b]|%c2%a0|\\u00a0", re.IGNORECASE)
_BETWEEN = r"(?:[ +\-().\x{a0}]|%20|%28|%29)*"
_SHORTEST_WORD = 3
_NEAR = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whose data goes. numbers: normal form -> the pseudonym that stays in its place.

    words: names, mail addresses, ids of messengers that are his alone.
    """

    numbers: Mapping[str, str]
    words: tuple[str, ...] = ()
    account_ids: tuple[str, ...] = ()
    contact_ids: tuple[str, ...] = ()

    @property
    def long_words(self) -> tuple[str, ...]:
        """Words to look for everywhere, the longest first. A single name ("Anna") is many people's: not there."""
        found = {word.strip() for word in self.words}
        return tuple(sorted((word for word in found if _is_telling(word)), key=lambda word: (-len(word), word)))

    def as_json(self) -> dict[str, Any]:
        return {
            "numbers": dict(self.numbers),
            "words": list(self.words),
            "account_ids": list(self.account_ids),
            "contact_ids": list(self.contact_ids),
        }

    @classmethod
    def of_json(cls, values: Mapping[str, Any]) -> Person:
        return cls(
            numbers=values["numbers"],
            words=tuple(values["words"]),
            account_ids=tuple(values["account_ids"]),
            contact_ids=tuple(values["contact_ids"]),
        )


def end_of_words(data: bytes, before: int) -> int:
    """Where the last line before that place ends, or in a file without lines a cell, an object or a hole; 0: nowhere.

    What names a person does not go over it.
    """
    for sign in (b"\n", b"<", b"}", bytes(8)):
        if (found := data.rfind(sign, 0, before)) >= 0:
            return found + len(sign)
    return 0


def core(number: str) -> str:
    """The digits that every spelling of a number has: without the country's 7, which is also written 8 or left out."""
    return number[1:] if len(number) == 11 and number.startswith("7") else number


def number_pattern(number: str, *, spaced: bool) -> str:
    """A regular expression (of DuckDB's kind) with what stands before and behind as groups 1 and 3.

    spaced: also with blanks, dashes and brackets between the digits, as people write.
    """
    between = _BETWEEN if spaced else ""
    digits = core(number)
    ahead = rf"(?:(?:\+?7|8){between})?" if digits != number else rf"(?:\+|00)?{between}"
    # As a group of its own, so that both kinds have three. An escaped sign may end with a digit and is none.
    return rf"(^|[^0-9]|%[0-9a-fA-F][0-9a-fA-F])({ahead}{between.join(digits)})($|[^0-9])"


class _Among(Enum):
    """In which form of the data a needle is looked for."""

    DIGITS = auto()
    SMALL = auto()
    PLAIN = auto()


@dataclass(frozen=True, slots=True)
class Blackener:
    """Overwrites what names a person in bytes of a PBX's stream; the length stays, so every offset does.

    Most of a journal names him nowhere: patterns are tried only where their plain needle stands, which is quick to see.
    """

    person: Person
    site: Site
    values: tuple[str, ...] = ()  # whole values of headers: the names that came with his calls
    _patterns: tuple[tuple[re.Pattern[bytes], _Among, tuple[bytes, ...]], ...] = field(init=False)

    def __post_init__(self) -> None:
        found: list[tuple[re.Pattern[bytes], _Among, tuple[bytes, ...]]] = [
            (
                re.compile(_spelled(number, self.site)),
                _Among.DIGITS,
                (min(_digits(number, self.site), key=len).encode(),),
            )
            for number in self.person.numbers
        ]
        found += [
            (re.compile(b"|".join(map(re.escape, encoded_anyhow(word))), re.IGNORECASE), _Among.SMALL, needles(word))
            for word in self.person.long_words
        ]
        # A header's value alone: a name of one word is many people's, but not beside his number.
        found += [
            (re.compile(rb"(?m)(?<=: )" + re.escape(value) + rb"(?=\r?$)"), _Among.PLAIN, (value,))
            for value in map(str.encode, self.values)
            if value
        ]
        object.__setattr__(self, "_patterns", tuple(found))

    def blacken(self, data: bytes) -> bytes:
        """The same number of bytes without him."""
        found = self._candidates(data)
        # A pattern takes twenty times as long as a needle: it is tried only near one.
        if found and len(data) > _NEAR and (middle := end_of_words(data, len(data) // 2)):
            return self.blacken(data[:middle]) + self.blacken(data[middle:])
        for pattern in found:
            data = pattern.sub(_crossed_out, data)
        return data

    def is_in(self, data: bytes) -> bool:
        return any(pattern.search(data) for pattern in self._candidates(data))

    def _candidates(self, data: bytes) -> list[re.Pattern[bytes]]:
        """The patterns whose needle is there: digits without what people put between them, letters in small."""
        forms = {
            _Among.DIGITS: _without_separators(data),
            _Among.SMALL: data.lower(),
            _Among.PLAIN: data,
        }
        return [pattern for pattern, among, some in self._patterns if any(needle in forms[among] for needle in some)]


def _without_separators(data: bytes) -> bytes:
    if b"%2" in data or b"\\u00a0" in data or b"\\u00A0" in data:
        data = _ESCAPED_SEPARATOR.sub(b"", data)
    return data.translate(None, _SEPARATORS)


def _crossed_out(found: re.Match[bytes]) -> bytes:
    """As long as it was; the second bytes of UTF-16 stay."""
    return re.sub(rb"[^\x00]", b"x", found[0])


def _digits(number: str, site: Site) -> list[str]:
    """The digits by which it is dialled: from afar, and as neighbours do."""
    digits = core(number)
    if site.area_code and digits.startswith(site.area_code) and len(digits) - len(site.area_code) >= 5:
        return [digits, digits.removeprefix(site.area_code)]
    return [digits]


def _spelled(number: str, site: Site) -> bytes:
    between = rb"(?:[ +\-().]|\xc2\xa0|\xa0|%2[0389bB]|%[cC]2%[aA]0|\\u00[aA]0)*"
    digits, *near = _digits(number, site)
    ahead = rb"(?:(?:\+?7|8)%b)?" % between if digits != number else rb"\+?"
    plain = [ahead + between.join(digit.encode() for digit in digits), *(one.encode() for one in near)]
    # An escaped sign may end with a digit, which is none of the number's.
    begin = rb"(?:(?<![0-9])|(?<=%[0-9a-fA-F]{2})|(?<=\\u[0-9a-fA-F]{4}))"
    wide_between = rb"\x00(?:[ +\-().\xa0]\x00)*"  # UTF-16, whichever of its bytes comes first
    wide_ahead = rb"(?:[78]%b)?" % wide_between if digits != number else b""
    wide = wide_ahead + wide_between.join(digit.encode() for digit in digits)
    return rb"%b(?:%b)(?![0-9])|(?<![0-9]\x00)%b(?!\x00[0-9])" % (begin, b"|".join(plain), wide)


def _is_telling(word: str) -> bool:
    return (len(word) >= _SHORTEST_WORD and any(sign in word for sign in " @:.")) or (word.isdigit() and len(word) > 6)
