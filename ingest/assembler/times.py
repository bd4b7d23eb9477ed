"""Moments, as events count them and as facts keep them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(at: float) -> datetime:
    """Unix time as an aware datetime, to the microsecond."""
    return _EPOCH + timedelta(microseconds=round(at * 1e6))
