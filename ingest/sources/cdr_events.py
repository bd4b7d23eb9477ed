"""Call records as the manager interface sends them (`Event: Cdr`, module cdr_manager)."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from ingest.sources.cdr import CdrLine, cdr_record

# Columns of a record in the words of `Event: Cdr`; the last ones come where cdr_manager.conf maps them.
_WORDS = {
    "accountcode": "AccountCode", "src": "Source", "dst": "Destination", "dcontext": "DestinationContext",
    "clid": "CallerID", "channel": "Channel", "dstchannel": "DestinationChannel", "lastapp": "LastApplication",
    "lastdata": "LastData", "start": "StartTime", "answer": "AnswerTime", "end": "EndTime",
    "disposition": "Disposition", "uniqueid": "UniqueID", "linkedid": "LinkedID", "sequence": "Sequence",
    "recordingfile": "RecordingFile", "did": "DID",
}  # fmt: skip


def cdr_of_event(fields: Mapping[str, str], sequence: int, zone: ZoneInfo) -> CdrLine:
    """The record of an event; sequence: its place in the journal. Raises BadRow."""
    named = {name.lower(): value for name, value in fields.items()}  # mapped names are written as people like
    return cdr_record({name: named.get(word.lower(), "") for name, word in _WORDS.items()}, sequence, zone)
