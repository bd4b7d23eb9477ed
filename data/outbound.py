"""Requests to addresses that strangers may have chosen: media of chats, web hooks.

Whoever names an address must not reach our own network through us. A host is resolved here and connected to
by what was checked, at every connection and so at every redirect too; private, loopback, link-local and the like
are refused unless `outbound.allow` of the settings lists them.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, TypeAlias

import httpcore
import httpx

from data.errors import CallboardError
from data.settings import Settings

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve: TypeAlias = Callable[[str, int], Sequence[str]]

_REDIRECTS = 5
_PIECE = 65_536
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class AddressRefused(CallboardError):
    """The address is none that we may ask on behalf of others."""


class FetchFailed(CallboardError):
    """Nothing, an error, too much, or too slow: the file did not come."""


class TooLarge(FetchFailed):
    """It has more bytes than are wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came. content_type: as the other side calls it, "" where it does not; never to be trusted."""

    content_type: str
    size_bytes: int


def outbound_client(
    settings: Settings,
    *,
    base_url: str = "",
    headers: Mapping[str, str] | None = None,
    timeout_s: float = 20.0,
    resolve: Resolve | None = None,
) -> httpx.Client:
    """An HTTP client that reaches public addresses and `outbound.allow` only; close it after use.

    It follows no redirect and reads no proxy of the environment. A refused address raises AddressRefused,
    other troubles httpx.HTTPError. resolve: host and port to addresses; the system's unless given.
    """
    return httpx.Client(
        base_url=base_url,
        headers=headers,
        timeout=timeout_s,
        trust_env=False,
        transport=_Guarded(_Backend(settings.outbound.networks, resolve or _resolve)),
    )


def fetch(
    client: httpx.Client,
    url: str,
    into: IO[bytes],
    *,
    most_bytes: int,
    most_s: float = 120.0,
    headers: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Fetched:
    """Write the file at `url` to `into`, following a few redirects, to public addresses each.

    headers: sent to the host of `url` only, not to where it redirects.
    Raises AddressRefused, FetchFailed; what `into` holds then is to be thrown away.
    """
    until = clock() + most_s
    target = checked_url(url)
    for _ in range(_REDIRECTS):
        # As they are: a small body that unpacks into gigabytes never does so here.
        sent = {"accept-encoding": "identity", **(headers or {})}
        try:
            with client.stream("GET", target, headers=sent) as answer:
                if answer.is_redirect and answer.next_request is not None:
                    onward = checked_url(str(answer.next_request.url))
                    headers = headers if onward.host == target.host and onward.scheme == target.scheme else None
                    target = onward
                    continue
                return _take(answer, into, target, most_bytes, until, clock)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchFailed(f"{_shown(target)} did not answer: {error or type(error).__name__}.") from None
    raise FetchFailed(f"{_shown(checked_url(url))} redirects more than {_REDIRECTS} times.")


def checked_url(url: str) -> httpx.URL:
    """`url`, where it is http or https, names a host and carries no password; raises AddressRefused."""
    try:
        found = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise AddressRefused(f"{url[:200]!r} is no web address.") from None
    if found.scheme not in ("http", "https") or not found.host or found.userinfo:
        raise AddressRefused(f"{url[:200]!r} is no web address of the form https://host/path.")
    return found


def is_public(address: Address) -> bool:
    """Whether that address is one of the open internet, whatever it is wrapped in."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is None and address.teredo is not None:
            return False
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _take(
    answer: httpx.Response,
    into: IO[bytes],
    target: httpx.URL,
    most_bytes: int,
    until: float,
    clock: Callable[[], float],
) -> Fetched:
    if answer.status_code != httpx.codes.OK:
        raise FetchFailed(f"{_shown(target)} answered {answer.status_code}.")
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise FetchFailed(f"{_shown(target)} sent a packed body, though asked not to.")
    size = 0
    for piece in answer.iter_raw(_PIECE):
        size += len(piece)
        if size > most_bytes:
            raise TooLarge(f"{_shown(target)} is larger than {most_bytes} bytes.")
        if clock() > until:
            raise FetchFailed(f"{_shown(target)} came too slowly.")
        into.write(piece)
    return Fetched(content_type=answer.headers.get("content-type", ""), size_bytes=size)


def _shown(url: httpx.URL) -> str:
    # Queries of media addresses are keys to them.
    return str(url.copy_with(query=None, fragment=None))[:200]


def _resolve(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


class _Backend(httpcore.NetworkBackend):
    """Connects to addresses that were looked at, never to a name that may mean something else a moment later."""

    def __init__(self, allowed: Sequence[Network], resolve: Resolve) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            names = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} is not known ({error})") from None
        trouble: Exception = httpcore.ConnectError(f"{host} has no address")
        for name in self._checked(host, names):
            try:
                return self._plain.connect_tcp(name, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        raise trouble

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        raise AddressRefused(f"{path}: sockets of this machine are not asked on behalf of others.")

    def _checked(self, host: str, names: Sequence[str]) -> list[str]:
        for name in names:
            address = ipaddress.ip_address(name.partition("%")[0])
            if not is_public(address) and not any(address in network for network in self._allowed):
                raise AddressRefused(
                    f"{host} is {address}, an address inside a network. Where that is meant, "
                    "list it in outbound.allow of the settings."
                )
        return list(names)


class _Guarded(httpx.HTTPTransport):
    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        super().__init__()
        # httpx has no public way to a network backend; a test would notice if this stopped to work.
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=20,
            max_keepalive_connections=10,
            keepalive_expiry=30.0,
            network_backend=backend,
        )
