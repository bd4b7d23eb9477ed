"""Presence and pauses of queue members, as the queue's log tells them (`ADDMEMBER`, `PAUSE` …).

Members that stand in the configuration of a queue are never added, so nothing tells their presence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from data.facts import agent_session_table
from data.identity.actor import Actor
from data.model import AgentSession
from data.queries import read
from data.store.protocol import Store
from ingest.assembler.times import moment
from ingest.imports.differences import TOLERANCE_S
from ingest.imports.members import Members
from ingest.sources.queue_log import QueueLine

_BEGINS = {"ADDMEMBER": "login", "PAUSE": "pause"}
_ENDS = {"REMOVEMEMBER": ("pause", "login"), "UNPAUSE": ("pause",)}
_TOLERANCE = timedelta(seconds=TOLERANCE_S)

Key = tuple[str, str, str]  # queue, member, kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One presence or pause. started_at None: it began before the log that was read."""

    queue: str
    member: str
    kind: str
    reason: str | None = None
    started_at: float | None = None
    ended_at: float | None = None


class Attendance:
    """Follows the members through the log."""

    def __init__(self) -> None:
        self._open: dict[Key, Stretch] = {}
        self._done: list[Stretch] = []
        self._has_news = False

    def add(self, line: QueueLine) -> None:
        if not line.queue or not line.member:
            return  # PAUSEALL and its like: a line for each queue comes beside it
        if (kind := _BEGINS.get(line.event)) is not None:
            key = (line.queue, line.member, kind)
            self._has_news = True
            reason = line.told.get("reason") or None
            present = self._open.get(key)
            if present is not None and present.reason == reason:
                return
            if present is not None:
                self._end(key, line.at)
            self._open[key] = Stretch(
                queue=line.queue, member=line.member, kind=kind, reason=reason, started_at=line.at
            )
        for kind in _ENDS.get(line.event, ()):
            self._end((line.queue, line.member, kind), line.at)

    @property
    def has_news(self) -> bool:
        """Whether anything began or ended since it was taken last."""
        return self._has_news

    def take(self) -> list[Stretch]:
        """What ended since, and what goes on."""
        self._has_news = False
        told = [*self._done, *self._open.values()]
        self._done.clear()
        return told

    def _end(self, key: Key, at: float) -> None:
        queue, member, kind = key
        self._has_news = True
        present = self._open.pop(key, None) or Stretch(queue=queue, member=member, kind=kind)
        self._done.append(replace(present, ended_at=at))


def store_attendance(
    store: Store, told: Sequence[Stretch], members: Members, *, pbx: str, actor: Actor
) -> list[AgentSession]:
    """Write what nobody has told yet: stretches that live events do not cover, and ends that they missed."""
    moments = [at for one in told for at in (one.started_at, one.ended_at) if at is not None]
    if not moments:
        return []
    params = {"pbx": pbx, "from_at": moment(min(moments)) - _TOLERANCE, "until_at": moment(max(moments)) + _TOLERANCE}
    stored: dict[Key, list[AgentSession]] = {}
    for row in store.query(read("imports/sessions_of_period"), params, actor=actor).to_pylist():
        session = AgentSession(**{**row, "events": tuple(row["events"])})
        stored.setdefault((session.queue, session.party, session.kind), []).append(session)
    written = list(_new(told, stored, members, pbx))
    if written:
        store.write_facts({"agent_session": agent_session_table(written)}, actor=actor)
    return written


def _new(
    told: Iterable[Stretch], stored: Mapping[Key, list[AgentSession]], members: Members, pbx: str
) -> Iterator[AgentSession]:
    for one in told:
        party = members.party(one.member)
        known = stored.get((one.queue, party, one.kind), [])
        ended_at = moment(one.ended_at) if one.ended_at is not None else None
        if one.started_at is None:
            yield from (
                replace(session, ended_at=ended_at)
                for session in known
                if ended_at is not None and session.ended_at is None and session.started_at <= ended_at
            )
            continue
        started_at = moment(one.started_at)
        same = next((session for session in known if abs(session.started_at - started_at) <= _TOLERANCE), None)
        if same is not None:
            if ended_at is not None and (same.ended_at is None or not same.events) and same.ended_at != ended_at:
                yield replace(same, ended_at=ended_at)
        elif not any(session.events and _overlap(session, started_at, ended_at) for session in known):
            yield AgentSession(
                pbx=pbx, queue=one.queue, party=party, member_name=one.member, kind=one.kind, reason=one.reason,
                started_at=started_at, ended_at=ended_at,
            )  # fmt: skip


def _overlap(session: AgentSession, started_at: datetime, ended_at: datetime | None) -> bool:
    return (ended_at is None or session.started_at < ended_at) and (
        session.ended_at is None or started_at < session.ended_at
    )
