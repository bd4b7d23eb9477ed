"""The connection of a client: made when needed, and anew after a loss or a move of the store."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.flight as flight

from data.errors import CallboardError, StoreError, StoreUnavailable
from data.store.locating import Endpoint, Locate
from data.store.wire import unpack_error

_CHANNEL = [
    # Else a new channel to a store that came back inherits the long back-off of the former one.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
]


_connected_in: int | None = None  # the process that made the first channel


class Link:
    """Lends connected Flight clients to any thread of any process."""

    def __init__(self, locate: Locate) -> None:
        self._locate = locate
        self._lock = threading.Lock()
        self._channel: _Channel | None = None

    @contextmanager
    def calling(self, timeout_s: float | None) -> Iterator[tuple[flight.FlightClient, flight.FlightCallOptions]]:
        """A connected client; errors of Flight become errors of ours."""
        channel = self._connected()
        headers = [(b"authorization", b"Bearer " + channel.endpoint.token.encode())]
        try:
            yield channel.client, flight.FlightCallOptions(timeout=timeout_s, headers=headers)
        except (flight.FlightError, pa.ArrowException) as error:
            trouble = _in_our_words(error, channel.endpoint.url, timeout_s)
            if isinstance(trouble, StoreUnavailable):
                self._drop(channel)
            raise trouble from None

    def _connected(self) -> _Channel:
        with self._lock:
            endpoint = self._locate()
            _refuse_after_fork()
            if self._channel is None or self._channel.endpoint != endpoint:
                options = {"tls_root_certs": endpoint.certificate} if endpoint.certificate else {}
                client = flight.FlightClient(endpoint.url, generic_options=_CHANNEL, **options)
                self._channel = _Channel(client, endpoint)
            return self._channel

    def _drop(self, channel: _Channel) -> None:
        with self._lock:
            if self._channel is channel:
                self._channel = None

    def close(self) -> None:
        with self._lock:
            if self._channel is not None and _connected_in == os.getpid():
                self._channel.client.close()
            self._channel = None


@dataclass(frozen=True, slots=True)
class _Channel:
    client: flight.FlightClient
    endpoint: Endpoint


def _refuse_after_fork() -> None:
    """gRPC's threads stay with the process that connected first; a fork of it would wait for ever."""
    global _connected_in
    if _connected_in is None:
        _connected_in = os.getpid()
    elif _connected_in != os.getpid():
        raise StoreError(
            f"This process was forked from process {_connected_in}, which uses the store already: its link cannot "
            "be inherited. Fork before the first query, or start new processes (spawn) instead."
        )


def _in_our_words(error: Exception, url: str, timeout_s: float | None) -> CallboardError:
    told = unpack_error(getattr(error, "extra_info", b"") or b"")
    if told is not None:
        return told
    if isinstance(error, flight.FlightTimedOutError):
        return StoreUnavailable(f"The store at {url} did not answer within {timeout_s:g} s. Try again later.")
    if isinstance(error, flight.FlightUnavailableError | flight.FlightCancelledError | pa.ArrowCancelled):
        return StoreUnavailable(f"No link to the store at {url}. Check that it runs; the link is made again by itself.")
    if isinstance(error, flight.FlightUnauthenticatedError):
        return StoreUnavailable(f"{url} refuses this token: another store may listen there. Try again later.")
    text = str(error).splitlines()[0]
    if "Socket closed" in text or "Connection reset" in text:
        return StoreUnavailable(f"The link to the store at {url} was lost. The link is made again by itself.")
    return StoreError(f"The store at {url} failed: {text}")
