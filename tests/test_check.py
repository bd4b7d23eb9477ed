"""`app.py check`: the status in words on the terminal, and each matter tried out against something real."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app import main
from data.identity.actor import system
from data.identity.secrets import Secrets
from data.mail import PASSWORD
from data.services.messenger_accounts import create_account, put_secrets
from data.settings import Settings
from data.store.database import Database
from ingest.simulator.messengers.graph import Graph
from tests.ingest.manager import SECRET, Manager, server

LETTER = "anna@example.org"


class MailServer:
    """A mail server in little: EHLO, AUTH PLAIN, MAIL, RCPT, DATA; `refuses` names the command that it refuses."""

    def __init__(self, refuses: str = "") -> None:
        self.letters: list[str] = []
        self.keys: list[str] = []
        self._refuses = refuses
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._thread.join(10)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                with client, client.makefile("rwb", buffering=0) as line:
                    self._talk(line)

    def _talk(self, line: socket.SocketIO) -> None:
        line.write(b"220 little\r\n")
        while text := line.readline().decode():
            word = text.split()[0].upper()
            if word == self._refuses:
                code = {"AUTH": "535 wrong password", "RCPT": "550 nobody here"}.get(word, "554 no")
                line.write(f"{code}\r\n".encode())
            elif word == "EHLO":
                line.write(b"250-little\r\n250 AUTH PLAIN\r\n")
            elif word == "AUTH":
                self.keys.append(base64.b64decode(text.split()[2]).decode())
                line.write(b"235 come in\r\n")
            elif word == "DATA":
                line.write(b"354 go on\r\n")
                body = b""
                while (part := line.readline()) != b".\r\n":
                    body += part
                self.letters.append(body.decode())
                line.write(b"250 taken\r\n")
            elif word == "QUIT":
                line.write(b"221 bye\r\n")
                return
            else:
                line.write(b"250 ok\r\n")


@contextmanager
def mail_server(refuses: str = "") -> Iterator[MailServer]:
    opened = MailServer(refuses)
    try:
        yield opened
    finally:
        opened.close()


def settings_file(folder: Path, text: str) -> list[str]:
    file = folder / "callboard.toml"
    file.write_text(text, "utf-8")
    return ["--settings", str(file), "--data", str(folder / "var")]


def mail(folder: Path, port: int, *more: str) -> list[str]:
    lines = ["[mail]", 'host = "127.0.0.1"', f"port = {port}", 'security = "none"', 'sender = "calls@example.org"']
    return settings_file(folder, "\n".join([*lines, *more]))


def test_a_letter_reaches_the_server_with_the_password_that_is_kept_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Secrets(Settings(data=tmp_path / "var")).put(PASSWORD, "hush-hush", by="test", now=datetime.now(UTC))
    with mail_server() as server_of_mail:
        status = main(["check", "mail", LETTER, *mail(tmp_path, server_of_mail.port, 'user = "calls"')])

    assert status == 0
    assert f"took a letter for {LETTER}" in capsys.readouterr().out
    assert server_of_mail.keys == ["\0calls\0hush-hush"]
    (letter,) = server_of_mail.letters
    assert f"To: {LETTER}" in letter
    assert "can send letters" in letter


@pytest.mark.parametrize(
    ("refuses", "more", "says"),
    [
        ("RCPT", [], "takes no letter for anna@example.org: nobody here"),
        ("MAIL", [], "answers 554"),
        ("AUTH", ['user = "calls"'], "refuses 'calls' or its password"),
    ],
)
def test_a_server_that_refuses_is_quoted_with_the_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], refuses: str, more: list[str], says: str
) -> None:
    Secrets(Settings(data=tmp_path / "var")).put(PASSWORD, "hush-hush", by="test", now=datetime.now(UTC))
    with mail_server(refuses) as server_of_mail:
        status = main(["check", "mail", LETTER, *mail(tmp_path, server_of_mail.port, *more)])

    said = capsys.readouterr().out
    assert status == 1
    assert says in said
    assert "hush-hush" not in said


def test_nobody_at_the_port_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    assert main(["check", "mail", LETTER, *mail(tmp_path, port)]) == 1
    assert "Correct mail.host and mail.port" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "to", "says"),
    [
        ("", LETTER, "Setting mail.host is empty"),
        ('[mail]\nhost = "mx"', LETTER, "Setting mail.sender"),
        ('[mail]\nhost = "mx"\nsender = "a@b.example"\nuser = "x"', LETTER, "There is no password"),
    ],
)
def test_what_is_missing_in_the_settings_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, to: str, says: str
) -> None:
    assert main(["check", "mail", to, *settings_file(tmp_path, text)]) == 2
    assert says in capsys.readouterr().err


class Ticking(Manager):
    """A PBX whose clock goes `ahead_s` before ours."""

    def __init__(self, ahead_s: float) -> None:
        super().__init__()
        self._ahead_s = ahead_s

    def answer(self, action: dict[str, str]) -> str:
        text = super().answer(action)
        if action["Action"] == "Ping":
            text = text.replace("\n\n", f"\nPing: Pong\nTimestamp: {time.time() + self._ahead_s:.6f}\n\n", 1)
        return text


@pytest.mark.parametrize(("ahead_s", "status", "says"), [(0.0, 0, "ok"), (3600.0, 1, "BAD")])
def test_the_clock_of_the_pbx_is_compared_with_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ahead_s: float, status: int, says: str
) -> None:
    with server(Ticking(ahead_s)) as pbx:
        # Generous: a machine under load may hold the answer up.
        lines = f'[[pbx]]\nhost = "{pbx.host}"\nport = {pbx.port}\nuser = "callboard"\nsecret = "{SECRET}"\n'
        given = settings_file(tmp_path, lines + "clock_tolerance_seconds = 600")

        assert main(["check", "clock", *given]) == status

    assert capsys.readouterr().out.startswith(says)


def test_everything_is_told_in_words_without_a_running_store(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *settings_file(tmp_path, "")]) == 0

    said = capsys.readouterr().out
    assert "ok   Store of calls: Answers in" in said
    assert "LOOK Backups: There is none yet." in said
    assert "-    Mail: Not set up" in said


def test_one_matter_alone_is_told_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "disk", *settings_file(tmp_path, "")])
    disk = capsys.readouterr().out
    main(["check", "messengers", *settings_file(tmp_path, "")])

    assert disk.count("\n") == 1
    assert "Disk: " in disk
    assert "nothing of that kind" in capsys.readouterr().out


def test_messengers_are_asked_who_they_are_while_one_waits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given, now = settings_file(tmp_path, '[outbound]\nallow = ["127.0.0.0/8"]'), datetime.now(UTC)
    settings = Settings(data=tmp_path / "var")
    with Graph() as graph:
        with Database(settings.data, memory_limit="512MB", readers=2) as store:
            config = {"connection": graph.connection}
            create_account(store, system("test"), "main", graph.messenger, "Office", config=config, now=now)
            put_secrets(store, Secrets(settings), system("test"), "main", graph.secrets, now=now)
        works = main(["check", "messengers", *given])
        said = capsys.readouterr().out
        wrong = dict.fromkeys(graph.secrets, "expired")
        with Database(settings.data, memory_limit="512MB", readers=2) as store:
            put_secrets(store, Secrets(settings), system("test"), "main", wrong, now=now)
        refused = main(["check", "messengers", "main", *given])
        assert main(["check-messengers", "nowhere", *given]) == 2
        assert "'nowhere'. There are: main." in (told := capsys.readouterr()).err

    assert (works, refused) == (0, 1)
    assert "ok   main (whatsapp): " in said
    assert "BAD  main (whatsapp): " in told.out
    assert "expired" not in told.out
