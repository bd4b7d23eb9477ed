"""The usual shapes of metrics: counts of rows, shares of rows in rows, seconds."""

from __future__ import annotations

import re

from data.call_day import COLUMNS
from data.metrics.terms import Grain, Metric, Unit

_LOOKED_AT = re.compile(r"fact\.(\w+)")


def rows(condition: str) -> str:
    """How many rows fulfil the condition."""
    return f"coalesce(|tally| filter (where {condition}), 0)::bigint"


def share(part: str, whole: str) -> str:
    return f"({part}) / nullif({whole}, 0)"


def mean(column: str, condition: str) -> str:
    """The mean of a column that no row lacks."""
    return share(f"sum(fact.{column}) filter (where {condition})", rows(condition))


def mean_wait(condition: str) -> str:
    """The mean wait of those rows whose wait is known."""
    return share(
        f"sum(fact.wait_s) filter (where {condition})", f"coalesce(|waits| filter (where {condition}), 0)::bigint"
    )


def is_rolled(*conditions: str) -> bool:
    """Whether the daily rollup has all that these expressions look at."""
    return all("|" not in one and set(_LOOKED_AT.findall(one)) <= COLUMNS for one in conditions)


def count(
    name: str,
    counted: str,
    formula: str,
    grains: tuple[Grain, ...] = (Grain.CALL, Grain.PART),
    params: tuple[str, ...] = (),
    joins: tuple[str, ...] = (),
    owned: str = "true",
    note: str = "",
) -> Metric:
    return Metric(
        name=name,
        unit=Unit.COUNT,
        sql=rows(counted),
        formula=formula,
        counted=counted,
        grains=grains,
        params=params,
        joins=joins,
        owned=owned,
        note=note,
        rolled=Grain.CALL in grains and is_rolled(counted),
    )


def seconds(
    name: str,
    sql: str,
    counted: str,
    formula: str,
    grains: tuple[Grain, ...] = (Grain.CALL, Grain.PART),
    note: str = "",
    *,
    rolled: bool = False,
) -> Metric:
    return Metric(
        name=name, unit=Unit.SECONDS, sql=sql, formula=formula, counted=counted, grains=grains, note=note, rolled=rolled
    )
