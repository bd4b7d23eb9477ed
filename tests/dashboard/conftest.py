"""Fixtures of the web application without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from dashboard.text import speaking
from data.identity import passwords
from tests.dashboard.house import House, build_house


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of a second for each password would be most of the time of these tests."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture(autouse=True)
def russian() -> Iterator[None]:
    """Each test begins with the language that nobody has chosen, whatever the one before it chose."""
    with speaking("ru"):
        yield


@pytest.fixture
def house(tmp_path: Path) -> House:
    return build_house(tmp_path)
