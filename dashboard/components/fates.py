"""The marks that several reports share: what became of calls, in their colours and order."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.figures.theme import Series
from dashboard.text import t

FATES = ("accepted", "missed", "successful", "failed")

_COLOURS: Mapping[str, str] = {
    "accepted": "answered",
    "missed": "missed",
    "successful": "reached",
    "failed": "cancelled",
    "leads_registered": "reached",
    "leads_unregistered": "cancelled",
    "leads_lost": "lost",
    "handled": "reached",
    "unhandled": "missed",
    "called_back": "reached",
    "caller_returned": "answered",
    "attempted": "missed",
    "not_recovered": "lost",
    "abandonment": "lost",
    "asa": "answered",
    "wait_median": "reached",
    "wait_p90": "missed",
    "answered": "answered",
    "abandoned": "lost",
    "incomplete": "missed",
    "unrecorded": "lost",
    "first_contact_share": "reached",
}


def mark(metric: str, colour: str | None = None) -> Series:
    """The mark of a metric, with the addresses in `<metric>_link`."""
    return Series(
        column=metric,
        name=t(f"reports.metric.{metric}"),
        colour=colour or _COLOURS.get(metric, "answered"),
        links=f"{metric}_link",
    )


def fate_stacks() -> list[list[Series]]:
    """Inbound: accepted and missed; outbound: successful and failed."""
    return [[mark("accepted"), mark("missed")], [mark("successful"), mark("failed")]]
