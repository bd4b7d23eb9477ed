"""`run`, `store`, `ingest`, `web`: the product at work, whole or process by process."""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from commands import Add, say
from data.errors import SettingsError
from data.settings import Settings
from data.supervise import Child, Supervisor, stop_on_signals, stop_with_parent, tell_ready


def register(add: Add) -> None:
    add("run", run, "serve the PBXs of the settings: store, ingest and web, restarted when they die")
    add("store", store, "serve the database only")
    add("ingest", ingest, "read the PBXs only")
    add("web", web, "serve the pages only")


def run(options: argparse.Namespace, settings: Settings) -> int:
    from commands.demo import refuse_demo_folder
    from commands.users import first_administrator

    require_pbx(settings)
    refuse_demo_folder(settings)
    first_administrator(settings)
    supervisor = Supervisor(stages(options, settings), stop=stop_on_signals())
    supervisor.run(lambda: say(f"Callboard serves {address(settings)}  (Ctrl-C stops it)"))
    return 0


def store(options: argparse.Namespace, settings: Settings) -> int:
    from data.store.server import serve

    with served() as stop:
        serve(settings, ready=tell_ready, stop=stop)
    return 0


def ingest(options: argparse.Namespace, settings: Settings) -> int:
    from ingest.daemon import run as run_ingest

    require_pbx(settings)
    with served() as stop:
        run_ingest(settings, ready=tell_ready, stop=stop)
    return 0


def web(options: argparse.Namespace, settings: Settings) -> int:
    from commands.users import first_administrator
    from dashboard.asgi import serve
    from data.store.beside import store_beside
    from data.store.tokens import TokenKind

    first_administrator(settings)  # also where this process alone runs on a machine of its own
    with served() as stop, store_beside(settings, TokenKind.APP) as store_of_pages:
        serve(settings, store_of_pages, ready=tell_ready, stop=stop)
    return 0


@contextlib.contextmanager
def served() -> Iterator[threading.Event]:
    """The event that tells a serving process to stop: on a signal, or when its parent is gone."""
    stop = stop_on_signals()
    stop_with_parent(stop)
    yield stop


def stages(options: argparse.Namespace, settings: Settings, env: dict[str, str] | None = None) -> list[list[Child]]:
    """The three processes: the other two need the store."""
    return [
        [Child(name, command_line(name, options, settings), env or {}) for name in names]
        for names in (("store",), ("ingest", "web"))
    ]


def command_line(name: str, options: argparse.Namespace, settings: Settings) -> list[str]:
    """How this process starts another one of itself with the same settings."""
    file: Path | None = options.settings
    words = [sys.executable, str(Path(__file__).parents[1] / "app.py"), name, "--data", str(settings.data)]
    return [*words, "--settings", str(file)] if file else words


def require_pbx(settings: Settings) -> None:
    if not settings.pbx:
        raise SettingsError(
            "No PBX is configured. Copy callboard.example.toml to callboard.toml and fill in [[pbx]], "
            "or try `python app.py demo`."
        )
    names = [pbx.name for pbx in settings.pbx]
    if len(set(names)) < len(names):
        raise SettingsError(f"Setting pbx: two of {', '.join(names)} share a name. Give each PBX a name of its own.")


def address(settings: Settings) -> str:
    return settings.web.public_url or f"http://{settings.web.host}:{settings.web.port}"
