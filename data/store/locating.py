"""Where a store listens, also after it has started anew elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from data.errors import StoreUnavailable
from data.store.files import ADDRESS, read_address
from data.store.tokens import TokenKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where the store listens and which token to show."""

    url: str
    token: str = field(repr=False)
    certificate: bytes | None = None  # of a store whose certificate no authority signed


Locate = Callable[[], Endpoint]


class LocalStore:
    """Finds the store of a data folder, also when it has started anew elsewhere."""

    def __init__(self, folder: Path, kind: TokenKind) -> None:
        self._folder = folder
        self._kind = kind
        self._known: tuple[tuple[int, int], Endpoint] | None = None

    def __call__(self) -> Endpoint:
        try:
            status = (self._folder / ADDRESS).stat()
        except FileNotFoundError:
            raise self._nobody() from None
        stamp = (status.st_mtime_ns, status.st_ino)
        if self._known is None or self._known[0] != stamp:
            address = read_address(self._folder)
            if address is None or address.url is None:
                raise self._nobody()
            certificate = Path(address.certificate).read_bytes() if address.certificate else None
            endpoint = Endpoint(url=address.url, token=address.tokens[self._kind], certificate=certificate)
            self._known = (stamp, endpoint)
        return self._known[1]

    def _nobody(self) -> StoreUnavailable:
        return StoreUnavailable(f"No store runs on {self._folder}. Start one with `app.py store`, or `app.py run`.")
