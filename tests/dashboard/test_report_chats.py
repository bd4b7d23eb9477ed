"""The report of chats: every number leads to as many chats, and the page stands without any."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from dashboard.components.report import REPORTS, body
from dashboard.context import acting
from data.metrics.slices import read_slice, slice_restriction
from tests.dashboard.test_reports import BOSS, Marks, as_json, ask, context_of
from tests.data.office import SITE, local
from tests.data.test_metrics_chats import PETR, Chats

PERIOD = "?from=2026-11-02&to=2026-11-15"


def some_chats() -> Chats:
    office = Chats()
    office.employee(0x201, "Ольга", "201")
    office.chat(("client", "11-03 10:00"), ("olga", "11-03 10:03"), closed="11-03 11:00")
    office.chat(("client", "11-04 10:00"), ("olga", "11-04 10:20"), messenger="telegram", assignee=PETR)
    office.chat(("client", "11-05 10:00"), assignee=None)
    office.chat(("client", "11-05 11:00"), closed="11-05 12:00")
    office.settle()
    return office


def chats_behind(office: Chats, link: str) -> int:
    address = urlsplit(link)
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    restriction = slice_restriction(
        read_slice(asked["slice"]),
        from_at=local(f"{asked['from'][5:]} 00:00"),
        until_at=local(f"{asked['to'][5:]} 00:00") + timedelta(days=1),
        as_of=local("12-01 00:00"),
        site=SITE,
    )
    found = office.query(f"select count(*) as n from chat where {restriction.sql}", restriction.params, actor=BOSS)
    assert address.path == "/chats"
    return int(found["n"][0].as_py())


def test_every_number_leads_to_exactly_the_chats_that_it_counts() -> None:
    office = some_chats()
    with acting(context_of(office)):
        answer = REPORTS["chats"].answer(ask(office, PERIOD))
    counts = [(link, value) for link, value, is_count in Marks().of(answer).shown if is_count and "slice=chats" in link]

    assert {value for _, value in counts} >= {0, 1, 2, 4}
    for link, value in counts:
        assert chats_behind(office, link) == value, link


def test_the_report_names_people_and_messengers_and_stands_without_chats() -> None:
    with acting(context_of(some_chats())):
        full = as_json(body(REPORTS["chats"], ask(some_chats(), PERIOD)))
    nothing = Chats()
    nothing.settle()
    with acting(context_of(nothing)):
        empty = as_json(body(REPORTS["chats"], ask(nothing, PERIOD)))

    assert all(word in full for word in ("Ольга", "WhatsApp", "Telegram", "Никто не взял"))
    assert "NaN" not in full + empty
