"""`demo` and `office`: a simulated office with a year of history and calls arriving live."""

from __future__ import annotations

import argparse
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from commands import Add, say
from commands.demo_chats import CHATS, clients_command, connect, waiting
from commands.serving import address, command_line, served, stages
from data.errors import SettingsError
from data.identity.actor import Role, system
from data.messaging import Messenger
from data.settings import Settings
from data.supervise import Child, Supervisor, stop_on_signals, tell_ready

_MARK = "simulated-office"  # a file of this name says that the folder holds the demo
_HOST = "127.0.0.1"
_PBX = {
    "name": "office",
    "host": _HOST,
    "user": "callboard",
    "secret": "simulated",
    "originate": {"enabled": True},
    "queues": {"enabled": True, "dynamic": ["delivery"]},
}
_PASSWORD = "callboard"  # noqa: S105 - these users exist in the demo only


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoUser:
    """Somebody to log in as; the extension is one of the simulated employees'."""

    login: str
    role: Role
    name: str
    extension: str | None = None


USERS = (
    DemoUser(login="manager", role=Role.MANAGER, name="Мария Волкова", extension="204"),
    DemoUser(login="supervisor", role=Role.SUPERVISOR, name="Анна Смирнова", extension="202"),
    DemoUser(login="analyst", role=Role.ANALYST, name="Пётр Орлов"),
    DemoUser(login="admin", role=Role.ADMINISTRATOR, name="Администратор"),
)


def register(add: Add) -> None:
    command = add("demo", demo, "serve a simulated office with a year of history and live calls")
    command.add_argument("--calls", type=int, default=60_000, help="calls of the history (60000)")
    command.add_argument("--days", type=int, default=365, help="days of the history (365)")
    _add_office_options(command)
    command = add("office", office, "pretend to be the PBX of a busy office, on a manager port")
    command.add_argument("--port", type=int, default=5038, help="port of the manager interface (5038)")
    _add_office_options(command)


def _add_office_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--per-minute", type=float, default=12.0, help="live calls per minute (12)")
    command.add_argument("--seed", type=int, default=1, help="another number, another office (1)")


def demo(options: argparse.Namespace, settings: Settings) -> int:
    stop = stop_on_signals()
    _claim(settings)
    port, ports = _free_port(), {messenger: _free_port() for messenger in CHATS}
    queued = _fill(options, settings, ports)
    recordings = str(_recordings(settings))
    env = {
        "CALLBOARD_PBX": json.dumps([{**_PBX, "port": port}]),
        "CALLBOARD_RECORDINGS__ROOTS": json.dumps([recordings]),
        "CALLBOARD_OUTBOUND__ALLOW": json.dumps([f"{_HOST}/32"]),  # there the pretended messengers are
        "CALLBOARD_BACKUP__EVERY_DAYS": "0",  # what is invented can be invented again
    }
    words = [*command_line("office", options, settings), "--port", str(port)]
    words += ["--per-minute", str(options.per_minute), "--seed", str(options.seed)]
    first, *others = stages(options, settings, env)
    clients = Child("clients", clients_command(options, settings, ports, queued), env)
    family = [[*first, Child("office", words, env), clients], *others]
    Supervisor(family, stop=stop).run(lambda: _welcome(settings))
    return 0


def office(options: argparse.Namespace, settings: Settings) -> int:
    from ingest.simulator.pbx import serve_office

    with served() as stop:
        serve_office(
            _HOST,
            options.port,
            seed=options.seed,
            calls_per_minute=options.per_minute,
            recordings_dir=_recordings(settings),
            stop=stop,
            ready=tell_ready,
        )
    return 0


def refuse_demo_folder(settings: Settings) -> None:
    """Raise SettingsError where the data folder holds the demo: invented and real calls must not mix."""
    if (settings.data / _MARK).exists():
        raise SettingsError(
            f"{settings.data} holds the simulated office of the demo. "
            "Choose another folder with --data, or remove that one."
        )


def _claim(settings: Settings) -> None:
    if (settings.data / "calls.duckdb").exists() and not (settings.data / _MARK).exists():
        raise SettingsError(
            f"{settings.data} holds the calls of a real PBX. Choose another folder for the demo: --data DIR."
        )
    _recordings(settings).mkdir(parents=True, exist_ok=True)
    (settings.data / _MARK).touch()


def _recordings(settings: Settings) -> Path:
    return (settings.data / "recordings").absolute()


def _fill(options: argparse.Namespace, settings: Settings, ports: Mapping[Messenger, int]) -> list[str]:
    """Users and messengers always, history where there is none yet; clients who wait in chats then."""
    from data.identity.users import Users
    from data.store.opening import open_store
    from ingest.simulator.history import simulate_history

    people = Users(settings)
    for user in USERS:
        people.ensure(user.login, password=_PASSWORD, role=user.role, name=user.name, extension=user.extension)
    with open_store(settings) as store:
        connect(store, settings, ports)
        if not store.query("select count(*) as calls from call", actor=system("demo"))["calls"][0].as_py():
            say(f"Inventing {options.calls} calls of {options.days} days …")
            simulate_history(
                store,
                calls=options.calls,
                days=options.days,
                until=datetime.now(UTC),
                seed=options.seed,
                site=settings.site,
                recordings_dir=_recordings(settings),
            )
        return waiting(store)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _welcome(settings: Settings) -> None:
    say(f"\nCallboard serves {address(settings)}\n")
    for user in USERS:
        say(f"  {user.login:<12} password {_PASSWORD:<10} {user.role.value}")
    say("\nCtrl-C stops it.")
