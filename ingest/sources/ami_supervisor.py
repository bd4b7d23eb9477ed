"""Keeps one PBX connected: logs in, takes stock, pings, notices silence, and begins anew after a loss.

Every connection is marked in the journal with its beginning and the cause of its end; what the PBX
answers to the stock-taking lies in the stream like everything else.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from data.errors import PbxError, PbxLoginRefused, PbxUnreachable
from data.services.standing import PbxRight
from data.settings import Pbx
from ingest.journal import JOURNAL_FULL, Journal
from ingest.segments import OWN_RESTART
from ingest.sources.ami import DIRECTORY, LINK_CUT, STOCK, Answer, Connection

log = structlog.get_logger()


_JOIN_S = 2.0
LIVE_PING_S = 2.0  # so often the PBX must say something, lest the wall board show what was for what is


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for what; in seconds."""

    first_pause: float = 0.5  # before the second try, doubled with every further one
    longest_pause: float = 30.0
    refused_pause: float = 60.0  # after a refused login: a PBX may lock out who tries too often
    healthy: float = 10.0  # a connection that stood so long counts as success
    booted: float = 15.0  # without the class `system` FullyBooted never comes


def needed_actions(pbx: Pbx) -> dict[PbxRight, str]:
    """Rights to write that the settings need, each with an action that only it allows."""
    return {
        **({PbxRight.ORIGINATE: "originate"} if pbx.originate.enabled else {}),
        **({PbxRight.AGENT: "queuepause"} if pbx.queues.enabled else {}),
    }


class AmiSupervisor:
    """The life of the link to one PBX, in a thread of its own."""

    def __init__(
        self,
        pbx: Pbx,
        journal: Journal,
        *,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.pbx = pbx
        self.connected = False
        self.connections = 0
        self.bytes = 0
        self.clock_ahead_s: float | None = None  # of the PBX's clock, as it answered the last ping
        self.first_try: PbxError | None = None  # how the first connection failed, once `tried` is set
        self.tried = threading.Event()
        self.lacks: tuple[str, ...] = ()  # rights that the settings need and our user of the PBX has not
        self._patience = patience or Patience()
        self._journal = journal
        self._clock = clock
        self._stopping = threading.Event()
        self._connection: Connection | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"link-{pbx.name}", daemon=True)
        self._log = log.bind(pbx=pbx.name)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the link; returns when its last byte is with the journal."""
        self._stopping.set()
        with self._lock:
            if self._connection is not None:
                self._connection.close(OWN_RESTART)
        # A thread that still tries to reach the PBX gives up by itself, and writes nothing any more.
        self._thread.join(_JOIN_S)

    @property
    def heard_at(self) -> float | None:
        """Unix time of the last sign of the PBX; None while nobody is connected."""
        connection = self._connection
        return connection.heard_at if connection is not None and self.connected else None

    def act(self, headers: dict[str, str]) -> Answer:
        """The answer to an action over the present connection. Raises PbxUnreachable, PbxError."""
        return self._present().send_action(headers)

    def originate(self, headers: dict[str, str], *, seconds: float) -> Answer:
        """As Connection.originate, over the present connection. Raises PbxUnreachable where there is none."""
        return self._present().originate(headers, seconds=seconds)

    def _present(self) -> Connection:
        connection = self._connection
        if connection is None or not self.connected:
            raise PbxUnreachable(f"pbx {self.pbx.name}: nobody is connected to it at the moment.")
        return connection

    # ---------------------------------------------------------------- one connection after the other

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._connect_and_listen()
                failures = 0 if time.monotonic() - began > self._patience.healthy else failures + 1
                self._pause(failures, self._patience.first_pause)
            except PbxLoginRefused as error:
                failures += 1
                self._failed(error)
                self._pause(failures, self._patience.refused_pause)
            except PbxError as error:
                failures += 1
                self._failed(error)
                self._pause(failures, self._patience.first_pause)
            except Exception as error:  # the link must come back whatever went wrong
                failures += 1
                self._log.exception("link to the PBX failed")
                self._failed(PbxUnreachable(f"pbx {self.pbx.name}: {error}. The log has the details."))
                self._pause(failures, self._patience.first_pause)

    def _failed(self, error: PbxError) -> None:
        if not self._stopping.is_set():
            self._log.error("no link to the PBX", reason=str(error))
        if not self.tried.is_set():
            self.first_try = error
            self.tried.set()

    def _pause(self, failures: int, first: float) -> None:
        """Wait before the next try: longer each time, and not in step with other clients of the PBX."""
        longest = max(self._patience.longest_pause, first)
        pause = min(longest, first * 2.0 ** min(failures - 1, 16))
        self._stopping.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret hangs on it
        while self._journal.overflowed and not self._journal.drained and not self._stopping.is_set():
            self._stopping.wait(self._patience.first_pause)  # what came now could not be kept

    def _connect_and_listen(self) -> None:
        connection = Connection(self.pbx, clock=self._clock)
        with self._lock:
            self._connection = connection
        try:
            connection.connect()
            if self._stopping.is_set():
                return
            connection.login()
            self._journal.begin(self._clock())
            connection.pass_to(self._journal)
            self.connected = True
            self.connections += 1
            self.tried.set()
            self._log.info("connected to the PBX", host=self.pbx.host, port=self.pbx.port, manager=connection.version)
            self._listen(connection)
        finally:
            connection.close(LINK_CUT)
            with self._lock:
                self._connection = None
            self.bytes += connection.bytes
            if self.connected:
                self.connected = False
                self._journal.end(connection.lost_at, connection.cause or LINK_CUT)
                self._log.warning("link to the PBX ended", cause=connection.cause)

    # ---------------------------------------------------------------- while it stands

    def _listen(self, connection: Connection) -> None:
        is_booted = connection.wait_booted(self._patience.booted)
        self._take_stock(connection)
        self.lacks = self._lacking(connection)
        while not connection.lost.wait(min(self.pbx.ping_seconds, LIVE_PING_S)):
            if connection.booted and not is_booted:
                is_booted = True
                self._take_stock(connection)  # the first answers came from a PBX that was still starting
            if self._journal.overflowed and self._journal.drained:
                connection.close(JOURNAL_FULL)  # a new connection takes stock and makes the stream whole again
                return
            self._ping(connection)

    def _take_stock(self, connection: Connection) -> None:
        for name in STOCK:
            if connection.lost.is_set():
                return
            try:
                answer = connection.send_action({"Action": name})
            except PbxUnreachable as error:
                self._log.warning("stock-taking got no answer", action=name, reason=str(error))
                continue
            if answer.get_header("Response") == "Error":
                self._log.warning(
                    "the PBX refuses to tell what stands; check-pbx says which rights are missing",
                    action=name,
                    reason=answer.get_header("Message"),
                )
        for name in DIRECTORY:
            if connection.lost.is_set():
                return
            # One that is refused or unknown is no trouble: a file and people serve as well.
            with suppress(PbxUnreachable):
                connection.send_action({"Action": name})

    def _lacking(self, connection: Connection) -> tuple[str, ...]:
        """The rights without which what the settings allow would be refused; a PBX that does not tell lacks none."""
        needed = needed_actions(self.pbx)
        if not needed:
            return ()
        try:
            # It lists the actions that the asking user may carry out.
            told = connection.send_action({"Action": "ListCommands"}).headers
        except PbxUnreachable:
            return ()
        offered = {name.lower() for name in told}
        missing = tuple(right for right, action in needed.items() if action not in offered)
        if "ping" not in offered or not missing:
            return ()
        self._log.warning("the PBX would refuse what the settings allow; give its user the rights", write=missing)
        return missing

    def _ping(self, connection: Connection) -> None:
        """Make the PBX say something: a link on which nothing comes any more is given up by the reader."""
        try:
            answer = connection.send_action({"Action": "Ping"}, timeout=self.pbx.ping_seconds)
            ahead_s = float(answer.get_header("Timestamp", "")) - self._clock()
        except (PbxUnreachable, ValueError):  # old versions do not tell their time
            return
        self.clock_ahead_s = ahead_s
        if abs(ahead_s) > self.pbx.clock_tolerance_seconds and not connection.clock_reported:
            connection.clock_reported = True
            self._log.warning("the clocks of the PBX and of this machine differ; let both follow NTP", ahead_s=ahead_s)
