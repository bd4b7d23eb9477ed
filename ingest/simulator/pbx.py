"""A manager server in front of the pretend office: the protocol that a real Asterisk speaks."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import secrets
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

from data.errors import PortBusy
from data.settings import Site
from ingest.simulator.actions import MANAGER_VERSION, Action, Answers, respond
from ingest.simulator.live import LiveOffice, Pace
from ingest.simulator.wire import message

BANNER = f"Asterisk Call Manager/{MANAGER_VERSION}\r\n".encode()
USER, SECRET = "callboard", "simulated"
_PUMP_S = 0.02
_SLOW_READER_BYTES = 16 << 20  # what waits for a client that does not read; then it is dropped
_MOST_ACTION_BYTES = 65_536


def serve_office(
    host: str,
    port: int,
    *,
    seed: int,
    calls_per_minute: float,
    recordings_dir: Path | None,
    stop: threading.Event,
    ready: Callable[[], None] | None = None,
    clients: int = 60,
    site: Site | None = None,
    speed: float = 1.0,
) -> None:
    """Serve a pretend office on a manager port until `stop`. Raises PortBusy.

    Calls begin with the first login, so that nobody misses the first one. ready: called once the
    port is open. clients: how many numbers of the history belong to registered clients.
    """

    def begin(now: float) -> LiveOffice:
        pace = Pace(calls_per_minute=calls_per_minute, clients=clients)
        return LiveOffice(seed=seed, begins_at=now, pace=pace, site=site, recordings_dir=recordings_dir)

    ManagerServer(begin, speed=speed).serve(host, port, stop=stop, ready=ready)


class ManagerServer:
    """Lets any number of manager clients listen to one office."""

    def __init__(
        self, begin: Callable[[float], LiveOffice], *, user: str = USER, secret: str = SECRET, speed: float = 1.0
    ) -> None:
        self.port = 0  # known once it serves
        self.office: LiveOffice | None = None  # from the first login on
        self.user, self.secret = user, secret
        self._begin = begin
        self._speed = speed
        self._begun = 0.0
        self._sessions: set[_Session] = set()

    def serve(self, host: str, port: int, *, stop: threading.Event, ready: Callable[[], None] | None = None) -> None:
        """Serve until `stop` is set. Raises PortBusy."""
        asyncio.run(self._serve(host, port, stop, ready))

    def open_office(self) -> LiveOffice:
        """The office, which opens now if it has not yet."""
        if self.office is None:
            self._begun = time.time()
            self.office = self._begin(self._begun)
        return self.office

    async def _serve(self, host: str, port: int, stop: threading.Event, ready: Callable[[], None] | None) -> None:
        try:
            server = await asyncio.start_server(self._talk, host, port, limit=_MOST_ACTION_BYTES)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise PortBusy(f"Port {port} of {host} is taken by another program. Choose another one.") from None
        async with server:
            self.port = server.sockets[0].getsockname()[1]
            if ready is not None:
                ready()
            while not stop.is_set():
                self.pump()
                await asyncio.sleep(_PUMP_S)
            for session in list(self._sessions):
                session.close()

    def pump(self) -> None:
        """Play the office up to now and tell everybody."""
        if self.office is None:
            return
        news = self.office.advance(self._begun + (time.time() - self._begun) * self._speed)
        if news:
            for session in list(self._sessions):
                session.tell(news)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = _Session(self, reader, writer)
        self._sessions.add(session)
        try:
            with suppress(ConnectionError, asyncio.CancelledError, asyncio.LimitOverrunError, ValueError):
                await session.run()
        finally:
            self._sessions.discard(session)
            session.close()


class _Session:
    """One connection of a manager client."""

    def __init__(self, server: ManagerServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server = server
        self._reader, self._writer = reader, writer
        self._answers: Answers | None = None  # once logged in
        self._challenge = ""
        self._listens = False

    async def run(self) -> None:
        """Greet, and answer actions until the client goes."""
        self._writer.write(BANNER)
        async for action in self._actions():
            name = action.get("action", "").lower()
            if name == "challenge":
                self._offer(action)
            elif name == "login":
                if not self._login(action):
                    return
            elif name == "logoff":
                self._writer.write(respond(action, "Goodbye", ("Message", "Thanks for all the fish.")))
                return
            elif self._answers is None:
                self._writer.write(respond(action, "Error", ("Message", "Permission denied")))
            elif name == "events":
                self._listens = _is_on(action.get("eventmask", ""))
                self._writer.write(respond(action, "Success", ("Events", "On" if self._listens else "Off")))
            else:
                # First what happened until now: the answer tells the state after it.
                self._server.pump()
                self._writer.write(self._answers.answer(action))
            await self._writer.drain()

    def tell(self, news: bytes) -> None:
        """Events go out; who does not read them is dropped, as Asterisk does."""
        if not self._listens:
            return
        self._writer.write(news)
        if self._writer.transport.get_write_buffer_size() > _SLOW_READER_BYTES:
            self._writer.transport.abort()

    def close(self) -> None:
        self._writer.close()

    async def _actions(self) -> AsyncIterator[Action]:
        action: Action = {}
        while line := await self._reader.readline():
            text = line.decode("utf-8", "replace").strip("\r\n")
            if text:
                key, _, value = text.partition(":")
                action[key.strip().lower()] = value.strip()
            elif action:
                yield action
                action = {}

    def _offer(self, action: Action) -> None:
        if action.get("authtype", "").upper() != "MD5":
            self._writer.write(respond(action, "Error", ("Message", "Must specify AuthType")))
            return
        self._challenge = str(100_000_000 + secrets.randbelow(900_000_000))
        self._writer.write(respond(action, "Success", ("Challenge", self._challenge)))

    def _login(self, action: Action) -> bool:
        if not self._is_right(action):
            self._writer.write(respond(action, "Error", ("Message", "Authentication failed")))
            return False
        self._listens = _is_on(action.get("events", "on"))
        office = self._server.open_office()
        self._answers = Answers(office)
        self._writer.write(respond(action, "Success", ("Message", "Authentication accepted")))
        if self._listens:
            uptime = int(office.pbx.wire.now - office.pbx.started_at)
            self._writer.write(
                message(
                    [
                        ("Event", "FullyBooted"), ("Privilege", "system,all"), ("Uptime", uptime),
                        ("LastReload", uptime), ("Status", "Fully Booted"),
                    ]
                )
            )  # fmt: skip
        return True

    def _is_right(self, action: Action) -> bool:
        secret = self._server.secret
        # The protocol prescribes MD5.
        key = hashlib.md5((self._challenge + secret).encode(), usedforsecurity=False).hexdigest()
        by_key = bool(self._challenge) and secrets.compare_digest(action.get("key", ""), key)
        by_secret = secrets.compare_digest(action.get("secret", "").encode(), secret.encode())
        return action.get("username") == self._server.user and (by_key or by_secret)


def _is_on(mask: str) -> bool:
    return mask.strip().lower() not in ("off", "no", "0", "false", "")
