"""/api/tags and /api/calls/tags: the vocabulary, many calls at once, and files of chosen calls."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.auth import CSRF_HEADER
from tests.builders import inbound, internal
from tests.dashboard.desk import Desk, open_desk
from tests.dashboard.house import csrf_of


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        desk.office.add(
            inbound("2026-11-20 09:00", "+79035556677", talked="201", call_id="pbx-1.1"),
            inbound("2026-11-20 10:00", "+79035556688", talked="202", call_id="pbx-2.1"),
            internal("2026-11-20 11:30", "201", "202", call_id="pbx-3.1"),
        )
        yield desk


def test_a_tag_is_made_hung_found_and_taken_off(desk: Desk) -> None:
    user = desk.user()
    tag = user.send("POST", "/api/tags", {"title": "Жалоба", "colour": "red"}, status=201)
    again = user.send("POST", "/api/tags", {"title": " жалоба "})

    done = user.send("POST", "/api/calls/tags", {"calls": ["pbx-1.1", "pbx-2.1"], "add": [tag["tag_id"]]})
    user.send("POST", "/api/calls/tags", {"calls": ["pbx-2.1"], "remove": [tag["tag_id"]]})

    assert again == tag
    assert done == {"calls": ["pbx-1.1", "pbx-2.1"]}
    (row,) = user.rows(f"tag={tag['tag_id']}")
    assert (row["call_id"], row["tags"]) == ("pbx-1.1", [tag])
    assert user.get("/api/tags")["tags"] == [tag | {"version": 1, "calls": 1, "clients": 0}]
    assert user.get("/api/directory")["tag"] == [{"id": tag["tag_id"], "title": "Жалоба"}]


def test_only_who_leads_may_rename_or_remove_a_tag(desk: Desk) -> None:
    tag = desk.user("manager").send("POST", "/api/tags", {"title": "заказ"}, status=201)
    address, change = f"/api/tags/{tag['tag_id']}", {"title": "Заказ", "colour": "green", "version": 1}

    desk.user("manager").send("PUT", address, change, status=403)
    desk.user("manager").send("DELETE", address, {}, status=403)
    desk.user().send("PUT", address, change)
    desk.user().send("PUT", address, change, status=409)

    assert [(one["title"], one["colour"]) for one in desk.user().get("/api/tags")["tags"]] == [("Заказ", "green")]
    desk.user().send("DELETE", address, {})
    desk.user().send("DELETE", address, {}, status=404)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"calls": "pbx-1.1"}, 400),
        ({"calls": [1]}, 400),
        ({"calls": ["x" * 301]}, 400),
        ({"calls": ["unknown"], "add": []}, 404),
        ({"calls": ["pbx-1.1"], "add": ["no id"]}, 404),
    ],
)
def test_what_cannot_be_tagged_is_refused(desk: Desk, body: dict[str, object], status: int) -> None:
    desk.user().send("POST", "/api/calls/tags", body, status=status)


def test_a_tag_of_no_office_in_the_address_finds_nothing(desk: Desk) -> None:
    assert desk.user().rows("tag=' or 1=1") == []


def test_an_analyst_sees_tags_and_hangs_none(desk: Desk) -> None:
    desk.user().send("POST", "/api/tags", {"title": "заказ"}, status=201)

    (tag,) = desk.user("analyst").get("/api/tags")["tags"]

    desk.user("analyst").send("POST", "/api/tags", {"title": "другой"}, status=403)
    desk.user("analyst").send("POST", "/api/calls/tags", {"calls": ["pbx-1.1"], "add": [tag["tag_id"]]}, status=403)


def test_chosen_calls_leave_as_a_file_whatever_their_kind(desk: Desk) -> None:
    user = desk.user()
    tag = user.send("POST", "/api/tags", {"title": "=заказ"}, status=201)
    user.send("POST", "/api/calls/tags", {"calls": ["pbx-1.1"], "add": [tag["tag_id"]]})
    headers = {CSRF_HEADER: csrf_of(user.client)}

    def file(form: str) -> bytes:
        body = {"calls": ["pbx-1.1", "pbx-3.1"]}
        return user.client.post(f"/api/calls/export.{form}", json=body, headers=headers).get_data()

    lines = list(csv.DictReader(io.StringIO(file("csv").decode("utf-8-sig"), newline="")))
    sheet = zipfile.ZipFile(io.BytesIO(file("xlsx"))).read("xl/worksheets/sheet1.xml").decode()
    assert [(line["Идентификатор"], line["Теги"]) for line in lines] == [("pbx-3.1", ""), ("pbx-1.1", "'=заказ")]
    assert re.findall(r"pbx-\d\.1", sheet) == ["pbx-3.1", "pbx-1.1"]
    user.send("POST", "/api/calls/export.csv", {"calls": []}, status=400)
    desk.user("manager").send("POST", "/api/calls/export.csv", {"calls": ["pbx-1.1"]}, status=403)


def test_exports_are_written_down(desk: Desk) -> None:
    desk.user().client.get("/api/calls/export.csv?kind=missed").get_data()

    exports = "select actor, action, detail from audit where action = 'calls.export'"
    trail = desk.office.store.query(exports, actor=desk.office.actor).to_pylist()
    assert trail == [
        {"actor": "supervisor", "action": "calls.export", "detail": '{"query": "kind=missed", "chosen": 0}'}
    ]
