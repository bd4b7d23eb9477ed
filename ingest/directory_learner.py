"""What a PBX tells of its phones, queues and lines when stock is taken becomes the directory.

The reader of the stream only notes; a thread of its own writes, so that a store that is away holds nothing up.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from data.errors import BadInput, StoreError
from data.identity.actor import system
from data.services.directory import take_in
from data.services.directory_entries import Code, Entry, Source, code_entry, employee_entry
from data.settings import Pbx
from data.store.protocol import Store
from ingest.stream import Message

log = structlog.get_logger()

ACTOR = system("ingest")
_MOST = 20_000
_AGAIN_S = 30.0

Fields = Mapping[str, str]
Noted = tuple[str, Entry]

_NOBODY = frozenset({"", "anonymous", "default", "dpma_endpoint"})
_INTERFACE = re.compile(r"^(?:PJSIP|SIP|IAX2|Local|Agent|Custom|DAHDI)/([^@/;]+)", re.IGNORECASE)


class DirectoryLearner:
    """The directory of one PBX, learned from its answers."""

    def __init__(self, pbx: Pbx, store: Store, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._pbx = pbx
        self._store = store
        self._now = now
        self._extensions = re.compile(pbx.extensions)
        self._lock = threading.Lock()
        self._found: dict[str, Entry] = {}
        self._is_new = threading.Event()

    def take(self, message: Message) -> None:
        """Note what the message tells; nothing waits. For the thread that reads the journal."""
        if message.name.endswith("Complete"):
            if self._found:
                self._is_new.set()
            return
        make = _MAKERS.get(message.name)
        if make is None or len(self._found) >= _MOST:
            return
        try:
            found = make(self, message.fields)
        except BadInput as error:
            log.info("not taken into the directory", pbx=self._pbx.name, reason=str(error))
            return
        if found is not None:
            key, entry = found
            with self._lock:
                self._found[key] = entry

    def run(self, stop: threading.Event) -> None:
        """Write what was noted whenever a list is complete, until `stop` is set."""
        while not stop.is_set():
            if not self._is_new.wait(1.0):
                continue
            self._is_new.clear()
            try:
                self.write()
            except StoreError as error:
                log.warning("the store is away; the directory is learned later", reason=str(error))
                self._is_new.set()
                stop.wait(_AGAIN_S)
            except Exception:
                log.exception("learning the directory failed", pbx=self._pbx.name)

    def write(self) -> None:
        """Store what was noted since the last time. Raises StoreError; then nothing is lost."""
        with self._lock:
            noted = dict(self._found)
        if not noted:
            return
        made = take_in(self._store, ACTOR, noted.values(), source=Source.PBX, pbx=self._pbx.name, now=self._now())
        with self._lock:
            self._found = {key: entry for key, entry in self._found.items() if noted.get(key) is not entry}
        if made.statements:
            log.info("directory learned", pbx=self._pbx.name, added=made.added, changed=made.changed)

    # ---------------------------------------------------------------- one message

    def _endpoint(self, fields: Fields) -> Noted | None:
        return self._device("PJSIP", fields.get("ObjectName", "").partition("/")[0])

    def _peer(self, fields: Fields) -> Noted | None:
        technology = fields.get("Channeltype") or "SIP"
        return self._device(technology, fields.get("ObjectName", "")) if technology in ("SIP", "IAX2") else None

    def _device(self, technology: str, name: str) -> Noted | None:
        if name in _NOBODY:
            return None
        device = f"{technology}/{name}"
        if self._extensions.fullmatch(name):
            known = self._found.get(name)
            if known is not None:
                return None
            return name, employee_entry(None, [name], device=device)
        return device, code_entry(Code.LINE, device, None)

    def _queue(self, fields: Fields) -> Noted | None:
        name = fields.get("Queue", "")
        return (f"queue {name}", code_entry(Code.QUEUE, name, None)) if name not in _NOBODY else None

    def _member(self, fields: Fields) -> Noted | None:
        """A member's name is how somebody called him in the queue: better than none."""
        places = (fields.get("StateInterface", ""), fields.get("Location", ""), fields.get("Interface", ""))
        numbers = [found[1] for place in places if (found := _INTERFACE.match(place))]
        number = next((one for one in numbers if self._extensions.fullmatch(one)), None)
        name = fields.get("Name") or fields.get("MemberName") or ""
        if number is None or not name or _INTERFACE.match(name) or name == number or name == "<unknown>":
            return None
        return number, replace(employee_entry(name, [number]), is_guess=True)


_MAKERS = {
    "EndpointList": DirectoryLearner._endpoint,
    "PeerEntry": DirectoryLearner._peer,
    "QueueParams": DirectoryLearner._queue,
    "QueueMember": DirectoryLearner._member,
}
