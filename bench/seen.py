"""What phones saw of recorded calls, and where two pages showed something else: no I/O but the truth's file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OPEN = float("inf")
CALM_S = 1.0  # a page is asked when the truth stood still for so long
_ENDED = ("ended", "elsewhere", "not-reached")
_BEGINS = {"ringing": "ringing", "dial": "calling", "answered": "talking", "hold": "held", "unhold": "talking"}
_WORDS = {"ringing": "ringing", "calling": "calling", "talking": "talking", "held": "held"}


@dataclass(frozen=True, kw_only=True)
class Span:
    """A phone did this from then until then, in one conversation; seconds of the scenario."""

    phone: str
    doing: str  # ringing, calling, talking, held
    from_s: float
    until_s: float


@dataclass(frozen=True, kw_only=True)
class Truth:
    """A scenario as phones and the telephone network saw it. t0: unix time of its second 0 on the recorded clock."""

    name: str
    t0: float
    calls: tuple[dict[str, Any], ...]
    spans: tuple[Span, ...]

    @property
    def ended_s(self) -> float:
        return max(float(call["ended"]) for call in self.calls)

    def edges(self) -> list[float]:
        """Moments in which anything changed."""
        of_calls = [call[name] for call in self.calls for name in ("started", "answered", "ended")]
        of_phones = [at for span in self.spans for at in (span.from_s, span.until_s)]
        return sorted(float(at) for at in (*of_calls, *of_phones) if at is not None)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What a page showed at a moment (unix time)."""

    at: float
    cards: list[dict[str, str]]
    calls: list[dict[str, str]]
    people: list[dict[str, str]]
    queues: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Truth and page at one second of a scenario."""

    scenario: str
    second: float
    what: str
    truth: object
    shown: object

    def __str__(self) -> str:
        return f"{self.scenario} at {self.second:g} s, {self.what}: truth {self.truth}, shown {self.shown}"


def read_truth(path: Path) -> Truth:
    told = json.loads(path.read_text())
    log = told["phone_log"]
    return Truth(name=told["scenario"], t0=told["t0_unix"], calls=tuple(told["calls"]), spans=tuple(_spans(log)))


def _spans(log: Sequence[dict[str, Any]]) -> Iterator[Span]:
    """The log's events as what each phone did from one event to the next, conversation by conversation."""
    doing: dict[tuple[str, str, str], tuple[str, float]] = {}
    for event in log:
        key = (event["phone"], event["side"], event["other"])
        then = _BEGINS.get(event["event"])
        if event["phone"] == "pstn" or (then is None and event["event"] != "ended"):
            continue
        if then == "ringing" and event["side"] == "out":
            continue  # he hears the other phone ring
        if key in doing:
            before, since = doing.pop(key)
            yield Span(phone=event["phone"], doing=before, from_s=since, until_s=event["t"])
        if then is not None:
            doing[key] = (then, event["t"])


def differences(
    truth: Truth, began_at: float, employee: Sequence[Snapshot], board: Sequence[Snapshot], *, employee_phone: str
) -> tuple[int, list[Difference]]:
    """How many things were compared, and those that were shown otherwise than they were."""
    compared, found = 0, []
    edges = truth.edges()
    for half in range(1, int(truth.ended_s * 2) + 4):
        second = half / 2
        if any(second - CALM_S < edge < second + 0.25 for edge in edges):
            continue
        for what, wanted, shown in (
            *_cards(truth, second, _at(employee, began_at + second), employee_phone),
            *_board(truth, second, _at(board, began_at + second)),
        ):
            compared += 1
            if not _agree(wanted, shown):
                found.append(Difference(scenario=truth.name, second=second, what=what, truth=wanted, shown=shown))
    return compared, found


def _at(seen: Sequence[Snapshot], moment: float) -> Snapshot:
    return min(seen, key=lambda one: abs(one.at - moment))


def _agree(wanted: object, shown: object) -> bool:
    """Clocks show whole seconds, as they stood at most half a second ago: a tick and a note are a quarter old each."""
    if isinstance(wanted, float) and isinstance(shown, float):
        return -0.25 <= wanted - shown < 1.5
    return wanted == shown


Compared = tuple[str, object, object]


def _cards(truth: Truth, second: float, seen: Snapshot, phone: str) -> Iterator[Compared]:
    """The cards that are open, and the clock of the talk where there is one."""
    mine = [span for span in truth.spans if span.phone == phone and span.from_s <= second < span.until_s]
    shown = [card for card in seen.cards if card["state"] not in _ENDED]
    yield "cards", sorted(span.doing for span in mine), sorted(card["state"] for card in shown)
    talks = [span for span in mine if span.doing == "talking"]
    for card in shown:
        if len(talks) == len(mine) == len(shown) == 1 and card["state"] == "talking":
            yield "clock of the card", second - _talks_since(truth, talks[0]), seconds(card["clock"])


def _talks_since(truth: Truth, span: Span) -> float:
    """When the call of a talk was answered, whoever answered it."""
    known = [call for call in truth.calls if call["answered"] is not None]
    around = [call for call in known if call["answered"] <= span.from_s + 0.5 and call["ended"] >= span.until_s - 0.5]
    return min((float(call["answered"]) for call in around), default=span.from_s)


def _board(truth: Truth, second: float, seen: Snapshot) -> Iterator[Compared]:
    running = [call for call in truth.calls if call["started"] <= second < call["ended"]]
    yield "calls on the board", len(running), len(seen.calls)
    if len(running) == len(seen.calls) == 1:
        yield "clock of the call", second - _state_since(truth, running[0], second), seconds(seen.calls[0]["clock"])
    at_work = [span for span in truth.spans if span.from_s <= second < span.until_s]
    shown = {one["extension"]: one for one in seen.people}
    for phone in sorted({span.phone for span in truth.spans}):
        now = [span for span in at_work if span.phone == phone]
        if len(now) > 1 or phone not in shown:
            continue  # two conversations at once: the board shows one of them
        wanted = _WORDS[now[0].doing] if now else "free"
        doing = shown[phone]["doing"]
        yield f"what {phone} does", wanted, doing if now or doing != "paused" else "free"
        if now and now[0].doing != "held":
            yield f"clock of {phone}", second - _began(truth, now[0]), seconds(shown[phone]["clock"])
    for queue in seen.queues:
        waiting = [call for call in running if call["queue"] == queue["queue"] and not _is_answered(call, second)]
        yield f"waiting in {queue['queue']}", str(len(waiting)), queue["cells"][0]
        if waiting:
            longest = second - min(float(call["started"]) for call in waiting)
            yield f"longest wait in {queue['queue']}", longest, seconds(queue["cells"][1])


def _began(truth: Truth, span: Span) -> float:
    """When a phone began what it does: a hold in between does not begin a talk anew."""
    before = [one for one in truth.spans if one.phone == span.phone and one.until_s == span.from_s]
    return _began(truth, before[0]) if before and {before[0].doing, span.doing} <= {"talking", "held"} else span.from_s


def _is_answered(call: dict[str, Any], second: float) -> bool:
    return call["answered"] is not None and call["answered"] <= second


def _state_since(truth: Truth, call: dict[str, Any], second: float) -> float:
    """Since when a call is in its present state: held, talking, else since it began."""
    held = [span.from_s for span in truth.spans if span.doing == "held" and span.from_s <= second < span.until_s]
    if held:
        return max(held)
    return float(call["answered"] if _is_answered(call, second) else call["started"])


def seconds(clock: str) -> float | None:
    """A clock's text, m:ss or h:mm:ss, in seconds."""
    parts = clock.split(":")
    if not all(part.isdigit() for part in parts):
        return None
    return float(sum(int(part) * 60**place for place, part in enumerate(reversed(parts))))
