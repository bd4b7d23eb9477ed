"""How long missed callers wait for a conversation, those still waiting included.

Source: the product-limit estimate of Kaplan and Meier (1958), with Greenwood's variance on the log-log
scale for the band. An episode that is still open when we look says only that it took at least so long.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

_Z95 = 1.959963984540054
COLUMNS = ("after_s", "waiting_share", "low_share", "high_share", "at_risk")


def survival_curve(waited_s: pd.Series, recovered: pd.Series) -> pd.DataFrame:
    """Share still waiting after so many seconds: one row per moment of a recovery, beginning with 1 at 0.

    waited_s: time to the conversation, or until now. recovered: whether there was one. Columns: after_s,
    waiting_share, its 95 % band low_share and high_share, at_risk (episodes still waiting just before).
    """
    order = np.argsort(waited_s.to_numpy(dtype=float), kind="stable")
    times = waited_s.to_numpy(dtype=float)[order]
    ended = recovered.to_numpy(dtype=bool)[order]
    if not len(times):
        return pd.DataFrame(columns=list(COLUMNS), dtype=float)
    moments = np.unique(times[ended])
    at_risk = len(times) - np.searchsorted(times, moments, side="left")
    deaths = np.searchsorted(times[ended], moments, side="right") - np.searchsorted(times[ended], moments, side="left")
    share = np.cumprod(1 - deaths / at_risk)
    low, high = _band(share, deaths, at_risk)
    return pd.DataFrame(
        {
            "after_s": np.concatenate([[0.0], moments]),
            "waiting_share": np.concatenate([[1.0], share]),
            "low_share": np.concatenate([[1.0], low]),
            "high_share": np.concatenate([[1.0], high]),
            "at_risk": np.concatenate([[len(times)], at_risk]),
        }
    )


def median_s(curve: pd.DataFrame) -> float | None:
    """When half of them had been talked with; None: more than half still wait."""
    reached = curve[curve["waiting_share"] <= 0.5]
    return None if reached.empty else float(reached["after_s"].iloc[0])


def _band(share: np.ndarray, deaths: np.ndarray, at_risk: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(deaths / (at_risk * (at_risk - deaths))) / np.log(share) ** 2
        width = _Z95 * np.sqrt(variance)
        low, high = share ** np.exp(width), share ** np.exp(-width)
    inside = np.isfinite(width) & (share > 0) & (share < 1)
    return np.where(inside, low, share), np.where(inside, high, share)
