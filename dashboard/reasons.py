"""Why a call has its status, in words: what decided it, as of a moment."""

from __future__ import annotations

from datetime import datetime

from dashboard.text import label, t
from dashboard.text.formats import moment
from data.journal import CallDetails
from data.model import Direction, Outcome, Status
from data.settings import Site


def reasons(details: CallDetails, site: Site, now: datetime) -> list[str]:
    """Sentences, the weightiest first; details: as of `now`."""
    row = details.row
    people = ", ".join(person.name or person.extension for person in row.people)
    if row.direction is Direction.INTERNAL and row.outcome is Outcome.ANSWERED:
        words = [t("journal.why.conference" if row.conference else "journal.why.inside", people=people)]
    else:
        words = [t(f"journal.why.{row.outcome}", people=people)]
    if row.reason is not None:
        words.append(t("journal.why.reason", reason=label(row.reason).lower()))
    if row.missed:
        words += _missed(details, site, now)
    if row.incomplete:
        words.append(t("journal.ui.incomplete"))
    return words


def _missed(details: CallDetails, site: Site, now: datetime) -> list[str]:
    words = [t(f"journal.why.{_fate(details)}", until=_until(site.horizon))]
    if details.contact_after_at is not None:
        words.append(t("journal.why.contact", when=moment(details.contact_after_at, now, site.zone)))
    else:
        words.append(t("journal.why.no_contact"))
    if details.row.attention:
        words.append(t("journal.why.attention"))
    return words


def _fate(details: CallDetails) -> str:
    """Whether the call is lost, and by what; a conversation before it was lost is one within the horizon."""
    if details.row.registered_then:
        return "registered"
    if details.row.status is Status.LOST:
        return "lost"
    return "in_time" if details.contact_after_at is not None else "pending"


def _until(horizon: str) -> str:
    """The horizon of the settings: day, 4h, 8wh."""
    if horizon == "day":
        return t("journal.why.until.day")
    kind = "working" if horizon.endswith("wh") else "hours"
    return t(f"journal.why.until.{kind}", n=horizon.rstrip("wh"))
