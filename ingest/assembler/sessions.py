"""Presence and pauses of agents in queues, for occupancy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from data.model import AgentSession
from ingest.assembler.office import Office
from ingest.assembler.times import moment
from ingest.events import CallEvent, Kind
from ingest.stream import Message

_INTERFACE = re.compile(r"(?:Local/)?(?:[A-Za-z0-9]+/)?([^@/]+)")


class Sessions:
    """Follows queue members; a session is told when it begins and again when it ends."""

    def __init__(self, pbx: str, office: Office) -> None:
        self._pbx = pbx
        self._office = office
        self._open: dict[tuple[str, str, str], AgentSession] = {}  # (queue, interface, kind)
        self._changed: dict[tuple[str, str, str, object], AgentSession] = {}

    def take(self, event: CallEvent, _message: Message) -> None:
        """A member's state: from an event, or from stock-taking."""
        fields = event.fields
        queue = fields.get("Queue", "")
        interface = fields.get("Interface") or fields.get("Location") or ""
        if not queue or not interface:
            return
        if event.kind is Kind.MEMBER_GONE:
            for kind in ("pause", "login"):
                self._close((queue, interface, kind), event)
            return
        self._open_one((queue, interface, "login"), event, _since(fields, "LoginTime", event.at), None)
        paused = fields.get("Paused")
        if paused == "1":
            reason = fields.get("PausedReason") or fields.get("Reason") or None
            key = (queue, interface, "pause")
            present = self._open.get(key)
            if present is not None and reason is not None and present.reason != reason:
                self._close(key, event)
            self._open_one(key, event, _since(fields, "LastPause", event.at), reason)
        elif paused == "0":
            self._close((queue, interface, "pause"), event)

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

    def _close(self, key: tuple[str, str, str], event: CallEvent) -> None:
        session = self._open.pop(key, None)
        if session is not None:
            ended = max(moment(event.at), session.started_at)
            self._note(replace(session, ended_at=ended, events=(*session.events, event.sequence)))

    def _note(self, session: AgentSession) -> None:
        self._changed[(session.queue, session.party, session.kind, session.started_at)] = session

    def finish(self) -> None:
        """A replay's end ends nobody's presence: it is not known how it went on."""

    def take_changes(self) -> tuple[AgentSession, ...]:
        changed, self._changed = tuple(self._changed.values()), {}
        return changed


def party_of(interface: str, state: str) -> str:
    """The extension behind a member's interface: Local/201@from-queue/n, PJSIP/204."""
    found = _INTERFACE.fullmatch(interface.partition("@")[0]) or _INTERFACE.fullmatch(state)
    return found[1] if found else interface


def _since(fields: Mapping[str, str], name: str, at: float) -> float:
    text = fields.get(name, "")
    known = float(text) if text.isascii() and text.isdigit() and 9 <= len(text) <= 11 else 0.0
    return known if 0.0 < known <= at + 1.0 else at
