"""The commands of `app.py`, a module per kind; each parses its words, calls one part and prints."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from getpass import getuser
from typing import Protocol

from data.settings import Settings


class Run(Protocol):
    """What a command does; its exit status."""

    def __call__(self, options: argparse.Namespace, settings: Settings, /) -> int: ...


class Add(Protocol):
    """Adds a command to the parser."""

    def __call__(self, name: str, run: Run, text: str) -> argparse.ArgumentParser: ...


def note(settings: Settings, action: str, subject_kind: str, subject_id: str, **detail: object) -> None:
    """Write down what the person at the terminal did; the web process hands it to the trail."""
    from data.services.notes import Notes

    try:
        who = getuser()
    except (KeyError, OSError):  # an account without a name, in a container
        who = "terminal"
    Notes(settings).note(f"system:{who}", datetime.now(UTC), action, subject_kind, subject_id, **detail)


def say(text: str) -> None:
    """Print a line for the person at the terminal, at once."""
    print(text, flush=True, file=sys.stdout)  # noqa: T201 - the one place that prints
