"""A manager interface in little, for what a replay of a real one cannot do."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from data.settings import Pbx

SECRET = "s3cr3t-of-the-office"
Talk = Callable[[socket.socket], None]


@contextmanager
def server(talk: Talk) -> Iterator[Pbx]:
    """Something that listens and does `talk` with everybody who comes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        talking: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                talking.append(client)
                threading.Thread(target=talk, args=(client,), daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        yield Pbx(host="127.0.0.1", port=port, user="callboard", secret=SECRET, connect_seconds=2.0, ping_seconds=0.2)
        listener.shutdown(socket.SHUT_RDWR)
        for client in talking:
            client.close()
        thread.join(5)


class Manager:
    """A manager interface in little: logs anybody in with the right key, answers, and says what it is told."""

    def __init__(self, *, booted: bool = True, offers_md5: bool = True, answers: bool = True) -> None:
        self.actions: list[dict[str, str]] = []
        self.clients: list[socket.socket] = []
        self._booted = booted
        self._offers_md5 = offers_md5
        self._answers = answers

    def __call__(self, client: socket.socket) -> None:
        self.clients.append(client)
        client.sendall(b"Asterisk Call Manager/9.0.0\r\n")
        with suppress(OSError), client.makefile("rb") as incoming:
            action: dict[str, str] = {}
            for line in incoming:
                name, _, value = line.decode().strip().partition(": ")
                if name:
                    action[name] = value
                    continue
                self.actions.append(action)
                if self._answers or action["Action"] in ("Login", "Challenge"):
                    client.sendall(self.answer(action).replace("\n", "\r\n").encode())
                action = {}

    def answer(self, action: dict[str, str]) -> str:
        kind, more = "Success", ""
        if action["Action"] == "Challenge":
            kind, more = ("Success", "Challenge: 12345\n") if self._offers_md5 else ("Error", "Message: no\n")
        if action["Action"] == "Login":
            right = hashlib.md5(f"12345{SECRET}".encode()).hexdigest()
            if action.get("Key", action.get("Secret")) not in (right, SECRET):
                kind, more = "Error", "Message: Authentication failed\n"
        text = f"Response: {kind}\nActionID: {action['ActionID']}\n{more}\n"
        if action["Action"] == "Login" and self._booted:
            text += "Event: FullyBooted\nStatus: Fully Booted\n\n"
        return text

    def named(self, name: str) -> list[dict[str, str]]:
        return [action for action in self.actions if action["Action"] == name]
