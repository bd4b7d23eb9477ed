"""How far our calls agree with the PBX's own records: the days that were compared, and what differs."""

from __future__ import annotations

import pandas as pd

from data.identity.actor import Actor
from data.metrics.compiler import piece
from data.metrics.periods import Period
from data.metrics.reads import Reads
from data.settings import Site


def checked_days(store: Reads, period: Period, *, actor: Actor) -> pd.DataFrame:
    """One row per day, PBX and source: checked_on, pbx, source, agree, differ, only_ours, only_theirs, unexplained."""
    params = {"from_on": period.from_on, "until_on": period.to_on}
    frame = store.query(piece("self_checks"), params, actor=actor).to_pandas()
    frame["checked_on"] = pd.to_datetime(frame["checked_on"])
    return frame


def source_differences(store: Reads, period: Period, *, site: Site, actor: Actor) -> pd.DataFrame:
    """One row per contradiction, unexplained ones first; started_at is local, without zone.

    Columns: call_id, pbx, source, kind, field, ours, theirs, rule, started_at, is_stored (whether we have the call).
    """
    params = {"from_at": period.from_at(site.zone), "until_at": period.until_at(site.zone)}
    frame = store.query(piece("source_differences"), params, actor=actor).to_pandas()
    started = pd.to_datetime(frame["started_at"], utc=True)
    frame["started_at"] = started.dt.tz_convert(site.timezone).dt.tz_localize(None)
    return frame
