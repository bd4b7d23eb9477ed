"""The REST interface of MikoPBX (version 3): pages of call records and lists of what is set up there.

Every answer is taken as a stranger's: limited in size, checked in shape, never followed elsewhere.
What a second try may mend (busy, restarting, a cut answer) is tried again, longer and longer apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from data.errors import PbxLoginRefused, PbxUnreachable
from data.settings import Pbx

PAGE = 500  # records asked for at once
_BASE = "/pbxcore/api/v3"
_TRIES = 5
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_LARGEST_BYTES = 64 << 20
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_MOST_ITEMS = 10_000

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Records behind an id. after_id: where the next page begins; None: this was the last one."""

    records: tuple[Record, ...]
    after_id: int | None


class MikoPbx:
    """One PBX, asked by its API key."""

    def __init__(
        self,
        pbx: Pbx,
        *,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._pbx = pbx
        self._sleep = sleep
        self._client = httpx.Client(
            base_url=pbx.rest_url.rstrip("/"),
            headers={"Authorization": f"Bearer {pbx.rest_key.get_secret_value()}", "Accept": "application/json"},
            timeout=httpx.Timeout(pbx.rest_seconds),
            follow_redirects=False,
            verify=pbx.rest_verify,
            transport=transport,
            trust_env=False,
        )

    def __enter__(self) -> MikoPbx:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def page(self, after_id: int, limit: int = PAGE) -> Page:
        """Records with a larger id than `after_id`. Raises PbxUnreachable, PbxLoginRefused."""
        # Without a date the PBX answers for the last thirty days only.
        asked: dict[str, str | int] = {
            "idFrom": after_id, "limit": limit, "sort": "id", "order": "ASC", "grouped": "false",
            "dateFrom": "1970-01-01",
        }  # fmt: skip
        data = self._get("cdr", asked)
        found = data.get("records", data.get("data")) if isinstance(data, dict) else data
        if not isinstance(found, list):
            raise self._odd("cdr", "has no list of records")
        groups = [group for item in found if isinstance(item, dict) and (group := _records_of(item))]
        firsts = [min(ids) for group in groups if (ids := [n for one in group if (n := id_of(one)) > after_id])]
        # Versions that answer with whole calls order them by their first record: what follows it may be unread yet.
        next_id = max(firsts, default=None)
        records = tuple(record for group in groups for record in group)
        more = next_id is not None and len(found) >= limit
        return Page(records, next_id if more else None)

    def items(self, resource: str) -> tuple[Record, ...]:
        """All entries of a list such as "employees"."""
        data = self._get(resource, {"limit": 1000})
        found = data.get("data", data.get("records", data.get("items"))) if isinstance(data, dict) else data
        if not isinstance(found, list):
            raise self._odd(resource, "has no list")
        return tuple(item for item in found[:_MOST_ITEMS] if isinstance(item, dict))

    def item(self, resource: str, key: str) -> Record:
        """One entry of a list, with all that its list leaves out."""
        data = self._get(f"{resource}/{key}", {})
        if not isinstance(data, dict):
            raise self._odd(resource, "is no record")
        return data

    # ---------------------------------------------------------------- one request

    def _get(self, resource: str, params: Mapping[str, str | int]) -> Any:
        pause, trouble = _FIRST_PAUSE_S, ""
        for attempt in range(_TRIES):
            if attempt:
                self._sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)
            try:
                status, headers, body = self._ask(resource, params)
            except (httpx.TransportError, httpx.InvalidURL) as error:
                trouble = str(error) or type(error).__name__
                continue
            if status in (401, 403):
                raise PbxLoginRefused(
                    f"pbx {self._pbx.name}: {self._pbx.rest_url} refuses the key for {resource} ({status}). "
                    "Check rest_key in the settings, and that the key may read this."
                )
            if status in _AGAIN:
                trouble = f"it answered {status}"
                pause = max(pause, min(_asked_pause(headers), _LONGEST_PAUSE_S))
                continue
            if status != 200:
                raise self._odd(resource, f"answered {status}")
            try:
                answer = orjson.loads(body)
            except orjson.JSONDecodeError:
                trouble = "its answer is cut off, or no JSON"
                continue
            if not isinstance(answer, dict) or answer.get("result") is not True:
                raise self._odd(resource, f"says {_messages(answer)}")
            return answer.get("data")
        raise PbxUnreachable(
            f"pbx {self._pbx.name}: {self._pbx.rest_url} gave no answer for {resource} in {_TRIES} tries: {trouble}. "
            "Check rest_url in the settings and whether the PBX runs."
        )

    def _ask(self, resource: str, params: Mapping[str, str | int]) -> tuple[int, httpx.Headers, bytes]:
        with self._client.stream("GET", f"{_BASE}/{resource}", params=dict(params)) as response:
            body = bytearray()
            for piece in response.iter_bytes():
                body += piece
                if len(body) > _LARGEST_BYTES:
                    raise self._odd(resource, f"is longer than {_LARGEST_BYTES >> 20} MB")
            return response.status_code, response.headers, bytes(body)

    def _odd(self, resource: str, what: str) -> PbxUnreachable:
        return PbxUnreachable(
            f"pbx {self._pbx.name}: the answer of {self._pbx.rest_url} for {resource} {what}. "
            "Is that the address of a MikoPBX with REST version 3?"
        )


def id_of(record: Record) -> int:
    """The running number of a record; 0 where it has none."""
    value = record.get("id")
    if isinstance(value, bool) or not isinstance(value, int | str):
        return 0
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def _records_of(item: Record) -> list[Record]:
    inner = item.get("records")
    if not isinstance(inner, list):
        return [item]
    return [record for record in inner if isinstance(record, dict)]


def _asked_pause(headers: httpx.Headers) -> float:
    text = headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0.0


def _messages(answer: object) -> str:
    told = answer.get("messages") if isinstance(answer, dict) else None
    return repr(list(_texts(told))[:3])[:300] if told else "neither data nor why"


def _texts(told: object) -> Iterator[str]:
    if isinstance(told, dict):
        for value in told.values():
            yield from _texts(value)
    elif isinstance(told, list):
        for value in told:
            yield from _texts(value)
    else:
        yield str(told)[:200]
