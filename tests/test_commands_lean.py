"""A command loads what it needs: the commands that know no database do not bring its engine into their process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEAVY = ("duckdb", "pandas", "sqlalchemy", "dash", "flask")
LOOK = "import sys; {load}; print([name for name in {heavy} if name in sys.modules])"


def loaded_by(load: str) -> str:
    """Which heavy packages a fresh process holds after these imports."""
    code = LOOK.format(load=load, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_door_itself_loads_nothing_heavy() -> None:
    assert loaded_by("import app") == "[]"


def test_ingest_runs_without_the_database_engine() -> None:
    ingest = "import app, ingest.lean; ingest.lean.do_without_pandas(); import ingest.daemon"

    assert loaded_by(ingest) == "[]"
    assert loaded_by(ingest + "; import data.store.opening") == "['duckdb']", "else this test could not fail"
