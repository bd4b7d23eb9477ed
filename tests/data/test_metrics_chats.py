"""Numbers of chats, worked out by hand: one row is one opening."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from data.errors import UnknownName
from data.identity.actor import Actor, Role, Scope, system
from data.metrics.compiler import Restriction
from data.metrics.measure import measure
from data.metrics.slices import Slice, read_slice, slice_restriction
from tests.data.office import SITE, Office, local

OLGA = "00000000-0000-0000-0000-000000000201"
PETR = "00000000-0000-0000-0000-000000000202"
NOW = local("11-20 12:00")


class Chats(Office):
    """An office whose chats are told in a line each: (who, moment) pairs, and when it was closed."""

    def chat(self, *said: tuple[str, str], closed: str | None = None, assignee: str | None = OLGA, **other: Any) -> str:
        chat_id = str(uuid4())
        opened = local(said[0][1])
        self.insert(
            "chat",
            **{
                "chat_id": UUID(chat_id),
                "messenger": "whatsapp",
                "messenger_account": "office",
                "user_key": chat_id,
                "assignee_id": assignee and UUID(assignee),
                "created_at": opened,
                "watcher_ids": [],
            }
            | other,
        )
        self.event(chat_id, "opened", opened)
        if closed:
            self.event(chat_id, "closed", local(closed))
        self.say(chat_id, *said)
        return chat_id

    def say(self, chat_id: str, *said: tuple[str, str]) -> None:
        """who: client, olga, robot, or note (of olga)."""
        for who, moment in said:
            self.insert(
                "message",
                message_id=uuid4(),
                chat_id=UUID(chat_id),
                kind="note" if who == "note" else "text",
                ours=who != "client",
                author={"client": None, "robot": "system:chats"}.get(who, "olga"),
                sent_at=local(moment),
            )

    def event(self, chat_id: str, kind: str, at: datetime) -> None:
        self.insert(
            "chat_event", event_id=uuid4(), chat_id=UUID(chat_id), happened_at=at, kind=kind, actor="system:test"
        )


@pytest.fixture
def office() -> Chats:
    return Chats()


def numbers(office: Office, *metrics: str, by: tuple[str, ...] = (), **how: Any) -> list[Any]:
    usual: dict[str, Any] = {"site": SITE, "actor": system("test"), "as_of": NOW}
    frame = measure(
        office,
        metrics,
        by=by,
        from_on=date(2026, 11, 1),
        to_on=date(2026, 12, 1),
        **(usual | how),
    )
    return list(frame.to_dict("records"))


def test_the_first_answer_of_a_person_ends_the_waiting(office: Chats) -> None:
    office.chat(("client", "11-03 10:00"), ("client", "11-03 10:01"), ("olga", "11-03 10:03"), ("olga", "11-03 10:09"))
    office.chat(("client", "11-03 11:00"), ("robot", "11-03 11:00"), ("note", "11-03 11:02"), ("olga", "11-03 11:10"))

    (found,) = numbers(office, "chats", "chats_answered", "first_response_median", "first_response_p90")

    assert found["chats"] == found["chats_answered"] == 2
    assert found["first_response_median"] == pytest.approx((180 + 600) / 2)
    assert found["first_response_p90"] == pytest.approx(180 + 0.9 * 420)


def test_nights_and_days_off_do_not_count_as_working_time(office: Chats) -> None:
    # Tuesday 17:50 to Wednesday 09:10, office open 9 to 18: ten minutes and ten minutes.
    office.chat(("client", "11-03 17:50"), ("olga", "11-04 09:10"))

    (found,) = numbers(office, "first_response_median", "first_response_open_median", "first_response_open_p90")

    assert found["first_response_median"] == pytest.approx(15 * 3600 + 20 * 60)
    assert found["first_response_open_median"] == found["first_response_open_p90"] == pytest.approx(20 * 60)


def test_who_has_no_answer_waits_until_the_chat_is_closed(office: Chats) -> None:
    office.chat(("client", "11-20 11:00"), assignee=None)
    office.chat(("client", "11-19 11:00"), closed="11-19 12:00")

    (found,) = numbers(office, "chats_waiting", "chats_unanswered", "longest_waiting", "close_median")

    assert found == {
        "chats_waiting": 1,
        "chats_unanswered": 1,
        "longest_waiting": 3600.0,
        "close_median": 3600.0,
    }


def test_in_time_late_and_not_yet_decided(office: Chats) -> None:
    office.chat(("client", "11-03 10:00"), ("olga", "11-03 10:04"))
    office.chat(("client", "11-03 10:00"), ("olga", "11-03 10:06"))
    office.chat(("client", "11-20 11:00"))
    office.chat(("client", "11-20 11:58"))  # two minutes ago

    (found,) = numbers(office, "reply_level", "chats_late")
    (patient,) = numbers(office, "reply_level", "chats_late", params={"reply_s": 600.0})

    assert found == {"reply_level": pytest.approx(1 / 3), "chats_late": 2}
    assert patient == {"reply_level": pytest.approx(2 / 3), "chats_late": 1}


def test_a_chat_that_comes_back_counts_again_on_its_day(office: Chats) -> None:
    chat_id = office.chat(("client", "11-03 10:00"), ("olga", "11-03 10:01"), closed="11-03 10:30")
    office.event(chat_id, "reopened", local("11-05 09:00"))
    office.say(chat_id, ("client", "11-05 09:00"), ("olga", "11-05 09:02"))
    office.chat(("client", "11-03 12:00"), ("olga", "11-03 12:01"), closed="11-03 12:30")

    by_day = numbers(office, "chats", "chats_new", "chats_reopened", "first_response_median", by=("day",))
    (found,) = numbers(office, "chats_closed", "chats_came_back", "reopen_rate")

    assert [(row["day"].day, row["chats"], row["chats_new"], row["chats_reopened"]) for row in by_day] == [
        (3, 2, 2, 0),
        (5, 1, 0, 1),
    ]
    assert [row["first_response_median"] for row in by_day] == [60.0, 120.0]
    assert found == {"chats_closed": 2, "chats_came_back": 1, "reopen_rate": 0.5}


def test_a_report_as_of_a_moment_does_not_know_what_came_later(office: Chats) -> None:
    office.chat(("client", "11-03 10:00"), ("olga", "11-03 12:00"), closed="11-03 13:00")

    (then,) = numbers(office, "chats_waiting", "chats_answered", "longest_waiting", as_of=local("11-03 11:00"))

    assert then == {"chats_waiting": 1, "chats_answered": 0, "longest_waiting": 3600.0}


def test_splits_by_who_where_and_when(office: Chats) -> None:
    office.chat(("client", "11-03 10:00"), ("olga", "11-03 10:01"))
    office.chat(("client", "11-03 10:30"), ("olga", "11-03 10:31"), assignee=PETR, messenger="telegram")
    office.chat(("client", "11-04 20:00"), assignee=None)

    def split(name: str) -> dict[object, int]:
        return {row[name]: row["chats"] for row in numbers(office, "chats", by=(name,))}

    assert split("messenger") == {"telegram": 1, "whatsapp": 2}
    assert split("hour") == {10: 2, 20: 1}
    assert split("office_hours") == {"in": 2, "out": 1}
    assert sorted(split("assignee").values()) == [1, 1, 1]


def test_chats_without_a_written_history_count_from_their_first_day(office: Chats) -> None:
    office.insert(
        "chat",
        chat_id=uuid4(),
        messenger="whatsapp",
        messenger_account="office",
        user_key="old",
        created_at=local("11-03 10:00"),
        closed_at=local("11-03 11:00"),
        watcher_ids=[],
    )

    (found,) = numbers(office, "chats", "chats_closed", "close_median")

    assert found == {"chats": 1, "chats_closed": 1, "close_median": 3600.0}


def test_groups_are_left_out(office: Chats) -> None:
    office.chat(("client", "11-03 10:00"), is_group=True)

    (found,) = numbers(office, "chats")

    assert found == {"chats": 0}


def test_who_sees_only_his_own_gets_numbers_of_his_own_chats(office: Chats) -> None:
    office.chat(("client", "11-03 10:00"))
    office.chat(("client", "11-03 10:00"), assignee=PETR)
    petr = Actor(user="petr", role=Role.SUPERVISOR, employee_id=PETR, scope=Scope.OWN)
    nobody = Actor(user="x", role=Role.SUPERVISOR, scope=Scope.OWN)

    assert numbers(office, "chats", actor=petr, as_of=None, now=NOW) == [{"chats": 1}]
    assert numbers(office, "chats", actor=nobody, as_of=None, now=NOW) == [{"chats": 0}]


def test_a_filter_of_calls_is_refused_and_calls_are_not_split_by_messenger(office: Chats) -> None:
    with pytest.raises(UnknownName, match="says nothing about chats"):
        numbers(office, "chats", where=Restriction(sql="true"))
    with pytest.raises(UnknownName, match="cannot be split by 'messenger'"):
        numbers(office, "calls", by=("messenger",))


def test_a_number_leads_to_exactly_its_chats(office: Chats) -> None:
    answered = office.chat(("client", "11-03 10:00"), ("olga", "11-03 10:10"))
    office.chat(("client", "11-20 10:00"))
    office.chat(("client", "10-03 10:00"), ("olga", "10-03 10:10"))
    late = Slice(metric="first_response_median", values={"messenger": "whatsapp"})

    restriction = slice_restriction(
        read_slice(str(late)),
        from_at=local("11-01 00:00"),
        until_at=local("12-01 00:00"),
        as_of=NOW + timedelta(days=20),
        site=SITE,
    )
    found = office.query(
        f"select chat_id::varchar as chat_id from chat where {restriction.sql}", restriction.params, actor=system("t")
    )

    assert found["chat_id"].to_pylist() == [answered]


def test_days_on_which_the_clock_changes_have_their_own_working_time(office: Chats) -> None:
    berlin = SITE.model_copy(update={"timezone": "Europe/Berlin"})
    # The night of 25 October 2026 has 25 hours; the office is closed on that Sunday, Friday 17:30 to Monday 9:15.
    office.insert(
        "chat",
        chat_id=(chat := uuid4()),
        messenger="whatsapp",
        messenger_account="office",
        user_key="k",
        created_at=datetime(2026, 10, 23, 15, 30, tzinfo=UTC),
        watcher_ids=[],
    )
    for ours, moment in (
        (False, datetime(2026, 10, 23, 15, 30, tzinfo=UTC)),
        (True, datetime(2026, 10, 26, 8, 15, tzinfo=UTC)),
    ):
        office.insert("message", message_id=uuid4(), chat_id=chat, kind="text", ours=ours, sent_at=moment)

    frame = measure(
        office,
        ["first_response_median", "first_response_open_median"],
        from_on=date(2026, 10, 1),
        to_on=date(2026, 11, 1),
        site=berlin,
        actor=system("test"),
        as_of=NOW,
    )

    assert frame["first_response_median"].tolist() == [pytest.approx((2 * 24 + 16 + 0.75) * 3600)]
    assert frame["first_response_open_median"].tolist() == [pytest.approx(45 * 60)]
