"""Puts metrics, dimensions and a filter together to one SELECT; nowhere else is SQL of reports composed.

Every piece is SQL of ours: files of `data/metrics/sql/`, expressions of the catalogue and the rules of
`data/status.py`, which take the |places| that bear their names. Values travel as parameters. The
statement reads: `chosen`, the calls of the period that pass the filter; one relation of facts for each
grain; their groups; and, where several grains meet, the groups side by side.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from data.errors import UnknownName
from data.metrics.terms import Dimension, Grain, Metric
from data.metrics.zone import LocalClock
from data.queries import compose
from data.status import StatusRules

_PIECES = Path(__file__).parent / "sql"
_PARAMETER = re.compile(r"\$([a-z_][a-z0-9_]*)")
_OWNER = "owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """A condition on the columns of `call`, with its parameters."""

    sql: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What every question of one site and moment rests on: local time, and the rules of status."""

    clock: LocalClock
    rules: StatusRules  # over `fact`

    def params(self) -> dict[str, object]:
        return self.clock.params() | self.rules.params()

    def expression(self, sql: str) -> str:
        """An expression of the catalogue with the rules in their places."""
        if "|" not in sql:
            return sql
        rules = {name: getattr(self.rules, name) for name in ("status", "lost", "lead", "lead_state")}
        return compose(sql, rules)


def compile_query(
    metrics: Sequence[Metric], by: Sequence[Dimension], *, ground: Ground, where: Sequence[Restriction] = ()
) -> str:
    """One SELECT with a column for each dimension and each metric, ordered by the dimensions."""
    grouped: dict[Grain, list[Metric]] = {}
    for metric in metrics:
        grouped.setdefault(grain_of(metric, by), []).append(metric)
    groups = [_groups(grain, own, metrics, by, ground) for grain, own in grouped.items()]
    answer = groups[0] if len(groups) == 1 else _side_by_side(groups, metrics, by)
    return f"{relations(grouped, joins_of(metrics, by), ground=ground, where=where)}\n{answer}"


def compile_rows(grain: Grain, columns: Sequence[str], *, ground: Ground, where: Sequence[Restriction] = ()) -> str:
    """One SELECT of columns of the facts of a grain, row by row."""
    named = [f"fact.{column}" for column in columns]
    return (
        f"{relations([grain], (), ground=ground, where=where)}\nselect\n    {_lines(named)}\n{facts(grain, (), ground)}"
    )


def grain_of(metric: Metric, by: Sequence[Dimension]) -> Grain:
    """The rows over which `metric` is taken when split by these dimensions.

    Raises UnknownName where one of them says nothing about it.
    """
    grain = metric.grains[0]
    for dimension in by:
        if dimension.lifts in metric.grains:
            grain = dimension.lifts
    for dimension in by:
        if grain not in dimension.grains:
            raise UnknownName(
                f"Metric {metric.name!r} counts one row per {grain}, which cannot be split by {dimension.name!r}. "
                "Leave one of the two out."
            )
    return grain


def relations(
    grains: Iterable[Grain], joins: Iterable[str], *, ground: Ground, where: Sequence[Restriction] = ()
) -> str:
    """The `with` list: what the filter and the joins need, the chosen calls, the facts of each grain."""
    listed = {"chosen": _chosen(ground.clock, where)}
    if _OWNER in joins:
        # Only the numbers that called: the owners of all numbers would be put in order for nothing.
        listed[_OWNER] = ground.rules.owner_sql("number in (select external_number from chosen)")
    listed |= {f"{grain}_fact": piece(grain) for grain in grains}
    return "with " + ",\n".join(f"{name} as not materialized (\n{sql}\n)" for name, sql in listed.items())


def facts(grain: Grain, joins: Iterable[str], ground: Ground) -> str:
    """`from` one grain with the tables that its metrics and dimensions look at."""
    tables = [ground.rules.join_sql() if name == _OWNER else piece(f"join_{name}") for name in dict.fromkeys(joins)]
    return "\n".join([f"from {grain}_fact as fact", *tables])


def joins_of(metrics: Sequence[Metric], by: Sequence[Dimension]) -> list[str]:
    return [name for dimension in by for name in dimension.joins] + [
        name for metric in metrics for name in metric.joins
    ]


def only_used(sql: str, params: Mapping[str, object]) -> dict[str, object]:
    """The parameters that `sql` names; the database refuses others."""
    used = set(_PARAMETER.findall(sql))
    return {name: value for name, value in params.items() if name in used}


@cache
def piece(name: str) -> str:
    """The text of one file of SQL, without its comments."""
    lines = (_PIECES / f"{name}.sql").read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("--")).strip()


def _chosen(clock: LocalClock, where: Sequence[Restriction]) -> str:
    """The calls of the period that pass the filter, with their local time."""
    conditions = ["call.started_at >= $from_at", "call.started_at < $until_at"]
    conditions += [f"({restriction.sql})" for restriction in where]
    picked = f"{piece('chosen')}\nwhere " + "\n    and ".join(conditions)
    return f"select picked.*, {clock.sql('picked.started_at')} as local_at\nfrom (\n{picked}\n) as picked"


def _groups(
    grain: Grain, own: Sequence[Metric], all_metrics: Sequence[Metric], by: Sequence[Dimension], ground: Ground
) -> str:
    columns = [f"{ground.expression(dimension.sql)} as {dimension.name}" for dimension in by]
    columns += [
        f"{ground.expression(metric.sql) if metric in own else 'null'} as {metric.name}" for metric in all_metrics
    ]
    return f"select\n    {_lines(columns)}\n{facts(grain, joins_of(own, by), ground)}{_grouping(by)}"


def _side_by_side(groups: Sequence[str], metrics: Sequence[Metric], by: Sequence[Dimension]) -> str:
    columns = [dimension.name for dimension in by] + [
        f"any_value({metric.name}) as {metric.name}" for metric in metrics
    ]
    united = "\nunion all\n".join(f"({group})" for group in groups)
    return f"select\n    {_lines(columns)}\nfrom (\n{united}\n){_grouping(by)}"


def _grouping(by: Sequence[Dimension]) -> str:
    numbers = ", ".join(str(number) for number in range(1, len(by) + 1))
    return f"\ngroup by {numbers}\norder by {numbers}" if by else ""


def _lines(columns: Sequence[str]) -> str:
    return ",\n    ".join(columns)
