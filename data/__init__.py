"""What a call is, how it is stored and measured: the shared core. Analysts begin with `data.connect()`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data.analyst import connect as connect


def __getattr__(name: str) -> Any:
    # Late, for most who import the core need no frames.
    if name == "connect":
        from data.analyst import connect

        return connect
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
