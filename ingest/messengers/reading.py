"""Values out of JSON that strangers wrote: of the right type, of a sane size, or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.messengers.adapter import NotUnderstood

LONGEST_TEXT = 65_536
LONGEST_NAME = 300
LONGEST_ID = 500
_OLDEST = datetime(2009, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)  # clocks differ
_DEEPEST = 60

Json = Mapping[str, Any]


def json_of(body: bytes) -> Any:
    """Raises NotUnderstood."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood(f"The body is no JSON: {type(error).__name__}.") from None


def mapping(value: Any) -> Json:
    """The object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> Iterator[Json]:
    """The objects of a list; none for anything else."""
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())


def text(value: Any, longest: int = LONGEST_TEXT) -> str | None:
    """A text that can be stored; None for anything else and for an empty one."""
    if not isinstance(value, str):
        return None
    # Zero characters and halves of letters have no place in a database.
    return value.replace("\x00", "").encode("utf-8", "replace").decode()[:longest] or None


def key(value: Any) -> str | None:
    """An id: text or a whole number, as text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    found = text(value, LONGEST_ID)
    return found.strip() or None if found else None


def number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -1e9 < value < 1e9 else None


def size(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 40 else None


def moment(value: Any, received_at: datetime) -> datetime:
    """Seconds since 1970, or ISO 8601; what cannot be true becomes the moment of the delivery."""
    found: datetime | None = None
    try:
        if isinstance(value, str) and not value.lstrip("-").isdigit():
            found = datetime.fromisoformat(value)
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            found = datetime.fromtimestamp(float(value), UTC)
    except (ValueError, OverflowError, OSError):
        found = None
    if found is None or not _OLDEST < found < received_at + _AHEAD:
        return received_at
    return found.astimezone(UTC)
