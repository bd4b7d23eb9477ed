"""The journal as a file: its rows in the user's words, or, for Parquet, in the data's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.components.words import words
from dashboard.text import key_of, language, t
from data.export import FORMATS, Column, ExportFile, Kind, export_rows
from data.journal import CallRow
from data.model import Direction, NumberClass, Reason, Status
from data.numbering import region_title
from data.phone import display

__all__ = ["FORMATS", "export_calls"]

Blocks = Iterable[tuple[CallRow, ...]]
Value = Callable[[CallRow], Any]


def export_calls(form: str, blocks: Blocks, *, zone: ZoneInfo) -> ExportFile:
    """All rows of `blocks` as the file `form`, in the language of the present request."""
    said = _AsStored() if form == "parquet" else _InWords(language())
    parts = [
        (Column(name=name, title=t(f"journal.column.{word}"), kind=kind, width=width), value)
        for name, word, kind, width, value in _columns(said)
    ]
    values = [value for _, value in parts]
    return export_rows(form, [column for column, _ in parts], _rows(blocks, values), zone=zone)


def _rows(blocks: Blocks, values: list[Value]) -> Iterator[list[list[Any]]]:
    for block in blocks:
        yield [[value(row) for value in values] for row in block]


class _AsStored:
    """Every value as the data has it."""

    def word(self, value: StrEnum | None) -> str | None:
        return value

    def client(self, row: CallRow) -> str | None:
        return row.client

    def number(self, row: CallRow) -> str | None:
        return row.number

    def did(self, row: CallRow) -> str | None:
        return row.did

    def region(self, row: CallRow) -> str | None:
        return row.region

    def application(self, row: CallRow) -> str | None:
        return row.application


class _InWords(_AsStored):
    """Every value as the page shows it, in one language: the file is written after the request."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._words = words(code, "journal")
        # By type too: equal words of two sets, such as no_answer, are equal as keys.
        self._members: dict[tuple[type[StrEnum], StrEnum], str] = {
            (kind, member): str(self._words[key_of(member)])
            for kind in (Direction, Status, Reason, NumberClass)
            for member in kind
        }

    def word(self, value: StrEnum | None) -> str | None:
        return None if value is None else self._members[type(value), value]

    def client(self, row: CallRow) -> str | None:
        return row.caller_name if row.client is None and row.direction is Direction.INTERNAL else row.client

    def number(self, row: CallRow) -> str | None:
        return str(self._words["hidden-number"]) if row.number_class is NumberClass.HIDDEN else row.number_text

    def did(self, row: CallRow) -> str | None:
        return display(row.did) if row.did else None

    def region(self, row: CallRow) -> str | None:
        return region_title(row.region, self._code) if row.region else None

    def application(self, row: CallRow) -> str | None:
        code = row.application
        return str(self._words.get(f"application.{code}", code)) if code else None


def _columns(said: _AsStored) -> list[tuple[str, str, Kind, int, Value]]:
    """Name, word, kind, width and value of every column, in their order."""

    def people(row: CallRow) -> str | None:
        named = row.group or ", ".join(person.name or person.extension for person in row.people)
        return named or said.application(row)

    return [
        ("call_id", "id", Kind.TEXT, 22, lambda row: row.call_id),
        ("started_at", "time", Kind.MOMENT, 19, lambda row: row.started_at),
        ("direction", "direction", Kind.TEXT, 12, lambda row: said.word(row.direction)),
        ("client", "client", Kind.TEXT, 28, said.client),
        ("contact", "contact", Kind.TEXT, 22, lambda row: row.contact),
        ("number", "number", Kind.TEXT, 18, said.number),
        ("employee", "employee", Kind.TEXT, 28, people),
        ("status", "status", Kind.TEXT, 14, lambda row: said.word(row.status)),
        ("reason", "reason", Kind.TEXT, 18, lambda row: said.word(row.reason)),
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
        ("did", "did", Kind.TEXT, 18, said.did),
        ("number_class", "number_class", Kind.TEXT, 16, lambda row: said.word(row.number_class)),
        ("region", "region", Kind.TEXT, 22, said.region),
        ("transfer_count", "transfers", Kind.NUMBER, 10, lambda row: row.transfer_count),
        ("recording_count", "recordings", Kind.NUMBER, 10, lambda row: row.recording_count),
        ("attention", "attention", Kind.FLAG, 10, lambda row: row.attention),
        ("lead", "lead", Kind.FLAG, 10, lambda row: row.lead),
        ("incomplete", "incomplete", Kind.FLAG, 10, lambda row: row.incomplete),
    ]
