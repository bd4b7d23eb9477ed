"""The journal as a file: its rows in the user's words, or, for Parquet, in the data's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.text import label, t
from data.export import FORMATS, Column, ExportFile, Kind, export_rows
from data.journal import CallRow
from data.model import Direction, NumberClass, Reason, Status
from data.phone import display

__all__ = ["FORMATS", "export_calls"]

Blocks = Iterable[tuple[CallRow, ...]]
Value = Callable[[CallRow], Any]


def export_calls(form: str, blocks: Blocks, *, zone: ZoneInfo) -> ExportFile:
    """All rows of `blocks` as the file `form`, in the language of the present request."""
    for_people = form != "parquet"
    parts = [
        (Column(name=name, title=t(f"journal.column.{word}"), kind=kind, width=width), value)
        for name, word, kind, width, value in _columns(for_people)
    ]
    values = [value for _, value in parts]
    return export_rows(form, [column for column, _ in parts], _rows(blocks, values), zone=zone)


def _rows(blocks: Blocks, values: list[Value]) -> Iterator[list[list[Any]]]:
    for block in blocks:
        yield [[value(row) for value in values] for row in block]


def _columns(for_people: bool) -> list[tuple[str, str, Kind, int, Value]]:
    """Name, word, kind, width and value of every column, in their order."""
    named = _labels() if for_people else str

    def word(value: StrEnum | None) -> str | None:
        return None if value is None else named(value)

    return [
        ("call_id", "id", Kind.TEXT, 22, lambda row: row.call_id),
        ("started_at", "time", Kind.MOMENT, 19, lambda row: row.started_at),
        ("direction", "direction", Kind.TEXT, 12, lambda row: word(row.direction)),
        ("client", "client", Kind.TEXT, 28, lambda row: row.client),
        ("contact", "contact", Kind.TEXT, 22, lambda row: row.contact),
        ("number", "number", Kind.TEXT, 18, lambda row: row.number_text if for_people else row.number),
        ("employee", "employee", Kind.TEXT, 28, _people),
        ("status", "status", Kind.TEXT, 14, lambda row: word(row.status)),
        ("reason", "reason", Kind.TEXT, 18, lambda row: word(row.reason)),
        ("comment", "comment", Kind.TEXT, 40, lambda row: row.comment),
        ("tags", "tags", Kind.TEXT, 24, lambda row: ", ".join(tag.title for tag in row.tags) or None),
        ("answered_at", "answered", Kind.MOMENT, 19, lambda row: row.answered_at),
        ("ended_at", "ended", Kind.MOMENT, 19, lambda row: row.ended_at),
        ("wait_s", "wait", Kind.SECONDS, 10, lambda row: row.wait_s),
        ("talk_s", "talk", Kind.SECONDS, 10, lambda row: row.talk_s),
        ("hold_s", "hold", Kind.SECONDS, 10, lambda row: row.hold_s),
        ("duration_s", "duration", Kind.SECONDS, 10, lambda row: row.duration_s),
        ("queue", "queue", Kind.TEXT, 18, lambda row: row.queue),
        ("line", "line", Kind.TEXT, 18, lambda row: row.line),
        ("channel", "channel", Kind.TEXT, 20, lambda row: row.channel),
        ("did", "did", Kind.TEXT, 18, lambda row: display(row.did) if for_people and row.did else row.did),
        ("number_class", "number_class", Kind.TEXT, 16, lambda row: word(row.number_class)),
        ("region", "region", Kind.TEXT, 22, lambda row: row.region),
        ("transfer_count", "transfers", Kind.NUMBER, 10, lambda row: row.transfer_count),
        ("recording_count", "recordings", Kind.NUMBER, 10, lambda row: row.recording_count),
        ("attention", "attention", Kind.FLAG, 10, lambda row: row.attention),
        ("lead", "lead", Kind.FLAG, 10, lambda row: row.lead),
    ]


def _people(row: CallRow) -> str | None:
    if row.group:
        return row.group
    return ", ".join(person.name or person.extension for person in row.people) or row.application


def _labels() -> Callable[[StrEnum], str]:
    """Words of closed sets, looked up now: the file is written after the request."""
    # By type too: equal words of two sets, such as no_answer, are equal as keys.
    known: dict[tuple[type[StrEnum], StrEnum], str] = {
        (type(member), member): label(member) for kind in (Direction, Status, Reason, NumberClass) for member in kind
    }
    return lambda value: known[type(value), value]
