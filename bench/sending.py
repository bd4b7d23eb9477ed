"""A manager interface for benches: lets everybody in, sends a stream as fast as it is read, answers every action."""

from __future__ import annotations

import multiprocessing
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE = 65_536
END = b"Event: BenchEnd\r\n\r\n"  # behind the last event, for readers that know no end


@contextmanager
def sender(stream: bytes, *, bytes_per_s: float | None = None) -> Iterator[int]:
    """The server in a process of its own; its port. bytes_per_s: no faster than this."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = multiprocessing.get_context("fork").Process(
            target=_accept, args=(listener, stream, bytes_per_s), daemon=True
        )
        process.start()
        yield listener.getsockname()[1]
        process.terminate()
        process.join()


def _accept(listener: socket.socket, stream: bytes, bytes_per_s: float | None) -> None:
    pieces = list(_pieces(stream))
    while True:
        client, _ = listener.accept()
        threading.Thread(target=_serve, args=(client, pieces, bytes_per_s), daemon=True).start()


def _pieces(stream: bytes) -> Iterator[bytes]:
    """Pieces of whole messages, so that answers may come between them."""
    start = 0
    while start < len(stream):
        end = stream.find(b"\r\n\r\n", start + PIECE)
        end = len(stream) if end < 0 else end + 4
        yield stream[start:end]
        start = end


def _serve(client: socket.socket, pieces: list[bytes], bytes_per_s: float | None) -> None:
    sending, over = threading.Lock(), threading.Event()
    with suppress(OSError), client, client.makefile("rb") as incoming:
        client.sendall(b"Asterisk Call Manager/9.0.0\r\n")
        action: dict[str, str] = {}
        for line in incoming:
            name, _, value = line.decode().strip().partition(": ")
            if name:
                action[name.lower()] = value
                continue
            if not over.is_set():
                with sending:
                    client.sendall(f"Response: Success\r\nActionID: {action.get('actionid', '')}\r\n\r\n".encode())
            if action.get("action", "").lower() == "login":
                threading.Thread(target=_send, args=(client, pieces, bytes_per_s, sending, over), daemon=True).start()
            action = {}
        over.wait()  # closing before everything was sent, or with questions unread, would take it from the reader


def _send(
    client: socket.socket,
    pieces: list[bytes],
    bytes_per_s: float | None,
    sending: threading.Lock,
    over: threading.Event,
) -> None:
    began, sent = time.monotonic(), 0
    try:
        with sending:
            client.sendall(b"Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n")
        for piece in pieces:
            if bytes_per_s is not None and (early := began + sent / bytes_per_s - time.monotonic()) > 0:
                time.sleep(early)
            with sending:
                client.sendall(piece)
            sent += len(piece)
        with sending:
            over.set()
            client.shutdown(socket.SHUT_WR)
    except OSError:
        over.set()  # the reader had enough
