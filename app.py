"""The door: every command of Callboard. It wires the parts and decides nothing.

`python app.py --help` lists the commands. A command that needs a store opens one for its own
duration where none runs on the data folder. Exit status: 0 done, 1 the answer is no (a check
failed), 2 something that a person must mend first (one line on standard error says what).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from commands import (
    checks,
    copies,
    demo,
    demo_chats,
    erase,
    health,
    history,
    imports,
    numbering,
    rebuild,
    recordings,
    reports,
    secret,
    selfcheck,
    serving,
    tokens,
    users,
)
from data.errors import CallboardError
from data.logs import set_up_logs
from data.settings import Settings, read_settings

Command = Callable[[argparse.Namespace, Settings], int]


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    options = _parser().parse_args(words)
    try:
        settings = read_settings(options.settings, data=options.data)
        set_up_logs(settings.log_level, process=options.command)
        run: Command = options.run
        return run(options, settings)
    except CallboardError as error:
        print(f"callboard {options.command}: {error}", file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Somebody closed our output, `head` for instance: nobody is left to tell.
        sys.stderr.close()
        return 0


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", type=Path, metavar="DIR", help="folder of database, journal and users (var/)")
    common.add_argument("--settings", type=Path, metavar="FILE", help="settings file (callboard.toml)")
    parser = argparse.ArgumentParser(prog="app.py", description="Callboard: a call-centre dashboard for Asterisk.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, run: Command, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, parents=[common], help=text, description=text[0].upper() + text[1:] + ".")
        command.set_defaults(run=run)
        return command

    for part in (
        demo,
        demo_chats,
        serving,
        history,
        imports,
        numbering,
        erase,
        rebuild,
        recordings,
        reports,
        secret,
        users,
        tokens,
        copies,
        checks,
        health,
        selfcheck,
    ):
        part.register(add)
    return parser


if __name__ == "__main__":
    os.umask(0o077)  # calls, numbers and passwords are for this account only, started by hand or as a service
    sys.exit(main())
