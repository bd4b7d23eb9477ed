"""What all tests of ingest share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.ingest.mariadb import FreePbx, emptied, server


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


@pytest.fixture(scope="session")
def maria(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The socket of a MariaDB that runs as long as the tests of this process."""
    with server(tmp_path_factory.mktemp("maria")) as socket:
        yield socket


@pytest.fixture
def freepbx(maria: Path) -> FreePbx:
    """An empty database of a FreePBX."""
    return emptied(maria)
