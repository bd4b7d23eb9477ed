"""The daily rollup gives what the calls give, through every kind of write, on any days."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data.call_day import TARGET_S, made_by
from data.metrics.catalogue import METRICS
from data.metrics.compiler import Restriction
from data.metrics.dimensions import DIMENSIONS
from data.metrics.measure import measure
from data.metrics.periods import Period, day_start
from data.metrics.terms import Grain
from data.settings import Site
from data.store.database import Database
from data.store.protocol import Statement
from data.store.statements import NamedStatements
from tests.data.facts import INGEST, batch, call_row, ids_of, rows_of

BERLIN = Site(timezone="Europe/Berlin", country="DE", area_code="30")
FIRST, LAST = date(2026, 3, 20), date(2026, 4, 9)  # with the day of 23 hours, 29 March
NOW = datetime(2026, 4, 10, 9, tzinfo=UTC)
ROLLED = [metric.name for metric in METRICS.values() if metric.rolled]
SPLITS = [name for name, dimension in DIMENSIONS.items() if dimension.rolled]
CALL_BY_CALL = Restriction(sql="true")  # any condition: the rollup has no calls to hold it against
CHANGE = "update call set outcome = 'answered' where call_id = $call_id"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    folder = tmp_path / "statements"
    folder.mkdir()
    (folder / "call_change.sql").write_text(CHANGE, "utf-8")
    with Database(tmp_path / "var", readers=1, site=BERLIN, statements=NamedStatements(folder)) as database:
        yield database


@dataclass
class Dice:
    """Calls of any kind at any time of the days."""

    seed: int
    made: int = 0
    known: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def call(self, call_id: str = "") -> dict[str, Any]:
        choose = self.random.choice
        outcome = choose(["answered", "missed", "missed", "reached", "not_reached", "unanswered"])
        direction = {"answered": choose(["inbound", "internal"]), "missed": "inbound", "unanswered": "internal"}
        at = day_start(FIRST, BERLIN.zone) + timedelta(minutes=self.random.randrange(21 * 24 * 60))
        if call_id in self.known:  # a clock was set, no more
            at = self.known[call_id]["started_at"] + timedelta(hours=self.random.randrange(-20, 20))
        queue = choose(["sales", "support", None])
        self.made += 1
        row = call_row(
            call_id or f"call-{self.made}",
            started_at=at,
            ended_at=at + timedelta(minutes=2),
            outcome=outcome,
            direction=direction.get(outcome, "outbound"),
            reason=choose([None, "no_answer", "abandoned", "ivr_only", "out_of_hours"]),
            external_number=choose(["4930123456", "4915112345678", "498001234567", None]),
            queue=queue,
            queues=[queue] if queue else [],
            rang=choose([["201"], []]),
            wait_s=choose([None, 0.0, 4.0, 5.0, 19.5, TARGET_S, 20.5, 60.0]),
            talk_s=float(choose([0, 30, 61.25])),
            hold_s=float(choose([0, 2.5])),
        )
        self.known[row["call_id"]] = row
        return row


def both(database: Database, metrics: list[str], by: list[str], period: Period) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The numbers by the rollup, and call by call."""
    asked: dict[str, Any] = {
        "by": by, "site": BERLIN, "actor": INGEST, "from_on": period.from_on, "to_on": period.to_on, "now": NOW
    }  # fmt: skip
    return measure(database, metrics, **asked), measure(database, metrics, where=CALL_BY_CALL, **asked)


def assert_same(database: Database, dice: random.Random) -> None:
    first = FIRST + timedelta(days=dice.randrange(-3, 20))
    period = Period(from_on=first, to_on=first + timedelta(days=dice.randrange(0, 25)))
    metrics = dice.sample(ROLLED, 5)
    rolled, raw = both(database, metrics, dice.sample(SPLITS, dice.randrange(0, 3)), period)
    pd.testing.assert_frame_equal(rolled, raw, check_exact=False, rtol=1e-9)


def built_days(database: Database) -> set[date]:
    rows = rows_of(database, "select from_on from call_day_built where year(from_on) > 1")
    return {row["from_on"] for row in rows}


def step(database: Database, dice: Dice) -> None:
    """One write of any kind, or a while of rest."""
    ids = sorted(dice.known)
    kind = dice.random.choice(["live", "live", "late", "again", "away", "import", "changed", "rest", "rest"])
    if kind in ("live", "late") or not ids:
        database.write_facts(batch([dice.call() for _ in range(dice.random.randrange(1, 6))]), actor=INGEST)
    elif kind == "again":
        database.write_facts(batch([dice.call(dice.random.choice(ids))]), actor=INGEST)
    elif kind == "away":
        gone = dice.random.choice(ids)
        del dice.known[gone]
        database.write_facts({}, retracted=[gone], actor=INGEST)
    elif kind == "import":
        database.append("call", batch([dice.call() for _ in range(20)])["call"], actor=INGEST)
        database.rederive(actor=INGEST)
    elif kind == "changed":
        change = Statement(name="call_change", params={"call_id": dice.random.choice(ids)})
        database.transact([change], actor=INGEST, touches={})
    else:
        while database.build_days(NOW, most=dice.random.choice([1, 4, 31])) and dice.random.random() < 0.8:
            pass


@pytest.mark.parametrize("seed", [3, 4])
def test_rollup_and_calls_agree_through_all_writes(database: Database, seed: int) -> None:
    dice = Dice(seed)
    seen: set[int] = set()

    for _ in range(25):
        step(database, dice)
        assert_same(database, dice.random)
        seen.add(len(built_days(database)))

    assert max(seen) > 10, "the rollup took no part"
    assert len(ids_of(database)) == len(dice.known)


def test_every_metric_of_the_rollup_agrees_by_every_dimension(database: Database) -> None:
    dice = Dice(9)
    database.append("call", batch([dice.call() for _ in range(300)])["call"], actor=INGEST)
    database.rederive(actor=INGEST)
    while database.build_days(NOW):
        pass

    for by in ([], SPLITS[:4], SPLITS):
        rolled, raw = both(database, ROLLED, list(by), Period(from_on=FIRST, to_on=LAST + timedelta(days=5)))

        pd.testing.assert_frame_equal(rolled, raw, check_exact=False, rtol=1e-9)
        assert rolled["calls"].sum() == 300


def test_reports_read_the_days_that_are_built_from_the_rollup(database: Database) -> None:
    database.write_facts(batch([Dice(1).call()]), actor=INGEST)
    while database.build_days(NOW):
        pass
    with database._write({}) as cursor:
        cursor.execute("update call_day set calls = 7")

    rolled, raw = both(database, ["calls"], [], Period(from_on=FIRST, to_on=NOW.date()))

    assert (rolled["calls"].item(), raw["calls"].item()) == (7, 1)


def test_today_is_not_built_and_all_days_before_are(database: Database) -> None:
    started_at = day_start(NOW.date(), BERLIN.zone)
    for number, day in enumerate([started_at - timedelta(days=3), started_at]):
        database.write_facts(batch([call_row(str(number), started_at=day, ended_at=day)]), actor=INGEST)

    assert database.build_days(NOW) == 3
    assert database.build_days(NOW) == 0
    assert built_days(database) == {date(2026, 4, 7), date(2026, 4, 8), date(2026, 4, 9)}


def test_a_write_takes_out_only_the_days_that_it_touches(database: Database) -> None:
    noon = day_start(FIRST, BERLIN.zone) + timedelta(hours=12)
    calls = [call_row(str(day), started_at=noon + timedelta(days=day), ended_at=noon) for day in range(5)]
    database.write_facts(batch(calls), actor=INGEST)
    while database.build_days(NOW):
        pass
    before = built_days(database)

    moved = call_row("3", started_at=noon + timedelta(days=2, hours=10), ended_at=noon + timedelta(days=3))
    database.write_facts(batch([moved]), actor=INGEST)

    assert before - built_days(database) == {FIRST + timedelta(days=2), FIRST + timedelta(days=3)}


def test_a_statement_that_changes_calls_takes_out_the_days_of_its_bounds(tmp_path: Path) -> None:
    folder = tmp_path / "statements"
    folder.mkdir()
    bounded = f"{CHANGE} and started_at >= $from_at and started_at < $until_at"
    (folder / "call_change.sql").write_text(bounded, "utf-8")
    noon = day_start(FIRST, BERLIN.zone) + timedelta(hours=12)
    with Database(tmp_path / "var", readers=1, site=BERLIN, statements=NamedStatements(folder)) as database:
        calls = [call_row(str(day), started_at=noon + timedelta(days=day), ended_at=noon) for day in range(5)]
        database.write_facts(batch(calls), actor=INGEST)
        while database.build_days(NOW):
            pass
        before = built_days(database)

        bounds = {"call_id": "2", "from_at": noon + timedelta(days=2), "until_at": noon + timedelta(days=2, hours=1)}
        database.transact([Statement(name="call_change", params=bounds)], actor=INGEST, touches={})

        assert before - built_days(database) == {FIRST + timedelta(days=2)}
        assert_same(database, random.Random(1))


def test_a_write_that_fails_leaves_the_rollup_as_it_was(database: Database) -> None:
    noon = day_start(FIRST, BERLIN.zone) + timedelta(hours=12)
    database.write_facts(batch([call_row("a", started_at=noon, ended_at=noon)]), actor=INGEST)
    while database.build_days(NOW):
        pass
    before = built_days(database)

    with pytest.raises(Exception, match="talk_s"):
        database.write_facts(batch([call_row("b", started_at=noon, ended_at=noon, talk_s=None)]), actor=INGEST)

    assert built_days(database) == before


def test_days_of_another_time_zone_or_other_rules_are_not_read(database: Database, tmp_path: Path) -> None:
    database.write_facts(batch([Dice(1).call()]), actor=INGEST)
    while database.build_days(NOW):
        pass
    with database._write({}) as cursor:
        cursor.execute("update call_day set calls = 7")
    tokyo = Site(timezone="Asia/Tokyo")

    calls = measure(
        database, ["calls"], site=tokyo, actor=INGEST, from_on=FIRST, to_on=NOW.date(), now=NOW
    )["calls"].item()  # fmt: skip

    assert calls == 1
    assert made_by(tokyo.zone) != made_by(BERLIN.zone)


@pytest.mark.parametrize(
    "asked",
    [
        {"where": CALL_BY_CALL},
        {"as_of": NOW},
        {"by": ["hour"]},
        {"params": {"target_s": 30.0}},
    ],
    ids=["filter", "as-of", "hour", "other target"],
)
def test_what_the_rollup_does_not_know_is_counted_call_by_call(database: Database, asked: dict[str, Any]) -> None:
    at = day_start(FIRST, BERLIN.zone)
    call = call_row("a", started_at=at, ended_at=at, outcome="answered", wait_s=25.0)
    database.write_facts(batch([call]), actor=INGEST)
    while database.build_days(NOW):
        pass
    with database._write({}) as cursor:
        cursor.execute("update call_day set calls = 7")

    frame = measure(
        database, ["answered_in_time", "answered"], site=BERLIN, actor=INGEST, from_on=FIRST, to_on=LAST, now=NOW,
        **asked,
    )  # fmt: skip

    assert frame["answered"].item() == 1
    assert frame["answered_in_time"].item() == ("params" in asked)


def test_most_metrics_of_calls_are_in_the_rollup() -> None:
    missing = {metric.name for metric in METRICS.values() if Grain.CALL in metric.grains and not metric.rolled}

    assert missing == {
        "callers", "transferred", "transfer_rate", "incomplete", "recorded", "unrecorded",
        "longest_talk", "longest_wait", "wait_median", "wait_p90",
        "leads", "leads_registered", "leads_unregistered", "leads_lost", "lost",
        "handled", "unhandled", "handled_share",
    }  # fmt: skip
