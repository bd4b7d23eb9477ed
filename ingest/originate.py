"""Carries out what users asked for in the outbox: has the PBX call their phone, then the number.

At most once: an order is marked as sent before the PBX hears of it, so that no phone rings twice for
one click, whatever dies in between. What the PBX tells of the first leg is the end of the order; the
rest is a call like any other.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog

from data.errors import Conflict, PbxError, PbxUnreachable, StoreError
from data.identity.actor import system
from data.phone import as_dialled
from data.queries import read
from data.services.dialing import KIND, LONGEST_RING, PATIENCE
from data.settings import Pbx, Site
from data.store.protocol import Statement, Store, Topic

log = structlog.get_logger()

ACTOR = system("ingest")
_AT_ONCE = 16  # phones that ring for orders at the same time
_GRACE_S = 5.0  # beyond the ringing, until the PBX has told what came of it
_PAUSE_S = 1.0
# What OriginateResponse calls Reason.
_REASONS = {"0": "unreachable", "1": "no_answer", "3": "no_answer", "5": "busy", "8": "unreachable"}


class Link(Protocol):
    """The way to a PBX."""

    def originate(self, headers: dict[str, str], *, seconds: float) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an order: the channel of the user's phone once he took it, else why not."""

    channel: str | None = None
    error: str | None = None


class Originator:
    """The orders for one PBX."""

    def __init__(self, pbx: Pbx, link: Link, store: Store, site: Site) -> None:
        self._pbx, self._link, self._store, self._site = pbx, link, store, site
        self._callers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=f"originate-{pbx.name}")

    def run(self, stop: threading.Event) -> None:
        """Take orders until `stop` is set; a store that is away is asked again."""
        while not stop.is_set():
            try:
                for _ in self._store.notices([Topic.OUTBOX]):
                    if stop.is_set():
                        return
                    self.take(now=datetime.now(UTC))
            except StoreError as error:
                log.debug("the outbox cannot be read for now", pbx=self._pbx.name, reason=str(error))
            stop.wait(_PAUSE_S)

    def take(self, *, now: datetime) -> None:
        """Begin with every order that waits. Raises StoreError."""
        self._give_up_stuck(now)
        params = {"kind": KIND, "target": self._pbx.name}
        for row in self._store.query(read("outbox/queued"), params, actor=ACTOR).to_pylist():
            if now - row["created_at"] > PATIENCE:
                self._move(row["outbox_id"], "queued", "failed", error="expired")
            elif self._move(row["outbox_id"], "queued", "sent"):
                self._callers.submit(self._carry_out, row["outbox_id"], json.loads(row["payload"]))

    def close(self) -> None:
        """Take nothing more; what rings goes on without us."""
        self._callers.shutdown(wait=False, cancel_futures=True)

    def _carry_out(self, outbox_id: str, order: Mapping[str, str]) -> None:
        outcome = start_call(self._link, self._pbx, self._site, order)
        log.info("call started for a user", pbx=self._pbx.name, extension=order["extension"], error=outcome.error)
        payload = json.dumps({**order, "channel": outcome.channel})
        try:
            self._move(outbox_id, "sent", "failed" if outcome.error else "done", error=outcome.error, payload=payload)
        except StoreError as error:
            log.warning("the outcome of a started call is not stored", pbx=self._pbx.name, reason=str(error))

    def _give_up_stuck(self, now: datetime) -> None:
        """Orders of a process that died while a phone rang."""
        params = {"kind": KIND, "target": self._pbx.name, "before": now - LONGEST_RING}
        for row in self._store.query(read("outbox/stuck"), params, actor=ACTOR).to_pylist():
            self._move(row["outbox_id"], "sent", "failed", error="unknown")

    def _move(
        self, outbox_id: str, former: str, state: str, *, error: str | None = None, payload: str | None = None
    ) -> bool:
        """Whether the order was still in the state `former`."""
        params = {
            "outbox_id": outbox_id,
            "former": former,
            "state": state,
            "error": error,
            "payload": payload,
            "changed_at": datetime.now(UTC),
        }
        try:
            # Browsers that show the order hear of it as of any change of what goes on now.
            step = Statement(name="outbox_move", params=params, expect_rows=1)
            self._store.transact([step], actor=ACTOR, touches={Topic.LIVE: [outbox_id]})
        except Conflict:
            return False
        return True


def start_call(link: Link, pbx: Pbx, site: Site, order: Mapping[str, str]) -> Outcome:
    """Have the PBX call the user's phone, and the number once he takes it; never raises."""
    wanted = pbx.originate
    dialled = wanted.prefix + as_dialled(order["number"], wanted.form.value, site)
    headers = {
        "Channel": wanted.channel.format(extension=order["extension"]),
        "Context": wanted.context,
        "Exten": dialled,
        "Priority": "1",
        # The user's display shows whom he is about to talk to; the number that the other side sees stays his.
        "CallerID": f'"{dialled}" <{order["extension"]}>',
        "Timeout": str(round(wanted.ring_seconds * 1000)),
    }
    try:
        told = link.originate(headers, seconds=wanted.ring_seconds + _GRACE_S)
    except PbxUnreachable:
        return Outcome(error="offline")
    except PbxError as error:
        return Outcome(error=f"refused: {error}")
    if told.get_header("Event") != "OriginateResponse":
        return Outcome(error=f"refused: {told.get_header('Message', '')}")
    if told.get_header("Response") != "Success":
        return Outcome(error=_REASONS.get(told.get_header("Reason", ""), "no_answer"))
    return Outcome(channel=told.get_header("Uniqueid"))


@contextmanager
def originating(ways: Sequence[tuple[Pbx, Link]], store: Store, site: Site) -> Iterator[None]:
    """Take orders for every PBX that may start calls."""
    stop = threading.Event()
    originators = [Originator(pbx, link, store, site) for pbx, link in ways if pbx.originate.enabled]
    for one in originators:
        threading.Thread(target=one.run, args=(stop,), name="originate", daemon=True).start()
    try:
        yield
    finally:
        stop.set()
        for one in originators:
            one.close()
