"""Occupancy: how much of their time at work employees spend on calls; unknown without login data."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

from data.identity.actor import Actor
from data.metrics.compiler import Restriction, piece
from data.metrics.measure import measure
from data.metrics.periods import Period
from data.metrics.reads import Reads
from data.settings import Site


def occupancy(
    store: Reads,
    period: Period,
    *,
    site: Site,
    actor: Actor,
    where: Restriction | None = None,
    as_of: datetime | None = None,
    now: datetime | None = None,
) -> pd.DataFrame:
    """One row per employee: employee, talk (s), logged_in_s, paused_s, occupancy (share, null without logins).

    Occupancy = talk / (logged in − paused), without wrap, for no source tells the after-call work. Talk
    outside the logged-in time counts too, so that it may pass one.
    """
    known = as_of or now or datetime.now(UTC)
    talk = measure(
        store, ["talk"], by=["employee"], where=where, from_on=period.from_on, to_on=period.to_on,
        site=site, actor=actor, as_of=as_of, now=now,
    )  # fmt: skip
    params = {"from_at": period.from_at(site.zone), "until_at": period.until_at(site.zone), "as_of": known}
    logins = store.query(piece("occupancy"), params, actor=actor).to_pandas()
    frame = talk.merge(logins, on="employee", how="outer")
    present = frame["logged_in_s"] - frame["paused_s"].fillna(0.0)
    frame["occupancy"] = frame["talk"].fillna(0.0) / present.where(present > 0)
    return frame
