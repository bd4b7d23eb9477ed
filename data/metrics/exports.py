"""A measured frame as a file: JSON, CSV, XLSX or Parquet, with what its numbers mean where the form has room."""

from __future__ import annotations

import io
import json
import math
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from data.errors import UnknownName

MEASURED = "measured"
_FACTS = ("from_on", "to_on", "zone", "as_of", "filter", "gaps")
# At the front of a CSV file it tells spreadsheets that the text is UTF-8; other readers stumble over it.
SPREADSHEET_MARK = b"\xef\xbb\xbf"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def export(frame: pd.DataFrame, form: str) -> bytes:
    """The frame as the file `form`. Raises UnknownName for any other than json, csv, xlsx, parquet."""
    try:
        write = _WRITERS[form]
    except KeyError:
        raise UnknownName(f"There is no format {form!r}. There are: {', '.join(_WRITERS)}.") from None
    return write(frame)


def export_tables(tables: Mapping[str, pd.DataFrame], form: str, measured: Mapping[str, Any]) -> tuple[bytes, str]:
    """Several frames by their titles as one file with what their numbers mean, and how its name ends.

    xlsx: a workbook with a sheet for each and one for the meaning; json: one object; csv: a ZIP archive of a file
    for each and one for the meaning; parquet: a file with the meaning in its metadata, several of them as a ZIP.
    """
    if form == "xlsx":
        return _workbook(tables, measured), form
    if form == "json":
        listed = [{"title": title, "rows": _rows(frame)} for title, frame in tables.items()]
        return _json_bytes({"meaning": measured, "tables": listed}), form
    frames = {title: frame.set_axis(frame.columns, axis=1) for title, frame in tables.items()}
    for frame in frames.values():
        frame.attrs[MEASURED] = dict(measured)
    if form == "csv":
        frames["meaning"] = meaning_frame(measured)
    elif len(frames) == 1:
        return _file(next(iter(frames.values())), form), form
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, frame in zip(_names(frames, most=60), frames.values(), strict=True):
            # A fixed date: the same question gives the same bytes.
            file.writestr(zipfile.ZipInfo(f"{name}.{form}"), _file(frame, form))
    return archive.getvalue(), "zip"


def meaning_frame(measured: Mapping[str, Any]) -> pd.DataFrame:
    """What numbers mean, a line for each fact: period, moment, filter and gaps, then each metric with its formula."""
    facts = [{"name": name, "meaning": str(measured[name])} for name in _FACTS if name in measured]
    for name, metric in dict(measured.get("metrics", {})).items():
        params = ", ".join(f"{key} = {value:g}" for key, value in metric["params"].items())
        told = {"grain": metric["grain"], "unit": metric["unit"], "parameters": params, "note": metric["note"]}
        facts.append({"name": name, "meaning": metric["formula"], **told})
    return pd.DataFrame(facts, columns=["name", "meaning", "grain", "unit", "parameters", "note"]).fillna("")


def _file(frame: pd.DataFrame, form: str) -> bytes:
    return (SPREADSHEET_MARK if form == "csv" else b"") + export(frame, form)


def _names(titles: Iterable[str], most: int) -> list[str]:
    """Names for sheets and files: no signs that either refuses, none twice."""
    names: list[str] = []
    for number, title in enumerate(titles, 1):
        name = re.sub(r"[\[\]:*?/\\'\x00-\x1f]", " ", title).strip()[:most] or str(number)
        while name.lower() in (other.lower() for other in names):
            name = f"{name[: most - 4]} {number}"
        names.append(name)
    return names


def _json(frame: pd.DataFrame) -> bytes:
    return _json_bytes(_rows(frame))


def _json_bytes(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _csv(frame: pd.DataFrame) -> bytes:
    return _cells(frame).to_csv(index=False, lineterminator="\r\n").encode()


def _xlsx(frame: pd.DataFrame) -> bytes:
    return _workbook({"report": frame}, frame.attrs.get(MEASURED, {}))


def _workbook(tables: Mapping[str, pd.DataFrame], measured: Mapping[str, Any]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        names = _names([*tables, "meaning"], most=31)
        for name, frame in zip(names, tables.values(), strict=False):
            _write_frame(book.add_worksheet(name), frame, bold, day)
        _write_meaning(book.add_worksheet(names[-1]), measured, bold, day)
    return file.getvalue()


def _write_frame(sheet: Any, frame: pd.DataFrame, bold: Any, day: Any) -> None:
    for column, name in enumerate(frame.columns):
        sheet.write_string(0, column, str(name), bold)
        for row, value in enumerate(frame.iloc[:, column].tolist(), 1):
            _write_cell(sheet, row, column, value, day)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(frame.columns) - 1, 0), 16)


def _parquet(frame: pd.DataFrame) -> bytes:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    meaning = {b"callboard": json.dumps(frame.attrs.get(MEASURED, {}), ensure_ascii=False).encode()}
    file = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({**(table.schema.metadata or {}), **meaning}), file)
    return file.getvalue()


_WRITERS: dict[str, Callable[[pd.DataFrame], bytes]] = {"json": _json, "csv": _csv, "xlsx": _xlsx, "parquet": _parquet}
FORMATS = tuple(_WRITERS)


def _plain(value: Any) -> Any:
    """The value as JSON has it: days as text, nothing as null."""
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def _cells(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.map(lambda value: _harmless(_plain(value)))


def _harmless(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula, made text again: names come from strangers."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def _write_cell(sheet: Any, row: int, column: int, value: Any, day: Any) -> None:
    plain = _plain(value)
    if plain is None:
        return
    if isinstance(value, date):
        sheet.write_datetime(row, column, value, day)
    elif isinstance(plain, str):
        sheet.write_string(row, column, plain)
    else:
        sheet.write(row, column, plain)


def _write_meaning(sheet: Any, measured: Mapping[str, Any], bold: Any, day: Any) -> None:
    _write_frame(sheet, meaning_frame(measured), bold, day)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 5, 40)
