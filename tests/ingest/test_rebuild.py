"""A period derived anew from the journal: right rows, no others touched, what people wrote stays."""

from __future__ import annotations

import gzip
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.errors import JournalError
from data.identity.actor import system
from data.model import CallFacts
from data.services.comments import Subject, SubjectKind, save_comment
from data.settings import Site, read_settings
from data.store.opening import open_store
from data.store.protocol import IngestStore
from ingest.assembler import Batch, Office
from ingest.rebuild import Rebuilt, rebuild
from ingest.writer import tables_of
from tests.ingest.fakes import facts

SCENARIO = Path(__file__).parents[1] / "scenarios" / "busy_mini"
ROOT = Path(__file__).parents[2]
SITE, ME = Site(), system("test")
CALLS = "select call_id, started_at, outcome, answered_by, talk_s from call order by call_id"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IngestStore]:
    with open_store(read_settings(data=tmp_path / "data")) as opened:
        yield opened


def segment(folder: Path, events: bytes, times: bytes, *, first: int, connection: int, cause: str) -> int:
    """A closed segment of the journal with these bytes; number of the first message behind it."""
    moments = [float(row.split(b",")[1]) for row in times.splitlines() if row[:1].isdigit()]
    count = events.count(b"\r\n\r\n") + 1
    began = datetime.fromtimestamp(moments[0], UTC)
    own = folder / f"{first:016d}-{began:%Y%m%dT%H}Z-{connection}"
    own.mkdir(parents=True)
    (own / "events.ami").write_bytes(events)
    (own / "times.csv").write_bytes(times)
    ending = {"cause": cause, "at": moments[-1], "bytes": len(events), "messages": count}
    (own / "segment.json").write_text(json.dumps(ending), "utf-8")
    return first + count


def stream(days: int = 0) -> tuple[bytes, bytes]:
    """The scenario's bytes and times, so many days later."""
    events = gzip.decompress((SCENARIO / "events.ami.gz").read_bytes())
    times = gzip.decompress((SCENARIO / "times.csv.gz").read_bytes())
    if not days:
        return events, times
    later = days * 86_400
    events = re.sub(rb"(?<=: )(17953\d{5})(?=\.\d+\r)", lambda found: b"%d" % (int(found[1]) + later), events)
    times = re.sub(rb"(?<=,)(17953\d{5})(?=[.\r\n])", lambda found: b"%d" % (int(found[1]) + later), times)
    return events, times


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """One closed segment of the journal, made of the scenario."""
    segment(tmp_path / "journal", *stream(), first=1, connection=1, cause="link_cut")
    return tmp_path / "journal"


def two_months(folder: Path) -> Path:
    """The scenario, cut into two segments of one connection, and again 35 days later on another one."""
    events, times = stream()
    cut = events.index(b"\r\n\r\n", len(events) // 2) + 4
    heading, *rows = times.splitlines(keepends=True)
    before = [row for row in rows if int(row.partition(b",")[0]) < cut]
    after = [
        b"%d,%s" % (int(at) - cut, moment) for at, _, moment in (row.partition(b",") for row in rows) if int(at) >= cut
    ]
    second = [b"0," + before[-1].partition(b",")[2], *after]
    number = segment(folder, events[:cut], heading + b"".join(before), first=1, connection=1, cause="continued")
    rest = heading + b"".join(second)
    # The hour of its name is the next one: two segments of one hour and connection cannot be.
    number = segment(folder, events[cut:], rest, first=number, connection=1, cause="link_cut")
    segment(folder, *stream(35), first=number, connection=2, cause="link_cut")
    return folder


def run(store: IngestStore, journal: Path, *, from_at: datetime | None = None, hours: int = 1) -> Rebuilt:
    begin = from_at or hour_of(journal)
    return rebuild(
        store, journal, office=Office(), pbx="pbx", site=SITE, from_at=begin, to_at=begin + timedelta(hours=hours)
    )


def hour_of(journal: Path) -> datetime:
    name = min(journal.iterdir()).name.split("-")[1]
    return datetime.strptime(name.replace("Z", "+0000"), "%Y%m%dT%H%z")


def calls(store: IngestStore) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = store.query(CALLS, actor=ME).to_pylist()
    return rows


def write(store: IngestStore, made: CallFacts) -> None:
    store.write_facts(tables_of(Batch(calls=(made,)), SITE), actor=ME)


def test_an_empty_store_gets_every_call_of_the_period(store: IngestStore, journal: Path) -> None:
    truth = json.loads((SCENARIO / "truth.json").read_text("utf-8"))

    made = run(store, journal)

    assert made.calls == len(calls(store)) == len(truth["calls"])
    assert made.retracted == 0


def test_a_second_time_changes_nothing(store: IngestStore, journal: Path) -> None:
    run(store, journal)
    before = calls(store)

    run(store, journal)

    assert calls(store) == before


def test_a_row_that_the_rules_do_not_make_any_more_goes(store: IngestStore, journal: Path) -> None:
    run(store, journal)
    before = calls(store)
    wrong = facts("pbx-1.1")
    moved = {"started_at": before[0]["started_at"], "ended_at": before[0]["started_at"]}
    write(store, replaced(wrong, **moved))

    made = run(store, journal)

    assert made.retracted == 1
    assert calls(store) == before


def test_calls_outside_the_period_are_not_touched(store: IngestStore, journal: Path) -> None:
    earlier = hour_of(journal) - timedelta(days=1)
    write(store, replaced(facts("pbx-1.1"), started_at=earlier, ended_at=earlier))

    made = run(store, journal)

    assert made.retracted == 0
    assert "pbx-1.1" in {row["call_id"] for row in calls(store)}


def test_comments_stay(store: IngestStore, journal: Path) -> None:
    run(store, journal)
    call_id = str(calls(store)[0]["call_id"])
    save_comment(
        store, ME, Subject(kind=SubjectKind.CALL, id=call_id), "Перезвонить в среду", version=0, now=datetime.now(UTC)
    )

    run(store, journal)

    texts = store.query("select text from comment", actor=ME)["text"].to_pylist()
    assert texts == ["Перезвонить в среду"]


def test_a_period_before_the_journal_is_refused_with_the_remedy(store: IngestStore, journal: Path) -> None:
    with pytest.raises(JournalError, match=r"does not reach back to .* Choose a later beginning"):
        run(store, journal, from_at=hour_of(journal) - timedelta(hours=5))


def test_months_of_many_segments_are_derived_in_one_transaction(store: IngestStore, tmp_path: Path) -> None:
    journal = two_months(tmp_path / "journal")
    truth = json.loads((SCENARIO / "truth.json").read_text("utf-8"))
    told: list[float] = []
    seen: list[int] = []
    begin = hour_of(journal)

    def look(share: float) -> None:
        told.append(share)
        seen.append(len(calls(store)))

    made = rebuild(
        store, journal, office=Office(), pbx="pbx", site=SITE, from_at=begin, to_at=begin + timedelta(days=60),
        progress=look,
    )  # fmt: skip

    assert made.calls == len(calls(store)) == 2 * len(truth["calls"])
    assert told == sorted(told)
    assert (told[0] < 0.1, told[-1]) == (True, 1.0)
    assert set(seen) == {0}, "nothing is to be seen before everything is there"


def test_one_month_of_several_leaves_the_others_as_they_are(store: IngestStore, tmp_path: Path) -> None:
    journal = two_months(tmp_path / "journal")
    begin = hour_of(journal)
    run(store, journal, hours=60 * 24)
    whole = calls(store)
    write(store, replaced(facts("pbx-1.1"), started_at=begin, ended_at=begin))

    later = begin + timedelta(days=30)
    made = run(store, journal, from_at=later, hours=30 * 24)

    assert made.calls == len(whole) // 2
    assert [row for row in calls(store) if row["call_id"] != "pbx-1.1"] == whole
    assert "pbx-1.1" in {row["call_id"] for row in calls(store)}, "it is of the other month"


def test_a_conversation_met_in_its_middle_keeps_its_whole_row(store: IngestStore, journal: Path) -> None:
    run(store, journal)
    before = calls(store)
    long_ago = hour_of(journal) - timedelta(hours=20)
    known = before[0]
    write(store, replaced(facts(str(known["call_id"])), started_at=long_ago, ended_at=hour_of(journal)))

    run(store, journal)

    (kept,) = [row for row in calls(store) if row["call_id"] == known["call_id"]]
    assert kept["started_at"] == long_ago


# Ends itself at the worst moment: every row is replaced, and nothing is committed.
DIES = """
import os, signal, sys
import data.store.database as database
real = database.replace_facts
def dies(*given):
    real(*given)
    os.kill(os.getpid(), signal.SIGKILL)
database.replace_facts = dies
import app
app.main(sys.argv[1:])
"""


def test_a_rebuild_killed_in_its_transaction_leaves_everything_as_it_was(tmp_path: Path) -> None:
    data = tmp_path / "data"
    begin = hour_of(two_months(data / "journal" / "pbx"))
    period = [f"--from={begin - timedelta(days=1):%Y-%m-%d}", f"--to={begin + timedelta(days=60):%Y-%m-%d}"]
    words = ["rebuild", "--data", str(data), *period]
    with open_store(read_settings(data=data)) as opened:
        write(opened, replaced(facts("pbx-1.1"), started_at=begin, ended_at=begin))

    killed = subprocess.run([sys.executable, "-c", DIES, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    with open_store(read_settings(data=data)) as opened:
        after_kill = [row["call_id"] for row in calls(opened)]
    done = subprocess.run([sys.executable, "app.py", *words], cwd=ROOT, capture_output=True, text=True, check=True)

    assert (killed.returncode, after_kill) == (-signal.SIGKILL, ["pbx-1.1"])
    assert "100% of the period read" in done.stdout
    assert "the journal begins" in done.stdout, "a day that it does not hold as a whole is derived from there on"
    assert "calls derived anew, 1 rows gone" in done.stdout


def replaced(made: CallFacts, **fields: object) -> CallFacts:
    return replace(made, call=replace(made.call, **fields), legs=(), queue_visits=(), recordings=(), intervals=())  # type: ignore[arg-type]
