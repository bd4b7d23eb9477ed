"""Carries out what users asked for about queues: pause, log in and log out members."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

from data.errors import PbxError, PbxUnreachable
from data.services.membership import KIND, PATIENCE, Change
from data.settings import Pbx
from data.store.protocol import Store
from ingest.orders import Orders, Outcome


class Link(Protocol):
    """The way to a PBX."""

    def act(self, headers: dict[str, str]) -> Any: ...


class Seats(Orders):
    """The orders about queues of one PBX."""

    kind = KIND
    patience = PATIENCE
    longest = timedelta(seconds=60)

    def __init__(self, pbx: Pbx, link: Link, store: Store) -> None:
        super().__init__(pbx, store)
        self._link = link

    def carry_out(self, order: Mapping[str, str]) -> Outcome:
        try:
            told = self._link.act(action_of(order))
        except PbxUnreachable:
            return Outcome(error="offline")
        except PbxError as error:
            return Outcome(error=f"refused: {error}")
        if told.get_header("Response") != "Success":
            return Outcome(error=f"refused: {told.get_header('Message', '')}")
        return Outcome()


def action_of(order: Mapping[str, str]) -> dict[str, str]:
    """The manager action for an order."""
    member = {"Queue": order["queue"], "Interface": order["interface"]}
    match Change(order["change"]):
        case Change.LOGIN:
            return {"Action": "QueueAdd", **member, "StateInterface": order["state_interface"], "Paused": "false"}
        case Change.LOGOUT:
            return {"Action": "QueueRemove", **member}
        case paused:
            reason = {"Reason": order["reason"]} if order.get("reason") else {}
            return {
                "Action": "QueuePause", **member, "Paused": "true" if paused is Change.PAUSE else "false", **reason
            }  # fmt: skip
