"""One connection to the manager interface of an Asterisk: pyst2's actions over our own socket and reader.

The reader thread takes what comes, passes it on and answers waiting actions; it waits for nothing
else. A connection is used once: who lost it makes a new one (ami_supervisor.py).
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable
from typing import Protocol

from asterisk.manager import Manager, ManagerMsg

from data.errors import PbxError, PbxLoginRefused, PbxUnreachable
from data.settings import Pbx
from ingest.sources.ami_reader import OUTCOME, AnswerFinder

Answer = ManagerMsg  # what the PBX says to an action: get_header(name, otherwise)

LINK_CUT = "link_cut"
SILENT_LINK = "silent_link"
PBX_RESTART = "pbx_restart"
# Asked at every login: what stands now tells what changed while nobody listened.
STOCK = ("CoreStatus", "CoreSettings", "CoreShowChannels", "QueueStatus")
# Phones and lines, and what phones do, where our user may ask for them.
DIRECTORY = ("PJSIPShowEndpoints", "SIPpeers", "DeviceStateList")
SILENT_PINGS = 2.5  # a link that is silent for so many ping intervals is lost

_RECEIVE_BYTES = 256 << 10
_KERNEL_BYTES = 4 << 20
_BANNER_BYTES = 4096
_HELD_BYTES = 1 << 20
_BANNER = re.compile(rb"[^\r\n]*Call Manager[^\r\n]*?/?([\d.]*)\s*\r?\n")
_ACTION_SECONDS = 10.0


class Sink(Protocol):
    """Takes the stream of a connection; must not wait."""

    def append(self, at: float, data: bytes) -> bool: ...


class WrongAddress(PbxUnreachable):
    """Waiting will not help: there is no such host, or what answers there is no manager interface."""


class Connection(Manager):  # type: ignore[misc] # pyst2 has no types
    """A manager connection from its banner to its end."""

    def __init__(self, pbx: Pbx, *, clock: Callable[[], float] = time.time) -> None:
        # Not Manager.__init__: its threads and unbounded queues are what we replace.
        self.hostname = f"callboard-{secrets.token_hex(4)}"  # pyst2 makes action ids of it
        self._seq = 0
        self._seqlock = threading.Lock()
        self._connected = threading.Event()
        self._running = threading.Event()
        self.title: str | None = None
        self.version = ""
        self.pbx = pbx
        self.lost = threading.Event()
        self.cause: str | None = None
        self.lost_at = 0.0
        self._booted_or_lost = threading.Event()
        self.bytes = 0
        self.clock_reported = False
        self._heard_at = 0.0
        self._clock = clock
        self._socket: socket.socket | None = None
        self._sending = threading.Lock()
        self._waiting: dict[str, _Waiter] = {}
        self._waiting_lock = threading.Lock()
        self._finder = AnswerFinder()
        self._outcomes: dict[str, _Waiter] = {}  # of calls that are being started, by the id of their action
        self._outcome_finder = AnswerFinder(OUTCOME)
        self._held: list[tuple[float, bytes]] = []
        self._held_bytes = 0
        self._sink: Sink | None = None
        self._sink_lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, name=f"ami-{pbx.name}", daemon=True)

    def __del__(self) -> None:
        """Nothing: pyst2 would talk to the network here, and might wait for ever."""

    # ---------------------------------------------------------------- beginning

    def connect(self) -> None:
        """Reach the PBX and read its banner. Raises PbxUnreachable."""
        self._socket = self._reach()
        try:
            at, banner, rest = self._read_banner(self._socket)
        except BaseException:
            self._socket.close()
            raise
        self._held = [(at, banner + rest)]
        self._answer(rest)
        self._socket.settimeout(SILENT_PINGS * self.pbx.ping_seconds)
        self._connected.set()
        self._running.set()
        self._reader.start()

    def _reach(self) -> socket.socket:
        pbx = self.pbx
        where = f"pbx {pbx.name}: {pbx.host}:{pbx.port}"
        try:
            opened = socket.create_connection((pbx.host, pbx.port), timeout=pbx.connect_seconds)
        except socket.gaierror as error:
            # A name server that does not answer is no reason to give the name up.
            kind = PbxUnreachable if error.errno == socket.EAI_AGAIN else WrongAddress
            raise kind(f"{where}: unknown host ({error.strerror}). Correct host in the settings.") from error
        except ConnectionRefusedError as error:
            raise PbxUnreachable(
                f"{where} refuses connections. Is Asterisk running, is `enabled = yes` in manager.conf, "
                "and does its bindaddr or a firewall let this machine in?"
            ) from error
        except TimeoutError as error:
            raise PbxUnreachable(
                f"{where} does not answer within {pbx.connect_seconds:g} s. "
                "Check host and port, and the firewall between."
            ) from error
        except OSError as error:
            raise PbxUnreachable(f"{where}: {error.strerror or error}. Check host, port and the network.") from error
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A large buffer in the kernel bridges moments in which this process does not run:
        # Asterisk drops a session that cannot be written to for 100 ms.
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _KERNEL_BYTES)
        return opened

    def _read_banner(self, opened: socket.socket) -> tuple[float, bytes, bytes]:
        where = f"pbx {self.pbx.name}: {self.pbx.host}:{self.pbx.port}"
        data, until = b"", time.monotonic() + self.pbx.connect_seconds
        while b"\n" not in data and len(data) < _BANNER_BYTES:
            opened.settimeout(max(0.001, until - time.monotonic()))
            try:
                piece = opened.recv(_BANNER_BYTES)
            except TimeoutError:
                raise WrongAddress(
                    f"{where} accepts the connection but says nothing, so it is no Asterisk manager interface. "
                    "Set port to that of manager.conf (5038)."
                ) from None
            except OSError as error:
                raise PbxUnreachable(
                    f"{where} broke the connection off: {error.strerror}. Check host and port."
                ) from error
            if not piece:
                raise PbxUnreachable(
                    f"{where} closed the connection at once. Is this address among permit in manager.conf?"
                )
            data += piece
        match = _BANNER.match(data)
        if match is None:
            said = data[:40].decode("ascii", "replace").strip()
            raise WrongAddress(
                f"{where} is no Asterisk manager interface: it says {said!r}. Set port to that of manager.conf (5038)."
            )
        self.title, self.version = "Asterisk Call Manager", match[1].decode()
        return self._clock(), data[: match.end()], data[match.end() :]

    def login(self) -> None:
        """Log in, by MD5 where the PBX offers it. Raises PbxLoginRefused, PbxUnreachable."""
        pbx = self.pbx
        offer = self.send_action({"Action": "Challenge", "AuthType": "MD5"})
        action = {"Action": "Login", "Username": pbx.user, "Events": "on"}
        if challenge := offer.get_header("Challenge"):
            secret = challenge + pbx.secret.get_secret_value()
            key = hashlib.md5(secret.encode(), usedforsecurity=False).hexdigest()
            action |= {"AuthType": "MD5", "Key": key}
        else:
            action |= {"Secret": pbx.secret.get_secret_value()}
        answer = self.send_action(action)
        if answer.get_header("Response") != "Success":
            raise PbxLoginRefused(
                f"pbx {pbx.name}: {pbx.host}:{pbx.port} refuses the login of {pbx.user!r} "
                f"({answer.get_header('Message', 'no reason given')}). "
                f"Make user and secret the same in the settings and in the section [{pbx.user}] of manager.conf."
            )

    # ---------------------------------------------------------------- actions

    def send_action(
        self, action: dict[str, str] | None = None, *, timeout: float = _ACTION_SECONDS, **more: str
    ) -> ManagerMsg:
        """Carry out an action; its answer. Raises PbxUnreachable where none comes in time.

        pyst2's own methods (ping, command, logoff …) come through here too.
        """
        headers = {**(action or {}), **more}
        headers.setdefault("ActionID", f"{self.hostname}-{self.next_seq():08x}")
        if any("\n" in text or "\r" in text for text in (*headers, *headers.values())):
            raise PbxError(f"Action {headers.get('Action')!r}: a value holds a line break. Remove it.")
        waiter = _Waiter()
        with self._waiting_lock:
            self._waiting[headers["ActionID"]] = waiter
        try:
            self._send("".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n")
            if not waiter.done.wait(timeout) or waiter.answer is None:
                raise PbxUnreachable(
                    f"pbx {self.pbx.name}: no answer to {headers.get('Action')} "
                    + (f"within {timeout:g} s." if self.cause is None else f"({self.cause}).")
                    + " Check the link and the load of the PBX."
                )
            return waiter.answer
        finally:
            with self._waiting_lock:
                self._waiting.pop(headers["ActionID"], None)

    def originate(self, headers: dict[str, str], *, seconds: float) -> ManagerMsg:
        """Start a call; what came of its first leg (an OriginateResponse), or the refusal of the PBX.

        seconds: how long that may take. Raises PbxUnreachable where nothing is told by then, PbxError.
        """
        name, waiter = f"{self.hostname}-{self.next_seq():08x}", _Waiter()
        with self._waiting_lock:
            self._outcomes[name] = waiter
        try:
            answer = self.send_action({"Action": "Originate", "ActionID": name, "Async": "true", **headers})
            if answer.get_header("Response") != "Success":
                return answer
            if not waiter.done.wait(seconds) or waiter.answer is None:
                raise PbxUnreachable(f"pbx {self.pbx.name}: it never told what came of a call. Check the link.")
            return waiter.answer
        finally:
            with self._waiting_lock:
                del self._outcomes[name]

    def _send(self, text: str) -> None:
        if self._socket is None or self.lost.is_set():
            raise PbxUnreachable(f"pbx {self.pbx.name}: the connection is lost. It is made anew by itself.")
        try:
            with self._sending:
                self._socket.sendall(text.encode())
        except OSError as error:
            raise PbxUnreachable(f"pbx {self.pbx.name}: {error.strerror or error}. Check the link.") from error

    # ---------------------------------------------------------------- the stream

    @property
    def own_address(self) -> str:
        """Our address as the PBX sees it, where nothing between translates addresses."""
        return str(self._socket.getsockname()[0]) if self._socket else ""

    @property
    def heard_at(self) -> float:
        """Unix time of the last bytes."""
        return self._heard_at

    @property
    def booted(self) -> bool:
        """The PBX said that it is fully booted: from then on its lists are whole."""
        return self._finder.fully_booted

    def pass_to(self, sink: Sink) -> None:
        """Give the sink what came so far, and from now on everything as it comes."""
        with self._sink_lock:
            for at, data in self._held:
                sink.append(at, data)
            self._held.clear()
            self._sink = sink

    def wait_booted(self, seconds: float) -> bool:
        """Wait for the first FullyBooted, the loss of the link or the end of patience; whether it came."""
        self._booted_or_lost.wait(seconds)
        return self.booted

    def _read(self) -> None:
        cause = LINK_CUT
        receive = self._socket.recv if self._socket else lambda _: b""
        try:
            while data := receive(_RECEIVE_BYTES):
                self._take(self._clock(), data)
        except TimeoutError:
            cause = SILENT_LINK
        except OSError:
            pass  # reset by the other side, or shut by us
        finally:
            self._lose(PBX_RESTART if self._finder.shutting_down else cause)

    def _take(self, at: float, data: bytes) -> None:
        self.bytes += len(data)
        self._heard_at = at
        with self._sink_lock:
            if self._sink is not None:
                self._sink.append(at, data)
            else:
                self._hold(at, data)
        self._answer(data)

    def _hold(self, at: float, data: bytes) -> None:
        self._held_bytes += len(data)
        if self._held_bytes > _HELD_BYTES:
            raise OSError("too much was sent before the login")
        self._held.append((at, data))

    def _answer(self, data: bytes) -> None:
        for raw in self._finder.feed(data):
            self._wake(self._waiting, raw)
        if self._outcomes:  # seldom: otherwise the stream is not searched for them
            for raw in self._outcome_finder.feed(data):
                self._wake(self._outcomes, raw)
        if self._finder.fully_booted:
            self._booted_or_lost.set()

    def _wake(self, waiting: dict[str, _Waiter], raw: bytes) -> None:
        lines = raw.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n").split("\n")
        # pyst2 breaks on headers named ChanVariable.
        message = ManagerMsg([f"{line}\r\n" for line in lines if not line.startswith("ChanVariable")])
        with self._waiting_lock:
            waiter = waiting.get(message.get_header("ActionID", ""))
        if waiter is not None:
            waiter.answer = message
            waiter.done.set()

    # ---------------------------------------------------------------- the end

    def close(self, cause: str = LINK_CUT) -> None:
        """End the connection; returns when nothing more can reach the sink."""
        if self.cause is None:
            self.cause = cause
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it was lost already
                self._socket.shutdown(socket.SHUT_RDWR)
        if self._reader.is_alive():
            self._reader.join()
        if self._socket is not None:
            self._socket.close()

    def _lose(self, cause: str) -> None:
        if self.cause is None:
            self.cause = cause
        # Of a silent link nobody knows when it broke: not before the last sign of life.
        self.lost_at = self._heard_at if self.cause == SILENT_LINK else self._clock()
        self._connected.clear()
        self._running.clear()
        self.lost.set()
        self._booted_or_lost.set()
        with self._waiting_lock:
            for waiter in (*self._waiting.values(), *self._outcomes.values()):
                waiter.done.set()


class _Waiter:
    """Somebody who waits for the answer to an action."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.answer: ManagerMsg | None = None
