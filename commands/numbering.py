"""`import numbering` loads the Russian numbering plan; `reclassify` describes all known numbers anew."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from commands import Add, say
from data.identity.actor import system
from data.settings import Settings

_SHOWN = 10
_STEP = 0.1


def register(add: Add) -> None:
    add("reclassify", reclassify, "find class, region and operator of all known numbers anew")


def register_import(kinds: Any) -> None:
    """Add `numbering` to the kinds of `import`."""
    text = "tables of the Russian numbering plan: ranges with operator and region"
    one = kinds.add_parser("numbering", help=text, description=f"{text[0].upper()}{text[1:]}, as CSV.")
    one.add_argument("files", nargs="+", type=Path, metavar="FILE", help="ABC-3xx.csv, DEF-9xx.csv …")
    one.add_argument("--data", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="data folder (var/)")
    one.add_argument("--settings", type=Path, default=argparse.SUPPRESS, metavar="FILE", help="settings file")
    one.set_defaults(run=load)


def load(options: argparse.Namespace, settings: Settings) -> int:
    from data.numbering_plan import read_plan
    from data.services.numbering import load_plan
    from data.store.opening import open_store

    plans = [(path, read_plan(path)) for path in options.files]
    ranges = [one for _, plan in plans for one in plan.ranges]
    for path, plan in plans:
        say(f"{path}: {len(plan.ranges)} ranges, {len(plan.bad)} lines set aside.")
        for bad in plan.bad[:_SHOWN]:
            say(f"  line {bad.line}: {bad.why}")
        if len(plan.bad) > _SHOWN:
            say(f"  … and {len(plan.bad) - _SHOWN} more.")
    with open_store(settings) as store:
        load_plan(store, system("numbering"), ranges, now=datetime.now(UTC))
        return _reclassify(store, settings)


def reclassify(options: argparse.Namespace, settings: Settings) -> int:
    from data.store.opening import open_store

    with open_store(settings) as store:
        return _reclassify(store, settings)


def _reclassify(store: Any, settings: Settings) -> int:
    from data.services.reclassify import reclassify as describe

    done = describe(store, system("numbering"), settings.site, progress=_Progress())
    say(f"{done.numbers} numbers looked at, {done.changed} described anew.")
    return 0


class _Progress:
    """Says every tenth part once."""

    def __init__(self) -> None:
        self._next = _STEP

    def __call__(self, share: float) -> None:
        if share >= self._next:
            say(f"numbers: {share:.0%}")
            self._next = share + _STEP
