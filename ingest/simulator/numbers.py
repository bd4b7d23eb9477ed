"""Invented outside numbers: an endless row of distinct digits that are nobody's telephone.

Mobile numbers take codes that the Russian numbering plan has not given out, local numbers begin
with 0 (which is a service, never a subscriber), numbers abroad are those kept for films.
The n-th number is a function of n alone, so a history needs no memory of the numbers it used.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

_MOBILE = np.array([907, 935, 943, 944, 945, 946, 947, 948, 972, 973, 974, 975, 976, 998], np.int64)
_HOME = np.array([495, 499], np.int64)
_SECOND = np.array([812], np.int64)
_LARGE = np.array([343, 383, 843, 831], np.int64)
_OTHERS = np.array([846, 861, 863, 351, 391, 473, 342, 347, 844, 401, 421], np.int64)
_ABROAD = np.array([375_170_000_000, 49_302_312_5000, 33_199_000_000], np.int64)
_ABROAD_ROOM = np.array([1_000_000, 1_000, 10_000], np.int64)
_MOBILE_ROOM = 10_000_000  # numbers below one code
_LOCAL_FIRST = 100_000  # the office's own numbers lie below
_LOCAL_ROOM = 900_000  # local numbers that begin with 0
_KINDS = 100  # of a hundred numbers in a row so many are of each kind
_MOBILES, _HOMES, _SECONDS, _LARGES, _OTHER, _ABROADS = 70, 13, 5, 6, 4, 2


def numbers(positions: Ints) -> Ints:
    """The numbers at these positions (from 0), digits of E.164; distinct for distinct positions below 13 million."""
    block, place = np.divmod(np.asarray(positions, np.int64), _KINDS)
    # A stride coprime to the hundred mixes the kinds among neighbours.
    kind = (place * 37 + 11) % _KINDS
    made, limits, first = [], [], 0
    for width, make in (
        (_MOBILES, _mobile),
        (_HOMES, partial(_local, _HOME)),
        (_SECONDS, partial(_local, _SECOND)),
        (_LARGES, partial(_local, _LARGE)),
        (_OTHER, partial(_local, _OTHERS)),
        (_ABROADS, _abroad),
    ):
        made.append(make(block * width + (kind - first)))
        first += width
        limits.append(kind < first)
    return np.select(limits, made)


def _mobile(at: Ints) -> Ints:
    code, local = np.divmod(_scatter(at, len(_MOBILE) * _MOBILE_ROOM), _MOBILE_ROOM)
    return 70_000_000_000 + _MOBILE[code] * _MOBILE_ROOM + local


def _local(codes: Ints, at: Ints) -> Ints:
    code, local = np.divmod(_scatter(at, len(codes) * _LOCAL_ROOM), _LOCAL_ROOM)
    return 70_000_000_000 + codes[code] * _MOBILE_ROOM + _LOCAL_FIRST + local


def _abroad(at: Ints) -> Ints:
    # The ranges kept for films are short; what does not fit goes to the first, which is long.
    is_early = at < 300
    country = np.where(is_early, at % len(_ABROAD), 0)
    room = _ABROAD_ROOM[country]
    return _ABROAD[country] + _scatter(np.where(is_early, at // len(_ABROAD), at), room)


def _scatter(at: Ints, room: Ints | int) -> Ints:
    """A bijection of 0..room-1, so that neighbours look unlike each other (the factor is a prime)."""
    return (at * 6_700_417 + 271_829) % room
