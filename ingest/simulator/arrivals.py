"""Calls that begin by themselves in a stretch of days: when, which way, from or to which number.

What follows from other calls (call-backs, callers who try again) is `aftermath`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.simulator.calendar import Day, Floats, moments, share_of_day
from ingest.simulator.codes import HIDDEN, INBOUND, INTERNAL, NO_NUMBER, OUTBOUND
from ingest.simulator.numbers import Ints
from ingest.simulator.office import Office

_MIX_WHEN_OPEN = (0.57, 0.34, 0.09)  # inbound, outbound, internal
_INBOUND_FROM = (0.47, 0.24, 0.27, 0.02)  # client, new number, stranger again, hidden
_OUTBOUND_TO = (0.58, 0.10, 0.32)  # client, new number, stranger
_CAMPAIGN = (0.30, 0.45, 0.25)  # in weeks of a campaign: mostly numbers from a list
_CAMPAIGN_EVERY_WEEKS = 7
_RECENT = 160.0  # strangers call again soon: mean distance in new numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Calls in the order of time."""

    at: Floats
    direction: Ints
    number: Ints  # position of the number, HIDDEN or NO_NUMBER
    did: Ints
    day: Ints  # position in the days of the block
    strangers: int  # how many strangers have been seen after these calls


def expected_weight(days: Sequence[Day]) -> Floats:
    """How many of the history's calls belong to each day, as shares of an ordinary day."""
    return np.array([day.weight * share_of_day(day) for day in days])


def make_arrivals(
    rng: np.random.Generator, office: Office, days: Sequence[Day], *, count: int, clients: int, strangers: int
) -> Arrivals:
    """`count` calls over these days. Numbers below `clients` are clients', `strangers` were seen before."""
    weights = expected_weight(days)
    per_day = rng.multinomial(count, weights / weights.sum())
    at = np.concatenate([moments(rng, day, int(calls)) for day, calls in zip(days, per_day, strict=True)])
    day_at = np.repeat(np.arange(len(days)), per_day)
    direction = _directions(rng, days, at, day_at)
    source = _sources(rng, days, direction, day_at)
    is_new = source == 1
    seen = strangers + np.cumsum(is_new)
    again = np.maximum(0, seen - 1 - np.floor(rng.exponential(_RECENT, count)).astype(np.int64))
    known = np.floor(clients * rng.random(count) ** 2.4).astype(np.int64)
    number = np.select(
        [direction == INTERNAL, source == 0, is_new, source == 2],
        [np.full(count, NO_NUMBER), known, clients + seen - 1, clients + again],
        HIDDEN,
    )
    dids = rng.choice(len(office.dids), count, p=_did_shares(office))
    return Arrivals(
        at=at, direction=direction, number=number, did=dids, day=day_at, strangers=int(seen[-1]) if count else strangers
    )


def _directions(rng: np.random.Generator, days: Sequence[Day], at: Floats, day_at: Ints) -> Ints:
    opens = np.array([day.midnight + day.opens_s for day in days])[day_at]
    closes = np.array([day.midnight + day.closes_s for day in days])[day_at]
    drawn = rng.choice([INBOUND, OUTBOUND, INTERNAL], len(at), p=_MIX_WHEN_OPEN)
    return np.where((at >= opens + 600) & (at < closes - 900), drawn, INBOUND)


def _sources(rng: np.random.Generator, days: Sequence[Day], direction: Ints, day_at: Ints) -> Ints:
    """0 client, 1 new number, 2 stranger seen before, 3 hidden."""
    count = len(direction)
    is_campaign = np.array([day.on.toordinal() // 7 % _CAMPAIGN_EVERY_WEEKS == 0 for day in days])[day_at]
    inbound = _draw(rng, count, _INBOUND_FROM)
    outbound = np.where(is_campaign, _draw(rng, count, _CAMPAIGN), _draw(rng, count, _OUTBOUND_TO))
    return np.where(direction == OUTBOUND, outbound, inbound)


def _draw(rng: np.random.Generator, count: int, shares: Sequence[float]) -> npt.NDArray[np.int64]:
    return np.searchsorted(np.cumsum(shares)[:-1], rng.random(count), side="right").astype(np.int64)


def _did_shares(office: Office) -> Floats:
    weights = np.array([did.weight for did in office.dids])
    return weights / weights.sum()
