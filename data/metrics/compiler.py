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
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from data.errors import UnknownName
from data.metrics.periods import local_day
from data.metrics.terms import Dimension, Grain, Metric
from data.metrics.zone import LocalClock
from data.queries import compose, fragments
from data.status import StatusRules, one_of
from data.working_hours import Schedule, open_days

_PIECES = Path(__file__).parent / "sql"
_PARAMETER = re.compile(r"\$([a-z_][a-z0-9_]*)")
_DAY = timedelta(days=1)
_OWNER = "owner"
_BY_EMPLOYEE = {Grain.PART, Grain.OFFER, Grain.EPISODE}
_RULES = ("status", "lost", "lead", "lead_state")
# What one row counts for, where rows are things, and where they are many calls each.
_ONE_BY_ONE = {"tally": "count(*)", "waits": "count(fact.wait_s)"}
_SUMMED_UP = {"tally": "sum(fact.calls)", "waits": "sum(fact.waits)"}


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
    schedule: Schedule = field(default_factory=Schedule)

    def open_s(self, begin: str, end: str) -> str:
        """Seconds of working time between two instants, an SQL expression; parameters: `open_days`."""
        return f"(({self._open_us(end)}) - ({self._open_us(begin)})) / 1e6"

    def open_days(self, sql: str, from_at: datetime, until_at: datetime) -> dict[str, object]:
        """The parameters of `open_s`, where `sql` has one, for instants between the two."""
        if "$open_before_us" not in sql:
            return {}
        zone = self.clock.zone
        # What opens a chat may carry a moment of the day before.
        return open_days(self.schedule, zone, local_day(from_at, zone) - _DAY, local_day(until_at, zone) + _DAY)

    def _open_us(self, instant: str) -> str:
        day = f"(date_diff('day', $open_from_on::date, ({self.clock.sql(instant)})::date) + 1)"
        opens, closes = f"$day_opens_us[{day}]", f"$day_closes_us[{day}]"
        return f"$open_before_us[{day}] + least(greatest(epoch_us({instant}), {opens}), {closes}) - {opens}"

    def params(self) -> dict[str, object]:
        return self.clock.params() | self.rules.params() | self.schedule.params()

    def expression(self, sql: str, tally: Mapping[str, str] = _ONE_BY_ONE) -> str:
        """An expression of the catalogue with the rules, and the ways to count, in their places."""
        # Only the rules that are named: each takes a while to compose.
        rules = {name: getattr(self.rules, name) for name in _RULES if f"|{name}|" in sql}
        return compose(sql, {**rules, **tally})


@dataclass(frozen=True, slots=True, kw_only=True)
class Largest:
    """So many groups with the most of a metric are wanted, instead of all."""

    metric: str
    most: int


IS_PART = "is_part"
PART = "part"
_PART = (f"true as {IS_PART}",)
_OPEN = (
    Restriction(sql="call.started_at >= (select from_at from open_time)"),
    Restriction(sql="call.started_at < (select until_at from open_time)"),
)


def compile_query(
    metrics: Sequence[Metric],
    by: Sequence[Dimension],
    *,
    ground: Ground,
    where: Sequence[Restriction] = (),
    may_roll: bool = False,
    with_whole: bool = False,
    largest: Largest | None = None,
) -> str:
    """One SELECT with a column for each dimension and each metric, ordered by the dimensions.

    with_whole: and one row more over all groups together, from the same reading of the facts; the column `is_part`
    is null in it and true in all others.
    may_roll: the question is one of whole days and usual parameters, so that calls may be read from the
    daily rollup, if all that is asked of them is there.
    largest: only these groups, which are named in every dimension, in this order.
    """
    grouped: dict[Grain, list[Metric]] = {}
    for metric in metrics:
        grouped.setdefault(grain_of(metric, by), []).append(metric)
    rolled = may_roll and _in_rollup(grouped.get(Grain.CALL, ()), by)
    part = _PART if with_whole else ()
    groups = [
        (
            _rolled_groups(own, metrics, by, ground, part)
            if rolled and grain is Grain.CALL
            else _groups(grain, own, metrics, by, ground, part)
        )
        + _grouping(len(by) + len(part), with_whole)
        for grain, own in grouped.items()
    ]
    answer = groups[0] if len(groups) == 1 else _side_by_side(groups, metrics, by, part)
    if largest:
        answer = _largest(answer, by, largest)
    found = [grain for grain in grouped if not (rolled and grain is Grain.CALL)]
    read = [metric for grain in found for metric in grouped[grain]]
    joins = joins_of(read, by if found else ())
    listed = _rollup(by, ground.clock, where) if rolled else {}
    owned = _owned(read, by)
    return f"{relations(found, joins, ground=ground, where=where, owned=owned, further=listed)}\n{answer}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One of several questions about the facts of a grain: metrics by dimensions, or columns row by row."""

    metrics: Sequence[Metric] = ()
    by: Sequence[Dimension] = ()
    rows: Sequence[str] = ()


def compile_shares(grain: Grain, shares: Sequence[Share], *, ground: Ground, where: Sequence[Restriction] = ()) -> str:
    """One SELECT with the rows of every share, told apart by the column `part`; the facts are made once.

    The columns of the others are null. Each share has bounds of its own, $part_N_from and $part_N_until.
    """
    texts = [_share(place, share, grain, ground) for place, share in enumerate(shares)]
    needed = sorted({"started_at", *re.findall(r"\bfact\.(\w+)", "\n".join(texts))})
    told = f"select\n    {_lines(needed)}\nfrom {grain}_fact"
    listed = relations([grain], (), ground=ground, where=where)
    return f"{listed},\ntold as materialized (\n{told}\n)\n" + "\nunion all by name\n".join(texts)


def _share(place: int, share: Share, grain: Grain, ground: Ground) -> str:
    beside = [f"{place} as {PART}", *(f"fact.{name}" for name in share.rows)]
    groups = _groups(grain, share.metrics, share.metrics, share.by, ground, beside, told="told")
    bounds = f"where fact.started_at >= $part_{place}_from\n    and fact.started_at < $part_{place}_until"
    return f"({groups}\n{bounds}{_grouping(len(share.by))})"


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
    grains: Iterable[Grain],
    joins: Iterable[str],
    *,
    ground: Ground,
    where: Sequence[Restriction] = (),
    owned: str = "true",
    further: Mapping[str, str] | None = None,
) -> str:
    """The `with` list: what the filter and the joins need, the chosen calls, the facts of each grain.

    owned: the chosen calls whose owner is looked at.
    """
    listed = {"chosen": _chosen(ground.clock, where)}
    if _OWNER in joins:
        # Only the numbers that called: the owners of all numbers would be put in order for nothing.
        wanted = compose("select external_number as number from chosen where |owned|", {"owned": owned})
        listed[_OWNER] = ground.rules.owner_sql(one_of(wanted))
    grains = list(grains)
    if not _BY_EMPLOYEE.isdisjoint(grains):
        listed["holder"] = piece("holder")
    if Grain.EPISODE in grains:
        # Apart, because below a list of its own the engine would read every column of a call.
        listed["episode_run"] = piece("episode_run")
    listed |= {f"{grain}_fact": _fact(grain, ground) for grain in grains}
    listed |= further or {}
    return "with " + ",\n".join(f"{name} as not materialized (\n{sql}\n)" for name, sql in listed.items())


def _fact(grain: Grain, ground: Ground) -> str:
    if grain is not Grain.CHAT:
        return piece(grain)
    return compose(
        piece(grain),
        {
            "local_at": ground.clock.sql("fact.opened_at"),
            "response_open_s": ground.open_s("fact.asked_at", "fact.answered_at"),
        },
    )


def facts(grain: Grain, joins: Iterable[str], ground: Ground, told: str = "") -> str:
    """`from` one grain with the tables that its metrics and dimensions look at; told: a relation of its facts."""
    tables = [ground.rules.join_sql() if name == _OWNER else piece(f"join_{name}") for name in dict.fromkeys(joins)]
    return "\n".join([f"from {told or f'{grain}_fact'} as fact", *tables])


def joins_of(metrics: Sequence[Metric], by: Sequence[Dimension]) -> list[str]:
    return [name for dimension in by for name in dimension.joins] + [
        name for metric in metrics for name in metric.joins
    ]


def _owned(metrics: Sequence[Metric], by: Sequence[Dimension]) -> str:
    """Which of the chosen calls need their owner: all, where a dimension asks for it."""
    if any(_OWNER in dimension.joins for dimension in by):
        return "true"
    return " or ".join(dict.fromkeys(metric.owned for metric in metrics if _OWNER in metric.joins)) or "true"


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
    chosen = compose(piece("chosen"), fragments("call_day/ground"))
    picked = f"{chosen}\nwhere " + "\n    and ".join(conditions)
    return f"select picked.*, {clock.sql('picked.started_at')} as local_at\nfrom (\n{picked}\n) as picked"


def _groups(
    grain: Grain,
    own: Sequence[Metric],
    all_metrics: Sequence[Metric],
    by: Sequence[Dimension],
    ground: Ground,
    part: Sequence[str],
    told: str = "",
) -> str:
    columns = [f"{ground.expression(dimension.sql)} as {dimension.name}" for dimension in by]
    columns += part
    columns += [
        f"{ground.expression(metric.sql) if metric in own else 'null'} as {metric.name}" for metric in all_metrics
    ]
    return f"select\n    {_lines(columns)}\n{facts(grain, joins_of(own, by), ground, told)}"


def _in_rollup(metrics: Iterable[Metric], by: Sequence[Dimension]) -> bool:
    """Whether the daily rollup knows all that is asked of calls."""
    asked = list(metrics)
    return bool(asked) and all(metric.rolled for metric in asked) and all(one.rolled for one in by)


def _rolled_groups(
    own: Sequence[Metric], all_metrics: Sequence[Metric], by: Sequence[Dimension], ground: Ground, part: Sequence[str]
) -> str:
    # The rollup has looked the class of a number up already.
    columns = [f"{dimension.sql.replace('number.', 'fact.')} as {dimension.name}" for dimension in by]
    columns += part
    columns += [
        f"{ground.expression(metric.sql, _SUMMED_UP) if metric in own else 'null'} as {metric.name}"
        for metric in all_metrics
    ]
    return f"select\n    {_lines(columns)}\nfrom rolled as fact"


def _rollup(by: Sequence[Dimension], clock: LocalClock, where: Sequence[Restriction]) -> dict[str, str]:
    """The relations that `rolled` is made of; numbers are looked up only where they matter."""
    wanted = any("number" in dimension.joins for dimension in by)
    places = {"number_class": "number.number_class" if wanted else "null::varchar", "number_join": ""}
    return {
        "built_day": piece("built_day"),
        "open_time": piece("open_time"),
        # The bounds stand next to the table: only there they spare its scan.
        "open_call": _chosen(clock, [*where, *_OPEN]),
        "rolled": compose(piece("rolled"), places | ({"number_join": piece("join_number")} if wanted else {})),
    }


def _side_by_side(
    groups: Sequence[str], metrics: Sequence[Metric], by: Sequence[Dimension], part: Sequence[str]
) -> str:
    keys = [dimension.name for dimension in by] + [IS_PART for _ in part]
    columns = keys + [f"any_value({metric.name}) as {metric.name}" for metric in metrics]
    united = "\nunion all\n".join(f"({group})" for group in groups)
    return f"select\n    {_lines(columns)}\nfrom (\n{united}\n){_grouping(len(keys))}"


def _largest(groups: str, by: Sequence[Dimension], wanted: Largest) -> str:
    keys = [dimension.name for dimension in by]
    parts = {
        "groups": groups,
        "named": " and ".join(f"{key} is not null" for key in keys),
        "metric": wanted.metric,
        "keys": ", ".join(keys),
        "most": str(wanted.most),
    }
    return compose(piece("largest"), parts)


def _grouping(keys: int, with_whole: bool = False) -> str:
    numbers = ", ".join(str(number) for number in range(1, keys + 1))
    if not keys:
        return ""
    grouped = f"grouping sets (({numbers}), ())" if with_whole else numbers
    return f"\ngroup by {grouped}\norder by {numbers}"


def _lines(columns: Sequence[str]) -> str:
    return ",\n    ".join(columns)
