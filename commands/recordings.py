"""`recordings`: the states of recordings, those without a file, and files without a recording."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from itertools import islice

from commands import Add, say
from data.identity.actor import system
from data.settings import Settings

_MEBIBYTE = 1 << 20


def register(add: Add) -> None:
    command = add("recordings", recordings, "list states of recordings, missing ones and files that belong to none")
    command.add_argument("--most", type=int, default=50, metavar="N", help="longest list of each kind (50)")


def recordings(options: argparse.Namespace, settings: Settings) -> int:
    from data.store.opening import open_store
    from ingest.sound_lists import missing, orphans, states

    actor = system("recordings")
    patience = timedelta(minutes=settings.recordings.patience_minutes)
    with open_store(settings) as store:
        for each in states(store, actor):
            say(f"{each.state:<10} {each.recordings:>9}  {each.bytes / _MEBIBYTE:>10.1f} MiB")
        lost = missing(store, actor, rows=options.most)
        say(f"\nMissing: {'none' if not lost else f'the newest {len(lost)}'}")
        for recording in lost:
            say(f"  {recording.started_at:%Y-%m-%d %H:%M:%S}Z  {recording.recording_id}  {recording.file!r}")
        files = orphans(store, actor, settings.recording_roots, older_than=datetime.now(UTC) - patience)
        alone = list(islice(files, options.most + 1))
    say(f"\nFiles that belong to no recording: {'none' if not alone else ''}")
    for path in alone[: options.most]:
        say(f"  {path}")
    if len(alone) > options.most:
        say(f"  … and more; --most {options.most * 10} lists further ones.")
    if settings.recordings.remote:
        say("In folders only: a web server gives no list of its files.")
    return 0
