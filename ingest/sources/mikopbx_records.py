"""Call records of MikoPBX in the shape of call detail records, so that the same rules put calls together.

Its records know more than Asterisk's: both ends are real channels (Local halves are left out), a stay in a queue
or menu is a record of its own, times have milliseconds, and each conversation names its recording.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from ingest.sources.cdr import BadRow, CdrLine, epoch_of, instant
from ingest.sources.mikopbx import id_of

_LONGEST = 1024
_APPLICATION = re.compile(r"(?i)^(app|queue|ivr|voicemail|meetme|conference|park\w*):")
_ROOM = re.compile(r"(?i)meetme|conf")
_CALLER_ID = re.compile(r"^\+?[\w*#.@-]{0,64}$")
_MARGIN_S = 1.5  # the caller enters a queue a moment before or after its first phone is dialled
_DISPOSITIONS = {"NOANSWER": "NO ANSWER", "ANSWER": "ANSWERED", "CANCEL": "NO ANSWER", "CHANUNAVAIL": "FAILED"}


def cdr_line_of(record: Mapping[str, Any], zone: ZoneInfo) -> CdrLine:
    """One record. Raises BadRow that names the field and its value."""
    place = id_of(record)
    if not place:
        raise BadRow(f"id: {_shown(record.get('id'))} is no number")
    text = {name: _text(record, name) for name in _FIELDS}
    linkedid = text["linkedid"] or text["UNIQUEID"]
    if not linkedid:
        raise BadRow("linkedid: empty")
    born = epoch_of(linkedid)
    started_at = _moment(text, "start", zone, born)
    ended_at = _moment(text, "endtime", zone, born) if text["endtime"] else started_at
    answered_at = _moment(text, "answer", zone, born) if text["answer"] else None
    if ended_at < started_at:
        raise BadRow(f"endtime: {text['endtime']!r} is before the start {text['start']!r}")
    app, data, peer = _work(text, place)
    dialled = text["dst_num"] if app == "Dial" else ""  # a queue's or menu's own number is nobody's
    disposition = text["disposition"].upper()
    return CdrLine(
        place,
        text["src_num"],
        dialled,
        "",
        _channel(text["src_chan"], text["from_account"] or text["src_num"], f"{place}a"),
        peer,
        app,
        data,
        started_at,
        answered_at,
        ended_at,
        _DISPOSITIONS.get(disposition, disposition),
        linkedid,
        linkedid,
        place if place < 1 << 31 else 0,
        text["recordingfile"],
        text["did"],
    )


def in_queues(lines: Sequence[CdrLine]) -> list[CdrLine]:
    """The records of one call; those of phones that a queue called say so."""
    stays = [line for line in lines if line.app == "Queue"]
    return [line if line in stays or not line.peer else _offered(line, stays) for line in lines]


def _offered(line: CdrLine, stays: Sequence[CdrLine]) -> CdrLine:
    for stay in stays:
        same = stay.channel == line.channel
        if same and stay.started_at - _MARGIN_S <= line.started_at <= stay.ended_at + _MARGIN_S:
            return line._replace(app="Queue", data=stay.data)
    return line


_FIELDS = (
    "start", "endtime", "answer", "src_chan", "src_num", "dst_chan", "dst_num", "UNIQUEID", "linkedid", "did",
    "disposition", "recordingfile", "from_account", "to_account", "dialstatus", "appname", "is_app",
)  # fmt: skip


def _work(text: Mapping[str, str], place: int) -> tuple[str, str, str]:
    """Application, its data, and the channel that was dialled ("" for a menu, queue or a phone without one)."""
    channel, number, name = text["dst_chan"], text["dst_num"], text["appname"].lower()
    if _ROOM.match(channel) or _ROOM.search(name):
        return "ConfBridge", number, ""
    found = _APPLICATION.match(channel)
    if found is not None or text["is_app"] in ("1", "True", "true") or name:
        kind = name or (found[1].lower() if found is not None else "")
        if "queue" in kind:
            return "Queue", number, ""
        if "voicemail" in kind or "voicemail" in number:
            return "VoiceMail", number, ""
        if "park" in kind:
            return "Park", number, ""
        return ("Playback" if "outwork" in kind or "outwork" in number else "Background"), number, ""
    target = f"{number}@{text['to_account']}" if text["to_account"] else number
    if not channel and text["disposition"].upper() == "ANSWERED":
        channel = _channel("", text["to_account"] or number, f"{place}b")
    return "Dial", f"PJSIP/{target}", channel


def _channel(name: str, device: str, serial: str) -> str:
    """The channel's name; where a record has none, one that no other record shares."""
    return name or f"PJSIP/{device or 'unknown'}-{serial}"


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        raise BadRow(f"{name}: {_shown(value)} is neither text nor number")
    text = str(value).strip()
    if len(text) > _LONGEST or "\x00" in text:
        raise BadRow(f"{name}: {_shown(text)} is longer than {_LONGEST} characters, or has control characters")
    if name in ("src_num", "dst_num") and not _CALLER_ID.match(text):
        return re.sub(r"[^\w+*#.@-]", "", text)[:64]
    return text


def _moment(text: Mapping[str, str], name: str, zone: ZoneInfo, born: int | None) -> float:
    try:
        return instant(text[name], zone, born)
    except (ValueError, OverflowError):
        raise BadRow(f"{name}: {_shown(text[name])} is no time like 2026-11-22 21:13:21.123") from None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
