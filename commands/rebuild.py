"""`rebuild`: derives the calls of a period anew from the journal."""

from __future__ import annotations

import argparse
from datetime import date, datetime, time

from commands import Add, say
from commands.reports import day
from data.errors import SettingsError
from data.settings import Pbx, Settings

_STEP = 0.1


def register(add: Add) -> None:
    command = add("rebuild", rebuild, "derive the calls of a period anew from the journal of raw events")
    command.add_argument("--from", dest="from_on", required=True, type=day, metavar="DAY", help="first local day")
    command.add_argument("--to", dest="to_on", required=True, type=day, metavar="DAY", help="local day after the last")
    command.add_argument("--pbx", metavar="NAME", help="one PBX (all that have a journal)")


def rebuild(options: argparse.Namespace, settings: Settings) -> int:
    from data.store.opening import open_store
    from ingest.assembler import Office
    from ingest.rebuild import begins_at
    from ingest.rebuild import rebuild as derive

    journals = sorted(path for path in (settings.data / "journal").glob("*") if path.is_dir())
    chosen = [path for path in journals if options.pbx in (None, path.name)]
    if not chosen:
        known = ", ".join(path.name for path in journals) or "none"
        raise SettingsError(f"{settings.data} has no journal of {options.pbx or 'any PBX'}. There are: {known}.")
    known_pbx = {pbx.name: pbx for pbx in settings.pbx}
    with open_store(settings) as store:
        for path in chosen:
            pbx = known_pbx.get(path.name, Pbx(name=path.name))
            from_at, to_at = _midnight(options.from_on, settings), _midnight(options.to_on, settings)
            begin = begins_at(path)
            if begin is not None and from_at < begin < to_at:
                from_at = begin.astimezone(settings.site.zone)
                say(f"{path.name}: the journal begins {from_at:%Y-%m-%d %H:%M}; earlier calls stay as they are.")
            made = derive(
                store,
                path,
                office=Office(trunks=tuple(pbx.trunks), extensions=pbx.extensions),
                pbx=path.name,
                site=settings.site,
                from_at=from_at,
                to_at=to_at,
                progress=_Progress(path.name),
            )
            say(f"{path.name}: {made.calls} calls derived anew, {made.retracted} rows gone.")
    return 0


class _Progress:
    """Says every tenth part once, and the end."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._next = _STEP
        self._done = False

    def __call__(self, share: float) -> None:
        if share >= self._next or (share >= 1.0 and not self._done):
            say(f"{self._name}: {share:.0%} of the period read")
            self._next, self._done = share + _STEP, share >= 1.0


def _midnight(on: date, settings: Settings) -> datetime:
    return datetime.combine(on, time(), settings.site.zone)
