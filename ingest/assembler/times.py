"""Moments, as events count them and as facts keep them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = 250_000_000_000.0  # the year 9892: beyond, there are no dates


def moment(at: float) -> datetime:
    """Unix time as an aware datetime, to the microsecond; what no date can be becomes the nearest that can."""
    if not 0.0 <= at <= _LATEST:
        at = min(max(at, 0.0), _LATEST)
    return _EPOCH + timedelta(microseconds=round(at * 1e6))
