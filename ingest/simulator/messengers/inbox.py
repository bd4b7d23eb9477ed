"""Both pretended services on their ports, with people who write over them: the inbox of the demo."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping

from data.messaging import Messenger
from ingest.simulator.messengers.bots import Bots
from ingest.simulator.messengers.graph import Graph
from ingest.simulator.messengers.people import People
from ingest.simulator.words import TEMPLATES

_TICK_S = 0.2
_YEAR_2025 = 1_735_689_600


def serve_people(
    ports: Mapping[Messenger, int],
    hook_url: str,
    *,
    seed: int,
    per_minute: float,
    automatic: Collection[str],
    waiting: Collection[tuple[Messenger, str]],
    stop: threading.Event,
    ready: Callable[[], None],
) -> None:
    """Serve until `stop`.

    hook_url: of the account at WhatsApp; the bot's updates are asked for. waiting: who wrote before and has no answer
    yet. ready: both services answer.
    """
    graph, bots = Graph(), Bots()
    begins_at = time.time()
    for service in (graph, bots):
        service.port = ports[service.messenger]
        service.number_from(int(begins_at) - _YEAR_2025)  # no id of an earlier start comes twice
    graph.hook_url = hook_url
    graph.templates = [_template(name, body) for name, body in TEMPLATES]
    with graph, bots:
        people = People(
            graph, bots, seed=seed, begins_at=begins_at, per_minute=per_minute, automatic=automatic, waiting=waiting
        )
        ready()
        while not stop.wait(_TICK_S):
            people.advance(time.time())


def _template(name: str, body: str) -> dict[str, object]:
    parts = [{"type": "BODY", "text": body}]
    return {"name": name, "language": "ru", "status": "APPROVED", "category": "UTILITY", "components": parts}
