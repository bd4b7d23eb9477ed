"""Carries out what users asked for in the outbox: has the PBX call their phone, then the number.

What the PBX tells of the first leg is the end of the order; the rest is a call like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from data.errors import PbxError, PbxUnreachable
from data.phone import as_dialled
from data.services.dialing import KIND, LONGEST_RING, PATIENCE
from data.settings import Pbx, Site
from data.store.protocol import Store
from ingest.orders import Orders, Outcome

_GRACE_S = 5.0  # beyond the ringing, until the PBX has told what came of it
# What OriginateResponse calls Reason.
_REASONS = {"0": "unreachable", "1": "no_answer", "3": "no_answer", "5": "busy", "8": "unreachable"}


class Link(Protocol):
    """The way to a PBX."""

    def originate(self, headers: dict[str, str], *, seconds: float) -> Any: ...


class Originator(Orders):
    """The calls to start at one PBX; what is remembered of one is the channel of the user's phone."""

    kind = KIND
    patience = PATIENCE
    longest = LONGEST_RING

    def __init__(self, pbx: Pbx, link: Link, store: Store, site: Site) -> None:
        super().__init__(pbx, store)
        self._link, self._site = link, site

    def carry_out(self, order: Mapping[str, str]) -> Outcome:
        return start_call(self._link, self._pbx, self._site, order)


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
