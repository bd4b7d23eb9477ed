"""`replay`: captured events become calls, without a PBX."""

from __future__ import annotations

import argparse
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from commands import Add, say
from data.settings import Settings

if TYPE_CHECKING:
    from ingest.assembler import Batch, Office


def register(add: Add) -> None:
    command = add("replay", replay, "turn captured events into calls, without a PBX")
    command.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="capture folder or file of events")
    target = command.add_mutually_exclusive_group(required=True)
    target.add_argument("--calls", metavar="FILE", help="write one JSON object per call; - is standard output")
    target.add_argument("--into", type=Path, metavar="DIR", help="fill the store of this data folder")
    command.add_argument("--pbx", default="pbx", help="name of the PBX in the ids of calls (pbx)")
    command.add_argument(
        "--trunk",
        action="append",
        default=[],
        metavar="PATTERN",
        help="device name of an outside line, PJSIP/provider-*; may be repeated (default: learned)",
    )
    command.add_argument("--extensions", metavar="REGEX", help="what an employee's number looks like")


def replay(options: argparse.Namespace, settings: Settings) -> int:
    from ingest.assembler import Office
    from ingest.replay import replay_calls, write_calls

    office = Office(trunks=tuple(options.trunk), **({"extensions": options.extensions} if options.extensions else {}))
    if options.calls:
        write_calls(replay_calls(options.paths, office, pbx=options.pbx), options.calls)
        return 0
    return _fill(options, settings.model_copy(update={"data": options.into}), office)


def _fill(options: argparse.Namespace, settings: Settings, office: Office) -> int:
    # Database and Arrow: loaded where they are needed, for a plain replay does without.
    from data.store.opening import open_store
    from ingest.replay import replay as feed
    from ingest.writer import FactWriter

    calls = set[str]()
    with open_store(settings) as store:
        writer = FactWriter(store, pbx=options.pbx, site=settings.site, stop=threading.Event())

        def sink(batch: Batch) -> None:
            writer.write(batch)
            calls.difference_update(batch.retracted)
            calls.update(facts.call.call_id for facts in batch.calls)

        feed(options.paths, office, sink, pbx=options.pbx)
    say(f"{len(calls)} calls are in {settings.data}.")
    return 0
