"""docs/metrics.md out of the catalogue: `python -m data.metrics.document` writes it, a test compares."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from data.metrics.catalogue import METRICS, PARAMETERS
from data.metrics.dimensions import DIMENSIONS
from data.metrics.report import REPORTS
from data.metrics.terms import OF_CALLS, Dimension, Grain, Metric

FILE = Path(__file__).parents[2] / "docs" / "metrics.md"

_GRAINS = {
    Grain.CALL: "one customer interaction",
    Grain.VISIT: "one stay of one caller in one queue",
    Grain.PART: "one employee's part in one call: who talked, else who rang",
    Grain.OFFER: "one ring of one employee's phone",
    Grain.EPISODE: "the missed calls of one number until its next conversation",
    Grain.FOLLOWED: "one accepted call of a known number, with the number's next call",
    Grain.CHAT: "one opening of a chat: from the client's first word, or his coming back, to the next one",
}

_INTRODUCTION = """# Metrics

Made from `data/metrics/` by `python -m data.metrics.document`; change the catalogue, not this page.

Every number is taken over the rows of one grain. Totals of grains differ: 12 calls may be 15 rings. Where a metric
names several grains, the first is its home; a split by a dimension that belongs to another takes it there: by `queue`,
the service level is that of queue visits; by `employee`, calls are parts of calls.

Days, weeks and hours are local to the site. Counts of nothing are 0; shares and times of nothing are null ("–").
`as_of` asks with the knowledge of a moment: leads, recovery, status and repeats then ignore what came later.
"""


def document() -> str:
    """The whole page."""
    parts = [
        _INTRODUCTION,
        "## Grains\n\n" + _table(("grain", "one row is"), ((f"`{grain}`", words) for grain, words in _GRAINS.items())),
        "## Parameters\n\n"
        + _table(
            ("parameter", "usual", "meaning"),
            ((f"`{one.name}`", f"{one.default:g}", one.note) for one in PARAMETERS.values()),
        ),
        "## Metrics\n\n" + _table(("metric", "formula", "unit", "grain", "note"), map(_metric, METRICS.values())),
        "## Dimensions\n\n" + _table(("dimension", "is", "of"), map(_dimension, DIMENSIONS.values())),
        "## Reports\n\n"
        + _table(
            ("report", "metrics", "split by, unless asked otherwise"),
            ((f"`{one.name}`", _names(one.metrics), _names(one.by) or "–") for one in REPORTS.values()),
        ),
    ]
    return "\n".join(parts)


def _metric(metric: Metric) -> tuple[str, ...]:
    params = f" Parameters: {_names(metric.params)}." if metric.params else ""
    return f"`{metric.name}`", metric.formula, metric.unit, ", ".join(metric.grains), f"{metric.note}{params}".strip()


def _dimension(dimension: Dimension) -> tuple[str, ...]:
    grains = {frozenset(Grain): "every grain", OF_CALLS: "every grain of calls"}.get(dimension.grains) or ", ".join(
        sorted(dimension.grains)
    )
    return f"`{dimension.name}`", dimension.note, grains


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    FILE.write_text(document(), "utf-8")
