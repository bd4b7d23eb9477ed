"""/api/calls: blocks, order, filters, rights, running calls and exports, over a real store."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from dashboard.components.words import words
from tests.builders import inbound, internal, outbound, running
from tests.dashboard.desk import Desk, open_desk

ROMASHKA = "+79161112233"
STRANGER = "+79035556677"
MOSCOW = ZoneInfo("Europe/Moscow")
MOMENT_OR_DURATION = ("1", "2")  # looks of cells, in data/xlsx.py


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def morning(desk: Desk) -> Desk:
    """A morning of a test alone, which may change it."""
    return filled(desk)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The same morning, shared by tests that only look at it."""
    with open_desk(tmp_path_factory.mktemp("seen")) as desk:
        yield filled(desk)


def filled(desk: Desk) -> Desk:
    """A client who was missed and called back, a stranger who was not, and talk among colleagues."""
    office = desk.office
    office.employee("Иванов Пётр", "201")
    office.employee("Смирнова Ольга", "202")
    office.client("Ромашка", ROMASHKA)
    office.title("queue", "sales", "Продажи")
    office.add(
        inbound("2026-11-20 09:00", ROMASHKA, rang=["201"], call_id="pbx-1.1"),
        outbound("2026-11-20 09:10", ROMASHKA, by="201", talk_s=95, call_id="pbx-2.1"),
        inbound("2026-11-20 10:00", STRANGER, queue="sales", rang=["201", "202"], call_id="pbx-3.1", wait_s=41),
        inbound("2026-11-20 11:00", "+79267778899", talked="202", recorded=True, call_id="pbx-4.1"),
        internal("2026-11-20 11:30", "201", "202", call_id="pbx-5.1"),
    )
    return desk


def ids(rows: list[dict[str, object]]) -> list[str]:
    return [str(row["call_id"]).removeprefix("pbx-").removesuffix(".1") for row in rows]


def test_calls_with_the_outside_come_newest_first(seen: Desk) -> None:
    rows = seen.user().rows()

    assert ids(rows) == ["4", "3", "2", "1"]


def test_a_row_tells_status_client_people_and_markers(seen: Desk) -> None:
    newest, missed, returned, first = seen.user().rows()

    assert (first["status"], first["client"], first["attention"]) == ("no_answer", "Ромашка", False)
    assert (missed["missed"], missed["attention"], missed["lead"], missed["registered"]) == (True, True, True, False)
    assert (missed["group"], missed["number_text"]) == ("Продажи", "+7 903 555-66-77")
    assert (returned["status"], returned["talk_s"]) == ("reached", 95.0)
    assert [person["name"] for person in newest["people"]] == ["Смирнова Ольга"]


def test_blocks_after_a_cursor_join_without_a_gap_while_calls_arrive(morning: Desk) -> None:
    user = morning.user()
    first = user.get("/api/calls?limit=2")
    morning.office.add(inbound("2026-11-20 11:59", STRANGER, talked="201", talk_s=120, call_id="pbx-6.1"))

    second = user.get(f"/api/calls?limit=3&after={first['after']}&until={first['until']}".replace("+", "%2B"))

    assert ids(first["rows"] + second["rows"]) == ["4", "3", "2", "1"]
    assert second["after"] is None


def test_a_jump_lands_where_paging_would(seen: Desk) -> None:
    assert ids(seen.user().rows("offset=2&limit=1")) == ["2"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=missed", ["3", "1"]),
        ("kind=missed&kind=outbound", ["3", "2", "1"]),
        ("kind=internal", ["5"]),
        ("first=1", ["4", "3"]),
        ("unregistered=1", ["4", "3"]),
        ("attention=1", ["3"]),
        ("recording=1", ["4"]),
        ("queue=sales", ["3"]),
        ("q=ромаш", ["2", "1"]),
        ("q=903-555", ["3"]),
        ("q=смирнова", ["4", "3"]),
        ("from=2026-11-20T10:00&to=2026-11-20T11:00", ["3"]),
        ("period=yesterday", []),
        ("sort=-wait&limit=1", ["3"]),
        ("sort=-talk&limit=1", ["2"]),
        ("sort=client&kind=outbound", ["2"]),
    ],
)
def test_filters_and_orders(seen: Desk, query: str, found: list[str]) -> None:
    user = seen.user()

    assert ids(user.rows(query)) == found
    if "limit" not in query:
        assert user.get(f"/api/calls/count?{query}")["count"] == len(found)


def test_what_is_not_understood_is_told_with_the_request_id(seen: Desk) -> None:
    user = seen.user()

    for query in ("kind=sideways", "limit=0", "limit=9999", "offset=x", "until=soon", "after=nonsense"):
        told = user.get(f"/api/calls?{query}", status=400)

        assert query.split("=")[0] in told["message"] or "after" in query
        assert told["request_id"]


def test_nobody_who_has_not_logged_in_gets_rows(seen: Desk) -> None:
    response = seen.server.test_client().get("/api/calls")

    assert response.status_code == 401
    assert response.get_json()["request_id"]


def test_a_manager_sees_only_the_calls_that_he_took_part_in(seen: Desk) -> None:
    user = seen.user("manager")

    assert ids(user.rows()) == ["3", "2", "1"]
    user.get("/api/calls/pbx-4.1", status=404)
    assert user.get("/api/calls/pbx-1.1")["row"]["client"] == "Ромашка"


def test_an_analyst_sees_masked_numbers_and_hears_nothing(seen: Desk) -> None:
    details = seen.user("analyst").get("/api/calls/pbx-4.1")

    assert "778" not in str(details)
    assert "/" not in str(details["recordings"][0].get("path", ""))


def test_details_name_those_who_can_be_heard_and_hide_where_files_lie(seen: Desk) -> None:
    details = seen.user().get("/api/calls/pbx-4.1")

    (recording,) = details["recordings"]
    assert recording["heard_text"] == ["Смирнова Ольга", "+7 926 777-88-99"]
    assert recording["state"] == "expected"
    assert "path" not in recording
    assert details["comment"] is None


def test_running_calls_are_shown_to_those_whom_they_concern(morning: Desk) -> None:
    morning.office.live(
        running("2026-11-20 11:59", ROMASHKA, state="talking", talking=["202"]),
        running("2026-11-20 11:58", STRANGER, state="ringing", ringing=["201"]),
    )

    everybody = morning.user().get("/api/calls/live")["calls"]
    manager = morning.user("manager").get("/api/calls/live")["calls"]

    assert [(row["client"], row["state"]) for row in everybody] == [("Ромашка", "talking"), (None, "ringing")]
    assert [row["number_text"] for row in manager] == ["+7 903 555-66-77"]


def test_the_client_whom_a_click_dialled_is_no_person_of_the_office(morning: Desk) -> None:
    """And so no number that an analyst may not see."""
    number = "79035556677"
    morning.office.live(running("2026-11-20 11:59", number, state="talking", talking=["202", number]))

    (row,) = morning.user("analyst").get("/api/calls/live")["calls"]

    assert [person["extension"] for person in row["people"]] == ["202"]
    assert number not in str(row)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=outbound", 0),
        ("kind=inbound", 1),
        ("period=yesterday", 0),
        ("recording=1", 0),
        ("q=ромаш", 1),
        ("q=926", 0),
        ("mine=1", 0),
    ],
)
def test_filters_hold_for_running_calls_too(morning: Desk, query: str, found: int) -> None:
    morning.office.live(running("2026-11-20 11:59", ROMASHKA, state="talking", talking=["202"]))

    assert len(morning.user().get(f"/api/calls/live?{query}")["calls"]) == found


def test_a_call_that_ended_shows_up_and_its_marker_goes_when_somebody_calls_back(morning: Desk) -> None:
    user = morning.user()
    assert ids(user.rows("attention=1")) == ["3"]

    morning.office.add(outbound("2026-11-20 11:50", STRANGER, by="202", talk_s=30, call_id="pbx-7.1"))

    assert ids(user.rows("attention=1")) == []
    assert ids(user.rows())[0] == "7"


def test_exports_say_of_every_call_what_the_journal_says(morning: Desk) -> None:
    user, office = morning.user(), morning.office
    office.client("=cmd|' /C calc'!A0", "+78126543210")
    office.add(
        inbound("2026-11-20 11:40", "+78126543210", talked=["201", "202"], recorded=True, incomplete=True),
        inbound("2026-11-20 11:45", None, call_id="pbx-7.1"),
    )
    tag = user.send("POST", "/api/tags", {"title": "заказ"}, status=201)
    user.send("POST", "/api/calls/tags", {"calls": ["pbx-7.1"], "add": [tag["tag_id"]]})
    user.send("PUT", "/api/calls/pbx-7.1/comment", {"text": "-1\nперезвонить", "version": 0})
    asked = "kind=inbound&kind=internal&sort=time"
    rows = user.rows(asked)

    def file(form: str) -> bytes:
        return user.client.get(f"/api/calls/export.{form}?{asked}").get_data()

    lines = list(csv.DictReader(io.StringIO(file("csv").decode("utf-8-sig"), newline="")))
    sheet = sheet_rows(file("xlsx"))
    table = pq.read_table(io.BytesIO(file("parquet"))).to_pylist()

    assert len(rows) == 6
    assert lines == [{title: as_csv(value) for title, value in shown(row).items()} for row in rows]
    assert sheet == [
        {title: as_cell(value) for title, value in shown(row).items() if value is not None} for row in rows
    ]
    assert table == [stored(row) for row in rows]


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """By the titles of the columns what the page makes of a row of the API."""
    said = words("ru", "journal")
    people = row["group"] or ", ".join(person["name"] for person in row["people"])
    number = said["hidden-number"] if row["number_class"] == "hidden" else row["number_text"]

    def word(name: str) -> Any:
        return row[name] and said[f"{name}.{row[name]}"]

    return {
        "Идентификатор": row["call_id"],
        "Дата и время": datetime.fromisoformat(row["started_at"]),
        "Направление": word("direction"),
        "Клиент": row["client"],
        "Контактное лицо": row["contact"],
        "Номер": number,
        "Сотрудник": people or word("application"),
        "Статус": word("status"),
        "Причина": word("reason"),
        "Комментарий": row["comment"],
        "Теги": ", ".join(tag["title"] for tag in row["tags"]) or None,
        "Ответ": row["answered_at"] and datetime.fromisoformat(row["answered_at"]),
        "Окончание": datetime.fromisoformat(row["ended_at"]),
        "Ожидание": row["wait_s"],
        "Разговор": row["talk_s"],
        "Удержание": row["hold_s"],
        "Длительность": row["duration_s"],
        "Очередь": row["queue"],
        "Линия": row["line"],
        "Канал привлечения": row["channel"],
        "Номер офиса": row["did_text"],
        "Вид номера": word("number_class"),
        "Регион": row["region_text"],
        "Переводы": row["transfer_count"],
        "Записи": row["recording_count"],
        "Требует внимания": row["attention"],
        "Первое обращение": row["lead"],
        "Неполные данные": row["incomplete"],
    }


def stored(row: dict[str, Any]) -> dict[str, Any]:
    """The same by the names of the data, in its own words."""
    plain = """
        call_id direction client contact number status reason comment wait_s talk_s hold_s duration_s queue line
        channel did number_class region transfer_count recording_count attention lead incomplete
    """
    people = row["group"] or ", ".join(person["name"] for person in row["people"])
    moments = {
        name: row[name] and datetime.fromisoformat(row[name]) for name in ("started_at", "answered_at", "ended_at")
    }
    tags = ", ".join(tag["title"] for tag in row["tags"]) or None
    return (
        {name: row[name] for name in plain.split()} | moments | {"employee": people or row["application"], "tags": tags}
    )


def as_csv(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(MOSCOW):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, float):
        return f"{value:.1f}"
    if isinstance(value, str):
        return f"'{value}" if value[0] in "=-" else value
    return "" if value is None else str(int(value))


def as_cell(value: Any) -> str:
    if isinstance(value, datetime):
        shown = value.astimezone(MOSCOW).replace(tzinfo=UTC)
        return f"{(shown - datetime(1899, 12, 30, tzinfo=UTC)).total_seconds() / 86_400:.5f}"
    if isinstance(value, float):
        return f"{value / 86_400:.5f}"
    return value if isinstance(value, str) else str(int(value))


def sheet_rows(book: bytes) -> list[dict[str, str]]:
    """The rows of the first sheet: by the titles of its columns the cells that hold something."""
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    sheet = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml"))

    def cells(row: ElementTree.Element) -> dict[str, str]:
        return {str(cell.get("r")).rstrip("0123456789"): text(cell) for cell in row}

    def text(cell: ElementTree.Element) -> str:
        value = "".join(cell.itertext())
        return f"{float(value):.5f}" if cell.get("s") in MOMENT_OR_DURATION else value

    head, *rows = (cells(row) for row in sheet.iter(f"{main}row"))
    return [{head[letters]: value for letters, value in row.items()} for row in rows]


def test_exporting_is_a_right_of_its_own(seen: Desk) -> None:
    seen.user("manager").get("/api/calls/export.csv", status=403)
    seen.user().get("/api/calls/export.exe", status=400)


def test_filters_are_chosen_from_what_the_office_has(seen: Desk) -> None:
    choices = seen.user().get("/api/directory")

    assert [one["title"] for one in choices["employee"]] == ["Иванов Пётр", "Смирнова Ольга"]
    assert choices["queue"] == [{"id": "sales", "title": "Продажи"}]
