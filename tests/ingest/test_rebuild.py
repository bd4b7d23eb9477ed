"""A period derived anew from the journal: right rows, no others touched, what people wrote stays."""

from __future__ import annotations

import gzip
import json
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
from ingest.stream import connections
from ingest.writer import tables_of
from tests.ingest.fakes import facts

SCENARIO = Path(__file__).parents[1] / "scenarios" / "busy_mini"
SITE, ME = Site(), system("test")
CALLS = "select call_id, started_at, outcome, answered_by, talk_s from call order by call_id"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IngestStore]:
    with open_store(read_settings(data=tmp_path / "data")) as opened:
        yield opened


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """One closed segment of the journal, made of the scenario."""
    events = gzip.decompress((SCENARIO / "events.ami.gz").read_bytes())
    last = max(message.received_at for message in connections([SCENARIO])[0].messages())
    count = sum(1 for _ in connections([SCENARIO])[0].messages())
    began = datetime.fromtimestamp(last, UTC)
    folder = tmp_path / "journal" / f"{1:016d}-{began:%Y%m%dT%H}Z-1"
    folder.mkdir(parents=True)
    (folder / "events.ami").write_bytes(events)
    (folder / "times.csv").write_bytes(gzip.decompress((SCENARIO / "times.csv.gz").read_bytes()))
    ending = {"cause": "link_cut", "at": last, "bytes": len(events), "messages": count + 1}
    (folder / "segment.json").write_text(json.dumps(ending), "utf-8")
    return folder.parent


def run(store: IngestStore, journal: Path, *, from_at: datetime | None = None, hours: int = 1) -> Rebuilt:
    begin = from_at or hour_of(journal)
    return rebuild(
        store, journal, office=Office(), pbx="pbx", site=SITE, from_at=begin, to_at=begin + timedelta(hours=hours)
    )


def hour_of(journal: Path) -> datetime:
    name = next(journal.iterdir()).name.split("-")[1]
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


def replaced(made: CallFacts, **fields: object) -> CallFacts:
    return replace(made, call=replace(made.call, **fields), legs=(), queue_visits=(), recordings=(), intervals=())  # type: ignore[arg-type]
