"""`/api/reports/NAME.FORM?…`: the tables of a report as a file, the same question as on its page.

FORM: csv, parquet (the first table), xlsx (one sheet a table, and one that says what the numbers mean), json.
"""

from __future__ import annotations

from flask import Response, request

from dashboard.api.answers import BadRequest, blueprint
from dashboard.components.report import REPORTS, ask
from dashboard.context import require
from data.identity.actor import Permission
from data.metrics.exports import FORMATS, SPREADSHEET_MARK, export

API = blueprint("reports", "/api/reports")

_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
}


@API.get("/<name>.<form>")
def report_file(name: str, form: str) -> Response:
    """The first table of a report as a file."""
    require(Permission.REPORTS)
    require(Permission.EXPORT)
    if name not in REPORTS:
        raise BadRequest(f"There is no report {name!r}. There are: {', '.join(sorted(REPORTS))}.")
    if form not in FORMATS:
        raise BadRequest(f"There is no format {form!r}. There are: {', '.join(FORMATS)}.")
    question = ask(request.query_string.decode())
    tables = REPORTS[name].answer(question).tables
    content = export(tables[0].plain_frame, form)
    if form == "csv":
        content = SPREADSHEET_MARK + content
    file = f"{name}_{question.period.from_on}_{question.period.last_on}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return Response(content, mimetype=_MEDIA_TYPES[form].partition(";")[0], headers=headers)
