"""docs/metrics.md tells every metric, dimension and report as the catalogue has it."""

from __future__ import annotations

from dashboard.text import LANGUAGES, speaking, t
from data.metrics.catalogue import METRICS
from data.metrics.dimensions import DIMENSIONS
from data.metrics.document import FILE, document
from data.metrics.report import REPORTS


def test_the_page_is_what_the_catalogue_makes() -> None:
    assert FILE.read_text("utf-8") == document(), "run python -m data.metrics.document"


def test_every_name_is_told() -> None:
    page = document()

    assert all(f"| `{name}` |" in page for name in [*METRICS, *DIMENSIONS, *REPORTS])


def test_every_metric_has_a_name_and_a_formula_in_every_language() -> None:
    for language in LANGUAGES:
        with speaking(language):
            for metric in METRICS:
                for key in (f"reports.metric.{metric}", f"reports.formula.{metric}"):
                    assert t(key) != key, (language, key)
