"""Columns of a frame as a chart takes them: lists of numbers and words that JSON has, None where there is no value."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboard.figures.theme import Series, Trace


def plain(column: pd.Series) -> list[Any]:
    values = column.to_list()
    return [None if pd.isna(value) else value for value in values] if column.hasnans else values


def plain_rows(df: pd.DataFrame) -> list[list[Any]]:
    return [plain(row) for _, row in df.iterrows()]


def linked(df: pd.DataFrame, series: Series) -> Trace:
    """The addresses behind the marks of a series, where it has any."""
    return {"customdata": plain(df[series.links])} if series.links and series.links in df else {}
