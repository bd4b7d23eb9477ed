"""Rows of the journal's queries turned into its values, numbers masked where they may not be seen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from data.journal.directory import Directory
from data.journal.rows import CallDetails, CallRow, Person, RecordingFile
from data.model import (
    Direction,
    Interval,
    IntervalKind,
    Leg,
    LegResult,
    LegRole,
    NumberClass,
    Outcome,
    QueueVisit,
    Reason,
    Status,
    Transfer,
    TransferKind,
)
from data.phone import display, mask
from data.services.tags import read_tag

Row = Mapping[str, Any]
T = TypeVar("T")

# Extensions are the office's own; anything longer that is dialled or shown is somebody's number.
_EXTENSION_DIGITS = 5


def call_row(row: Row, directory: Directory, *, attention: bool, full_numbers: bool) -> CallRow:
    """One row of calls/page.sql."""
    number = row["number"] if full_numbers else hidden_part(row["number"])
    pbx, at = row["pbx"], row["started_at"]
    queue = directory.title("queue", row["queue"], pbx, at)
    ring_group = directory.title("ring_group", row["ring_group"], pbx, at)
    colleague = directory.colleague(row["number"], pbx, at) if row["client"] is None else None
    return CallRow(
        call_id=row["call_id"],
        pbx=row["pbx"],
        direction=Direction(row["direction"]),
        outcome=Outcome(row["outcome"]),
        status=Status(row["status"]),
        reason=Reason(row["reason"]) if row["reason"] else None,
        attention=attention,
        lead=row["lead"],
        registered=row["registered"],
        registered_then=row["registered_then"],
        missed=row["missed"],
        started_at=row["started_at"],
        answered_at=row["answered_at"],
        ended_at=row["ended_at"],
        wait_s=row["wait_s"],
        talk_s=row["talk_s"],
        hold_s=row["hold_s"],
        duration_s=row["duration_s"],
        account_id=row["account_id"],
        client=colleague.name if colleague is not None else row["client"],
        contact_id=row["contact_id"],
        contact=row["contact"],
        number=number,
        number_text=number and (display(number) if full_numbers else number),
        number_class=NumberClass(row["number_class"]) if row["number_class"] else None,
        country=row["country"],
        region=row["region"],
        caller_name=row["caller_name"] if full_numbers else None,
        people=directory.people(row["employees"], pbx, at) or _forwarded(row, directory, full_numbers=full_numbers),
        group=(ring_group or queue) if len(row["employees"]) > 1 and not row["answered_by"] else None,
        application=row["application"],
        comment=row["comment"],
        comment_version=row["comment_version"],
        tags=tuple(read_tag(tag) for tag in row["tags"] or ()),
        queue=queue,
        line=directory.title("line", row["line"], pbx, at),
        channel=directory.channel(row["did"], pbx, at),
        did=row["did"],
        transfer_count=row["transfer_count"],
        recording_count=row["recording_count"],
        incomplete=row["incomplete"],
        conference=row["conference"],
    )


def _forwarded(row: Row, directory: Directory, *, full_numbers: bool) -> tuple[Person, ...]:
    """Who talked outside with a caller whom a telephone of ours forwarded there: a colleague, or nobody of ours."""
    if row["direction"] != "inbound":
        return ()
    found: list[Person] = []
    for number in row["answered_by"]:
        shown = number if full_numbers else hidden_part(number) or ""
        colleague = directory.colleague(number, row["pbx"], row["started_at"])
        if colleague is not None:
            found.append(replace(colleague, extension=shown))
        else:
            found.append(Person(extension=shown, employee_id=None, name=display(shown) if shown.isdigit() else None))
    return tuple(found)


def call_details(row: CallRow, parts: Row, directory: Directory, *, full_numbers: bool) -> CallDetails:
    """The row of calls/details.sql beside its call's."""

    def seen(text: str | None) -> str | None:
        return text if full_numbers else hidden_part(text)

    return CallDetails(
        row=row,
        called_number=seen(parts["called_number"]),
        dial_status=parts["dial_status"],
        hangup_cause=parts["hangup_cause"],
        contact_after_at=parts["contact_after_at"],
        channels=tuple(parts["channels"]),
        events=tuple(parts["events"]),
        legs=tuple(
            _part(Leg, leg)(
                role=LegRole(leg["role"]),
                result=LegResult(leg["result"]),
                caller=seen(leg["caller"]),
                party=seen(leg["party"]),
                channel=leg["channel"] if full_numbers else None,
            )
            for leg in parts["legs"] or ()
        ),
        queue_visits=tuple(_part(QueueVisit, visit)() for visit in parts["queue_visits"] or ()),
        transfers=tuple(
            _part(Transfer, transfer)(
                kind=TransferKind(transfer["kind"]),
                from_party=seen(transfer["from_party"]),
                to_party=seen(transfer["to_party"]),
            )
            for transfer in parts["transfers"] or ()
        ),
        intervals=tuple(
            _part(Interval, interval)(
                kind=IntervalKind(interval["kind"]), party=seen(interval["party"]), other=seen(interval["other"])
            )
            for interval in parts["intervals"] or ()
        ),
        recordings=tuple(
            _part(RecordingFile, recording)(
                file=recording["file"] if full_numbers else "",
                path=recording["path"] if full_numbers else None,
                party=seen(recording["party"]),
                heard=tuple(seen(party) or "" for party in recording["heard"]),
            )
            for recording in parts["recordings"] or ()
        ),
        names=directory.names(parts["parties"] or (), row.pbx, row.started_at),
    )


def hidden_part(text: str | None) -> str | None:
    """An outside number masked; extensions and names of queues stay readable."""
    if text is None or len(text) <= _EXTENSION_DIGITS or not re.search(r"\d{5}", text):
        return text
    return mask(text)


def _part(kind: type[T], row: Row) -> Any:
    """Makes a `kind` from the columns of `row`, those given replaced."""
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items() if name in names}
    return lambda **changed: kind(**(values | changed))
