"""How fast records of the past come in, and with how much memory: `python -m bench.imports [ROWS]`.

Writes a Master.csv of an office with two records a call on average (direct calls, transfers,
queues with three Local members), imports it into an empty store, and imports it again.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from data.settings import Site
from data.store.database import Database
from ingest.assembler import Office
from ingest.imports.cdr_import import CdrImport
from ingest.imports.merging import Merger

ZONE = ZoneInfo("Europe/Moscow")


def write_records(path: Path, count: int) -> None:
    """A file of `count` rows, some seconds between calls."""
    rng = random.Random(7)  # the same file every time
    at, written, serial = datetime(2023, 1, 1, 6, tzinfo=UTC), 0, 0
    with path.open("w", encoding="utf-8") as file:
        while written < count:
            at += timedelta(seconds=rng.randint(5, 60))
            serial += 10
            lines = _call(rng, at, serial)
            file.writelines(lines)
            written += len(lines)


def _call(rng: random.Random, at: datetime, serial: int) -> list[str]:
    number = f"79{rng.randint(100000000, 100400000)}"
    root, trunk = f"{int(at.timestamp())}.{serial}", f"PJSIP/trunk-{serial:08x}"
    wait, talk = rng.randint(1, 20), rng.randint(5, 300)
    answered = rng.random() < 0.8
    agent = rng.choice(("201", "202", "203"))
    if rng.random() < 0.7:
        return [_row(number, agent, trunk, f"PJSIP/{agent}-{serial + 1:08x}", f"Dial,PJSIP/{agent},20", root, root,
                     at, wait, talk if answered else 0, answered, serial)]  # fmt: skip
    lines = []
    for index, member in enumerate(("201", "202", "203")):
        won = answered and member == agent
        local = f"Local/{member}@from-queue-{serial + index:08x}"
        lines.append(_row(number, member, f"{local};2", f"PJSIP/{member}-{serial + index + 3:08x}",
                          f"Dial,PJSIP/{member},20", f"{root}{index}", root,
                          at, wait, talk if won else 0, won, serial))  # fmt: skip
        lines.append(_row(number, "601", trunk, f"{local};1", "Queue,sales,tT,,,60", root, root, at, wait,
                          talk if won else 0, won, serial))  # fmt: skip
    return lines


def _row(src: str, dst: str, channel: str, peer: str, app: str, uniqueid: str, linkedid: str, at: datetime,
         wait: int, talk: int, answered: bool, serial: int) -> str:  # fmt: skip
    name, _, data = app.partition(",")
    begun, met = at.astimezone(ZONE), (at + timedelta(seconds=wait)).astimezone(ZONE)
    over = met + timedelta(seconds=talk)
    shown = [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in (begun, met, over)]
    answer = shown[1] if answered else ""
    word = "ANSWERED" if answered else "NO ANSWER"
    return (
        f'"","{src}","{dst}","from-trunk","""{src}"" <{src}>","{channel}","{peer}","{name}","{data}",'
        f'"{shown[0]}","{answer}","{shown[2]}",{wait + talk},{talk},"{word}","DOCUMENTATION","{uniqueid}","","",'
        f'"{linkedid}",{serial}\n'
    )


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "Master.csv"
        write_records(log, count)
        with Database(Path(folder) / "var", memory_limit="1GB") as store:
            before = _peak_mb()
            for title in ("into an empty store", "again from the start"):
                work = CdrImport(
                    Merger(store, "pbx", Site(), "cdr"), folder=Path(folder) / title, zone=ZONE, office=Office()
                )
                began, began_cpu = time.perf_counter(), time.process_time()
                report = work.run([log])
                took, busy = time.perf_counter() - began, time.process_time() - began_cpu
                calls = report.calls.added + report.calls.replaced
                print(
                    f"{title}: {report.rows} rows, {calls} calls in {took:.1f} s = {report.rows / took:.0f} rows/s, "
                    f"{busy:.1f} s of processor time = {report.rows / busy:.0f} rows/s; "
                    f"memory {before:.0f} -> {_peak_mb():.0f} MB at most"
                )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
