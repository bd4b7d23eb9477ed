"""A CallFilter as the part of an address after "?", and back: what pages, /api and saved views share.

    /calls?kind=missed&period=7d&queue=Продажи&queue=Сервис&q=912&sort=-talk

Names that repeat add up. Days are the site's and `to` is the last day that counts; for hours inside a
day `from` and `to` may be local minutes (2026-11-22T09:30), and then `to` itself no longer counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from data.errors import CallboardError
from data.journal import CallFilter, CallKind, LeadState, Sort, SortBy
from data.metrics.periods import Period, Preset, day_start, local_day, preset_period
from data.model import NumberClass, Outcome, Reason, Status

E = TypeVar("E", bound=StrEnum)
V = TypeVar("V")
Pairs = Iterable[tuple[str, str]]


class BadFilter(CallboardError):
    """An address holds a value that no filter understands."""


TODAY, YESTERDAY = "today", "yesterday"

FLAGS = {"lost": "lost", "first": "first", "unregistered": "unregistered", "attention": "attention", "mine": "mine"}
CHOICES: dict[str, tuple[str, type[StrEnum]]] = {
    "kind": ("kinds", CallKind),
    "class": ("number_classes", NumberClass),
    "status": ("statuses", Status),
    "reason": ("reasons", Reason),
    "outcome": ("outcomes", Outcome),
    "lead": ("leads", LeadState),
}
NAMES = {
    "employee": "employees",
    "extension": "extensions",
    "queue": "queues",
    "line": "lines",
    "channel": "channels",
    "did": "dids",
    "country": "countries",
    "region": "regions",
    "tag": "tags",
    "call": "call_ids",
}
NUMBERS = {"hour": ("hours", 0, 23), "weekday": ("weekdays", 1, 7)}
YES_OR_NO = {"recording": "has_recording", "comment": "has_comment"}
SECONDS = {"talk": "talk_longer_s", "wait": "wait_longer_s"}
END = "end"  # asof: the end of the period
SINGLE = {"client": "account_id", "number": "number", "slice": "slice", "q": "search"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an address of the journal asks for.

    as_of: the moment of statuses and markers; None: now.
    """

    filter: CallFilter
    sort: Sort
    as_of: datetime | None = None


def read_query(query: str | Pairs, *, zone: ZoneInfo, now: datetime) -> Request:
    """What "?kind=missed&period=7d" asks for; unknown names are left alone. Raises BadFilter."""
    pairs = list(parse_qsl(query.removeprefix("?")) if isinstance(query, str) else query)
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    fields: dict[str, object] = {}
    for name, given in values.items():
        fields |= _field(name, given)
    fields |= _times(values, zone=zone, today=local_day(now, zone))
    wanted = CallFilter(**fields)  # type: ignore[arg-type]
    return Request(
        filter=wanted,
        sort=_sort(values.get("sort", ["-time"])[-1]),
        as_of=_as_of(values["asof"][-1], wanted.until_at, zone, now) if "asof" in values else None,
    )


def write_query(wanted: CallFilter, *, zone: ZoneInfo, sort: Sort | None = None, as_of: datetime | None = None) -> str:
    """The address part that read_query turns into the same filter: for drill-down links and saved views."""
    pairs: list[tuple[str, str]] = []
    pairs += [(name, "1") for name, field in FLAGS.items() if getattr(wanted, field)]
    for name, field in [*((name, field) for name, (field, _) in CHOICES.items()), *NAMES.items()]:
        pairs += [(name, str(value)) for value in sorted(getattr(wanted, field))]
    for name, (field, _, _) in NUMBERS.items():
        pairs += [(name, str(value)) for value in sorted(getattr(wanted, field))]
    for name, field in YES_OR_NO.items():
        if (flag := getattr(wanted, field)) is not None:
            pairs.append((name, "1" if flag else "0"))
    for name, field in SECONDS.items():
        if (seconds := getattr(wanted, field)) is not None:
            pairs.append((name, f"{seconds:g}"))
    pairs += [(name, value) for name, field in SINGLE.items() if (value := getattr(wanted, field))]
    pairs += _written_times(wanted, zone)
    if sort and sort != Sort():
        pairs.append(("sort", f"{'-' if sort.descending else ''}{sort.by}"))
    if as_of:
        pairs.append(("asof", _local(as_of, zone)))
    return urlencode(pairs)


def _field(name: str, given: list[str]) -> dict[str, object]:
    last = given[-1]
    if name in FLAGS:
        return {FLAGS[name]: _yes(name, last)}
    if name in CHOICES:
        field, kind = CHOICES[name]
        return {field: frozenset(_member(name, kind, value) for value in given)}
    if name in NAMES:
        return {NAMES[name]: frozenset(given)}
    if name in NUMBERS:
        field, low, high = NUMBERS[name]
        return {field: frozenset(_whole(name, value, low, high) for value in given)}
    if name in YES_OR_NO:
        return {YES_OR_NO[name]: _yes(name, last)}
    if name in SECONDS:
        return {SECONDS[name]: _parsed(name, last, _seconds, "a number of seconds, such as 60")}
    if name in SINGLE:
        return {SINGLE[name]: last}
    return {}


def _times(values: dict[str, list[str]], *, zone: ZoneInfo, today: date) -> dict[str, object]:
    times: dict[str, object] = {}
    if "period" in values:
        period = named_period(values["period"][-1], today)
        times = {"from_at": period.from_at(zone), "until_at": period.until_at(zone)}
    if "from" in values:
        times["from_at"] = _moment("from", values["from"][-1], zone, after_days=0)
    if "to" in values:
        times["until_at"] = _moment("to", values["to"][-1], zone, after_days=1)
    return times


def named_period(name: str, today: date) -> Period:
    """The local days that a period's name in an address means today. Raises BadFilter."""
    if name == TODAY:
        return Period(from_on=today, to_on=today + timedelta(days=1))
    if name == YESTERDAY:
        return Period(from_on=today - timedelta(days=1), to_on=today)
    return preset_period(_member("period", Preset, name), today)


def _written_times(wanted: CallFilter, zone: ZoneInfo) -> Pairs:
    if wanted.from_at:
        yield "from", _local(wanted.from_at, zone)
    if wanted.until_at:
        until = _local(wanted.until_at, zone)
        if "T" not in until:
            until = (date.fromisoformat(until) - timedelta(days=1)).isoformat()
        yield "to", until


def _local(at: datetime, zone: ZoneInfo) -> str:
    """The local day where `at` is its beginning, else the local time."""
    day = local_day(at, zone)
    if at == day_start(day, zone):
        return day.isoformat()
    local = at.astimezone(zone)
    # The second of two equal hours when clocks go back needs its offset to be told from the first.
    local = local if local.fold else local.replace(tzinfo=None)
    return local.isoformat(timespec="minutes" if not (local.second or local.microsecond) else "auto")


def _moment(name: str, value: str, zone: ZoneInfo, *, after_days: int) -> datetime:
    expected = "a day such as 2026-11-22, or a local time such as 2026-11-22T09:30"
    if "T" not in value:
        day = _parsed(name, value, date.fromisoformat, expected)
        return _parsed(name, value, lambda _: day_start(day + timedelta(days=after_days), zone), expected)
    local = _parsed(name, value, datetime.fromisoformat, expected)
    return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)


def _as_of(value: str, until_at: datetime | None, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The moment; END is the end of the period, or now (None) as long as it is not over."""
    if value == END:
        return until_at if until_at is not None and until_at <= now else None
    return _moment("asof", value, zone, after_days=0)


def _sort(value: str) -> Sort:
    return Sort(by=_member("sort", SortBy, value.removeprefix("-")), descending=value.startswith("-"))


def _member(name: str, kind: type[E], value: str) -> E:
    return _parsed(name, value, kind, f"one of {', '.join(kind)}")


def _yes(name: str, value: str) -> bool:
    if value not in {"0", "1"}:
        raise BadFilter(f"{name}={value!r} is neither 1 nor 0.")
    return value == "1"


def _whole(name: str, value: str, low: int, high: int) -> int:
    number = _parsed(name, value, int, f"a whole number from {low} to {high}")
    if not low <= number <= high:
        raise BadFilter(f"{name}={value!r} is not within {low} and {high}.")
    return number


def _seconds(value: str) -> float:
    number = float(value)
    if not 0 <= number < 1e9:
        raise ValueError(value)
    return number


def _parsed(name: str, value: str, parse: Callable[[str], V], expected: str) -> V:
    try:
        return parse(value)
    except (ValueError, OverflowError):
        raise BadFilter(f"{name}={value!r} is not understood; write {expected}.") from None
