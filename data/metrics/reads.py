"""All that numbers ask of a store."""

from __future__ import annotations

from typing import Protocol

import pyarrow as pa

from data.identity.actor import Actor
from data.store.protocol import Params


class Reads(Protocol):
    """The reading half of Store, so that a database in memory will do."""

    def query(
        self, sql: str, params: Params | None = None, *, actor: Actor, timeout_s: float = 30.0, max_rows: int = 200_000
    ) -> pa.Table: ...
