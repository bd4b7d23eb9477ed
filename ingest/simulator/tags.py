"""The office's tags: a vocabulary, some of it on cards of clients, some on calls."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

import numpy as np
import pyarrow as pa

from ingest.simulator import codes
from ingest.simulator.arrow import instants, words
from ingest.simulator.keys import Keys
from ingest.simulator.office import Office

_OF_CLIENTS = {
    "VIP": "violet",
    "опт": "blue",
    "розница": "grey",
    "сервисный договор": "green",
    "должник": "red",
    "тендер": "amber",
    "партнёр": "blue",
}
_OF_CALLS = {
    "заказ": "green",
    "доставка": "blue",
    "жалоба": "red",
    "гарантия": "amber",
    "консультация": "grey",
    "перезвонить": "violet",
}
_CLIENT_SHARE = 0.25
_CALL_SHARE = 0.06
_SPACE = UUID("8f1d2c34-9b5e-4d1a-8a57-3c6c1f0b7e21")


def vocabulary(office: Office, *, since: datetime) -> dict[str, pa.Table]:
    """All tags, made before the past begins."""
    titles = _OF_CLIENTS | _OF_CALLS
    return {
        "tag": pa.table(
            {
                "tag_id": _ids(titles),
                "title": list(titles),
                "colour": list(titles.values()),
                "created_at": pa.array([since] * len(titles), pa.timestamp("us", tz="UTC")),
                "created_by": [office.employees[0].login] * len(titles),
            }
        )
    }


def client_tags(rng: np.random.Generator, account_ids: pa.Array, at: pa.Array, authors: pa.Array) -> pa.Table:
    """A tag for a quarter of the clients, hung by whoever made the card."""
    chosen = pa.array(np.flatnonzero(rng.random(len(account_ids)) < _CLIENT_SHARE))
    return pa.table(
        {
            "account_id": account_ids.take(chosen),
            "tag_id": words(_ids(_OF_CLIENTS), rng.integers(0, len(_OF_CLIENTS), len(chosen))),
            "tagged_at": at.take(chosen),
            "tagged_by": authors.take(chosen),
        }
    )


def call_tags(rng: np.random.Generator, keys: Keys, office: Office) -> pa.Table:
    """A tag for some of the conversations with outside, by whoever talked last, right after them."""
    legs = keys.legs
    rows = np.flatnonzero(~np.isnan(legs["answer"]))
    owners = keys.row_of_call[legs.ints("call")[rows]]
    last = np.concatenate([owners[1:] != owners[:-1], [True]]) if len(rows) else np.zeros(0, np.bool_)
    is_outside = keys.calls.ints("direction")[owners] != codes.INTERNAL
    chosen = np.flatnonzero(last & is_outside & (rng.random(len(rows)) < _CALL_SHARE))
    who = legs.ints("party")[rows[chosen]]
    who = np.where(who < 0, legs.ints("caller")[rows[chosen]], who)
    written = legs.micros("end")[rows[chosen]] + 30_000_000
    return pa.table(
        {
            "call_id": keys.call_ids.take(pa.array(owners[chosen])).cast(pa.string()),
            "tag_id": words(_ids(_OF_CALLS), rng.integers(0, len(_OF_CALLS), len(chosen))),
            "tagged_at": instants(written),
            "tagged_by": words([employee.login for employee in office.employees], who),
        }
    )


def _ids(titles: dict[str, str]) -> list[str]:
    return [str(uuid5(_SPACE, title)) for title in titles]
