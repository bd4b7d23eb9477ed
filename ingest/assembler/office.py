"""What an office knows about its own PBX, as far as events alone cannot tell it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Settings of one PBX that the reconstruction needs; the defaults suit most offices.

    trunks: shell patterns of device names ("PJSIP/trunk*"); empty: told from how channels behave.
    extensions: pattern that a whole extension number matches.
    """

    trunks: tuple[str, ...] = ()
    extensions: str = r"\d{2,5}"
