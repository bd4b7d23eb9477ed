"""Reports as files: the same numbers in every form, harmless to spreadsheets."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from data.errors import UnknownName
from data.identity.actor import Actor, Role, system
from data.metrics.report import REPORTS, run_report
from tests.data.office import SITE, Office, local


def made(office: Office, name: str = "calls", **asked: Any) -> bytes:
    usual: dict[str, Any] = {
        "site": SITE,
        "actor": system("test"),
        "from_on": date(2026, 11, 1),
        "to_on": date(2026, 12, 1),
    }
    return run_report(office, name, **(usual | asked))


def as_json(office: Office, name: str = "calls", **asked: Any) -> list[dict[str, Any]]:
    return json.loads(made(office, name, **asked))


@pytest.fixture
def office() -> Office:
    office = Office()
    office.call("11-03 10:00")
    office.call("11-03 11:00")
    office.call("11-04 10:00", "missed")
    office.call("11-04 11:00", "unanswered", number=None)
    office.settle()
    return office


def test_json_is_one_object_per_group_with_a_key_per_dimension_and_metric(office: Office) -> None:
    groups = as_json(office, by=["direction", "outcome"])

    assert [(group["direction"], group["outcome"], group["calls"]) for group in groups] == [
        ("inbound", "answered", 2),
        ("inbound", "missed", 1),
        ("internal", "unanswered", 1),
    ]


def test_without_a_split_there_is_one_total_even_of_nothing(office: Office) -> None:
    assert [group["calls"] for group in as_json(office)] == [4]
    assert [group["calls"] for group in as_json(office, from_on=date(2025, 1, 1), to_on=date(2025, 2, 1))] == [0]


def test_days_are_iso_dates_and_missing_numbers_null(office: Office) -> None:
    groups = as_json(office, "service", by=["day"])

    assert [group["day"] for group in groups] == ["2026-11-03", "2026-11-04"]
    assert groups[0]["service_level"] == 1.0
    assert groups[1]["asa"] is None


def test_csv_xlsx_and_parquet_hold_the_numbers_of_json(office: Office) -> None:
    groups = as_json(office, by=["day"])
    csv = pd.read_csv(io.BytesIO(made(office, by=["day"], format="csv")))
    parquet = pq.read_table(io.BytesIO(made(office, by=["day"], format="parquet")))
    workbook = zipfile.ZipFile(io.BytesIO(made(office, by=["day"], format="xlsx")))

    assert csv["calls"].to_list() == [group["calls"] for group in groups]
    assert csv["day"].to_list() == [group["day"] for group in groups]
    assert parquet["calls"].to_pylist() == [group["calls"] for group in groups]
    assert "all calls" in json.loads(parquet.schema.metadata[b"callboard"])["metrics"]["calls"]["formula"]
    assert "xl/worksheets/sheet2.xml" in workbook.namelist()
    assert "all calls" in workbook.read("xl/sharedStrings.xml").decode()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_name_that_looks_like_a_formula_stays_text(office: Office, form: str) -> None:
    office.assign("79120000001", 1, "11-01 00:00", name="=1+1")

    content = made(office, "clients", format=form)

    if form == "csv":
        assert "'=1+1" in content.decode()
    else:
        assert "<f>" not in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()


def test_names_of_clients_are_hidden_from_those_who_may_not_see_numbers(office: Office) -> None:
    office.assign("79120000001", 1, "11-01 00:00", name="Ромашка")

    told = made(office, "clients", actor=Actor(user="a", role=Role.ANALYST)).decode()

    assert "Ромашка" not in told
    assert "Ромашка" in made(office, "clients").decode()


def test_employees_are_told_by_name(office: Office) -> None:
    office.employee(1, "Анна", "201")

    assert [group["employee"] for group in as_json(office, "employees")] == ["Анна"]


def test_the_workbook_tells_how_often_nobody_listened(office: Office) -> None:
    office.insert(
        "gap", pbx="pbx", started_at=local("11-03 12:00"), ended_at=local("11-03 12:05"), cause="link_cut", events=[]
    )
    office.insert(
        "gap", pbx="pbx", started_at=local("10-03 12:00"), ended_at=local("10-03 12:05"), cause="link_cut", events=[]
    )

    parquet = pq.read_table(io.BytesIO(made(office, format="parquet")))

    assert json.loads(parquet.schema.metadata[b"callboard"])["gaps"] == 1


def test_every_report_can_be_made_in_every_form(office: Office) -> None:
    for name in REPORTS:
        for form in ("json", "csv", "xlsx", "parquet"):
            assert made(office, name, format=form)


@pytest.mark.parametrize(("name", "form", "told"), [("cals", "json", "calls"), ("calls", "pdf", "xlsx")])
def test_an_unknown_report_or_form_is_refused_with_those_there_are(
    office: Office, name: str, form: str, told: str
) -> None:
    with pytest.raises(UnknownName, match=told):
        made(office, name, format=form)
