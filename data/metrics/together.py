"""Several questions about the facts of one grain, answered from one reading of them.

Two periods beside each other, and the same calls split in more than one way, cost little more than one question
where the facts are dear to make, such as recovery episodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.errors import UnknownName
from data.metrics.catalogue import METRICS
from data.metrics.compiler import PART, Share, compile_shares, grain_of
from data.metrics.dimensions import DIMENSIONS
from data.metrics.measure import Asked, provenance, typed
from data.metrics.periods import Period
from data.metrics.reads import Reads
from data.metrics.terms import Grain, look_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One question: metrics by dimensions, or columns of the facts row by row, of a period within the common one."""

    period: Period
    metrics: Sequence[str] = ()
    by: Sequence[str] = ()
    rows: Sequence[str] = ()


def measured_together(
    store: Reads, grain: Grain, parts: Sequence[Part], *, asked: Asked, max_rows: int = 1_000_000
) -> list[pd.DataFrame]:
    """A frame for each part: for metrics what `measured` gives, for rows one row per fact.

    asked: says the period that holds those of all parts. Raises UnknownName, also for metrics of another grain.
    """
    shares = [_share(part, grain) for part in parts]
    sql = compile_shares(grain, shares, ground=asked.ground, where=asked.restrictions)
    params = asked.params_of(sql)
    for place, part in enumerate(parts):
        begin, end = part.period.from_at(asked.site.zone), part.period.until_at(asked.site.zone)
        params |= {f"part_{place}_from": begin, f"part_{place}_until": end}
    table = store.query(sql, params, actor=asked.actor, max_rows=max_rows)
    return [_frame(table, place, part, asked) for place, part in enumerate(parts)]


def _share(part: Part, grain: Grain) -> Share:
    metrics = [look_up(METRICS, name, "metric") for name in part.metrics]
    by = [look_up(DIMENSIONS, name, "dimension") for name in part.by]
    for metric in metrics:
        if grain_of(metric, by) is not grain:
            raise UnknownName(f"Metric {metric.name!r} is not taken over one row per {grain}. Ask for it by itself.")
    return Share(metrics=metrics, by=by, rows=part.rows)


def _frame(table: pa.Table, place: int, part: Part, asked: Asked) -> pd.DataFrame:
    metrics = [METRICS[name] for name in part.metrics]
    own = table.filter(pc.equal(table[PART], place)).select([*part.by, *part.metrics, *part.rows])
    frame = typed(own, metrics).to_pandas(date_as_object=False)
    if part.by:
        frame = frame.sort_values(list(part.by), ignore_index=True)
    frame.attrs["measured"] = provenance(metrics, [DIMENSIONS[name] for name in part.by], asked, part.period)
    return frame
