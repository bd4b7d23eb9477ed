"""How numbers, times, durations and phones are written in the language of the request."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal

from dashboard.text import language, t

NO_VALUE = "–"
NO_DURATION = "--:--"
_NBSP = "\u00a0"
_JUST_NOW = timedelta(seconds=45)


def number(value: float | None, digits: int = 0) -> str:
    """1234567.8 as "1 234 567,8" (with digits=1); None as a dash."""
    if value is None:
        return NO_VALUE
    return _written(value, digits, language())


@lru_cache(maxsize=4096)  # a page has thousands, most of them small
def _written(value: float, digits: int, words: str) -> str:
    return format_decimal(value, "#,##0" + ("." + "#" * digits if digits else ""), locale=words)


def share(value: float | None, digits: int = 0) -> str:
    """0.437 as "44 %" ("44%" in English); None as a dash, never as 0 %."""
    if value is None:
        return NO_VALUE
    space = _NBSP if language() == "ru" else ""
    return f"{number(value * 100, digits)}{space}%"


def duration(seconds: float | None) -> str:
    """135.4 as "2:15", an hour and more as "1:02:15"; None as "--:--"."""
    if seconds is None:
        return NO_DURATION
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def day(value: date) -> str:
    """22 ноября 2026."""
    return format_date(value, "d MMMM y", locale=language())


def short_day(value: date) -> str:
    """6 сен: for axes and narrow columns."""
    month = format_date(value, "MMM", locale=language()).rstrip(".")[:3]
    return f"{value.day} {month}"


def date_time(at: datetime, zone: tzinfo) -> str:
    """22 ноября 2026, 15:03."""
    local = at.astimezone(zone)
    return f"{day(local)}, {local:%H:%M}"


def moment(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """ "Сегодня, 11:03", "Вчера, 23:59", "6 сен, 15:03", "6 сен 2025, 15:03"."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    if local.date() == today:
        words = t("format.today")
    elif local.date() == today - timedelta(days=1):
        words = t("format.yesterday")
    else:
        words = short_day(local) if local.year == today.year else f"{short_day(local)} {local.year}"
    return f"{words}, {local:%H:%M}"


def ago(at: datetime, now: datetime) -> str:
    """5 минут назад."""
    passed = now - at
    if passed < _JUST_NOW:
        return t("format.just_now")
    return format_timedelta(-passed, add_direction=True, threshold=1, locale=language())


@lru_cache(maxsize=20_000)
def phone(digits: str | None) -> str:
    """79123456789 as "+7 912 345-67-89"; extensions and what is no number stay as they are."""
    if not digits:
        return ""
    if not digits.isdigit() or len(digits) < 8:
        return digits
    try:
        parsed = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return digits
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
