"""Believable calls in one line, and an office that puts them into a store.

    office = Office(database)
    office.employee("Иванов Пётр", "201")
    office.client("Ромашка", "+79161112233")
    missed = office.add(inbound("2026-11-20 10:00", "+79161112233", rang=["201"]))
    office.add(outbound("2026-11-20 10:30", "+79161112233", by="201", talk_s=60))

Moments are aware datetimes, or local texts of the office ("2026-11-20 10:00", Moscow).
"""

from __future__ import annotations

import struct
import uuid
import wave
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa

from data.facts import fact_tables
from data.identity.actor import Actor, system
from data.model import (
    Call,
    CallFacts,
    Direction,
    Interval,
    IntervalKind,
    Leg,
    LegResult,
    LegRole,
    LiveCall,
    Outcome,
    QueueVisit,
    Reason,
    Recording,
    Transfer,
    TransferKind,
)
from data.phone import normalise
from data.settings import Site
from data.store.database import Database

SITE = Site()
TRUNK = "PJSIP/trunk"
DID = "74951234567"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

_serial = count(1)


def at(moment: datetime | str) -> datetime:
    """The instant in UTC of a local text, or of an aware datetime."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return (moment if moment.tzinfo else moment.replace(tzinfo=SITE.zone)).astimezone(UTC)


def inbound(
    moment: datetime | str,
    number: str | None = "+79161234567",
    *,
    talked: str | Sequence[str] = (),
    rang: Sequence[str] = (),
    queue: str | None = None,
    reason: Reason | None = None,
    wait_s: float = 8.0,
    talk_s: float = 60.0,
    recorded: bool = False,
    **changed: Any,
) -> CallFacts:
    """A call from outside: answered by `talked` in turn (a hand-over between each two), or missed."""
    people = (talked,) if isinstance(talked, str) else tuple(talked)
    started = at(moment)
    answered = started + timedelta(seconds=wait_s) if people else None
    ended = started + timedelta(seconds=wait_s + (talk_s if people else 0))
    call_id = changed.pop("call_id", None) or new_id(started)
    shares = _shares(answered, talk_s, len(people)) if answered else []
    why = reason or (Reason.ABANDONED if queue else Reason.NO_ANSWER)
    call = _call(
        call_id,
        Direction.INBOUND,
        Outcome.ANSWERED if people else Outcome.MISSED,
        started_at=started,
        answered_at=answered,
        ended_at=ended,
        wait_s=wait_s,
        talk_s=talk_s if people else 0.0,
        reason=None if people else why,
        external_number=number,
        did=DID,
        line=TRUNK,
        caller_number=number,
        called_number=DID,
        answered_by=people,
        rang=tuple(dict.fromkeys((*people[:1], *rang))),
        employees=people or tuple(rang),
        application=None if people or rang else ("queue" if queue else "ivr"),
        queues=(queue,) if queue else (),
        **changed,
    )
    legs = [
        _leg(
            call_id, place, caller=number, party=party, queue=queue, started_at=started, answered_at=begin, ended_at=end
        )
        for place, (party, (begin, end)) in enumerate(zip(people, shares, strict=True), 1)
    ]
    legs += [
        _leg(call_id, place, caller=number, party=party, queue=queue, started_at=started, ended_at=answered or ended)
        for place, party in enumerate((party for party in rang if party not in people), len(legs) + 1)
    ]
    return CallFacts(
        call=call,
        legs=tuple(legs),
        queue_visits=_visits(call, queue),
        transfers=tuple(_hand_over(call_id, place, people, shares) for place in range(1, len(people))),
        recordings=_recordings(call_id, number, people, shares) if recorded else (),
        intervals=_talks(call_id, number, people, shares),
    )


def outbound(
    moment: datetime | str,
    number: str = "+79161234567",
    *,
    by: str = "201",
    talk_s: float = 0.0,
    reason: Reason = Reason.NO_ANSWER,
    wait_s: float = 12.0,
    recorded: bool = False,
    **changed: Any,
) -> CallFacts:
    """A call to outside by the extension `by`; reached if there is `talk_s`."""
    started = at(moment)
    reached = talk_s > 0
    answered = started + timedelta(seconds=wait_s) if reached else None
    ended = started + timedelta(seconds=wait_s + talk_s)
    call_id = changed.pop("call_id", None) or new_id(started)
    call = _call(
        call_id,
        Direction.OUTBOUND,
        Outcome.REACHED if reached else Outcome.NOT_REACHED,
        started_at=started,
        answered_at=answered,
        ended_at=ended,
        wait_s=wait_s,
        talk_s=talk_s,
        reason=None if reached else reason,
        external_number=number,
        line=TRUNK,
        caller_number=by,
        called_number=number,
        answered_by=(number,) if reached else (),
        employees=(by,),
        **changed,
    )
    legs = (_leg(call_id, 1, caller=by, party=number, started_at=started, answered_at=answered, ended_at=ended),)
    shares = [(answered, ended)] if answered else []
    people = (by,) if answered else ()
    return CallFacts(
        call=call,
        legs=legs,
        recordings=_recordings(call_id, number, people, shares) if recorded else (),
        intervals=_talks(call_id, number, people, shares),
    )


def internal(
    moment: datetime | str, caller: str = "201", called: str = "202", *, talk_s: float = 30.0, **changed: Any
) -> CallFacts:
    """A call between two extensions; unanswered without `talk_s`."""
    started = at(moment)
    answered = started + timedelta(seconds=5) if talk_s else None
    ended = started + timedelta(seconds=5 + talk_s)
    call_id = changed.pop("call_id", None) or new_id(started)
    call = _call(
        call_id,
        Direction.INTERNAL,
        Outcome.ANSWERED if talk_s else Outcome.UNANSWERED,
        started_at=started,
        answered_at=answered,
        ended_at=ended,
        wait_s=5.0,
        talk_s=talk_s,
        reason=None if talk_s else Reason.NO_ANSWER,
        caller_number=caller,
        called_number=called,
        answered_by=(called,) if talk_s else (),
        rang=(called,),
        employees=(called,),
        **changed,
    )
    leg = _leg(call_id, 1, caller=caller, party=called, started_at=started, answered_at=answered, ended_at=ended)
    return CallFacts(call=call, legs=(leg,))


def running(
    moment: datetime | str,
    number: str = "+79161234567",
    *,
    state: str = "ringing",
    ringing: Sequence[str] = (),
    talking: Sequence[str] = (),
    **changed: Any,
) -> LiveCall:
    """A call from outside that is going on."""
    started = at(moment)
    values: dict[str, Any] = {
        "call_id": new_id(started),
        "pbx": "pbx",
        "direction": Direction.INBOUND,
        "state": state,
        "state_since_at": started,
        "external_number": number,
        "caller_name": None,
        "called_number": DID,
        "did": DID,
        "line": TRUNK,
        "queue": None,
        "ringing": tuple(ringing),
        "talking": tuple(talking),
        "started_at": started,
        "answered_at": started if talking else None,
    }
    return LiveCall(**(values | changed))


class Office:
    """A store with people, clients and calls in it."""

    def __init__(self, store: Database, *, site: Site = SITE) -> None:
        self.store = store
        self.site = site
        self.actor: Actor = system("ingest")

    def add(self, *facts: CallFacts, sound_in: Path | None = None) -> str:
        """Store the calls as ingest would; the id of the first.

        sound_in: a folder of recordings; every recording of the calls gets a file there, with two sides.
        """
        tables = fact_tables(facts, site=self.site, source="ami")
        if sound_in is not None:
            tables["recording"] = _with_sound(tables["recording"], sound_in)
        self.store.write_facts(tables, actor=self.actor)
        return facts[0].call.call_id

    def live(self, *calls: LiveCall) -> None:
        """These calls, and no others, are going on."""
        names = LiveCall.__dataclass_fields__
        rows = {name: [getattr(call, name) for call in calls] for name in names}
        rows |= {name: [list(value) for value in rows[name]] for name in ("ringing", "talking")}
        types = {"ringing": pa.list_(pa.string()), "talking": pa.list_(pa.string())}
        moments = {name: pa.timestamp("us", tz="UTC") for name in names if name.endswith("_at")}
        table = pa.table(
            {name: pa.array(value, (types | moments).get(name, pa.string())) for name, value in rows.items()}
        )
        self.store.write_live("pbx", table, actor=self.actor)

    def employee(self, name: str, *extensions: str) -> str:
        """An employee with these extensions since long ago; the id."""
        employee_id = uuid.uuid4()
        self._append("employee", [{"employee_id": str(employee_id), "name": name, "active": True}])
        self._append(
            "extension",
            [
                {"extension": extension, "employee_id": str(employee_id), "kind": "phone", "from_at": LONG_AGO}
                for extension in extensions
            ],
        )
        return str(employee_id)

    def client(self, name: str, *numbers: str, since: datetime | str = LONG_AGO) -> str:
        """A client whose numbers are registered since then; the id."""
        account_id = uuid.uuid4()
        moment = at(since)
        trail = {"created_at": moment, "created_by": "test", "changed_at": moment, "changed_by": "test", "version": 1}
        card = {
            "account_id": str(account_id),
            "name": name,
            "folded": name.lower().replace("ё", "е"),
            "kind": "organisation",
        }
        self._append("account", [card | trail])
        self._append(
            "phone_assignment",
            [
                {
                    "assignment_id": str(uuid.uuid4()),
                    "number": normalise(number, self.site).number,
                    "account_id": str(account_id),
                    "from_at": moment,
                    "assigned_by": "test",
                }
                for number in numbers
            ],
        )
        return str(account_id)

    def chat(
        self, messenger: str, *, said: Sequence[str], account_id: str | None = None, number: str | None = None
    ) -> str:
        """A chat in work in which the client said these texts, a minute apart; the id."""
        chat_id, begun = str(uuid.uuid4()), at("2026-11-20 09:00")
        row = {
            "chat_id": chat_id,
            "messenger": messenger,
            "messenger_account": "office",
            "user_key": chat_id,
            "account_id": account_id,
            "number": number,
            "state": "active",
            "created_at": begun,
            "last_message_at": begun + timedelta(minutes=len(said)),
        }
        self._append("chat", [{name: value for name, value in row.items() if value is not None}])
        self._append(
            "message",
            [
                {
                    "message_id": str(uuid.uuid4()),
                    "chat_id": chat_id,
                    "kind": "text",
                    "ours": False,
                    "text": text,
                    "sent_at": begun + timedelta(minutes=place),
                }
                for place, text in enumerate(said, 1)
            ],
        )
        return chat_id

    def title(self, table: str, key: str, title: str) -> None:
        """What people call a queue, ring_group, line or (by DID) acquisition_channel."""
        name = "did" if table == "acquisition_channel" else table
        self._append(table, [{name: key, "title": title}])

    def _append(self, table: str, rows: Iterable[dict[str, Any]]) -> None:
        listed = list(rows)
        if not listed:
            return
        columns = {name: pa.array([row[name] for row in listed]) for name in listed[0]}
        for name in columns:
            if name.endswith("_at"):
                columns[name] = pa.array([row[name] for row in listed], pa.timestamp("us", tz="UTC"))
        self.store.append(table, pa.table(columns), actor=self.actor)


def _with_sound(recordings: pa.Table, folder: Path, seconds: int = 20) -> pa.Table:
    """The rows with a file each: a tone on one side, then on the other."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = recordings.num_rows
    frames = b"".join(
        struct.pack("<hh", *((level, 0) if (at // 8000) % 2 else (0, level)))
        for at in range(8000 * seconds)
        for level in [6000 if (at // 20) % 2 else -6000]
    )
    for name in recordings["file"].to_pylist():
        with wave.open(str(folder / name), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(frames)
    known = {
        "state": pa.array(["present"] * rows),
        "path": recordings["file"],
        "sound_s": pa.array([float(seconds)] * rows),
        "channel_count": pa.array([2] * rows, pa.int32()),
        "peaks": pa.array([bytes([40, 200] * 100)] * rows, pa.binary()),
    }
    for name, column in known.items():
        recordings = recordings.append_column(name, column)
    return recordings


def new_id(moment: datetime) -> str:
    """An id that no other call of the test run has."""
    return f"pbx-{int(moment.timestamp())}.{next(_serial)}"


def _call(call_id: str, direction: Direction, outcome: Outcome, **changed: Any) -> Call:
    values: dict[str, Any] = {
        "call_id": call_id,
        "pbx": "pbx",
        "direction": direction,
        "outcome": outcome,
        "reason": None,
        "external_number": None,
        "did": None,
        "line": None,
        "caller_number": None,
        "caller_name": None,
        "called_number": None,
        "answered_by": (),
        "rang": (),
        "employees": (),
        "application": None,
        "queues": (),
        "ring_group": None,
        "answered_at": None,
        "wait_s": None,
        "talk_s": 0.0,
        "hold_s": 0.0,
        "dial_status": None,
        "hangup_cause": 16,
        "incomplete": False,
        "conference": None,
        "channels": (call_id.partition("-")[2],),
        "rule_version": 1,
    } | changed
    values.setdefault("duration_s", (values["ended_at"] - values["started_at"]).total_seconds())
    return Call(**values)


def _leg(
    call_id: str,
    position: int,
    *,
    caller: str | None,
    party: str,
    started_at: datetime,
    ended_at: datetime,
    answered_at: datetime | None = None,
    queue: str | None = None,
) -> Leg:
    return Leg(
        call_id=call_id,
        position=position,
        role=LegRole.PARTY,
        channel=f"PJSIP/{party}-{position:08x}",
        caller=caller,
        party=party,
        device=f"PJSIP/{party}",
        queue=queue,
        result=LegResult.ANSWERED if answered_at else LegResult.NO_ANSWER,
        dial_status="ANSWER" if answered_at else "NOANSWER",
        hangup_cause=16,
        started_at=started_at,
        ringing_at=started_at,
        answered_at=answered_at,
        ended_at=ended_at,
        ring_s=((answered_at or ended_at) - started_at).total_seconds(),
        talk_s=(ended_at - answered_at).total_seconds() if answered_at else 0.0,
        hold_s=0.0,
    )


def _shares(answered: datetime, talk_s: float, people: int) -> list[tuple[datetime, datetime]]:
    """The conversation, cut into equal stretches one after the other."""
    step = timedelta(seconds=talk_s / people)
    return [(answered + step * place, answered + step * (place + 1)) for place in range(people)]


def _visits(call: Call, queue: str | None) -> tuple[QueueVisit, ...]:
    if queue is None:
        return ()
    left = call.answered_at or call.ended_at
    visit = QueueVisit(
        call_id=call.call_id,
        position=1,
        queue=queue,
        entered_at=call.started_at,
        left_at=left,
        wait_s=(left - call.started_at).total_seconds(),
        place_at_entry=1,
        result="answered" if call.answered_at else "abandoned",
        answered_by=call.answered_by[0] if call.answered_by else None,
    )
    return (visit,)


def _hand_over(
    call_id: str, position: int, people: Sequence[str], shares: Sequence[tuple[datetime, datetime]]
) -> Transfer:
    return Transfer(
        call_id=call_id,
        position=position,
        kind=TransferKind.BLIND,
        from_party=people[position - 1],
        to_party=people[position],
        completed=True,
        transferred_at=shares[position][0],
    )


def _talks(
    call_id: str, number: str | None, people: Sequence[str], shares: Sequence[tuple[datetime, datetime]]
) -> tuple[Interval, ...]:
    return tuple(
        Interval(
            call_id=call_id,
            position=place,
            kind=IntervalKind.TALK,
            party=party,
            other=number,
            started_at=begin,
            ended_at=end,
        )
        for place, (party, (begin, end)) in enumerate(zip(people, shares, strict=True), 1)
    )


def _recordings(
    call_id: str, number: str | None, people: Sequence[str], shares: Sequence[tuple[datetime, datetime]]
) -> tuple[Recording, ...]:
    return tuple(
        Recording(
            call_id=call_id,
            position=place,
            file=f"{call_id}-{place}.wav",
            party=party,
            heard=(party, number or "anonymous"),
            started_at=begin,
            ended_at=end,
        )
        for place, (party, (begin, end)) in enumerate(zip(people, shares, strict=True), 1)
    )
