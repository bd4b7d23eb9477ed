"""Reports as pages: every one draws, tells, exports, and leads to exactly the calls that it counts."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, cast

import pandas as pd
import pytest
from dash.development.base_component import Component
from plotly.graph_objects import Figure as CheckedFigure
from plotly.utils import PlotlyJSONEncoder

from dashboard.api.reports import meaning_of
from dashboard.components.kpi import Kpi, kpi_row, shown
from dashboard.components.question import Question, View, read_question
from dashboard.components.report import REPORTS, Answer, answer_question, body
from dashboard.components.table import Table
from dashboard.context import Context, acting
from dashboard.figures.theme import Theme, Trace, colour
from dashboard.filters import read_query
from dashboard.page import discover
from data.identity.actor import Actor, Role
from data.journal import CallJournal
from data.metrics.catalogue import METRICS
from data.metrics.compiler import grain_of
from data.metrics.dimensions import DIMENSIONS
from data.metrics.exports import export_tables
from data.metrics.periods import Step
from data.metrics.slices import read_slice
from data.metrics.terms import Grain, Unit
from data.settings import Settings
from data.store.protocol import Store
from tests.data.office import SITE, Office, busy_month, local

discover()
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
NOVEMBER = "?from=2026-11-01&to=2026-11-30"
DRILLED_PERIOD = "?from=2026-11-02&to=2026-11-15"
ZEROES = 5
WITHOUT_CALLS = {"load"}  # most at once and erlangs are no calls
BOSS = Actor(user="boss", role=Role.SUPERVISOR)


@pytest.fixture(scope="module")
def month() -> Office:
    return busy_month(120)


@pytest.fixture(scope="module")
def nothing() -> Office:
    return Office()


def context_of(office: Office) -> Context:
    store = cast(Store, office)
    return Context(settings=Settings(site=SITE), store=store, actor=BOSS, clock=lambda: NOW)


def ask(office: Office, search: str = NOVEMBER) -> Question:
    return read_question(search, store=cast(Store, office), actor=BOSS, site=SITE, now=NOW)


@pytest.mark.parametrize(
    ("office_s", "asked", "params"),
    [
        (20, "", {}),
        (20, "&target_s=30", {"target_s": 30}),
        (30, "", {"target_s": 30}),
        (30, "&target_s=20", {"target_s": 20}),
    ],
)
def test_a_link_names_the_target_where_the_office_has_one_of_its_own(
    month: Office, office_s: int, asked: str, params: dict[str, float]
) -> None:
    site = SITE.model_copy(update={"target_seconds": float(office_s)})

    question = read_question(NOVEMBER + asked, store=cast(Store, month), actor=BOSS, site=site, now=NOW)

    assert question.params == params
    assert question.measure("answered_in_time").attrs["measured"]["metrics"]["answered_in_time"]["params"] == {
        "target_s": params.get("target_s", 20.0)
    }


def as_json(parts: Any) -> str:
    return json.dumps(parts, cls=PlotlyJSONEncoder, ensure_ascii=False)


def found(parts: Any, kind: str) -> list[Component]:
    """All components of a type below `parts`."""
    listed = []
    for part in parts if isinstance(parts, list | tuple) else [parts]:
        if isinstance(part, Component):
            if type(part).__name__ == kind:
                listed.append(part)
            listed += found(getattr(part, "children", None), kind)
    return listed


def test_the_first_question_comes_with_the_page_by_its_address_and_in_its_theme(month: Office) -> None:
    with acting(replace(context_of(month), theme="dark"), "ru"):
        first = answer_question({"report": "calls"}, NOVEMBER)
        later = answer_question(
            {"report": "calls", "search": "?from=2026-11-02&to=2026-11-02", "theme": "light"}, NOVEMBER
        )

    assert colour("answered", Theme.DARK) in json.dumps(first)
    assert "1 ноября 2026 – 30 ноября 2026" in json.dumps(first, ensure_ascii=False)
    assert colour("answered", Theme.LIGHT) in json.dumps(later)
    assert "2 ноября 2026 – 2 ноября 2026" in json.dumps(later, ensure_ascii=False)


@pytest.mark.parametrize(("view", "language"), [(View.CHART, "ru"), (View.TABLE, "en")])
@pytest.mark.parametrize("name", sorted(REPORTS))
def test_every_report_draws_charts_and_tables_in_words(month: Office, name: str, view: View, language: str) -> None:
    with acting(context_of(month), language):
        parts = body(REPORTS[name], ask(month, f"{NOVEMBER}&view={view}"))

    assert '"reports.' not in as_json(parts), "a key without words"
    assert bool(found(parts, "Plot")) == (view is View.CHART)
    assert found(parts, "Table") or view is View.CHART


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_every_report_copes_with_an_empty_period(nothing: Office, name: str) -> None:
    with acting(context_of(nothing)):
        charts = body(REPORTS[name], ask(nothing, "?from=2020-01-01&to=2020-01-31"))
        tables = body(REPORTS[name], ask(nothing, "?from=2020-01-01&to=2020-01-31&view=table"))

    assert "За этот период таких звонков нет" in as_json(charts)
    assert "NaN" not in as_json(tables)


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_every_chart_is_of_plain_values_in_words_that_the_library_knows(month: Office, name: str) -> None:
    with acting(context_of(month)):
        charts = REPORTS[name].answer(ask(month)).charts

    for chart in charts:
        CheckedFigure(chart.figure)  # raises for a name or value that it does not know
        json.dumps(chart.figure, allow_nan=False)


class Marks:
    """What the marks, cells and cards of an answer show, each with the address it leads to."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, object, bool]] = []  # address, value, whether it is a count

    def add(self, link: object, value: object, *, is_count: bool) -> None:
        if isinstance(link, str):
            self.shown.append((link, None if pd.isna(value) else value, is_count))  # type: ignore[call-overload]

    def of(self, answer: Answer) -> Marks:
        for kpi in answer.kpis:
            self.add(kpi.link, kpi.value, is_count=METRICS[kpi.metric].unit is Unit.COUNT)
        for table in answer.tables:
            self._of_table(table)
        for chart in answer.charts:
            for trace in chart.figure["data"]:
                self._of_trace(trace)
        return self

    def _of_table(self, table: Table) -> None:
        rows = [row for _, row in table.frame.iterrows()] + ([table.total] if table.total is not None else [])
        for row in rows:
            for column in table.columns:
                link = row.get(column.links) if column.links else None
                self.add(link, row.get(column.key), is_count=column.shown_as is Unit.COUNT)

    def _of_trace(self, trace: Trace) -> None:
        if "customdata" not in trace:
            return
        kind = trace["type"]
        values = {"pie": "values", "heatmap": "z"}.get(kind, "x" if trace.get("orientation") == "h" else "y")
        links, numbers = (pd.Series(_flat(trace[part])) for part in ("customdata", values))
        # Bars of means and shares say so by fractions; a whole bar of one series is that, too.
        is_count = kind in ("pie", "bar", "scatter") and all(float(one).is_integer() for one in numbers.dropna())
        is_count &= not (kind == "bar" and numbers.max() <= 1)
        assert len(links) == len(numbers)
        for link, number in zip(links, numbers, strict=True):
            self.add(link, number, is_count=is_count)


def _flat(values: list[Any]) -> list[Any]:
    return [one for row in values for one in (row if isinstance(row, list) else [row])]


DRILLED = [
    *((name, "&step=week") for name in sorted(REPORTS) if REPORTS[name].of_calls),
    ("calls", "&step=week&shape=lines"),
    ("hours", "&show_measure=peak"),
    ("weekdays", "&show_measure=peak"),
    ("places", "&show_side=outbound"),
    ("leads", "&step=week&asof=2026-11-20T12:00"),
    ("service", "&step=week&target_s=30&queue=sales"),
]


@pytest.mark.parametrize(("name", "more"), DRILLED)
def test_every_number_leads_to_exactly_the_calls_that_it_counts(month: Office, name: str, more: str) -> None:
    """Counts of calls exactly; of visits and rings at most as many, for one call may have several."""
    journal = CallJournal(cast(Store, month), site=SITE)
    counted: dict[str, int] = {}
    with acting(context_of(month)):
        shown = Marks().of(REPORTS[name].answer(ask(month, f"{DRILLED_PERIOD}{more}"))).shown
    zeroes = 0
    for link, value, is_count in shown:
        zeroes += not value
        if not value and zeroes > ZEROES:  # of nothing a few are enough
            continue
        asked = read_query(link.partition("?")[2], zone=SITE.zone, now=NOW)
        if link not in counted:
            counted[link] = journal.count(BOSS, asked.filter, as_of=asked.as_of or NOW)
        behind = read_slice(asked.filter.slice or "")
        grain = grain_of(METRICS[behind.metric], [DIMENSIONS[one] for one in behind.dimensions])
        if not is_count or name in WITHOUT_CALLS or not METRICS[behind.metric].additive:
            assert value is None or value == 0 or counted[link] > 0, link
        elif grain in (Grain.VISIT, Grain.OFFER):
            assert (counted[link] > 0) == (value > 0), link  # type: ignore[operator]
            assert counted[link] <= value, link  # type: ignore[operator]
        else:
            assert counted[link] == value, link

    assert any(counted.values())


def test_a_mark_of_a_chart_leads_to_its_calls(month: Office) -> None:
    with acting(context_of(month)):
        chart = REPORTS["calls"].answer(ask(month)).charts[0]
    accepted = chart.figure["data"][0]
    place = max(range(len(accepted["y"])), key=lambda number: accepted["y"][number])

    asked = read_query(accepted["customdata"][place].partition("?")[2], zone=SITE.zone, now=NOW)

    journal = CallJournal(cast(Store, month), site=SITE)
    assert journal.count(BOSS, asked.filter, as_of=NOW) == accepted["y"][place] > 0


def test_the_filter_of_the_journal_holds_for_the_report_and_for_its_links(month: Office) -> None:
    search = f"{NOVEMBER}&queue=sales&kind=missed"
    journal = CallJournal(cast(Store, month), site=SITE)
    wanted = read_query(search, zone=SITE.zone, now=NOW).filter

    question = ask(month, search)

    missed = question.measure("missed", "calls").iloc[0]
    assert missed["missed"] == missed["calls"] == journal.count(BOSS, wanted, as_of=NOW) > 0
    linked = read_query(question.link("missed").partition("?")[2], zone=SITE.zone, now=NOW).filter
    assert journal.count(BOSS, linked, as_of=NOW) == missed["missed"]


def test_totals_of_calls_are_the_sums_of_their_steps(month: Office) -> None:
    with acting(context_of(month)):
        table = REPORTS["calls"].answer(ask(month, f"{NOVEMBER}&step=week")).tables[0]

    assert table.total is not None
    for name in ("accepted", "missed", "successful", "failed", "external"):
        assert table.frame[name].sum() == table.total[name] > 0


def test_means_are_per_day_that_has_the_hour_and_peaks_name_their_day(nothing: Office) -> None:
    office = Office()
    for at in ("11-02 10:00", "11-03 10:00", "11-03 10:30", "11-03 10:40"):
        office.call(at)
    with acting(context_of(office)):
        mean = REPORTS["hours"].answer(ask(office)).tables[0].frame
        peak = REPORTS["hours"].answer(ask(office, f"{NOVEMBER}&show_measure=peak")).tables[0].frame

    ten = mean[mean["title"] == "10:00"]
    top = peak[peak["title"] == "10:00"]
    assert ten[["accepted", "mean_accepted"]].to_numpy().tolist() == [[4, pytest.approx(4 / 30)]]
    assert top[["peak_accepted", "peak_title"]].to_numpy().tolist() == [[3, "3 ноября 2026"]]


def test_the_order_of_a_table_is_in_the_address(month: Office) -> None:
    with acting(context_of(month)):
        table = REPORTS["employees"].answer(ask(month, f"{NOVEMBER}&order=external")).tables[0]
        parts = body(REPORTS["employees"], ask(month, f"{NOVEMBER}&order=external&view=table"))

    assert table.sorted_frame["external"].is_monotonic_increasing
    headings = found(parts, "Th")
    assert [heading.to_plotly_json()["props"].get("aria-sort") for heading in headings].count("ascending") == 1


@pytest.mark.parametrize(
    ("search", "first", "last", "step"),
    [
        ("", date(2026, 11, 2), date(2026, 12, 1), Step.DAY),
        ("?period=month", date(2026, 12, 1), date(2026, 12, 1), Step.DAY),
        ("?period=half_year", date(2026, 7, 1), date(2026, 12, 1), Step.WEEK),
        ("?from=2024-01-01&to=2026-11-30", date(2024, 1, 1), date(2026, 11, 30), Step.MONTH),
        ("?from=2026-11-05", date(2026, 11, 5), date(2026, 12, 1), Step.DAY),
        ("?from=2026-11-05T10:00&to=2026-11-05T12:00", date(2026, 11, 5), date(2026, 11, 5), Step.DAY),
        ("?period=7d&step=month", date(2026, 11, 25), date(2026, 12, 1), Step.MONTH),
    ],
)
def test_an_address_says_period_and_step(nothing: Office, search: str, first: date, last: date, step: Step) -> None:
    question = ask(nothing, search)

    assert (question.period.from_on, question.period.last_on, question.step) == (first, last, step)


def test_days_are_compared_with_the_same_weekdays(nothing: Office) -> None:
    question = ask(nothing, "?period=30d")

    days = question.steps("calls")["day"].dt.day_of_week.to_list()
    before = question.earlier_steps("calls")["day"]

    assert before.dt.day_of_week.to_list() == days
    assert before.max() < question.steps("calls")["day"].min() + pd.Timedelta(days=1)


def test_steps_without_calls_have_counts_of_zero_and_no_shares(nothing: Office) -> None:
    frame = ask(nothing, "?period=7d").steps("calls", "service_level")

    assert frame["calls"].to_list() == [0] * 7
    assert frame["service_level"].isna().all()


def test_nothing_is_shown_as_a_dash_and_never_as_nought_per_cent() -> None:
    assert [shown(None, unit) for unit in Unit] == ["–"] * len(Unit)
    assert shown(float("nan"), Unit.SHARE) == "–"


def test_gaps_are_told_on_the_report(month: Office) -> None:
    office = Office()
    office.call("11-03 10:00")
    office.insert(
        "gap", pbx="pbx", started_at=local("11-03 12:00"), ended_at=local("11-03 12:30"), cause="link_cut", events=[]
    )
    with acting(context_of(office)):
        parts = as_json(body(REPORTS["calls"], ask(office)))

    assert "Перерывов связи с АТС за период: 1, всего 30 мин" in parts


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_files_hold_every_table_and_what_its_numbers_mean(month: Office, name: str) -> None:
    with acting(context_of(month)):
        question = ask(month, f"{NOVEMBER}&queue=sales&target_s=30")
        tables = REPORTS[name].answer(question).tables
        measured = meaning_of(question, tables)
    frames = {f"{place}. {table.title}": table.plain_frame for place, table in enumerate(tables, 1)}

    workbook, ending = export_tables(frames, "xlsx", measured)
    archive, packed = export_tables(frames, "csv", measured)
    text, plain = export_tables(frames, "json", measured)

    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        sheets = [part for part in parts.namelist() if part.startswith("xl/worksheets/sheet")]
    assert (ending, packed, plain) == ("xlsx", "zip", "json")
    assert len(sheets) == len(tables) + 1
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        read = [pd.read_csv(files.open(file)) for file in files.namelist()]
    assert [len(one) for one in read[:-1]] == [len(table.frame) for table in tables]
    told = json.loads(text)
    assert [len(table["rows"]) for table in told["tables"]] == [len(table.frame) for table in tables]
    numbers = {column.title for table in tables for column in table.columns if column.shown_as}
    known = set(read[-1]["name"])
    assert numbers <= known, "a number that no formula goes with"
    assert {"as_of", "gaps", "zone", "from_on", "to_on", "filter"} <= known
    assert measured["filter"] == "queue=sales"
    assert all(told["formula"] for told in measured["metrics"].values())


def test_a_number_is_told_with_the_grains_and_the_parameters_it_was_taken_with(month: Office) -> None:
    with acting(context_of(month)):
        question = ask(month, f"{NOVEMBER}&target_s=30")
        measured = meaning_of(question, REPORTS["service"].answer(question).tables)

    level = measured["metrics"]["Уровень сервиса"]
    assert (level["grain"], level["params"]) == ("call, visit", {"target_s": 30.0})


def test_an_export_tells_when_nobody_listened() -> None:
    office = Office()
    office.insert(
        "gap", pbx="pbx", started_at=local("11-03 12:00"), ended_at=local("11-03 12:30"), cause="link_cut", events=[]
    )
    with acting(context_of(office)):
        question = ask(office)
        measured = meaning_of(question, REPORTS["calls"].answer(question).tables)

    assert measured["gaps"] == "2026-11-03 12:00:00 – 2026-11-03 12:30:00 (pbx)"


def test_a_change_from_next_to_nothing_is_not_told_in_per_cent() -> None:
    half = Kpi(metric="calls", value=5.0, before=0.4)
    with acting(context_of(Office())):
        words = as_json(kpi_row([half]))

    assert "%" not in words


def test_a_report_as_of_a_moment_says_so_and_its_links_keep_it(month: Office) -> None:
    with acting(context_of(month)):
        question = ask(month, f"{NOVEMBER}&asof=2026-11-20T12:00")
        parts = as_json(body(REPORTS["leads"], question))

    assert "по состоянию на 20 ноября 2026, 12:00" in parts
    assert "asof=2026-11-20T12%3A00" in question.link("leads")


def test_every_page_of_analytics_is_in_the_menu_of_who_may_see_reports() -> None:
    pages = [page for page in discover() if page.path.startswith("/analytics/")]

    assert len(pages) == len(REPORTS) == 15
    assert all(page.open_to(BOSS) for page in pages)
    assert not any(page.open_to(Actor(user="m", role=Role.MANAGER)) for page in pages)


def test_a_page_asks_once_for_a_total_that_two_of_its_parts_show(month: Office) -> None:
    question = ask(month)

    first = question.totals("missed", "handled", title="", key="title")
    asked: list[str] = []
    counting = replace(question, store=cast(Store, Counting(month, asked)))
    cards = counting.kpis(missed=False, asa=False)

    assert cards[0].value == first["missed"]
    assert [sql.count("as missed") for sql in asked] == [0, 1], "only what is new, then the period before"


def test_the_total_of_a_table_of_days_is_not_asked_for_again(month: Office) -> None:
    asked: list[str] = []
    question = ask(month)
    question = replace(question, store=cast(Store, Counting(month, asked)))

    days = question.steps("missed", "handled")
    total = question.totals("missed", "handled", title="", key="title")

    assert total["missed"] == days["missed"].sum() > 0
    assert len(asked) == 1


class Counting:
    """An office that notes what it is asked."""

    def __init__(self, office: Office, asked: list[str]) -> None:
        self.office, self.asked = office, asked

    def query(self, sql: str, *more: Any, **options: Any) -> Any:
        self.asked.append(sql)
        return self.office.query(sql, *more, **options)
