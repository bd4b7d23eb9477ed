"""`measure`: metrics by dimensions over a period, as a frame that knows what its numbers mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.call_day import made_by
from data.errors import NotAllowed, UnknownName
from data.identity.actor import Actor, Permission
from data.metrics.catalogue import METRICS, PARAMETERS
from data.metrics.compiler import (
    IS_PART,
    Ground,
    Largest,
    Restriction,
    compile_query,
    compile_rows,
    grain_of,
    only_used,
)
from data.metrics.dimensions import DIMENSIONS
from data.metrics.periods import Period
from data.metrics.reads import Reads
from data.metrics.terms import Dimension, Grain, Kind, Metric, Unit, look_up
from data.metrics.zone import local_clock
from data.queries import fragments
from data.settings import Site
from data.status import status_rules
from data.working_hours import schedule_of

NOBODY = "00000000-0000-0000-0000-000000000000"  # an employee that there is not
_LONGEST_CALL = timedelta(days=1)
_KNOWN = Restriction(sql="call.ended_at <= $as_of")


def measure(
    store: Reads,
    metrics: Sequence[str],
    *,
    by: Sequence[str] = (),
    where: Restriction | None = None,
    from_on: date,
    to_on: date,
    site: Site,
    actor: Actor,
    as_of: datetime | None = None,
    now: datetime | None = None,
    params: Mapping[str, float] | None = None,
    max_rows: int = 200_000,
) -> pd.DataFrame:
    """One row per group that has any row, with a column for each dimension and metric; without `by`, one row.

    from_on, to_on: local days of the site, the last one left out. as_of: the moment whose knowledge counts,
    by calls that had ended then; None: everything that is stored, judged at `now`. `attrs["measured"]` tells
    formula, grain and parameters of every column.
    Counts are 0 where another metric has rows, shares and times null where there is nothing to divide.
    Raises UnknownName, NotAllowed and what the store raises.
    """
    asked = Asked(
        period=Period(from_on=from_on, to_on=to_on),
        site=site,
        actor=actor,
        where=where,
        as_of=as_of,
        now=now,
        given=params or {},
    )
    return measured(store, metrics, by=by, asked=asked, max_rows=max_rows)


def measured(
    store: Reads, metrics: Sequence[str], *, by: Sequence[str] = (), asked: Asked, max_rows: int = 200_000
) -> pd.DataFrame:
    """`measure` for who asks several questions about the same calls."""
    return _answer(store, metrics, by, asked, max_rows, with_whole=False)


def largest_of(
    store: Reads, metrics: Sequence[str], *, by: Sequence[str], asked: Asked, largest: Largest
) -> pd.DataFrame:
    """Of the groups that `measure` gives those with the most of one of the metrics, the largest first.

    Groups without a name in one of the dimensions, and without any of the metric, are left out.
    """
    return _answer(store, metrics, by, asked, largest.most, with_whole=False, largest=largest)


def measure_with_whole(
    store: Reads, metrics: Sequence[str], *, by: Sequence[str], asked: Asked, max_rows: int = 200_000
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What `measure` gives with and without `by`, for the price of one.

    by: dimensions that leave every row of facts as it is, such as days; UnknownName where one would take a metric
    to another grain, or looks at other tables, which may double rows.
    """
    for name in by:
        dimension = look_up(DIMENSIONS, name, "dimension")
        lifted = any(dimension.lifts in look_up(METRICS, metric, "metric").grains[1:] for metric in metrics)
        if dimension.joins or lifted:
            raise UnknownName(f"The groups by {name!r} do not add up to the whole. Ask for the whole by itself.")
    frame = _answer(store, metrics, by, asked, max_rows, with_whole=True)
    is_part = frame.pop(IS_PART).notna()
    whole = frame.loc[~is_part, list(metrics)].reset_index(drop=True)
    parts = frame[is_part].reset_index(drop=True)
    return _like_alone(parts, by), whole


def _answer(
    store: Reads,
    metrics: Sequence[str],
    by: Sequence[str],
    asked: Asked,
    max_rows: int,
    *,
    with_whole: bool,
    largest: Largest | None = None,
) -> pd.DataFrame:
    wanted = [look_up(METRICS, name, "metric") for name in metrics]
    split = [look_up(DIMENSIONS, name, "dimension") for name in by]
    if asked.where is not None and any(grain_of(metric, split) is Grain.CHAT for metric in wanted):
        raise UnknownName("A filter of calls says nothing about chats. Leave the filter out.")
    sql = compile_query(
        wanted,
        split,
        ground=asked.ground,
        where=asked.restrictions,
        may_roll=asked.is_of_whole_days(wanted),
        with_whole=with_whole,
        largest=largest,
    )
    table = store.query(sql, asked.params_of(sql), actor=asked.actor, max_rows=max_rows)
    frame = typed(table, wanted).to_pandas(date_as_object=False)
    frame.attrs["measured"] = provenance(wanted, split, asked, asked.period)
    return frame


def _like_alone(parts: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Whole numbers of a dimension became floats beside the row that has none."""
    for name in by:
        if DIMENSIONS[name].kind is Kind.NUMBER and parts[name].notna().all():
            parts[name] = parts[name].astype("int32")
    return parts


def episodes(
    store: Reads,
    period: Period,
    *,
    site: Site,
    actor: Actor,
    where: Restriction | None = None,
    as_of: datetime | None = None,
    now: datetime | None = None,
) -> pd.DataFrame:
    """One row per recovery episode that began in the period: call_id, misses, recovery, waited_s, employee."""
    asked = Asked(period=period, site=site, actor=actor, where=where, as_of=as_of, now=now)
    columns = ("call_id", "misses", "recovery", "waited_s", "employee")
    sql = compile_rows(Grain.EPISODE, columns, ground=asked.ground, where=asked.restrictions)
    return store.query(sql, asked.params_of(sql), actor=actor).to_pandas()


class Asked:
    """What every question says: which calls, as of when, on whose behalf, with which parameters."""

    def __init__(
        self,
        *,
        period: Period,
        site: Site,
        actor: Actor,
        where: Restriction | None = None,
        as_of: datetime | None = None,
        now: datetime | None = None,
        given: Mapping[str, float] | None = None,
    ) -> None:
        if not actor.may(Permission.SEE_CALLS):
            raise NotAllowed(f"User {actor.user} may not see calls, so no numbers of them. Ask an administrator.")
        self.period = period
        self.site = site
        self.actor = actor
        self.where = where
        self.as_of = as_of or now or datetime.now(UTC)
        self.params = usual(site) | _known(given or {})
        self._from_at, self._until_at = period.from_at(site.zone), period.until_at(site.zone)
        self.restrictions = _restrictions(where, actor, self._from_at, as_of)
        self.ground = Ground(
            clock=local_clock(site.zone, self._from_at, max(self._until_at, self.as_of)),
            rules=status_rules(site, self.as_of, from_at=self._from_at, call="fact"),
            schedule=schedule_of(site),
        )

    def is_of_whole_days(self, metrics: Sequence[Metric]) -> bool:
        """All calls of the days are asked for, as they stand, with the parameters by which days are summed up."""
        is_usual = all(self.params[name] == PARAMETERS[name].default for metric in metrics for name in metric.params)
        return is_usual and not self.restrictions

    def params_of(self, sql: str) -> dict[str, object]:
        """Values of the parameters that `sql` names."""
        values: dict[str, object] = {
            "from_at": self._from_at,
            "until_at": self._until_at,
            "from_on": self.period.from_on,
            "to_on": max(self.period.to_on, self.period.from_on),
            "made_by": made_by(self.site.zone),
            "zone": self.site.timezone,
            "country": self.site.country,
            **self.ground.open_days(sql, self._from_at, max(self._until_at, self.as_of)),
            "chats_of": None if self.actor.sees_all else self.actor.employee_id or NOBODY,
            **self.params,
            **self.ground.params(),
        }
        for restriction in self.restrictions:
            values |= restriction.params
        return only_used(sql, values)


def _restrictions(
    where: Restriction | None, actor: Actor, from_at: datetime, as_of: datetime | None
) -> list[Restriction]:
    restrictions = [where] if where else []
    if as_of is not None:
        restrictions.append(_KNOWN)
    if not actor.sees_all:
        restrictions.append(own_calls(actor, from_at))
    return restrictions


def own_calls(actor: Actor, from_at: datetime) -> Restriction:
    """The calls that somebody sees who sees only his own: the rule of the journal."""
    return Restriction(
        sql=fragments("calls/conditions")["took_part"],
        params={"own": sorted(actor.seen), "took_part_from": from_at - _LONGEST_CALL},
    )


def usual(site: Site) -> dict[str, float]:
    """All parameters with the values of an office, for questions that name none."""
    return {name: parameter.default for name, parameter in PARAMETERS.items()} | {"target_s": site.target_seconds}


def _known(given: Mapping[str, float]) -> dict[str, float]:
    """Parameters of the catalogue. Raises UnknownName."""
    return {look_up(PARAMETERS, name, "parameter").name: float(value) for name, value in given.items()}


def typed(table: pa.Table, metrics: Sequence[Metric]) -> pa.Table:
    """Counts as whole numbers, 0 where there was nothing; all else as floats. Faster than after pandas."""
    for metric in metrics:
        place = table.schema.get_field_index(metric.name)
        if metric.unit is Unit.COUNT:
            column = pc.fill_null(table.column(place).cast(pa.int64()), 0)
        else:
            column = table.column(place).cast(pa.float64())
        table = table.set_column(place, metric.name, column)
    return table


class Provenance(dict[str, Any]):
    """What travels with the numbers: plain values, so that any export can write them. Only read once it is made:
    pandas copies the attributes of a frame with every column that is looked at, and would copy all of it."""

    def __deepcopy__(self, memo: object) -> Provenance:
        return self


def provenance(metrics: Sequence[Metric], by: Sequence[Dimension], asked: Asked, period: Period) -> Provenance:
    """Of metrics by dimensions over a period."""
    told = {
        "from_on": period.from_on.isoformat(),
        "to_on": period.to_on.isoformat(),
        "zone": asked.site.timezone,
        "as_of": asked.as_of.isoformat(),
        "by": [dimension.name for dimension in by],
        "metrics": {
            metric.name: {
                "unit": metric.unit.value,
                "grain": grain_of(metric, by).value,
                "formula": metric.formula,
                "note": metric.note,
                "params": {name: asked.params[name] for name in metric.params},
            }
            for metric in metrics
        },
    }
    return Provenance(told)
