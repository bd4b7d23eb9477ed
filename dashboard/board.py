"""What the wall board shows: what goes on now, and the day so far; one answer for all who look at the same time."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import asdict
from typing import Any

from dashboard.api.live import Row, going_on, rows_of
from dashboard.components.report import ask
from dashboard.components.today import today
from dashboard.context import current_store, now
from dashboard.kept import once
from dashboard.text import language
from data.identity.actor import Actor, Permission, system
from data.journal import CallFilter, CallKind
from data.queries import read
from data.services.presence import Doing, Membership, crew, employees, memberships, phones
from data.services.standing import Standing, standings
from data.store.protocol import Store

_MAY_AGE_S = 0.5
_DAY_MAY_AGE_S = 15.0
_ACTOR = system("web")
_EVERY_KIND = CallFilter(kinds=frozenset({CallKind.INBOUND, CallKind.OUTBOUND, CallKind.INTERNAL}))


def board(actor: Actor) -> dict[str, Any]:
    """Calls, queues, employees and lines, and whether what is told of now is of now."""
    store = current_store()
    return once(store, ("now", *_whose(actor)), lambda: _now(actor), may_age_s=_MAY_AGE_S) | {"at": now()}


def day(actor: Actor) -> dict[str, Any]:
    """Counts up to now beside those of a usual day, and service by queue."""
    key = ("day", *_whose(actor))
    return once(current_store(), key, _day, may_age_s=_DAY_MAY_AGE_S, may_lag=True)


def _whose(actor: Actor) -> tuple[Hashable, ...]:
    """For whom an answer is the same."""
    return actor.sees_all, actor.seen, actor.may(Permission.FULL_NUMBERS), language()


def _now(actor: Actor) -> dict[str, Any]:
    store = current_store()
    links = standings(store, _ACTOR)
    found = going_on(_ACTOR)
    members, devices = memberships(store, _ACTOR), phones(store, _ACTOR)
    wanted = {phone["extension"] for phone in devices} | {one.extension for one in members}
    wanted |= {party for call in found for party in (*call["ringing"], *call["talking"])}
    asked = {"extensions": sorted(wanted), "at": now()}
    named = store.query(read("live/people"), asked, actor=_ACTOR).to_pylist()
    people = employees(found, members, devices, {row["extension"]: row["name"] for row in named})
    doing = {one.extension: one.doing for one in people}
    return {
        "links": [asdict(link) for link in links],
        "is_known": any(link.standing is Standing.UP for link in links),
        "calls": rows_of(actor, found, _EVERY_KIND),
        "queues": _queues(store, found, members, doing),
        "employees": [asdict(one) for one in people if actor.sees_all or one.extension in actor.seen],
        "members": [asdict(one) for one in members if actor.sees_all or one.extension in actor.seen],
        "lines": _lines(found),
    }


def _queues(
    store: Store, calls: list[Row], members: tuple[Membership, ...], doing: dict[str, Doing]
) -> list[dict[str, Any]]:
    titles = {row["queue"]: row["title"] for row in store.query(read("live/queues"), actor=_ACTOR).to_pylist()}
    titles |= {one.queue: one.queue_title for one in members if one.queue not in titles}
    waiting = [call for call in calls if call["queue"] is not None and not call["talking"]]
    titles |= {call["queue"]: call["queue_title"] for call in waiting if call["queue"] not in titles}
    return [
        {
            "queue": queue,
            "title": title,
            "waiting": sum(call["queue"] == queue for call in waiting),
            # The longest wait began first: what ticks is the browser's clock.
            "waits_since": min((_joined(call) for call in waiting if call["queue"] == queue), default=None),
            **asdict(crew(queue, members, doing)),
        }
        for queue, title in titles.items()
    ]


def _joined(call: Row) -> Any:
    return call["state_since_at"] if call["state"] == "queued" else call["started_at"]


def _lines(calls: list[Row]) -> list[dict[str, Any]]:
    used: dict[str, int] = {}
    for call in calls:
        if call["line"]:
            used[call["line_title"]] = used.get(call["line_title"], 0) + 1
    return [{"title": title, "used": count} for title, count in sorted(used.items())]


def _day() -> dict[str, Any]:
    question = ask("?period=today")
    hours = today(question)
    whole = question.measure("service_level", "asa", "offered", "abandoned")
    queued = question.measure("service_level", "offered", "answered", "abandoned", by=["queue"])
    counts = {
        name: {"now": int(hours.so_far[name]), "usual": round(float(hours.usual_so_far[name]), 1)}
        for name in ("external", "accepted", "missed")
    }
    return {
        **counts,
        "service_level": _number(whole["service_level"].iloc[0]) if len(whole) else None,
        "asa": _number(whole["asa"].iloc[0]) if len(whole) else None,
        "queues": {
            row["queue"]: {name: _number(row[name]) for name in ("service_level", "offered", "answered", "abandoned")}
            for row in queued.to_dict("records")
            if row["queue"] is not None
        },
    }


def _number(value: Any) -> float | None:
    return None if value is None or math.isnan(value) else round(float(value), 4)
