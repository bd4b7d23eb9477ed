"""Who heard, kept or took away what: rows of the trail for recordings and exports."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock

from data.identity.actor import Actor
from data.services.trail import trail
from data.store.protocol import Store

# A player asks for one file many times: that is one listening.
_ONE_LISTENING = timedelta(minutes=30)
_MOST_KNOWN = 10_000


class Listening:
    """Writes one row per recording, listener and half an hour, however many pieces are asked for.

    So too for other systems that read all clients page by page.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], datetime] = OrderedDict()
        self._lock = Lock()

    def heard(self, store: Store, actor: Actor, recording_id: str, call_id: str, *, now: datetime) -> bool:
        """Some of the sound is about to be given out; whether a row was written for it."""
        return self._once(store, actor, now, "recording.listen", "recording", recording_id, call_id=call_id)

    def read_clients(self, store: Store, actor: Actor, what: str, *, now: datetime) -> bool:
        """Another system reads what changed of all clients or contact persons."""
        return self._once(store, actor, now, "client.exchange", "account", what)

    def _once(
        self, store: Store, actor: Actor, now: datetime, action: str, kind: str, subject: str, **detail: object
    ) -> bool:
        key = (actor.user, f"{action} {subject}")
        with self._lock:
            last = self._known.get(key)
            if last is not None and now - last < _ONE_LISTENING:
                return False
        _write(store, actor, now, action, kind, subject, **detail)
        with self._lock:  # only now: had the store refused, the next piece must try again
            self._known[key] = now
            self._known.move_to_end(key)
            while len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        return True


def downloaded(store: Store, actor: Actor, recording_id: str, call_id: str, *, now: datetime) -> None:
    """A copy of the recording is about to be given out."""
    _write(store, actor, now, "recording.download", "recording", recording_id, call_id=call_id)


def exported(store: Store, actor: Actor, form: str, *, now: datetime, **what: object) -> None:
    """Calls are about to leave as a file. what: the filters, or how many calls were chosen."""
    _write(store, actor, now, "calls.export", "call", form, **what)


def exported_clients(store: Store, actor: Actor, form: str, *, now: datetime, **what: object) -> None:
    """Clients are about to leave as a file. what: the filter."""
    _write(store, actor, now, "client.export", "account", form, **what)


def exported_report(store: Store, actor: Actor, name: str, *, now: datetime, **what: object) -> None:
    """A report is about to leave as a file. what: its form and the question."""
    _write(store, actor, now, "report.export", "report", name, **what)


def exported_events(store: Store, actor: Actor, call_id: str, *, now: datetime) -> None:
    """What the PBX said of a call is about to leave as a file."""
    _write(store, actor, now, "events.export", "call", call_id)


def _write(
    store: Store, actor: Actor, now: datetime, action: str, subject_kind: str, subject_id: str, **detail: object
) -> None:
    store.transact([trail(actor, now, action, subject_kind, subject_id, **detail)], actor=actor, touches={})
