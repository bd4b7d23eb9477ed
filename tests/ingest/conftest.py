"""What all tests of ingest share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def logs_end_with_the_test() -> Iterator[None]:
    """A command sends logs to the standard error of its test, which is gone afterwards."""
    yield
    structlog.reset_defaults()
