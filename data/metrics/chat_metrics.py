"""Metrics of chats: how soon people answer in writing, who waits, how often a chat comes back (DOMAIN.md 6).

One row is one opening of a chat: from the client's first word, or from his coming back after it was closed,
up to the next one. What only a machine said, and internal notes, answer nobody.
"""

from __future__ import annotations

from data.metrics.shapes import count, rows, seconds, share
from data.metrics.terms import Grain, Metric, Parameter, Unit

REPLY = Parameter(name="reply_s", default=300.0, unit=Unit.SECONDS, note="a chat answered within it is in time")

_CHAT = (Grain.CHAT,)
_ANSWERED = "fact.response_s is not null"
_ASKED = "fact.asked_at is not null"
_LATE = f"{_ASKED} and coalesce(fact.response_s, fact.waiting_s) > $reply_s"
_IN_TIME = f"{_ANSWERED} and fact.response_s <= $reply_s"
# Who waits for less than the target may still be answered in time: neither.
_JUDGED = f"({_IN_TIME}) or ({_LATE})"

CHAT_METRICS: list[Metric] = [
    count("chats", "true", "chats that were opened, or came back after they were closed", _CHAT),
    count("chats_new", "not fact.is_reopened", "first openings", _CHAT),
    count("chats_reopened", "fact.is_reopened", "openings of a chat that had been closed", _CHAT),
    count("chats_answered", _ANSWERED, "openings in which a person wrote to the client", _CHAT),
    count(
        "chats_waiting",
        f"{_ASKED} and not ({_ANSWERED}) and fact.closed_at is null",
        "open, and nobody has answered yet",
        _CHAT,
        note="As of the moment of the report.",
    ),
    count(
        "chats_unanswered",
        f"{_ASKED} and not ({_ANSWERED}) and fact.closed_at is not null",
        "closed without an answer",
        _CHAT,
    ),
    count("chats_late", _LATE, "first answer later than T, or none for longer than T", _CHAT, ("reply_s",)),
    count("chats_closed", "fact.closed_at is not null", "openings that were closed", _CHAT),
    count(
        "chats_came_back",
        "fact.closed_at is not null and fact.came_back",
        "closed, and the chat was opened again later",
        _CHAT,
    ),
    Metric(
        name="reply_level",
        unit=Unit.SHARE,
        grains=_CHAT,
        params=("reply_s",),
        sql=share(rows(_IN_TIME), rows(_JUDGED)),
        formula="answered within T / (answered + waited longer than T without an answer)",
        counted=_JUDGED,
    ),
    seconds(
        "first_response_median",
        f"quantile_cont(fact.response_s, 0.5) filter (where {_ANSWERED})",
        _ANSWERED,
        "median time from the client's first word to the first answer of a person",
        _CHAT,
    ),
    seconds(
        "first_response_p90",
        f"quantile_cont(fact.response_s, 0.9) filter (where {_ANSWERED})",
        _ANSWERED,
        "90th percentile of the time to the first answer",
        _CHAT,
    ),
    seconds(
        "first_response_open_median",
        f"quantile_cont(fact.response_open_s, 0.5) filter (where {_ANSWERED})",
        _ANSWERED,
        "median of the working time up to the first answer",
        _CHAT,
        note="Only time in which the office is open counts: a question of the night is 0 s old in the morning.",
    ),
    seconds(
        "first_response_open_p90",
        f"quantile_cont(fact.response_open_s, 0.9) filter (where {_ANSWERED})",
        _ANSWERED,
        "90th percentile of the working time up to the first answer",
        _CHAT,
    ),
    seconds(
        "longest_waiting",
        "max(fact.waiting_s)",
        "fact.waiting_s is not null",
        "longest time that somebody waits for a first answer now",
        _CHAT,
    ),
    seconds(
        "close_median",
        "median(fact.close_s)",
        "fact.close_s is not null",
        "median time from the opening to the closing",
        _CHAT,
    ),
    Metric(
        name="reopen_rate",
        unit=Unit.SHARE,
        grains=_CHAT,
        sql=share(rows("fact.closed_at is not null and fact.came_back"), rows("fact.closed_at is not null")),
        formula="closed chats that were opened again / closed chats",
        counted="fact.closed_at is not null",
    ),
]
