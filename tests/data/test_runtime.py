"""Settings that change at run time: checked by the file's own models, in force without a restart, audited."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from data.errors import BadInput, NotAllowed, NotFound
from data.identity.actor import Actor, Role, system
from data.metrics.measure import measure
from data.runtime import CHANGEABLE, RunTime, changed
from data.services.directory import site_in_force
from data.services.settings import change, listed
from data.settings import Disk, Settings, read_settings
from data.store.database import Database
from data.store.tokens import Grant, TokenKind
from tests.data.facts import INGEST, batch, call_row

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ADMIN = Actor(user="anna", role=Role.ADMINISTRATOR)
SETTINGS = Settings()


def test_every_changeable_setting_exists_and_takes_its_own_value() -> None:
    for name in CHANGEABLE:
        section, _, key = name.partition(".")
        assert changed(SETTINGS, {name: getattr(getattr(SETTINGS, section), key)}) == SETTINGS


def test_a_change_is_in_force_at_the_next_look_and_taken_back(database: Database) -> None:
    at = [0.0]
    runtime = RunTime(SETTINGS, database, clock=lambda: at[0])
    before = runtime.now().backup.keep

    change(database, ADMIN, SETTINGS, {"backup.keep": 3, "backup.at": "04:30"}, now=NOW)
    at[0] += 6
    during = runtime.now()
    change(database, ADMIN, SETTINGS, {"backup.keep": None}, now=NOW)
    runtime.forget()

    assert (before, during.backup.keep, during.backup.at) == (14, 3, "04:30")
    assert (runtime.now().backup.keep, runtime.now().backup.at) == (14, "04:30")


def test_the_target_of_the_service_level_changes_for_pages_notebooks_and_commands_alike(
    settings: Settings, database: Database
) -> None:
    answered = {"outcome": "answered", "answered_by": ["201"], "talk_s": 20.0}
    calls = [call_row(f"c{wait}", wait, wait_s=float(wait), **answered) for wait in (10, 25, 40)]
    database.write_facts(batch(calls), actor=INGEST)

    def in_time() -> int:
        site = site_in_force(database, settings.site, ADMIN)
        from_on, to_on = date(2026, 3, 2), date(2026, 3, 3)
        frame = measure(database, ["answered_in_time"], from_on=from_on, to_on=to_on, site=site, actor=ADMIN)
        return int(frame["answered_in_time"].iloc[0])

    before = in_time()
    change(database, ADMIN, settings, {"site.target_seconds": 30}, now=NOW)

    assert (before, in_time()) == (1, 2)
    analyst = Grant(kind=TokenKind.RO, actor=Actor(user="olga", role=Role.ANALYST), masked=True)
    seen = database.query_for(analyst, "select name, value from setting").to_pylist()
    assert seen == [{"name": "site.target_seconds", "value": "30.0"}]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"backup.keep": 0}, "backup.keep = 0"),
        ({"backup.at": "25:00"}, "is no time of day"),
        ({"disk.warn_free_percent": 1}, "the warning comes first"),
        ({"disk.warn_free_percent": "<b>"}, "disk.warn_free_percent"),
        ({"backup.keep": 3, "backup.every_days": -1}, "backup.every_days = -1"),
    ],
)
def test_what_the_file_could_not_say_is_refused_and_nothing_is_kept(
    database: Database, values: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        change(database, ADMIN, SETTINGS, values, now=NOW)

    assert database.query("select * from setting", actor=system("test")).num_rows == 0


def test_two_settings_that_depend_on_each_other_change_together(database: Database) -> None:
    after = change(database, ADMIN, SETTINGS, {"disk.warn_free_percent": 4, "disk.stop_free_percent": 2}, now=NOW)

    assert after.disk == Disk(warn_free_percent=4, stop_free_percent=2)


def test_a_change_leaves_a_line_with_both_values(database: Database) -> None:
    change(database, ADMIN, SETTINGS, {"backup.keep": 3}, now=NOW)
    change(database, ADMIN, SETTINGS, {"backup.keep": 5}, now=NOW)

    rows = database.query("select actor, action, subject_id, detail from audit", actor=system("test")).to_pylist()
    assert [(row["actor"], row["action"], row["subject_id"]) for row in rows] == [
        ("anna", "settings.change", "backup.keep")
    ] * 2
    assert [json.loads(row["detail"]) for row in rows] == [{"old": None, "new": 3}, {"old": 3, "new": 5}]


def test_other_settings_are_no_matter_of_run_time(database: Database) -> None:
    with pytest.raises(NotFound, match=r"web\.port"):
        change(database, ADMIN, SETTINGS, {"web.port": 1}, now=NOW)


def test_nobody_else_reads_or_changes_them(database: Database) -> None:
    boss = Actor(user="boris", role=Role.SUPERVISOR)
    with pytest.raises(NotAllowed):
        listed(database, boss, SETTINGS)
    with pytest.raises(NotAllowed):
        change(database, boss, SETTINGS, {"backup.keep": 3}, now=NOW)


def test_each_setting_says_where_it_comes_from_and_no_secret_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CALLBOARD_WEB__PORT", "8051")
    file = tmp_path / "callboard.toml"
    file.write_text('[web]\nhost = "10.0.0.1"\n[[pbx]]\nname = "office"\nsecret = "hush"\n', "utf-8")
    given = read_settings(file)
    change(database, ADMIN, given, {"backup.keep": 3}, now=NOW)

    found = {one.name: one for one in listed(database, ADMIN, given)}

    assert (found["web.host"].source, found["web.port"].source, found["web.session_hours"].source) == (
        "file",
        "environment",
        "default",
    )
    assert (found["backup.keep"].source, found["backup.keep"].value, found["backup.keep"].given) == ("person", 3, 14)
    assert found["backup.keep"].changed_by == "anna"
    secret = found["pbx[office].secret"]
    assert (secret.is_hidden, secret.value) == (True, True)
    assert "hush" not in repr(found)


def test_a_stored_value_that_will_not_do_any_more_is_left_out(database: Database) -> None:
    rows = [("backup.keep", "9"), ("backup.at", '"noon"'), ("gone.setting", "1")]
    for name, value in rows:
        database._writer.execute(
            "insert into setting values ($name, $value, $at, 'x')", {"name": name, "value": value, "at": NOW}
        )

    now = RunTime(SETTINGS, database).now()

    assert (now.backup.keep, now.backup.at) == (9, "03:20")
