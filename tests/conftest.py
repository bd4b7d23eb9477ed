"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def logs_end_with_the_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command sends logs to the standard error of its test, which is gone afterwards."""
    configure = structlog.configure
    # A module that logs during the command would keep its logger for all later tests.
    monkeypatch.setattr(
        structlog, "configure", lambda **given: configure(**given | {"cache_logger_on_first_use": False})
    )
    yield
    structlog.reset_defaults()
