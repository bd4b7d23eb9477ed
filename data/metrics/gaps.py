"""Times when nobody listened: what they hide is missing from every number, so charts shade them."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

from data.identity.actor import Actor
from data.metrics.compiler import piece
from data.metrics.periods import Period
from data.metrics.reads import Reads
from data.settings import Site


def gaps_between(
    store: Reads, period: Period, *, site: Site, actor: Actor, as_of: datetime | None = None
) -> pd.DataFrame:
    """One row per gap that touches the period: pbx, started_at, ended_at (local, without zone), cause, filled."""
    params = {
        "from_at": period.from_at(site.zone),
        "until_at": period.until_at(site.zone),
        "as_of": as_of or datetime.now(UTC),
    }
    frame = store.query(piece("gaps"), params, actor=actor).to_pandas()
    for name in ("started_at", "ended_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True).dt.tz_convert(site.timezone).dt.tz_localize(None)
    return frame
