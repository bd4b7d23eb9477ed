"""The list of clients as a file, in the user's words; an import reads it back by the same titles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.text import t
from data.export import Column, ExportFile, Kind, export_rows
from data.services.client_list import ClientRow
from data.services.clients import ClientKind

_COLUMNS: tuple[tuple[str, Kind, int], ...] = (
    ("external_id", Kind.TEXT, 16),
    ("name", Kind.TEXT, 34),
    ("kind", Kind.TEXT, 14),
    ("phones", Kind.TEXT, 28),
    ("emails", Kind.TEXT, 28),
    ("people", Kind.TEXT, 28),
    ("responsible", Kind.TEXT, 24),
    ("tags", Kind.TEXT, 20),
    ("notes", Kind.TEXT, 40),
    ("last_call_at", Kind.MOMENT, 19),
    ("created_at", Kind.MOMENT, 19),
    ("changed_at", Kind.MOMENT, 19),
)


def export_list(form: str, blocks: Iterable[tuple[ClientRow, ...]], *, zone: ZoneInfo) -> ExportFile:
    """All rows of `blocks` as the file `form`, in the language of the present request."""
    columns = [
        Column(name=name, title=t(f"clients.column.{name}"), kind=kind, width=width) for name, kind, width in _COLUMNS
    ]
    # Looked up now: the file is written after the request.
    kinds = {kind: t(f"clients.kind.{kind}") for kind in ClientKind}
    return export_rows(form, columns, _rows(blocks, lambda kind: kinds[kind]), zone=zone)


def _rows(blocks: Iterable[tuple[ClientRow, ...]], word: Callable[[ClientKind], str]) -> Iterator[list[list[Any]]]:
    for block in blocks:
        yield [
            [
                row.external_id,
                row.name,
                word(row.kind),
                ", ".join(row.numbers),
                ", ".join(row.emails),
                ", ".join(row.people),
                row.responsible,
                ", ".join(tag.title for tag in row.tags),
                row.notes,
                row.last_call_at,
                row.created_at,
                row.changed_at,
            ]
            for row in block
        ]
