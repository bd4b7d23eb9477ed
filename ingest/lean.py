"""Keeps pandas out of a process that needs only Arrow: pyarrow loads it where it can, for 50 MB of memory."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class _NoPandas(MetaPathFinder):
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name == "pandas":
            raise ImportError("this process does without pandas")
        return None


def do_without_pandas() -> None:
    """From now on pandas counts as not installed, unless it was loaded before."""
    sys.meta_path.insert(0, _NoPandas())
