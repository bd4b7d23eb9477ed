"""The notebooks run from top to bottom on a small office, and are kept without their outputs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from data.settings import Settings
from data.store.opening import open_store
from ingest.simulator.history import simulate_history

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder with some weeks of calls, named by the environment as a user would."""
    folder = tmp_path_factory.mktemp("office")
    settings = Settings(data=folder)
    with open_store(settings) as store:
        until = datetime.now(UTC)
        simulate_history(
            store, calls=900, days=40, until=until, seed=3, site=settings.site, recordings_dir=folder / "rec"
        )
    before = os.environ.get("CALLBOARD_DATA")
    os.environ["CALLBOARD_DATA"] = str(folder)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    yield folder
    if before is None:
        del os.environ["CALLBOARD_DATA"]
    else:
        os.environ["CALLBOARD_DATA"] = before


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def test_there_are_the_four_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "01_tour_of_the_data",
        "02_missed_call_recovery",
        "03_lead_sources",
        "04_data_quality",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, office: Path) -> None:
    notebook = read(path)

    NotebookClient(notebook, timeout=120, kernel_name="python3").execute(cwd=str(ROOT))

    shown = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("data" in output for output in shown)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    notebook = read(path)

    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in notebook.cells)
