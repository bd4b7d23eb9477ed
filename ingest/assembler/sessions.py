"""Presence and pauses of agents in queues, for occupancy.

A session is known by its beginning, which the PBX tells in whole seconds with every word about the
member, so that events and stock-taking speak of the same one. After a gap, stock-taking tells who is
still there: who is not, or logged in anew, left when the link was lost, as far as anybody can tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from data.model import AgentSession
from ingest.assembler.office import Office
from ingest.assembler.times import moment
from ingest.events import CallEvent, Kind
from ingest.stream import Message

_INTERFACE = re.compile(r"(?:Local/)?(?:[A-Za-z0-9]+/)?([^@/]+)")


_SAME = timedelta(seconds=1.5)  # beginnings that differ by less are one: some versions round


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A session that goes on, and the interface whose it is."""

    interface: str
    session: AgentSession


class Sessions:
    """Follows queue members; a session is told when it begins and again when it ends.

    going_on: what the former life of this process knew; the events until then are not read again.
    """

    def __init__(self, pbx: str, office: Office, going_on: Iterable[Member] = ()) -> None:
        self._pbx = pbx
        self._office = office
        self._open: dict[tuple[str, str, str], AgentSession] = {
            (one.session.queue, one.interface, one.session.kind): one.session for one in going_on
        }
        self._changed: dict[tuple[str, str, str, object], AgentSession] = {}
        self._told: set[tuple[str, str]] = set()  # members named since the link stands
        self._down_at: float | None = None  # since when nobody listened, before it stood

    @property
    def going_on(self) -> tuple[Member, ...]:
        return tuple(Member(interface=key[1], session=session) for key, session in self._open.items())

    def connected(self, down_at: float | None) -> None:
        """The link stands again: the PBX will be asked who is there."""
        self._told.clear()
        self._down_at = down_at

    def take(self, event: CallEvent, message: Message) -> None:
        """A member's state: from an event, or from stock-taking."""
        if event.kind is Kind.MEMBERS_TOLD:
            self._close_untold(event)
            return
        fields = event.fields
        queue = fields.get("Queue", "")
        interface = fields.get("Interface") or fields.get("Location") or ""
        if not queue or not interface:
            return
        if event.kind is Kind.MEMBER_GONE:
            self._leave(queue, interface, event, event.at)
            return
        if message.name == "QueueMember":
            self._told.add((queue, interface))
        since = _since(fields, "LoginTime", event.at)
        present = self._open.get((queue, interface, "login"))
        if present is not None and _knows(fields, "LoginTime") and moment(since) - present.started_at > _SAME:
            self._leave(queue, interface, event, self._unseen(since))
        self._open_one((queue, interface, "login"), event, since, None)
        self._pause((queue, interface, "pause"), event)

    def _pause(self, key: tuple[str, str, str], event: CallEvent) -> None:
        fields = event.fields
        if fields.get("Paused") == "0":
            self._close(key, event, event.at)
        elif fields.get("Paused") == "1":
            reason = fields.get("PausedReason") or fields.get("Reason") or None
            since = _since(fields, "LastPause", event.at)
            present = self._open.get(key)
            anew = present is not None and (
                (reason is not None and present.reason != reason)
                or (_knows(fields, "LastPause") and moment(since) - present.started_at > _SAME)
            )
            if anew:
                self._close(key, event, since)
            self._open_one(key, event, since, reason)

    def _close_untold(self, event: CallEvent) -> None:
        """Whom stock-taking does not name has left while nobody listened."""
        for queue, interface, kind in list(self._open):
            if kind == "login" and (queue, interface) not in self._told:
                self._leave(queue, interface, event, self._unseen(event.at))

    def _unseen(self, at: float) -> float:
        """When something ended that nobody saw: with the link, where it was lost before."""
        return min(at, self._down_at) if self._down_at is not None else at

    def _leave(self, queue: str, interface: str, event: CallEvent, at: float) -> None:
        for kind in ("pause", "login"):
            self._close((queue, interface, kind), event, at)

    def _open_one(self, key: tuple[str, str, str], event: CallEvent, since: float, reason: str | None) -> None:
        if key in self._open:
            return
        queue, interface, kind = key
        state = event.fields.get("StateInterface") or interface
        session = AgentSession(
            pbx=self._pbx,
            queue=queue,
            party=party_of(interface, state),
            member_name=event.fields.get("MemberName") or event.fields.get("Name") or None,
            kind=kind,
            reason=reason,
            started_at=moment(since),
            ended_at=None,
            events=(event.sequence,),
        )
        self._open[key] = session
        self._note(session)

    def _close(self, key: tuple[str, str, str], event: CallEvent, at: float) -> None:
        session = self._open.pop(key, None)
        if session is not None:
            ended = max(moment(at), session.started_at)
            self._note(replace(session, ended_at=ended, events=(*session.events, event.sequence)))

    def _note(self, session: AgentSession) -> None:
        self._changed[(session.queue, session.party, session.kind, session.started_at)] = session

    def take_changes(self) -> tuple[AgentSession, ...]:
        changed, self._changed = tuple(self._changed.values()), {}
        return changed


def party_of(interface: str, state: str) -> str:
    """The extension behind a member's interface: Local/201@from-queue/n, PJSIP/204."""
    found = _INTERFACE.fullmatch(interface.partition("@")[0]) or _INTERFACE.fullmatch(state)
    return found[1] if found else interface


def told_time(fields: Mapping[str, str], name: str) -> float | None:
    """The unix time that a header tells; None where it tells none."""
    return float(fields[name]) if _knows(fields, name) else None


def _since(fields: Mapping[str, str], name: str, at: float) -> float:
    """The moment that a header tells, else that of the event."""
    return float(fields[name]) if _knows(fields, name) and float(fields[name]) <= at + 1.0 else at


def _knows(fields: Mapping[str, str], name: str) -> bool:
    text = fields.get(name, "")
    return text.isascii() and text.isdigit() and 9 <= len(text) <= 11
