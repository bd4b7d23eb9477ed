"""What clients send beside words: a picture, a voice, a place, a card, and what no service of ours knows."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import numpy as np

from ingest.simulator.messengers.bots import Bots
from ingest.simulator.messengers.graph import Graph
from ingest.simulator.sound import conversation, wav

_WIDTH, _HEIGHT = 480, 320
_VOICE_S = 6


def picture(seed: int) -> bytes:
    """A PNG: a landscape of two colours that nobody painted."""
    rng = np.random.default_rng([seed, 5])
    x, y = np.meshgrid(np.linspace(0, 1, _WIDTH), np.linspace(0, 1, _HEIGHT))
    hills = 0.55 + 0.12 * np.sin(x * rng.uniform(4, 9) + rng.uniform(0, 6)) + 0.06 * np.sin(x * rng.uniform(11, 19))
    sky, ground = rng.integers(120, 240, 3), rng.integers(30, 130, 3)
    is_sky = (y < hills)[..., None]
    pixels = np.where(is_sky, sky * (1.05 - 0.3 * y[..., None]), ground * (1.2 - 0.5 * y[..., None]))
    rows = np.clip(pixels, 0, 255).astype(np.uint8).reshape(_HEIGHT, -1)
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    head = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, chunks))


def _chunk(given: tuple[bytes, bytes]) -> bytes:
    name, content = given
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _photo(service: Graph | Bots, user: str) -> object:
    return service.give(user, "image", picture(int(user)), "image/png")


def _voice(service: Graph | Bots, user: str) -> object:
    return service.give(user, "voice", wav(conversation(_VOICE_S, int(user))), "audio/wav")


def _paper(service: Graph | Bots, user: str) -> object:
    content = "Реквизиты\nООО «Ромашка»\nИНН 0000000000\n".encode()
    return service.give(user, "document", content, "text/plain", name="Реквизиты.txt")


def _place(service: Graph | Bots, user: str) -> object:
    place = {"latitude": 55.7522, "longitude": 37.6156}
    if isinstance(service, Graph):
        return service.tell(user, {"type": "location", "location": {**place, "name": "Склад, ворота 3"}})
    return service.tell(user, {"location": place})


def _card(service: Graph | Bots, user: str) -> object:
    if isinstance(service, Graph):
        card = {"name": {"formatted_name": "Прораб Степан"}, "phones": [{"phone": "+7 900 000-00-01"}]}
        return service.tell(user, {"type": "contacts", "contacts": [card]})
    return service.tell(user, {"contact": {"first_name": "Прораб Степан", "phone_number": "+79000000001"}})


def _riddle(service: Graph | Bots, user: str) -> object:
    """A kind of message that nobody here knows."""
    if isinstance(service, Graph):
        return service.tell(user, {"type": "order", "order": {"catalog_id": "1"}})
    return service.tell(user, {"dice": {"emoji": "🎲", "value": 4}})


KEEPSAKES: tuple[Callable[[Graph | Bots, str], object], ...] = (_photo, _voice, _place, _paper, _card, _riddle)
