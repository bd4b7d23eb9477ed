"""What the address of a report asks for, and how the report asks the store and links to the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property, partial
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

import pandas as pd

from dashboard.components.kpi import Kpi
from dashboard.figures.theme import Theme
from dashboard.figures.timeline import Shape
from dashboard.filters import Request, named_period, read_query, write_query
from data.identity.actor import Actor
from data.journal import CallFilter, CallKind
from data.journal.selection import restriction
from data.metrics.catalogue import METRICS, PARAMETERS
from data.metrics.compiler import Largest, Restriction
from data.metrics.gaps import gaps_between
from data.metrics.measure import Asked, largest_of, measure_with_whole, measured, usual
from data.metrics.periods import Period, Preset, Step, local_day, preset_period, previous_period
from data.metrics.slices import Slice
from data.metrics.terms import Grain, Unit, look_up
from data.metrics.titles import titles
from data.metrics.together import Part, measured_together
from data.settings import Site
from data.store.protocol import Store

DEFAULT_PERIOD = Preset.DAYS_30
_MOST_DAYS = 92
_MOST_DAYS_OF_WEEKS = 366
_LONGEST_S = 90 * 86_400.0

# Of all readers together: the store, which has as many hands, works while we put a page together.
_BESIDE = ThreadPoolExecutor(max_workers=8, thread_name_prefix="report")

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


class View(StrEnum):
    CHART = "chart"
    TABLE = "table"


@dataclass(frozen=True, kw_only=True)
class Question:
    """One reading of a report. params: parameters of metrics, where they or the office differ from the defaults."""

    period: Period
    preset: Preset | None
    step: Step
    filter: CallFilter
    as_of: datetime | None
    now: datetime
    site: Site
    store: Store
    actor: Actor
    shape: Shape = Shape.BARS
    view: View = View.CHART
    theme: Theme = Theme.LIGHT
    order: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, float] = field(default_factory=dict)
    grains: dict[str, set[str]] = field(default_factory=dict, compare=False)  # of each metric measured so far
    wholes: dict[Period, dict[str, object]] = field(default_factory=dict, compare=False)  # totals measured so far
    journals: dict[Period, str] = field(default_factory=dict, compare=False)  # addresses that many links begin with

    @property
    def previous(self) -> Period:
        return previous_period(self.period, self.preset)

    @property
    def known_at(self) -> datetime:
        return self.as_of or self.now

    def measure(self, *metrics: str, by: Sequence[str] = (), period: Period | None = None) -> pd.DataFrame:
        """Metrics of the filtered calls in the period asked for, or in another one."""
        asked = self._asked(period or self.period)
        return self._noted(measured(self.store, metrics, by=by, asked=asked))

    def largest(self, *metrics: str, by: str, of: str, most: int) -> pd.DataFrame:
        """The `most` groups with the most of the metric `of`, the largest first."""
        asked = self._asked(self.period)
        wanted = Largest(metric=of, most=most)
        return self._noted(largest_of(self.store, metrics, by=[by], asked=asked, largest=wanted))

    def measure_with_whole(self, *metrics: str, by: Sequence[str], period: Period | None = None) -> pd.DataFrame:
        """The same, where the groups are parts of a whole: that is known afterwards without asking again."""
        asked = self._asked(period or self.period)
        frame, whole = measure_with_whole(self.store, metrics, by=by, asked=asked)
        self._keep_whole(asked.period, whole, metrics)
        return self._noted(frame)

    def together(self, grain: Grain, *parts: Part) -> list[pd.DataFrame]:
        """A frame for each part, from one reading of the facts; the totals among them are known afterwards."""
        first = min(part.period.from_on for part in parts)
        common = Period(from_on=first, to_on=max(part.period.to_on for part in parts))
        frames = measured_together(self.store, grain, parts, asked=self._asked(common))
        for part, frame in zip(parts, frames, strict=True):
            if not part.by and not part.rows:
                self._keep_whole(part.period, frame, part.metrics)
            self._noted(frame)
        return frames

    def whole(self, *metrics: str, period: Period | None = None) -> pd.DataFrame:
        """One row: the metrics of a whole period. What another part of the page asked for is not asked again."""
        known = self.wholes.setdefault(period or self.period, {})
        if missing := [name for name in metrics if name not in known]:
            self._keep_whole(period or self.period, self.measure(*missing, period=period), missing)
        return pd.DataFrame({name: [known[name]] for name in metrics})

    def steps(self, *metrics: str, period: Period | None = None) -> pd.DataFrame:
        """Metrics for every step of the period, also for those without calls: counts 0, the rest null."""
        asked = period or self.period
        return self.every_step(self.measure_with_whole(*metrics, by=[self.step.value], period=asked), metrics, asked)

    def every_step(self, frame: pd.DataFrame, metrics: Sequence[str], period: Period) -> pd.DataFrame:
        """The frame with a row for each step of the period."""
        every = pd.DataFrame({self.step.value: pd.to_datetime(period.starts(self.step))})
        return filled(every.merge(frame, on=self.step.value, how="left"), metrics)

    def earlier_steps(self, *metrics: str) -> pd.DataFrame:
        """The same of the steps to compare with, in the same order; days are compared with the same weekday."""
        earlier = self.previous
        if self.step is Step.DAY:
            weeks = timedelta(weeks=-(-self.period.days // 7))
            earlier = Period(from_on=self.period.from_on - weeks, to_on=self.period.to_on - weeks)
        return self.steps(*metrics, period=earlier)

    def titled(self, frame: pd.DataFrame, dimension: str, otherwise: str) -> pd.Series:
        """Titles for the keys of a dimension; `otherwise` where there is no key."""
        keys = frame[dimension]
        known = titles(self.store, dimension, keys.dropna().astype(str), actor=self.actor)
        return keys.map(lambda key: otherwise if pd.isna(key) else known.get(str(key), str(key)))

    @cached_property
    def gaps(self) -> pd.DataFrame:
        return gaps_between(self.store, self.period, site=self.site, actor=self.actor, as_of=self.known_at)

    @cached_property
    def where(self) -> Restriction | None:
        wanted = replace(self.filter, from_at=None, until_at=None)
        if wanted != CallFilter():
            # Only so much of the past is looked through as the report and its comparisons need.
            first = self.previous.from_at(self.site.zone) - timedelta(weeks=1)
            wanted = replace(wanted, from_at=first, until_at=self.period.until_at(self.site.zone))
        return restriction(wanted, actor=self.actor, site=self.site, as_of=self.known_at)

    def link(
        self,
        metric: str,
        values: Mapping[str, object] | None = None,
        *,
        without: Mapping[str, Sequence[object]] | None = None,
        period: Period | None = None,
    ) -> str:
        """The address of the journal with exactly the calls behind a metric at these values of dimensions.

        without: values that the calls of "others" have not.
        """
        params = {name: self.params[name] for name in look_up(METRICS, metric, "metric").params if name in self.params}
        behind = Slice(
            metric=metric,
            values={k: _plain(v) for k, v in (values or {}).items()},
            params=params,
            without={k: [_plain(v) for v in others] for k, others in (without or {}).items()},
        )
        if METRICS[metric].grains[0] is Grain.CHAT:
            return f"{self._chats(period)}&{urlencode({'slice': str(behind)})}"
        return f"{self._journal(period)}&{urlencode({'slice': str(behind)})}"

    def linked(self, frame: pd.DataFrame, metrics: Iterable[str], by: Iterable[str]) -> pd.DataFrame:
        """The frame with a column `<metric>_link` beside each metric."""
        rows = _rows(frame, list(by))
        return frame.assign(**{f"{metric}_link": [self.link(metric, row) for row in rows] for metric in metrics})

    def totals(self, *metrics: str, title: str, key: str) -> pd.Series:
        """The row below a table: the metrics of the whole period, named `title` in the column `key`."""
        frame = self.whole(*metrics)
        row: dict[str, object] = {key: title}
        for metric in metrics:
            row |= {metric: frame[metric].iloc[0], f"{metric}_link": self.link(metric)}
        return pd.Series(row, dtype=object)

    def kpi(self, metric: str, frame: pd.DataFrame, before: pd.DataFrame, *, good: bool | None = None) -> Kpi:
        """The card of a metric out of the totals of this and of the previous period."""
        return Kpi(
            metric=metric,
            value=_number(frame[metric].iloc[0]),
            before=_number(before[metric].iloc[0]),
            good=good,
            link=self.link(metric),
        )

    def kpis(self, **good: bool | None) -> list[Kpi]:
        """Cards of metrics: each name with whether more of it is better."""
        now_, before = self.whole(*good), self.whole(*good, period=self.previous)
        return [self.kpi(metric, now_, before, good=better) for metric, better in good.items()]

    def cards(self, **good: bool | None) -> Callable[[], list[Kpi]]:
        """The same, with the period before asked for already now; called for when the page has the rest."""
        before = self.soon(partial(self.whole, *good, period=self.previous))

        def made() -> list[Kpi]:
            before()
            return self.kpis(**good)

        return made

    def soon(self, ask: Callable[[], T]) -> Callable[[], T]:
        """`ask` begins now, beside what follows; where its answer is called for, it is awaited."""
        return _BESIDE.submit(copy_context().run, ask).result

    def links(self, frame: pd.DataFrame, metric: str, by: Iterable[str]) -> list[str]:
        """The address behind `metric` in each row of a frame that was split by these dimensions."""
        return [self.link(metric, row) for row in _rows(frame, list(by))]

    def _asked(self, period: Period) -> Asked:
        return Asked(
            period=period,
            site=self.site,
            actor=self.actor,
            where=self.where,
            as_of=self.as_of,
            now=self.now,
            given=self.params,
        )

    def _keep_whole(self, period: Period, frame: pd.DataFrame, metrics: Sequence[str]) -> None:
        self.wholes.setdefault(period, {}).update({name: frame[name].iloc[0] for name in metrics})

    def _noted(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame, once it is known over which grains its metrics were taken."""
        for name, told in frame.attrs["measured"]["metrics"].items():
            self.grains.setdefault(name, set()).add(told["grain"])
        return frame

    def _chats(self, period: Period | None) -> str:
        asked = period or self.period
        days = {"from": asked.from_on.isoformat(), "to": asked.last_on.isoformat()}
        moment = {"asof": self.as_of.isoformat()} if self.as_of else {}
        return f"/chats?{urlencode(days | moment)}"

    def _journal(self, period: Period | None) -> str:
        asked = period or self.period
        if asked not in self.journals:
            wanted = replace(
                self.filter,
                kinds=self.filter.kinds or frozenset(CallKind),
                from_at=asked.from_at(self.site.zone),
                until_at=asked.until_at(self.site.zone),
            )
            self.journals[asked] = f"/calls?{write_query(wanted, zone=self.site.zone, as_of=self.as_of)}"
        return self.journals[asked]


def filled(frame: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    """Counts of nothing are 0; shares and times of nothing stay null."""
    for name in metrics:
        if METRICS[name].unit is Unit.COUNT:
            frame[name] = frame[name].fillna(0).astype("int64")
    return frame


def read_question(
    search: str, *, store: Store, actor: Actor, site: Site, now: datetime, theme: Theme = Theme.LIGHT
) -> Question:
    """The question behind "?period=month&step=week&queue=…". Raises BadFilter and UnknownName."""
    asked = read_query(search, zone=site.zone, now=now)
    values = dict(parse_qsl(search.removeprefix("?")))
    period, preset = _period(asked, values, site, now)
    return Question(
        period=period,
        preset=preset,
        step=_member(Step, values.get("step"), _usual_step(period)),
        shape=_member(Shape, values.get("shape"), Shape.BARS),
        view=_member(View, values.get("view"), View.CHART),
        theme=theme,
        order=values.get("order", ""),
        choices={name: value for name, value in values.items() if name.startswith("show_")},
        params=_params(values, site),
        filter=replace(asked.filter, from_at=None, until_at=None),
        as_of=asked.as_of,
        now=now,
        site=site,
        store=store,
        actor=actor,
    )


def _period(asked: Request, values: Mapping[str, str], site: Site, now: datetime) -> tuple[Period, Preset | None]:
    today = local_day(now, site.zone)
    if asked.filter.from_at is None and asked.filter.until_at is None:
        return preset_period(DEFAULT_PERIOD, today), DEFAULT_PERIOD
    name = values.get("period", "")
    if name and "from" not in values and "to" not in values:
        return named_period(name, today), Preset(name) if name in set(Preset) else None
    last_on = local_day((asked.filter.until_at or now) - timedelta(microseconds=1), site.zone)
    from_on = min(local_day(asked.filter.from_at, site.zone) if asked.filter.from_at else last_on, last_on)
    return Period(from_on=from_on, to_on=last_on + timedelta(days=1)), None


def _usual_step(period: Period) -> Step:
    """The finest step whose marks can still be told apart."""
    if period.days <= _MOST_DAYS:
        return Step.DAY
    return Step.WEEK if period.days <= _MOST_DAYS_OF_WEEKS else Step.MONTH


def _member(kind: type[E], value: str | None, otherwise: E) -> E:
    return kind(value) if value in set(kind) else otherwise


def _params(values: Mapping[str, str], site: Site) -> dict[str, float]:
    """Parameters of metrics in the address, else of the office; what is no sensible number is left alone.

    Where the office has a value of its own it is named, so that a link means the same when that changes.
    """
    params, ours = {}, usual(site)
    for name, parameter in PARAMETERS.items():
        try:
            value = float(values[name])
        except (KeyError, ValueError):
            value = ours[name]
        if not 0 <= value <= _LONGEST_S:
            value = ours[name]
        if {value, ours[name]} != {parameter.default}:
            params[name] = value
    return params


def _rows(frame: pd.DataFrame, columns: Sequence[str]) -> list[dict[str, object]]:
    """The values of these columns, row by row."""
    return [dict(zip(columns, values, strict=True)) for values in zip(*(frame[one] for one in columns), strict=True)]


def _number(value: float) -> float | None:
    return None if pd.isna(value) else float(value)


def _plain(value: object) -> object:
    """A value of a frame as a slice writes it; None where there is none."""
    if isinstance(value, pd.Timestamp):
        return value.date()
    return None if pd.isna(value) else value  # type: ignore[call-overload]
