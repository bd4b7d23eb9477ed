"""`/api/reports/NAME.FORM?…`: the tables of a report as a file, the same question as on its page.

FORM: xlsx (a sheet for each table, and one that says what the numbers mean), csv (a ZIP archive of a file for each
table and one with the meaning), parquet (the meaning in the metadata; of several tables a ZIP archive), json
({"meaning": …, "tables": [{"title": …, "rows": […]}]}).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, request

from dashboard.api.answers import BadRequest, blueprint
from dashboard.components.question import Question
from dashboard.components.report import REPORTS, ask
from dashboard.components.table import Column, Table
from dashboard.context import current_store, now, require
from dashboard.filters import write_query
from dashboard.text import t
from data.identity.actor import Permission
from data.metrics.catalogue import METRICS, PARAMETERS
from data.metrics.exports import FORMATS, export_tables
from data.services.listening import exported_report

API = blueprint("reports", "/api/reports")

_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "zip": "application/zip",
}


@API.get("/<name>.<form>")
def report_file(name: str, form: str) -> Response:
    """All tables of a report as one file."""
    require(Permission.REPORTS)
    actor = require(Permission.EXPORT)
    if name not in REPORTS:
        raise BadRequest(f"There is no report {name!r}. There are: {', '.join(sorted(REPORTS))}.")
    if form not in FORMATS:
        raise BadRequest(f"There is no format {form!r}. There are: {', '.join(FORMATS)}.")
    asked = request.query_string.decode()
    question = ask(asked)
    exported_report(current_store(), actor, name, now=now(), form=form, query=asked)
    tables = REPORTS[name].answer(question).tables
    frames = {f"{place}. {table.title}": table.plain_frame for place, table in enumerate(tables, 1)}
    content, ending = export_tables(frames, form, meaning_of(question, tables))
    file = f"{name}_{question.period.from_on}_{question.period.last_on}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return Response(content, mimetype=_MEDIA_TYPES[ending].partition(";")[0], headers=headers)


def meaning_of(question: Question, tables: Sequence[Table]) -> dict[str, Any]:
    """What goes with the numbers: period, moment, filter, times when nobody listened, and each formula.

    Of a metric that stands in several tables, all grains are told: of calls here, of visits by queue.
    """
    columns = [column for table in tables for column in table.columns]
    gaps = question.gaps
    zone = question.site.zone
    return {
        "from_on": question.period.from_on.isoformat(),
        "to_on": question.period.to_on.isoformat(),
        "zone": question.site.timezone,
        "as_of": question.known_at.astimezone(zone).isoformat(timespec="seconds"),
        "filter": write_query(question.filter, zone=zone),
        "gaps": "; ".join(
            f"{gap.started_at:%Y-%m-%d %H:%M:%S} – {gap.ended_at:%Y-%m-%d %H:%M:%S} ({gap.pbx})"
            for gap in gaps.itertuples()
        ),
        "metrics": {
            **{column.title: _told(question, column.metric) for column in columns if column.metric},
            **{column.title: _made(column) for column in columns if column.formula},
        },
    }


def _told(question: Question, name: str) -> dict[str, Any]:
    metric = METRICS[name]
    return {
        "formula": t(f"reports.formula.{name}"),
        "grain": ", ".join(sorted(question.grains.get(name) or {metric.grains[0].value})),
        "unit": metric.unit.value,
        "params": {param: question.params.get(param, PARAMETERS[param].default) for param in metric.params},
        "note": metric.note,
    }


def _made(column: Column) -> dict[str, Any]:
    """Of a column that is no metric of the catalogue."""
    unit = column.unit.value if column.unit else ""
    return {"formula": column.formula, "grain": "", "unit": unit, "params": {}, "note": ""}
