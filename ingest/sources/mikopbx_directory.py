"""The directory that a MikoPBX keeps: employees, extensions, queues, providers, office numbers, working hours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import structlog

from data.errors import BadInput, PbxError, PbxUnreachable
from data.services.directory_entries import Code, Entry, channel_entry, code_entry, employee_entry, own_number
from data.settings import Pbx, Site
from ingest.sources.mikopbx import MikoPbx, Record
from ingest.sources.mikopbx_hours import hours_of

log = structlog.get_logger()

_TAG = re.compile(r"<[^<>]*>")
_NUMBER = re.compile(r"\+?\d{5,15}")
_KEY = re.compile(r"[\w-]{1,64}")
_TECHNOLOGIES = {"SIP": "PJSIP", "IAX": "IAX2", "IAX2": "IAX2"}
_MOST_RULES = 200


def entries_of(rest: MikoPbx, pbx: Pbx, site: Site) -> list[Entry]:
    """Everything the key may read; what it may not, or what cannot be kept, is left out and logged.

    Raises PbxLoginRefused where the key may read nothing at all, PbxUnreachable.
    """
    entries: list[Entry] = []
    taken: set[str] = set()
    for record in rest.items("employees"):
        number = _text(record, "number")
        mobile = own_number(_text(record, "mobile_number"), site)
        made = _made(
            lambda record=record, number=number, mobile=mobile: employee_entry(  # type: ignore[misc]
                _text(record, "user_username") or None,
                [one for one in (number, mobile) if one],
                email=_text(record, "user_email") or None,
                active=record.get("disabled") is not True,
                device=f"PJSIP/{number}" if number else None,
                external_id=f"{pbx.name}:{record.get('id')}",
            )
        )
        if made is not None:
            taken.add(number)
            entries.append(made)
    for name, read in (
        ("extensions", lambda one: _extension(one, taken)),
        ("call-queues", _queue),
        ("providers", _provider),
        ("incoming-routes", lambda one: _route(one, site)),
    ):
        entries += _list(rest, name, read)
    entries += _hours(rest, pbx)
    return entries


def _list(rest: MikoPbx, name: str, read: Callable[[Record], Iterator[Callable[[], Entry]]]) -> Iterator[Entry]:
    for record in _items(rest, name):
        for make in read(record):
            entry = _made(make)
            if entry is not None:
                yield entry


def _items(rest: MikoPbx, name: str) -> tuple[Record, ...]:
    try:
        return rest.items(name)
    except PbxError as error:
        log.info("not told by the PBX", list=name, reason=str(error))
        return ()


def _made(make: Callable[[], Entry]) -> Entry | None:
    try:
        return make()
    except BadInput as error:
        log.info("not taken into the directory", reason=str(error))
        return None


def _extension(record: Record, taken: set[str]) -> Iterator[Callable[[], Entry]]:
    number = _text(record, "number")
    if _text(record, "type").upper() in ("SIP", "IAX") and number and number not in taken:
        yield lambda: employee_entry(_text(record, "callerid") or None, [number], device=f"PJSIP/{number}")


def _queue(record: Record) -> Iterator[Callable[[], Entry]]:
    """Call records know a queue by its number, events by its id."""
    number, title = _text(record, "extension"), _text(record, "name") or None
    for code in dict.fromkeys(one for one in (number, _text(record, "id")) if one):
        yield lambda code=code: code_entry(Code.QUEUE, code, title, number or None)  # type: ignore[misc]


def _provider(record: Record) -> Iterator[Callable[[], Entry]]:
    key = _text(record, "uniqid") or _text(record, "id")
    technology = _TECHNOLOGIES.get(_text(record, "type").upper())
    if key and technology:
        title = _TAG.sub("", _text(record, "description") or _text(record, "name")).strip() or None
        yield lambda: code_entry(Code.LINE, f"{technology}/{key}", title)


def _route(record: Record, site: Site) -> Iterator[Callable[[], Entry]]:
    number, title = _text(record, "number"), _text(record, "rulename") or _text(record, "note")
    if _NUMBER.fullmatch(number) and title:
        yield lambda: channel_entry(number, title, site)


def _hours(rest: MikoPbx, pbx: Pbx) -> list[Entry]:
    rules: list[Mapping[str, Any]] = []
    for listed in _items(rest, "off-work-times")[:_MOST_RULES]:
        key = _text(listed, "id")
        if not _KEY.fullmatch(key):
            continue
        try:
            rules.append(rest.item("off-work-times", key))  # the list shows weekdays in words only
        except PbxUnreachable as error:
            log.info("not told by the PBX", pbx=pbx.name, reason=str(error))
    return [entry for make in hours_of(rules) if (entry := _made(make)) is not None]


def _text(record: Record, name: str) -> str:
    value = record.get(name)
    return str(value).strip()[:1000] if isinstance(value, str | int) and not isinstance(value, bool) else ""
