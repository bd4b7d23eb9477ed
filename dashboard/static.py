"""Static files: compressed once, named by their content, kept by browsers for a year.

Every style sheet and script at the root of `assets/` belongs to every page: joined in the order of their
names (`00_` vendor, `10_tokens`, `20_`–`40_` shell, then the pages' own) they are `all.css` and `all.js`.
Files of sub-folders are fetched on demand.
The bundles that Dash and its component packages bring are taken from Dash and treated alike.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock

import brotli  # type: ignore[import-untyped]

FOLDER = Path(__file__).parent / "assets"
PREFIX = "/assets/"
SUITES = "/_dash-component-suites/"

FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"

_ALL = ("all.css", "all.js")

# What is sent instead of a bundle that Dash asks for.
_INSTEAD = {
    # Babel's polyfill for browsers that cannot show our colours anyway; Dash needs one function of it.
    re.compile(r"/dash/deps/polyfill@[^/]*\.js$"): "vendor/regenerator-runtime.js",
}

# Dash writes version and time of change into the names of some bundles, and not of those fetched on demand.
_FINGERPRINT = re.compile(r"\.v[\w-]+m[0-9a-f]+\.[^/]*$")

_TEXTS = ("text/", "application/javascript", "application/json", "image/svg+xml", "application/manifest+json")
_LINK = re.compile(r"""url\("(fonts/[^"?#]+)"\)""")
_BROTLI_QUALITY = 9  # 11 saves 4 % more and takes twenty times as long


@dataclass(frozen=True)
class StaticFile:
    """One file, ready to be sent in any of the encodings."""

    body: bytes
    media_type: str
    _packed: dict[str, bytes] = field(default_factory=dict, compare=False)

    @cached_property
    def version(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:12]

    def encoded(self, accepted: str) -> tuple[bytes, str | None]:
        """The body as the header Accept-Encoding allows, and the name of that encoding."""
        if not self.media_type.startswith(_TEXTS) or len(self.body) < 500:
            return self.body, None
        names = {part.partition(";")[0].strip() for part in accepted.split(",")}
        chosen = next((name for name in ("br", "gzip") if name in names), None)
        if chosen is None:
            return self.body, None
        if chosen not in self._packed:
            self._packed[chosen] = _PACK[chosen](self.body)
        return self._packed[chosen], chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What to send for one request."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Assets:
    """The files of `assets/`, read once; a development server is restarted to see changes."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        self._files: dict[str, StaticFile] = {}
        self._lock = Lock()

    def url(self, name: str) -> str:
        """The address of a file, with its version."""
        return f"{PREFIX}{name}?v={self._file(name).version}"

    def _file(self, name: str) -> StaticFile:
        """Raises FileNotFoundError."""
        with self._lock:
            if name not in self._files:
                self._files[name] = self._read(name)
            return self._files[name]

    def find(self, name: str) -> StaticFile | None:
        """The file of that name below the folder; None where there is none."""
        if name in _ALL:
            return self._file(name)
        if "\0" in name:
            return None
        path = (self.folder / name).resolve()
        if not path.is_relative_to(self.folder.resolve()) or not path.is_file():
            return None
        return self._file(path.relative_to(self.folder.resolve()).as_posix())

    def _read(self, name: str) -> StaticFile:
        if name in _ALL:
            files = sorted(self.folder.glob(f"*{Path(name).suffix}"))
            return StaticFile(b"\n".join(self._read(file.name).body for file in files), media_type_of(name))
        body = (self.folder / name).read_bytes()
        if (packed := self.folder / f"{name}.br").is_file():
            return StaticFile(body, media_type_of(name), {"br": packed.read_bytes()})
        if name.endswith(".css"):
            body = _LINK.sub(self._versioned, body.decode()).encode()
        return StaticFile(body, media_type_of(name))

    def _versioned(self, link: re.Match[str]) -> str:
        content = (self.folder / link[1]).read_bytes()
        return f'url("{link[1]}?v={StaticFile(content, "").version}")'


class Library:
    """Everything static, by path: our assets, and the bundles that Dash serves."""

    def __init__(self, assets: Assets, fetch: Callable[[str], StaticFile | None]) -> None:
        """fetch: the bundle that Dash serves under a path (None: not found); asked once a path."""
        self._assets = assets
        self._fetch = fetch
        self._bundles: dict[str, StaticFile] = {}

    def answer(self, path: str, query: str, *, accepted: str, known: str) -> Answer | None:
        """What to send for `path`; None where there is no such file.

        accepted: the header Accept-Encoding; known: If-None-Match.
        """
        if path.startswith(PREFIX):
            file = self._assets.find(path.removeprefix(PREFIX))
            lasting = file is not None and query == f"v={file.version}"
        else:
            file = self._bundle(path)
            lasting = _FINGERPRINT.search(path) is not None
        if file is None:
            return None
        tag = f'"{file.version}"'
        headers = {"ETag": tag, "Cache-Control": FOREVER if lasting else ASK_AGAIN, "Vary": "Accept-Encoding"}
        if tag in known:
            return Answer(status=304, body=b"", headers=headers)
        body, encoding = file.encoded(accepted)
        if encoding:
            headers["Content-Encoding"] = encoding
        return Answer(status=200, body=body, headers=headers | {"Content-Type": file.media_type})

    def warm(self, paths: list[str]) -> None:
        """Compress these now, so that the first visitor need not wait for it."""
        for path in paths:
            bare, _, query = path.partition("?")
            self.answer(bare, query, accepted="br", known="")

    def _bundle(self, path: str) -> StaticFile | None:
        if path not in self._bundles:
            ours = next((name for pattern, name in _INSTEAD.items() if pattern.search(path)), None)
            file = self._assets.find(ours) if ours else self._fetch(path)
            if file is None:
                return None
            self._bundles[path] = file
        return self._bundles[path]


def media_type_of(name: str) -> str:
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    guessed = "text/javascript" if guessed == "application/javascript" else guessed
    return f"{guessed}; charset=utf-8" if guessed.startswith("text/") else guessed


def _brotli(body: bytes) -> bytes:
    return brotli.compress(body, quality=_BROTLI_QUALITY, mode=brotli.MODE_TEXT)


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=6, mtime=0)


_PACK: dict[str, Callable[[bytes], bytes]] = {"br": _brotli, "gzip": _gzip}
