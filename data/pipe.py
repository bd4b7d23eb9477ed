"""Where a writer of files writes, and a reader takes from meanwhile: nothing lies in between on a disk."""

from __future__ import annotations

from collections.abc import Iterator


class Pipe:
    """What was written, until it is taken. It cannot be sought in: what is written stays as it is."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._bytes = 0

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        self._bytes += len(data)
        return len(data)

    def tell(self) -> int:
        return self._bytes

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """What was written can still be taken."""

    def taken(self) -> Iterator[bytes]:
        if self._parts:
            data, self._parts = b"".join(self._parts), []
            yield data
