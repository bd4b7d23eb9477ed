"""Chats of the last weeks: invented talks with clients and strangers over messengers."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from ingest.simulator.arrow import instants
from ingest.simulator.clients import uuids
from ingest.simulator.names import invent_people
from ingest.simulator.numbers import numbers
from ingest.simulator.office import Office
from ingest.simulator.words import TALKS

MESSENGERS = ("whatsapp", "whatsapp", "whatsapp", "telegram")
_SPREAD_DAYS = 60
_ANSWERED_SHARE = 0.6  # of the chats of the last hours; older ones all were
_FRESH_S = 2 * 86_400
_CLOSED_SHARE = 0.9
_CHAT_MOMENTS = ("client_wrote_at", "answered_at", "taken_at", "waiting_since")
_STRANGERS = 12_000_000  # positions of numbers that no call uses


def chat_tables(
    rng: np.random.Generator, office: Office, employee_ids: list[str], accounts: list[str], *, count: int, until: float
) -> dict[str, pa.Table]:
    """`count` chats with their messages, begun in the weeks before `until`.

    accounts: the clients by the position of their number.
    """
    begun = np.sort(until - rng.exponential(_SPREAD_DAYS / 3, count) * 86_400 - 600)
    chats: list[dict[str, object]] = []
    messages: list[dict[str, object]] = []
    events: list[dict[str, object]] = []
    chat_ids = uuids(rng, count)
    # Half of them are clients; the strangers are late ones, so that no number is used twice.
    clients = rng.permutation(max(count, len(accounts)))[:count]
    is_client = (rng.random(count) < 0.5) & (clients < len(accounts))
    places = np.where(is_client, clients, _STRANGERS + np.arange(count))
    known = numbers(places)
    for at, (chat_id, start) in enumerate(zip(chat_ids, begun.tolist(), strict=True)):
        who = int(rng.integers(0, len(office.employees)))
        talk = TALKS[int(rng.integers(0, len(TALKS)))]
        is_fresh = until - start < _FRESH_S
        if not is_fresh and len(talk) == 1:
            talk = TALKS[0]
        said = talk if not is_fresh or rng.random() < _ANSWERED_SHARE else talk[:1]
        said_at = [start]
        for _ in said[1:]:
            said_at.append(said_at[-1] + float(rng.lognormal(4.6, 1.0)))
        said = said[: max(1, sum(moment < until for moment in said_at))]
        is_taken = any(ours for ours, _ in said)
        last = said_at[len(said) - 1]
        is_closed = is_taken and until - last > 86_400 and rng.random() < _CLOSED_SHARE
        person = invent_people(rng, 1)[0]
        chats.append(
            {
                "chat_id": chat_id,
                "messenger": MESSENGERS[at % len(MESSENGERS)],
                "messenger_account": MESSENGERS[at % len(MESSENGERS)],  # the demo names its accounts so
                "user_key": str(known[at]),
                "title": f"{person.name} {person.surname}",
                "number": str(known[at]),
                "account_id": accounts[places[at]] if is_client[at] else None,
                "assignee_id": employee_ids[who] if is_taken else None,
                "state": "closed" if is_closed else "active" if is_taken else "queued",
                "created_at": start,
                "last_message_at": last,
                "last_message_ours": said[-1][0],
                "unread_count": 0 if said[-1][0] else 1,
                "closed_at": last + 3600 if is_closed else math.nan,
                "chat_no": at + 1,
                "queued_at": start,
                **_moments(said, said_at, is_closed=is_closed),
                "last_text": said[-1][1],
                "last_kind": "text",
            }
        )
        events += _events(rng, chats[-1], office.employees[who].login, office.employees[who].name)
        ids = uuids(rng, len(said))
        for message_id, (ours, text), moment in zip(ids, said, said_at, strict=False):
            messages.append(
                {
                    "message_id": message_id,
                    "chat_id": chat_id,
                    "messenger_message_id": f"sim.{message_id[:13]}",
                    "kind": "text",
                    "ours": ours,
                    "author": office.employees[who].login if ours else None,
                    "author_name": office.employees[who].name if ours else f"{person.name} {person.surname}",
                    "text": text,
                    "sent_at": moment,
                    "state": "read" if ours else "delivered",
                }
            )
    messages.sort(key=lambda row: float(str(row["sent_at"])))
    return {
        "chat": _table(chats, "created_at", "last_message_at", "closed_at", "queued_at", *_CHAT_MOMENTS),
        "message": _table(messages, "sent_at"),
        "chat_event": _table(events, "happened_at"),
    }


def _moments(said: Sequence[tuple[bool, str]], said_at: Sequence[float], *, is_closed: bool) -> dict[str, float]:
    """What follows from who said something when: seconds, NaN for what never was."""
    spoken = [(ours, at) for (ours, _), at in zip(said, said_at, strict=False)]
    theirs = [at for ours, at in spoken if not ours]
    answers = [at for ours, at in spoken if ours]
    unanswered = [at for at in theirs if not answers or at > answers[-1]]
    return {
        "client_wrote_at": theirs[-1] if theirs else math.nan,
        "answered_at": answers[0] if answers else math.nan,
        # A moment before the first answer: whoever answers first has it.
        "taken_at": answers[0] - 0.001 if answers else math.nan,
        "waiting_since": unanswered[0] if unanswered and not is_closed else math.nan,
    }


def _events(rng: np.random.Generator, chat: dict[str, object], login: str, name: str) -> list[dict[str, object]]:
    """The lines that tell how the chat came into being, was taken and closed."""
    told: list[tuple[str, object, str, str | None]] = [("opened", chat["created_at"], "system:ingest", None)]
    if chat["assignee_id"]:
        told.append(("taken", chat["taken_at"], login, json.dumps({"by": name}, ensure_ascii=False)))
    if chat["state"] == "closed":
        told.append(("closed", chat["closed_at"], login, json.dumps({"by": name}, ensure_ascii=False)))
    return [
        {
            "event_id": event_id,
            "chat_id": chat["chat_id"],
            "happened_at": float(str(at)) - (0.001 if kind == "opened" else 0.0),
            "kind": kind,
            "actor": actor,
            "employee_id": chat["assignee_id"] if kind == "taken" else None,
            "detail": detail,
        }
        for event_id, (kind, at, actor, detail) in zip(uuids(rng, len(told)), told, strict=True)
    ]


def _table(rows: list[dict[str, object]], *moments: str) -> pa.Table:
    table = pa.Table.from_pylist(rows)
    for name in moments:
        column = table[name].to_numpy().astype(np.float64)
        known = np.where(np.isnan(column), 0.0, column)
        micros = np.where(np.isnan(column), np.iinfo(np.int64).min, np.rint(known * 1e6)).astype(np.int64)
        table = table.set_column(table.schema.get_field_index(name), name, instants(micros))
    return table
