"""What became of the recordings that the PBX made."""

from __future__ import annotations

import pandas as pd

from data.identity.actor import Actor
from data.metrics.compiler import piece
from data.metrics.periods import Period
from data.metrics.reads import Reads
from data.settings import Site


def recording_states(store: Reads, period: Period, *, site: Site, actor: Actor) -> pd.DataFrame:
    """One row per state (expected, present, missing, deleted) that occurs: state, recordings."""
    params = {"from_at": period.from_at(site.zone), "until_at": period.until_at(site.zone)}
    return store.query(piece("recording_states"), params, actor=actor).to_pandas()
