"""Calls that are going on, as rows of the journal: what the filter and the user's scope leave of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.context import current_settings, current_store, now
from data.identity.actor import Actor, Permission
from data.journal import CallFilter, CallKind
from data.model import Direction
from data.phone import display, mask, normalise
from data.queries import read

_KINDS = {
    Direction.INBOUND: CallKind.INBOUND,
    Direction.OUTBOUND: CallKind.OUTBOUND,
    Direction.INTERNAL: CallKind.INTERNAL,
}
_EVERYBODY = frozenset({CallKind.INBOUND, CallKind.OUTBOUND})

# What is known of a call only when it has ended: such a filter leaves no running one.
_OF_THE_PAST = (
    "lost",
    "first",
    "attention",
    "hours",
    "weekdays",
    "has_recording",
    "has_comment",
    "talk_longer_s",
    "wait_longer_s",
    "number_classes",
    "countries",
    "regions",
    "statuses",
    "reasons",
    "outcomes",
    "leads",
    "channels",
    "dids",
    "call_ids",
)

Row = dict[str, Any]


def running_calls(actor: Actor, wanted: CallFilter) -> list[Row]:
    """The rows, newest first; `running` is true on each."""
    moment = now()
    if wanted.slice or any(getattr(wanted, name) not in (None, False, frozenset()) for name in _OF_THE_PAST):
        return []
    if wanted.until_at is not None and wanted.until_at <= moment:
        return []
    return rows_of(actor, going_on(actor), wanted)


def going_on(actor: Actor) -> list[Row]:
    """All calls that go on, as the store knows them, newest first."""
    return current_store().query(read("live/running"), actor=actor, timeout_s=5.0).to_pylist()


def rows_of(actor: Actor, found: list[Row], wanted: CallFilter) -> list[Row]:
    """What the filter and the actor's scope leave of them, as rows of the journal."""
    seen = [call for call in found if _concerns(actor, call, wanted) or (actor.sees_all and not wanted.mine)]
    wished = wanted.kinds or _EVERYBODY
    seen = [call for call in seen if _KINDS[Direction(call["direction"])] in wished]
    for call in seen:
        number = normalise(call["external_number"], current_settings().site)
        call["number"] = number.number
    owners = _owners(actor, [call["number"] for call in seen if call["number"]])
    people = _people(actor, [party for call in seen for party in _parties(call)])
    rows = [_row(actor, call, owners.get(call["number"] or "", {}), people) for call in seen]
    return [row for row in rows if _fits(row, wanted)]


def _concerns(actor: Actor, call: Row, wanted: CallFilter) -> bool:
    whose = actor.extensions if wanted.mine else actor.seen
    return not whose.isdisjoint((*call["ringing"], *call["talking"], call["caller"]))


def _owners(actor: Actor, numbers: list[str]) -> dict[str, Row]:
    if not numbers:
        return {}
    rows = current_store().query(read("live/owners"), {"numbers": numbers, "at": now()}, actor=actor).to_pylist()
    return {row["number"]: row for row in rows}


def _people(actor: Actor, extensions: list[str]) -> dict[str, Row]:
    if not extensions:
        return {}
    rows = current_store().query(read("live/people"), {"extensions": extensions, "at": now()}, actor=actor).to_pylist()
    return {row["extension"]: row for row in rows}


def _row(actor: Actor, call: Row, owner: Mapping[str, Any], people: Mapping[str, Row]) -> Row:
    number = call["number"]
    if number and not actor.may(Permission.FULL_NUMBERS):
        number, owner = mask(number), {}
    # The client of a call that a click began is dialled like a phone of ours: no person, and not to be told twice.
    outside = {call["number"], call["external_number"]}
    parties = [party for party in _parties(call) if party not in outside]
    return {
        "call_id": call["call_id"],
        "pbx": call["pbx"],
        "running": True,
        "state": call["state"],
        "direction": call["direction"],
        "state_since_at": call["state_since_at"],
        "started_at": call["started_at"],
        "answered_at": call["answered_at"],
        "account_id": owner.get("account_id"),
        "client": owner.get("client"),
        "contact": owner.get("contact"),
        "number": number,
        "number_text": display(number) if number else None,
        "caller_name": call["caller_name"] if actor.may(Permission.FULL_NUMBERS) else None,
        "registered": bool(owner) or call["direction"] == Direction.INTERNAL,
        "people": [
            {"extension": party, **{key: people.get(party, {}).get(key) for key in ("employee_id", "name")}}
            for party in parties
        ],
        "part": _part(actor, call),
        "did": call["did"],
        "group": call["queue_title"] if not call["talking"] and (len(parties) != 1) else None,
        "queue": call["queue_title"],
        "queue_key": call["queue"],
        "line": call["line_title"],
        "line_key": call["line"],
        "application": call["state"] if call["state"] in ("ivr", "voicemail") else None,
        "missed": False,
        "attention": False,
        "lead": False,
        "comment": None,
    }


def _part(actor: Actor, call: Row) -> str | None:
    """What the actor's own phone does in a call: ringing, calling, talking; None: nothing now."""
    if not actor.extensions.isdisjoint(call["talking"]):
        return "talking"
    if not actor.extensions.isdisjoint(call["ringing"]):
        return "ringing"
    return "calling" if call["caller"] in actor.extensions and call["answered_at"] is None else None


def _parties(call: Row) -> list[str]:
    """The extensions that count: who talks, else who calls outward, else whose phones ring."""
    if call["talking"]:
        return list(call["talking"])
    if call["caller"] and call["direction"] == Direction.OUTBOUND:
        return [call["caller"]]
    return list(call["ringing"])


def _fits(row: Row, wanted: CallFilter) -> bool:
    if wanted.unregistered and row["registered"]:
        return False
    if wanted.account_id and row["account_id"] != wanted.account_id:
        return False
    if wanted.number and row["number"] != wanted.number:
        return False
    if wanted.queues and row["queue_key"] not in wanted.queues:
        return False
    if wanted.lines and row["line_key"] not in wanted.lines:
        return False
    if wanted.extensions and wanted.extensions.isdisjoint(person["extension"] for person in row["people"]):
        return False
    if wanted.employees and wanted.employees.isdisjoint(str(person["employee_id"]) for person in row["people"]):
        return False
    return _found(row, wanted.search)


def _found(row: Row, search: str) -> bool:
    """Does the row show the words, or its number the digits, that are searched for?"""
    if not search:
        return True
    names = [row["client"], row["contact"], *(person["name"] for person in row["people"])]
    if any(search.casefold() in name.casefold() for name in names if name):
        return True
    digits = "".join(character for character in search if character.isdigit())
    return len(digits) >= 2 and digits in (row["number"] or "")
