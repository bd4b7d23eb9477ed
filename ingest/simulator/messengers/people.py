"""People who write to the office over the pretended services, and answer when somebody writes to them.

Nothing here waits or reads a clock: `advance(to)` does what is due until a moment. What a webhook did not take is
told again, as the real services do.
"""

from __future__ import annotations

import heapq
import queue
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from itertools import cycle

import httpx
import numpy as np

from data.messaging import Messenger
from ingest.simulator.messengers.bots import Bots
from ingest.simulator.messengers.exchange import Heard
from ingest.simulator.messengers.graph import Graph
from ingest.simulator.messengers.keepsakes import KEEPSAKES
from ingest.simulator.names import invent_people
from ingest.simulator.numbers import numbers
from ingest.simulator.words import LAST_WORDS, TALKS

Client = Graph | Bots

_FIRST_S = (2.0, 6.0, 15.0)  # somebody who looks at the page sees life at once
_MOST_WAITING = 20  # in a queue that nobody works on; a fresh history leaves about twelve there
_DELIVERED_S, _READ_S, _ANSWERS_S = (0.8, 2.0), (3.0, 6.0), (7.0, 15.0)
_AGAIN_S = 3.0
_NOBODY_HAS_POSITION = 13_000_000  # of numbers: behind those of the history
_FIRST_USER = 500_000_000  # of Telegram


@dataclass(slots=True, kw_only=True)
class Person:
    """A client at a service. to_say: what he says next, one text an answer of ours."""

    service: Client
    user: str
    name: str | None = None  # None: as the history has it
    to_say: list[str]
    has_answer: bool = False
    is_writing: bool = False
    keepsake: Callable[[Client, str], object] | None = None
    said: int = 0


@dataclass(order=True, slots=True)
class _Due:
    at: float
    order: int
    act: Callable[[], object] = field(compare=False)


class People:
    """Clients of two accounts.

    automatic: texts that no person wrote, which nobody answers; waiting: who wrote before this start and has no answer,
    by service and user; not_reached: the share of our messages over WhatsApp
    that the phone does not take.
    """

    def __init__(
        self,
        graph: Graph,
        bots: Bots,
        *,
        seed: int,
        begins_at: float,
        per_minute: float = 1.5,
        automatic: Collection[str] = (),
        waiting: Collection[tuple[Messenger, str]] = (),
        not_reached: float = 0.06,
    ) -> None:
        self._graph, self._bots = graph, bots
        self._rng = np.random.default_rng([seed, 11, int(begins_at)])
        self._per_minute, self._automatic = per_minute, frozenset(automatic)
        self._not_reached = not_reached
        self._heard: queue.SimpleQueue[tuple[Client, Heard]] = queue.SimpleQueue()
        self._known: dict[tuple[Messenger, str], Person] = {}
        services: dict[Messenger, Client] = {graph.messenger: graph, bots.messenger: bots}
        for messenger, user in waiting:
            self._known[messenger, user] = Person(service=services[messenger], user=user, to_say=[])
        self._due: list[_Due] = []
        self._order = 0
        self._begun = int(begins_at) % 3_000_000  # another start, other people
        self._keepsakes = cycle(KEEPSAKES)
        graph.on_heard = lambda heard: self._heard.put((graph, heard))
        bots.on_heard = lambda heard: self._heard.put((bots, heard))
        for after in _FIRST_S:
            self._later(begins_at + after, self._somebody_writes)
        if per_minute:
            self._later(begins_at + _FIRST_S[-1] + self._pause(), lambda: self._next(self.now))
        self.now = begins_at

    def advance(self, to: float) -> None:
        """Do what is due until unix time `to`."""
        while True:
            while not self._heard.empty():
                self._was_told(*self._heard.get_nowait(), at=to)
            if not self._due or self._due[0].at > to:
                break
            due = heapq.heappop(self._due)
            self.now = due.at
            try:
                due.act()
            except (httpx.HTTPError, AssertionError):  # nobody takes it yet
                self._later(to + _AGAIN_S, due.act)
        self.now = to

    # ---------------------------------------------------------------- they write

    def _next(self, at: float) -> None:
        self._later(at + self._pause(), lambda: self._next(self.now))
        self._somebody_writes()

    def _somebody_writes(self) -> None:
        """Unless so many wait already."""
        if sum(not person.has_answer for person in self._known.values()) >= _MOST_WAITING:
            return
        self._begun += 1
        service: Client = self._graph if self._rng.random() < 0.6 else self._bots
        number = int(numbers(np.array([_NOBODY_HAS_POSITION + self._begun]))[0])
        user = str(number if service is self._graph else _FIRST_USER + self._begun)
        invented = invent_people(self._rng, 1)[0]
        talk = TALKS[int(self._rng.integers(0, len(TALKS)))]
        person = Person(
            service=service,
            user=user,
            name=f"{invented.name} {invented.surname}",
            to_say=[text for ours, text in talk if not ours],
            keepsake=next(self._keepsakes),
        )
        self._says(person)
        self._known[service.messenger, user] = person

    def _says(self, person: Person) -> None:
        """The next thing he has to say; one file, place or card of his comes behind the second."""
        person.service.say(person.user, person.to_say[0], name=person.name)
        del person.to_say[0]
        person.is_writing = False
        person.said += 1
        if person.said == 2 and person.keepsake is not None:
            keepsake, person.keepsake = person.keepsake, None
            self._later(self.now + 2.0, lambda: keepsake(person.service, person.user))

    # ---------------------------------------------------------------- they are written to

    def _was_told(self, service: Client, heard: Heard, *, at: float) -> None:
        person = self._known.get((service.messenger, heard.user))
        if person is None:  # of the history, or from before this start
            person = Person(service=service, user=heard.user, to_say=[])
            self._known[service.messenger, heard.user] = person
        if service is self._graph and not self._arrives(heard.message_id, at):
            return
        if heard.text in self._automatic:
            return
        person.has_answer = True
        if person.is_writing:  # one answer to all that was written meanwhile
            return
        person.is_writing = True
        if not person.to_say:
            person.to_say.append(LAST_WORDS[int(self._rng.integers(0, len(LAST_WORDS)))])
        self._later(at + self._between(_ANSWERS_S), lambda: self._says(person))

    def _arrives(self, message_id: str, at: float) -> bool:
        """Tell what becomes of a message of ours; whether it reached the phone."""
        if self._rng.random() < self._not_reached:
            error = {"code": 131026, "title": "Message undeliverable"}
            told = at + self._between(_DELIVERED_S)
            self._later(told, lambda: self._graph.receipt(message_id, "failed", errors=[error]))
            return False
        self._later(at + self._between(_DELIVERED_S), lambda: self._graph.receipt(message_id, "delivered"))
        self._later(at + self._between(_READ_S), lambda: self._graph.receipt(message_id, "read"))
        return True

    # ---------------------------------------------------------------- time and chance

    def _later(self, at: float, act: Callable[[], object]) -> None:
        self._order += 1
        heapq.heappush(self._due, _Due(at, self._order, act))

    def _pause(self) -> float:
        return float(self._rng.exponential(60.0 / self._per_minute))

    def _between(self, bounds: tuple[float, float]) -> float:
        return float(self._rng.uniform(*bounds))
