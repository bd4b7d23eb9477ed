"""Working hours from the times when a MikoPBX is closed: it keeps those, we keep the rest of the day."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from data.services.directory_entries import MINUTES, Entry, HolidayEntry, HoursEntry, holiday_entry, hours_entry

_DAY = 24 * 60
_LONGEST = 60  # days of one holiday
_TIME = re.compile(r"(\d{1,2}):(\d{2})")
Rule = Mapping[str, Any]


def hours_of(rules: Sequence[Rule]) -> Iterator[Callable[[], Entry]]:
    """Makers of HoursEntry and HolidayEntry. Rules for some lines only, or from a calendar, are left out."""
    whole = [rule for rule in rules if _is_general(rule)]
    weekly = [rule for rule in whole if not _text(rule, "date_from")]
    if weekly:
        for weekday in range(1, 8):
            stretch = _open([span for rule in weekly if weekday in _weekdays(rule) for span in _closed(rule)])
            yield lambda weekday=weekday, stretch=stretch: _hours(weekday, stretch)  # type: ignore[misc]
    for rule in whole:
        for day in _days(rule):
            stretch = _open(_closed(rule))
            yield lambda rule=rule, day=day, stretch=stretch: _holiday(rule, day, stretch)  # type: ignore[misc]


def _is_general(rule: Rule) -> bool:
    kind = _text(rule, "calType")
    return kind in ("", "timeframe", "none") and rule.get("allowRestriction") not in (True, 1, "1", "true")


def _weekdays(rule: Rule) -> set[int]:
    first, last = _text(rule, "weekday_from"), _text(rule, "weekday_to")
    if first not in "1234567" or not first:
        return set(range(1, 8))
    begin, end = int(first), int(last) if last and last in "1234567" else int(first)
    return {(begin - 1 + step) % 7 + 1 for step in range((end - begin) % 7 + 1)}


def _closed(rule: Rule) -> list[tuple[int, int]]:
    """Minutes of the day, half-open; a time until 23:59 or 08:59 includes that minute."""
    begin, end = _minutes(rule, "time_from"), _minutes(rule, "time_to")
    if begin is None or end is None or begin == end:
        return [(0, _DAY)]
    end += 1 if end % MINUTES == MINUTES - 1 else 0
    return [(begin, end)] if begin < end else [(begin, _DAY), (0, end)]


def _open(closed: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """The longest stretch that is left of a day; None: none."""
    free, at = [], 0
    for begin, end in sorted(closed):
        if begin > at:
            free.append((at, begin))
        at = max(at, end)
    if at < _DAY:
        free.append((at, _DAY))
    return max(free, key=lambda span: span[1] - span[0], default=None)


def _days(rule: Rule) -> list[date]:
    first, last = _date(rule, "date_from"), _date(rule, "date_to")
    if first is None:
        return []
    count = min(((last or first) - first).days, _LONGEST)
    return [first + timedelta(days=step) for step in range(count + 1)]


def _hours(weekday: int, stretch: tuple[int, int] | None) -> HoursEntry:
    opens, closes = _texts(stretch)
    return hours_entry(weekday, opens, closes)


def _holiday(rule: Rule, day: date, stretch: tuple[int, int] | None) -> HolidayEntry:
    opens, closes = _texts(stretch)
    return holiday_entry(day, _text(rule, "description") or _text(rule, "name") or None, opens, closes)


def _texts(stretch: tuple[int, int] | None) -> tuple[str | None, str | None]:
    if stretch is None:
        return None, None
    begin, end = -(-stretch[0] // MINUTES) * MINUTES, stretch[1] // MINUTES * MINUTES
    return f"{begin // 60:02}:{begin % 60:02}", f"{end // 60:02}:{end % 60:02}"


def _minutes(rule: Rule, name: str) -> int | None:
    found = _TIME.fullmatch(_text(rule, name)[:5])
    minutes = int(found[1]) * 60 + int(found[2]) if found else _DAY + 1
    return minutes if minutes <= _DAY else None


def _date(rule: Rule, name: str) -> date | None:
    """A day, or the unix time of its noon or midnight."""
    text = _text(rule, name)
    try:
        if text.isascii() and text.isdigit():
            return datetime.fromtimestamp(int(text[:11]) + 6 * 3600, UTC).date()
        return date.fromisoformat(text[:10])
    except (ValueError, OverflowError):
        return None


def _text(rule: Rule, name: str) -> str:
    value = rule.get(name)
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
