"""The data-quality report shows how far our calls agree with the PBX's own, and leads to those that do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, cast

import pytest

from dashboard.components.checks import FIELDS, RULES
from dashboard.components.report import REPORTS
from dashboard.components.table import Table, table_view
from dashboard.context import acting
from dashboard.filters import read_query
from data.identity.actor import Actor, Role, Scope
from data.journal import CallJournal
from data.store.protocol import Store
from ingest.imports.differences import FIELDS as COMPARED
from ingest.imports.explaining import Rule
from tests.dashboard.test_reports import NOVEMBER, NOW, as_json, ask, context_of
from tests.data.office import SITE, Office

DAY = date(2026, 11, 20)
NOTED = datetime(2026, 11, 21, 1, tzinfo=UTC)
ANALYST = Actor(user="olga", role=Role.ANALYST)


@pytest.fixture
def office() -> Office:
    made = Office()
    began = [datetime(2026, 11, 20, 9, minute, tzinfo=UTC) for minute in range(4)]
    ids = [made.call(at) for at in began[:3]]
    difference = {"pbx": "pbx", "noted_at": NOTED}
    for call_id, at, source, kind, field, ours, theirs, rule in (
        (ids[0], began[0], "cdr", "differs", "talk_s", "10.0", "14.0", "pbx_answered_first"),
        (ids[1], began[1], "cdr", "differs", "external_number_raw", "79161112233", "74951112233", None),
        (ids[2], began[2], "queue_log", "differs", "queue_visit.result", "timeout", "abandoned", None),
        ("pbx-unseen", began[3], "cdr", "only_theirs", None, None, "missed", "in_gap"),
    ):
        made.insert(
            "source_difference", call_id=call_id, source=source, kind=kind, field=field, ours=ours, theirs=theirs,
            rule=rule, started_at=at, **difference,
        )  # fmt: skip
    for source, counts in (("cdr", (7, 0, 1, 2, 1)), ("queue_log", (3, 0, 0, 1, 1))):
        agree, only_ours, only_theirs, differ, unexplained = counts
        made.insert(
            "self_check", pbx="pbx", checked_on=DAY, source=source, agree=agree, only_ours=only_ours,
            only_theirs=only_theirs, differ=differ, unexplained=unexplained, noted_at=NOTED,
        )  # fmt: skip
    made.settle()
    return made


def tables(office: Office, actor: Actor | None = None, search: str = NOVEMBER) -> dict[str, Table]:
    question = ask(office, search)
    with acting(context_of(office)):
        answer = REPORTS["quality"].answer(question if actor is None else replace(question, actor=actor))
    return {table.title: table for table in answer.tables}


def row_of(table: Table, **values: object) -> Any:
    frame = table.frame
    for name, value in values.items():
        frame = frame[frame[name] == value]
    return frame.iloc[0]


def test_every_day_tells_how_far_both_sides_agree_and_leads_to_the_calls(office: Office) -> None:
    days = tables(office)["Сверка с записями АТС"]

    cdr = row_of(days, source="cdr")
    assert (cdr["agree"], cdr["differ"], cdr["only_theirs"], cdr["unexplained"]) == (7, 2, 1, 1)
    journal = CallJournal(cast(Store, office), site=SITE)
    for row, name in ((cdr, "differ"), (cdr, "unexplained"), (row_of(days, source="queue_log"), "differ")):
        wanted = read_query(row[f"{name}_link"].partition("?")[2], zone=SITE.zone, now=NOW).filter
        assert journal.count(ask(office).actor, wanted, as_of=NOW) == row[name]
    assert cdr["only_ours_link"] is None


def test_what_no_rule_explains_comes_first_and_every_call_of_ours_can_be_opened(office: Office) -> None:
    found = tables(office)["Что различается"].frame

    assert list(found["why"])[:2] == ["Объяснения нет"] * 2
    assert list(found["what"])[:2] == ["Чем кончилось ожидание", "Внешний номер"]
    assert [isinstance(link, str) for link in found["call_link"]] == [True, True, False, True]
    assert found["why"].iloc[2] == "Звонок пришёлся на перерыв связи с АТС"


def test_numbers_are_hidden_from_who_may_not_see_them(office: Office) -> None:
    with acting(context_of(office)):
        shown = as_json([table_view(table) for table in tables(office, ANALYST).values()])

    assert "79161112233" not in shown
    assert "звонивший повесил трубку" in shown


def test_who_sees_own_calls_only_sees_no_check(office: Office) -> None:
    own = Actor(user="ivan", role=Role.SUPERVISOR, scope=Scope.OWN, extensions=frozenset({"202"}))

    assert "Сверка с записями АТС" not in tables(office, own)


def test_a_period_without_a_check_says_so(office: Office) -> None:
    with acting(context_of(office)):
        empty = tables(office, search="?from=2026-10-01&to=2026-10-31")["Сверка с записями АТС"]
        shown = as_json(table_view(empty))

    assert "За этот период сверки не было" in shown


def test_a_gap_says_from_what_it_was_filled(office: Office) -> None:
    for hour, filled, sources in ((6, True, ["cdr"]), (7, False, ["queue_log"]), (8, False, None)):
        office.insert(
            "gap", pbx="pbx", started_at=datetime(2026, 11, 20, hour, tzinfo=UTC),
            ended_at=datetime(2026, 11, 20, hour, 10, tzinfo=UTC), cause="link_cut", filled=filled, events=[],
            filled_from=sources,
        )  # fmt: skip

    gaps = tables(office)["Перерывы связи с АТС"].frame

    assert list(gaps["filled"]) == ["Записи о звонках (CDR)", "частично: Журнал очередей", ""]


def test_every_rule_and_field_of_a_check_has_words() -> None:
    assert set(RULES) == {rule.value for rule in Rule}
    assert set(COMPARED) <= set(FIELDS)
