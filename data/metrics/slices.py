"""The calls behind one number: a metric, and the values of the dimensions it was split by.

Written as text, a slice fits an address: `service_level?queue=sales&weekday=1&target_s=30`; all calls but some,
such as the slice "others" of a chart, with a sign of exclamation: `inbound?place!=mobile`. A mark or cell
of a report leads to the journal with its slice, so the journal lists exactly the rows that were counted;
several rows of a finer grain (visits, offers) may be one call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from data.errors import UnknownName
from data.metrics.catalogue import METRICS, PARAMETERS
from data.metrics.compiler import Ground, Restriction, facts, grain_of, joins_of, only_used, relations
from data.metrics.dimensions import DIMENSIONS
from data.metrics.terms import Dimension, Grain, Kind, look_up
from data.metrics.zone import local_clock
from data.settings import Site
from data.status import status_rules
from data.working_hours import schedule_of

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_NAMESPACE = "slice_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One number of a report, as far as it says which calls it counts."""

    metric: str
    values: Mapping[str, object] = field(default_factory=dict)  # dimension -> value; None: has none
    params: Mapping[str, float] = field(default_factory=dict)
    without: Mapping[str, Sequence[object]] = field(default_factory=dict)  # dimension -> values that it has not

    @property
    def dimensions(self) -> list[str]:
        return list(dict.fromkeys([*self.values, *self.without]))

    def __str__(self) -> str:
        pairs = [(name, "" if value is None else _text(value)) for name, value in self.values.items()]
        pairs += [
            (f"{name}!", "" if value is None else _text(value)) for name in self.without for value in self.without[name]
        ]
        pairs += [(name, f"{value:g}") for name, value in self.params.items()]
        return f"{self.metric}?{urlencode(pairs)}" if pairs else self.metric


def read_slice(text: str) -> Slice:
    """The slice that was written as `text`. Raises UnknownName for names and values that are none of ours."""
    metric, _, query = text.partition("?")
    look_up(METRICS, metric, "metric")
    values: dict[str, object] = {}
    params: dict[str, float] = {}
    without: dict[str, list[object]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in PARAMETERS:
            params[name] = _number(name, value)
        elif name.endswith("!"):
            dimension = look_up(DIMENSIONS, name.removesuffix("!"), "dimension")
            without.setdefault(dimension.name, []).append(_value(dimension, value))
        else:
            values[name] = _value(look_up(DIMENSIONS, name, "dimension"), value)
    return Slice(metric=metric, values=values, params=params, without=without)


def slice_restriction(
    wanted: Slice, *, from_at: datetime | None, until_at: datetime | None, as_of: datetime, site: Site
) -> Restriction:
    """A condition on `call` that leaves the calls of the slice, or on `chat`; its parameters begin with `slice_`."""
    metric = look_up(METRICS, wanted.metric, "metric")
    dimensions = [look_up(DIMENSIONS, name, "dimension") for name in wanted.dimensions]
    compared = [(name, "is not distinct from", value) for name, value in wanted.values.items()]
    compared += [(name, "is distinct from", value) for name, values in wanted.without.items() for value in values]
    grain = grain_of(metric, dimensions)
    begin, end = from_at or _BEGINNING, until_at or as_of + timedelta(days=1)
    ground = Ground(
        clock=local_clock(site.zone, begin, max(end, as_of)),
        rules=status_rules(site, as_of, from_at=begin, call="fact"),
        schedule=schedule_of(site),
    )
    conditions = [f"({ground.expression(metric.counted)})"]
    conditions += [
        f"({ground.expression(DIMENSIONS[name].sql)}) {comparison} $value_{number}"
        for number, (name, comparison, _) in enumerate(compared)
    ]
    joins = joins_of([metric], dimensions)
    subject = "chat" if grain is Grain.CHAT else "call"
    sql = (
        f"{subject}.{subject}_id in (\n{relations([grain], joins, ground=ground)}\n"
        f"select fact.{subject}_id\n{facts(grain, joins, ground)}\nwhere {' and '.join(conditions)}\n)"
    )
    values: dict[str, object] = {
        "from_at": begin,
        "until_at": end,
        "country": site.country,
        "chats_of": None,  # the list of chats says itself whose it shows
        **ground.open_days(sql, begin, max(end, as_of)),
        **{name: wanted.params.get(name, parameter.default) for name, parameter in PARAMETERS.items()},
        **{f"value_{number}": value for number, (_, _, value) in enumerate(compared)},
        **ground.params(),
    }
    return _namespaced(sql, only_used(sql, values))


def _namespaced(sql: str, params: Mapping[str, object]) -> Restriction:
    return Restriction(
        sql=re.sub(r"\$([a-z_])", rf"${_NAMESPACE}\1", sql),
        params={_NAMESPACE + name: value for name, value in params.items()},
    )


def _text(value: object) -> str:
    return value.date().isoformat() if isinstance(value, datetime) else str(value)


def _value(dimension: Dimension, text: str) -> object:
    if text == "":
        return None
    try:
        if dimension.kind is Kind.DAY:
            return date.fromisoformat(text)
        return int(text) if dimension.kind is Kind.NUMBER else text
    except ValueError:
        raise UnknownName(f"{text!r} is no value of the dimension {dimension.name!r}.") from None


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UnknownName(f"{text!r} is no number for the parameter {name!r}.") from None
