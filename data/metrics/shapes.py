"""The usual shapes of metrics: counts of rows, shares of rows in rows, seconds."""

from __future__ import annotations

from data.metrics.terms import Grain, Metric, Unit


def rows(condition: str) -> str:
    return f"count(*) filter (where {condition})"


def share(part: str, whole: str) -> str:
    return f"({part}) / nullif({whole}, 0)"


def count(
    name: str,
    counted: str,
    formula: str,
    grains: tuple[Grain, ...] = (Grain.CALL, Grain.PART),
    params: tuple[str, ...] = (),
    joins: tuple[str, ...] = (),
    note: str = "",
) -> Metric:
    sql = "count(*)" if counted == "true" else rows(counted)
    return Metric(
        name=name,
        unit=Unit.COUNT,
        sql=sql,
        formula=formula,
        counted=counted,
        grains=grains,
        params=params,
        joins=joins,
        note=note,
    )


def seconds(
    name: str,
    sql: str,
    counted: str,
    formula: str,
    grains: tuple[Grain, ...] = (Grain.CALL, Grain.PART),
    note: str = "",
) -> Metric:
    return Metric(name=name, unit=Unit.SECONDS, sql=sql, formula=formula, counted=counted, grains=grains, note=note)
