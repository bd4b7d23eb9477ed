"""The words for a slice: what a number of a report was, and at which values: "Пропущенные: понедельник, 14:00"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import cast

from babel import Locale
from babel.dates import get_day_names, get_month_names

from dashboard.text import language, t
from dashboard.text.formats import day, number, phone, short_day
from data.identity.actor import Actor
from data.metrics.dimensions import DIMENSIONS
from data.metrics.reads import Reads
from data.metrics.slices import Slice
from data.metrics.titles import titles
from data.numbering import region_title

BANDS = (0, 5, 10, 20, 30, 60, 120, 300)
# Values that are words of ours: the area of the catalogue in which they stand.
_WORDED = {
    "direction": "direction",
    "outcome": "outcome",
    "reason": "reason",
    "status": "status",
    "number_class": "number_class",
    "lead": "slices.lead",
    "office_hours": "slices.office_hours",
    "caller": "slices.caller",
    "visit_result": "slices.visit_result",
    "recovery": "slices.recovery",
    "messenger": "reports.messenger",
}


def slice_words(behind: Slice, store: Reads, actor: Actor) -> str:
    """The metric, and each dimension by its value: names instead of ids, as far as `actor` may read them."""
    parts = [value_words(name, value, store, actor) for name, value in behind.values.items()]
    parts += [
        t("slices.but", values=", ".join(value_words(name, value, store, actor) for value in values))
        for name, values in behind.without.items()
    ]
    parts += [
        t(f"slices.param.{name}", value=number(value)) for name, value in behind.params.items() if name != "repeat_s"
    ]
    metric = t(f"reports.metric.{behind.metric}")
    return t("slices.words", metric=metric, values=", ".join(parts)) if parts else metric


def value_words(dimension: str, value: object, store: Reads, actor: Actor) -> str:
    """One value of a dimension as people read it."""
    if value is None:
        return t(f"slices.without.{dimension}")
    if dimension in _SHOWN:
        return _SHOWN[dimension](value)
    text = str(value)
    if dimension in _WORDED:
        key = f"{_WORDED[dimension]}.{text}"
        words = t(key)
        return text if words == key else words
    if DIMENSIONS[dimension].directory:
        known = titles(store, dimension, [text], actor=actor)
        return t(f"slices.named.{dimension}", title=known.get(text, text))
    return text


def place_title(key: str) -> str:
    """ "Мобильные", "Белоруссия", "Москва": the words for a value of the dimension `place`."""
    if key in ("mobile", "toll_free", "unknown"):
        return t(f"reports.place.{key}")
    kind, _, country = key.partition(":")
    if kind == "country":
        return str(Locale(language()).territories.get(country, country))
    return region_title(key, language())


def hour_title(hour: int) -> str:
    return f"{hour}:00"


def band_title(low: int) -> str:
    """A band of waiting time by its lower end: "от 20 до 30 с"."""
    following = next((end for end in BANDS if end > low), None)
    if following is None:
        return t("reports.service.longer", low=number(low))
    return t("reports.service.between", low=number(low), high=number(following))


def _week(value: object) -> str:
    first = cast("date", value)
    return f"{short_day(first)} – {day(first + timedelta(days=6))}"


def _month(value: object) -> str:
    first = cast("date", value)
    return f"{get_month_names('wide', context='stand-alone', locale=language())[first.month]} {first.year}"


def _weekday(value: object) -> str:
    return str(get_day_names("wide", context="stand-alone", locale=language())[cast("int", value) - 1])


_SHOWN: dict[str, Callable[[object], str]] = {
    "day": lambda value: day(cast("date", value)),
    "week": _week,
    "month": _month,
    "weekday": _weekday,
    "hour": lambda value: hour_title(cast("int", value)),
    "wait_from": lambda value: t("slices.wait", band=band_title(cast("int", value))),
    "place": lambda value: place_title(str(value)),
    "region": lambda value: region_title(str(value), language()),
    "channel": lambda value: phone(str(value)),
}
