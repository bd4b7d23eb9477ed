"""The clock of a PBX against ours, asked on a connection of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from data.settings import Pbx
from ingest.sources.ami import Connection


class _Deaf:
    """Takes the events that come meanwhile, and forgets them."""

    def append(self, at: float, data: bytes) -> bool:
        return True


def clock_ahead_s(pbx: Pbx, *, clock: Callable[[], float] = time.time) -> float | None:
    """Seconds by which the PBX's clock goes ahead; None where it does not tell its time (before Asterisk 1.8).

    Half of the way there and back is taken off. Raises PbxUnreachable, PbxLoginRefused.
    """
    connection = Connection(pbx, clock=clock)
    try:
        connection.connect()
        connection.login()
        connection.pass_to(_Deaf())
        asked_at = clock()
        answer = connection.send_action({"Action": "Ping"}, timeout=pbx.connect_seconds)
        middle = (asked_at + clock()) / 2
        with suppress(ValueError):
            return float(answer.get_header("Timestamp", "")) - middle
        return None
    finally:
        connection.close()
