"""The reports by name: which metrics, split how; the same for pages, command line and notebooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from data.identity.actor import Actor
from data.metrics.compiler import Restriction
from data.metrics.exports import export
from data.metrics.gaps import gaps_between
from data.metrics.measure import Provenance, measure
from data.metrics.periods import Period
from data.metrics.reads import Reads
from data.metrics.terms import by_name, look_up
from data.metrics.titles import with_titles
from data.settings import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report: its metrics, and the dimensions it is split by unless told otherwise."""

    name: str
    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()


_FATE = ("accepted", "missed", "successful", "failed")
_SERVICE = (
    "offered",
    "answered",
    "abandoned",
    "service_level",
    "asa",
    "wait_median",
    "wait_p90",
    "longest_wait",
    "abandonment",
)

REPORTS = by_name(
    [
        Report(name="calls", metrics=("calls", *_FATE, "internal")),
        Report(name="places", metrics=("calls", "inbound", "outbound"), by=("place",)),
        Report(name="hours", metrics=("calls", *_FATE), by=("hour",)),
        Report(name="weekdays", metrics=("calls", *_FATE), by=("weekday",)),
        Report(name="channels", metrics=("inbound", "accepted", "missed", "missed_share"), by=("channel",)),
        Report(
            name="employees",
            metrics=("calls", *_FATE, "talk", "mean_talk", "offers", "offers_missed"),
            by=("employee",),
        ),
        Report(name="clients", metrics=("calls", *_FATE, "talk", "mean_talk"), by=("client",)),
        Report(name="leads", metrics=("leads", "leads_registered", "leads_unregistered", "leads_lost"), by=("day",)),
        Report(name="missed", metrics=("missed", "handled", "unhandled", "handled_share"), by=("day",)),
        Report(name="service", metrics=_SERVICE),
        Report(
            name="recovery",
            metrics=(
                "episodes",
                "called_back",
                "caller_returned",
                "attempted",
                "not_recovered",
                "recovered_share",
                "recovery_median",
                "recovery_p90",
            ),
        ),
        Report(
            name="repeats", metrics=("repeat_base", "repeated", "repeat_unfinished", "first_contact_share"), by=("day",)
        ),
        Report(
            name="chats",
            metrics=(
                "chats",
                "chats_answered",
                "chats_waiting",
                "chats_late",
                "reply_level",
                "first_response_median",
                "first_response_p90",
                "first_response_open_median",
                "close_median",
                "reopen_rate",
            ),
        ),
        Report(name="quality", metrics=("calls", "incomplete", "conversations", "recorded", "unrecorded"), by=("day",)),
    ]
)


def report_frame(
    store: Reads,
    name: str,
    *,
    from_on: date,
    to_on: date,
    site: Site,
    actor: Actor,
    by: Sequence[str] = (),
    where: Restriction | None = None,
    as_of: datetime | None = None,
    params: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """The numbers of a report with names instead of keys. Raises UnknownName."""
    report = look_up(REPORTS, name, "report")
    frame = measure(
        store,
        report.metrics,
        by=tuple(by) or report.by,
        where=where,
        from_on=from_on,
        to_on=to_on,
        site=site,
        actor=actor,
        as_of=as_of,
        params=params,
    )
    named = with_titles(frame, store, actor=actor)
    unheard = gaps_between(store, Period(from_on=from_on, to_on=to_on), site=site, actor=actor)
    named.attrs["measured"] = Provenance(frame.attrs["measured"] | {"gaps": len(unheard)})
    return named


def run_report(
    store: Reads,
    name: str,
    *,
    from_on: date,
    to_on: date,
    site: Site,
    actor: Actor,
    by: Sequence[str] = (),
    format: str = "json",
    where: Restriction | None = None,
    as_of: datetime | None = None,
    params: Mapping[str, float] | None = None,
) -> bytes:
    """A report as the file `format`. Without a filter every call counts, internal ones too."""
    frame = report_frame(
        store,
        name,
        from_on=from_on,
        to_on=to_on,
        site=site,
        actor=actor,
        by=by,
        where=where,
        as_of=as_of,
        params=params,
    )
    return export(frame, format)
