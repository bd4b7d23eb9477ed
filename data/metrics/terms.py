"""What a metric and a dimension are made of; `catalogue` and `dimensions` fill these forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from data.errors import UnknownName


class Grain(StrEnum):
    """What one row is, of the rows that a metric is taken over. Totals of grains differ."""

    CALL = "call"  # one customer interaction
    VISIT = "visit"  # one stay in one queue
    PART = "part"  # one employee's part in one call
    OFFER = "offer"  # one ring of one employee
    EPISODE = "episode"  # consecutive missed calls of one number
    FOLLOWED = "followed"  # one answered inbound call, with the next call of its number
    CHAT = "chat"  # one opening of a chat


OF_CALLS = frozenset(Grain) - {Grain.CHAT}  # those whose rows are calls or parts of calls


class Unit(StrEnum):
    COUNT = "count"
    SHARE = "share"  # 0..1
    SECONDS = "seconds"
    ERLANGS = "erlangs"
    MEAN = "mean"  # a count per day, with a fraction


class Kind(StrEnum):
    """How the values of a dimension are ordered and read."""

    DAY = "day"  # a date; also the first day of a week or month
    NUMBER = "number"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A number in a formula that people may choose."""

    name: str
    default: float
    unit: Unit
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number, defined once.

    sql: an aggregate over the columns of `fact`, the rows of the grain. grains: where it makes sense, its
    home first; a dimension that lives in another of them takes it there. counted: which rows of `fact` the
    number stands on, which is where a click on it leads. formula: for people. rolled: made of sums and of the
    columns of data/call_day.py, so that the daily rollup gives the same. SQL counts by |tally|: a row is one
    thing counted, but in the rollup many. owned: the calls whose owner it looks at, a condition on the chosen ones.
    """

    name: str
    unit: Unit
    sql: str
    formula: str
    counted: str
    grains: tuple[Grain, ...] = (Grain.CALL,)
    params: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    owned: str = "true"
    note: str = ""
    rolled: bool = False

    @property
    def additive(self) -> bool:
        """Whether the numbers of parts add up to that of the whole."""
        return self.unit is Unit.COUNT and "|tally|" in self.sql


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One way to split numbers.

    sql: an expression over `fact` and the tables of `joins`. grains: where it exists. lifts: the grain
    that a metric is taken to when it is split by this dimension, if it can be. directory: the named query
    that gives its keys their titles. rolled: the daily rollup knows it.
    """

    name: str
    sql: str
    note: str
    kind: Kind = Kind.NAME
    joins: tuple[str, ...] = ()
    grains: frozenset[Grain] = OF_CALLS
    lifts: Grain | None = None
    directory: str | None = None
    rolled: bool = False


class Named(Protocol):
    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


def by_name(things: Iterable[T]) -> dict[str, T]:
    """The things by their names; a name given twice is a mistake of ours."""
    named: dict[str, T] = {}
    for thing in things:
        if thing.name in named:
            raise ValueError(f"Two entries of the catalogue are called {thing.name!r}. Rename one.")
        named[thing.name] = thing
    return named


def look_up(known: Mapping[str, T], name: str, what: str) -> T:
    """The thing called `name`. Raises UnknownName that lists those there are."""
    try:
        return known[name]
    except KeyError:
        raise UnknownName(f"There is no {what} {name!r}. There are: {', '.join(sorted(known))}.") from None
