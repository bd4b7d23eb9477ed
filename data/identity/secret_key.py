"""The file with the keys of the secrets: made at first need, readable by its owner only, turned over on demand.

One key a line, the newest first: it encrypts, all of them decrypt.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet

from data.errors import CallboardError

_OTHERS = 0o007


class KeyUnusable(CallboardError):
    """The key file is missing, open to others, or holds no key."""


class KeyFile:
    """The keys that lie in one file, which belongs to whoever owns the folder `like`."""

    def __init__(self, path: Path, *, like: Path) -> None:
        self.path = path
        self._like = like

    def box(self) -> MultiFernet:
        """What encrypts and decrypts; raises KeyUnusable."""
        return MultiFernet([Fernet(key) for key in self._keys()])

    def make(self) -> None:
        """Write a new key unless there is a file. Raises KeyUnusable where it cannot be written."""
        if self.path.exists():
            return
        draft = self._draft([Fernet.generate_key()], self._like)
        try:
            os.link(draft, self.path)  # fails where another process was faster, whose key is as good
        except FileExistsError:
            pass
        finally:
            draft.unlink()

    def turn(self, renew: Callable[[MultiFernet], None]) -> None:
        """Put a new key in the place of all others: `renew` encrypts anew what is kept, with what it is given.

        The old keys go only after `renew` came back, so that a crash between leaves everything readable.
        """
        keys = [Fernet.generate_key(), *self._keys()]
        self._replace(keys)
        renew(self.box())
        self._replace(keys[:1])

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else writes secrets or turns the key meanwhile: an old key must not encrypt after it is dropped."""
        with _writing(self.path):
            handle = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _keys(self) -> list[bytes]:
        try:
            if self.path.stat().st_mode & _OTHERS:
                raise KeyUnusable(f"The key file {self.path} is open to everybody. Close it: chmod 600 {self.path}")
            keys = self.path.read_bytes().split()
            if not keys:
                raise ValueError
            for key in keys:
                Fernet(key)
        except OSError as error:
            raise KeyUnusable(
                f"The key file {self.path} cannot be read ({error.strerror}). Put the former file back, "
                "or correct secrets_key in the settings."
            ) from None
        except ValueError:
            raise KeyUnusable(f"{self.path} holds no key of secrets. Put the former file back.") from None
        return keys

    def _replace(self, keys: list[bytes]) -> None:
        draft = self._draft(keys, self.path)
        draft.chmod(self.path.stat().st_mode & 0o777)
        draft.replace(self.path)

    def _draft(self, keys: list[bytes], like: Path) -> Path:
        draft = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        with _writing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(b"\n".join(keys) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            if os.geteuid() == 0:  # made by root for the account of the services
                os.chown(draft, like.stat().st_uid, like.stat().st_gid)
        return draft


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise KeyUnusable(
            f"The key file {path} cannot be written ({error.strerror}). Make the folder writable for this account, "
            "or make the key once as root: python app.py secret key"
        ) from None
