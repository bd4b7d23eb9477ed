"""Requests to a messenger: bounded in size and time, to allowed addresses only, with no key in any message of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import orjson

from data.media import Draft
from data.messaging import SendError
from data.outbound import AddressRefused, FetchFailed, TooLarge, fetch, outbound_client
from data.settings import Settings
from ingest.messengers.adapter import MediaFailed, SendFailed

_LARGEST = 8 << 20
_LONGEST_PAUSE_S = 3600.0
_FETCH_S = 120.0
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. json: None where it is none."""

    status: int
    headers: Mapping[str, str]
    json: Any

    @property
    def after_s(self) -> float | None:
        """How long the other side asks us to wait (Retry-After)."""
        given = self.headers.get("retry-after", "")
        if given.isascii() and given.isdigit():
            return min(float(given), _LONGEST_PAUSE_S)
        try:
            wanted = (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
        return min(max(wanted, 0.0), _LONGEST_PAUSE_S)


class Api:
    """The requests of one account. secrets: what must stand in no message and no log."""

    def __init__(
        self,
        settings: Settings,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        secrets: Sequence[str] = (),
        timeout_s: float = 20.0,
    ) -> None:
        self._client = outbound_client(settings, base_url=base_url, headers=headers, timeout_s=timeout_s)
        self._secrets = [secret for secret in secrets if secret]

    def ask(self, method: str, path: str, *, timeout_s: float | None = None, **request: Any) -> Answer:
        """The answer, whatever its status. Raises SendFailed where there is none."""
        if timeout_s is not None:
            request["timeout"] = timeout_s
        try:
            with self._client.stream(method, path, **request) as response:
                body = bytearray()
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > _LARGEST:
                        raise SendFailed(SendError.UNREACHABLE, f"its answer is longer than {_LARGEST >> 20} MB")
                return Answer(response.status_code, response.headers, _json(bytes(body)))
        except AddressRefused as error:
            raise SendFailed(SendError.NOT_ALLOWED, self.hidden(str(error))) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            words = self.hidden(str(error)) or type(error).__name__
            in_doubt = not isinstance(error, _NEVER_LEFT)
            raise SendFailed(SendError.UNREACHABLE, words, again=True, in_doubt=in_doubt) from None

    def fetch(self, url: str, draft: Draft, *, most_bytes: int, headers: Mapping[str, str] | None = None) -> None:
        """Write a file to `draft`. Raises MediaFailed."""
        try:
            fetch(self._client, url, draft, most_bytes=most_bytes, most_s=_FETCH_S, headers=headers)  # type: ignore[arg-type]
        except AddressRefused as error:
            raise MediaFailed(self.hidden(str(error))) from None
        except TooLarge as error:
            raise MediaFailed(self.hidden(str(error)), too_large=True) from None
        except FetchFailed as error:
            raise MediaFailed(self.hidden(str(error)), again=True) from None

    def hidden(self, words: str) -> str:
        """The words without our keys, which stand in addresses of some services."""
        for secret in self._secrets:
            words = words.replace(secret, "***")
        return words

    def close(self) -> None:
        self._client.close()


def refusal(answer: Answer, detail: str, *, client_error: SendError = SendError.REFUSED) -> SendFailed:
    """What a status says where the service says nothing better."""
    if answer.status == 429:
        return SendFailed(SendError.RATE_LIMITED, detail, again=True, after_s=answer.after_s)
    if answer.status >= 500 or answer.status == 408:
        return SendFailed(SendError.UNREACHABLE, detail, again=True, after_s=answer.after_s, in_doubt=True)
    if answer.status in (401, 403):
        return SendFailed(SendError.NOT_ALLOWED, detail)
    if answer.status == 413:
        return SendFailed(SendError.MEDIA, detail)
    return SendFailed(client_error, detail)


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
