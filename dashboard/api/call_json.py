"""Rows and details of the journal as /api sends them: the data's own names, and texts made for reading."""

from __future__ import annotations

import dataclasses
from typing import Any

from dashboard.api.call_back import call_back
from dashboard.text import language, t
from data.identity.actor import Actor
from data.journal import CallDetails, CallRow, RecordingFile
from data.numbering import region_title
from data.phone import display

Json = dict[str, Any]

HIDDEN = "journal.ui.hidden-number"
_LONGEST_EXTENSION = 6


def row_json(row: CallRow) -> Json:
    """One row of the list."""
    return _fields(row) | {
        "did_text": display(row.did) if row.did else None,
        "region_text": region_title(row.region, language()) if row.region else None,
    }


def details_json(details: CallDetails, actor: Actor, comment: Json | None) -> Json:
    """One call: its row, its parts, its recordings as the actor may hear them, its comment."""
    found = _fields(details)
    return found | {
        "row": row_json(details.row),
        "names": dict(details.names),
        "did_text": display(details.row.did) if details.row.did else None,
        "may_hear": actor.hears_all or not actor.heard.isdisjoint(_parties(details)),
        "recordings": [recording_json(file, details) for file in details.recordings],
        "comment": comment,
        "call_back": call_back(
            actor, without_number=t("journal.ui.call-back.no-number") if details.row.number is None else None
        ),
    }


def recording_json(file: RecordingFile, details: CallDetails) -> Json:
    """One recording; where its file lies stays with us."""
    return {name: value for name, value in _fields(file).items() if name not in ("path", "file")} | {
        "heard_text": [party_text(party, details) for party in file.heard]
    }


def party_text(party: str, details: CallDetails) -> str:
    """How people call a party of a call: the employee, else the client behind an outside number, else the number."""
    if party in details.names:
        return details.names[party]
    if len(party) <= _LONGEST_EXTENSION:
        return party
    return details.row.client or details.row.number_text or (display(party) if party.isdigit() else t(HIDDEN))


def _parties(details: CallDetails) -> set[str | None]:
    return {party for leg in details.legs for party in (leg.party, leg.caller)}


def _fields(value: Any) -> Json:
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
