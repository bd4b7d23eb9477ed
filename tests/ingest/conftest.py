"""What all tests of ingest share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingest.mariadb import FreePbx, emptied, server


@pytest.fixture(scope="session")
def maria(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The socket of a MariaDB that runs as long as the tests of this process."""
    with server(tmp_path_factory.mktemp("maria")) as socket:
        yield socket


@pytest.fixture
def freepbx(maria: Path) -> FreePbx:
    """An empty database of a FreePBX."""
    return emptied(maria)
