"""`check`: how everything does, in words; or one matter of it, tried out: mail, clock, disk, messengers, the PBX."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime

from commands import Add, say
from data.errors import CallboardError, SettingsError
from data.settings import Settings

WHATS = ("all", "pbx", "mail", "clock", "disk", "messengers")


def register(add: Add) -> None:
    command = add("check", check, "tell how everything does, or try out one matter of it")
    command.add_argument("what", nargs="?", choices=WHATS, default="all", help="the matter (all: the status page)")
    command.add_argument(
        "to", nargs="?", metavar="ADDRESS", help="of check mail: whom to send a letter; of pbx, messengers: which"
    )


def check(options: argparse.Namespace, settings: Settings) -> int:
    if options.what == "pbx":
        from commands.checks import check_pbx

        options.name = options.to
        return check_pbx(options, settings)
    if options.what == "mail":
        return _mail(options.to, settings)
    if options.what == "clock":
        return _clock(settings)
    if options.what == "messengers":
        return max(_tell(settings, ("messenger",)), _messengers(options, settings))
    return _tell(settings, ("disk", "journal") if options.what == "disk" else None)


def _tell(settings: Settings, checks: tuple[str, ...] | None) -> int:
    """The findings of the status page; 1 where one is bad."""
    from dashboard.components.health import remedy_of, sentence_of, title_of
    from dashboard.text import speaking
    from data.disk import judge, read_disk
    from data.health import Mark, examine, gather, worst
    from data.runtime import RunTime
    from data.store.opening import open_store

    signs = {Mark.GOOD: "ok", Mark.PLAIN: "-", Mark.WARN: "LOOK", Mark.BAD: "BAD"}
    with open_store(settings) as store:
        now, present = datetime.now(UTC), RunTime(settings, store).now()
        found = examine(gather(present, store, judge(read_disk(settings.data), present.disk), now=now))
    found = [finding for finding in found if checks is None or finding.check in checks]
    with speaking("en"):
        for finding in found:
            say(
                f"{signs[finding.mark]:<5}{title_of(finding)}: "
                f"{sentence_of(finding, now=now, zone=settings.site.zone)} {remedy_of(finding)}".rstrip()
            )
    if not found:
        say("There is nothing of that kind yet.")
    return 1 if worst(found) is Mark.BAD else 0


def _messengers(options: argparse.Namespace, settings: Settings) -> int:
    """Every account is asked who it is, now; what is stored of them was told before."""
    from commands.checks import check_messengers
    from data.identity.actor import system
    from data.services.messenger_accounts import accounts
    from data.store.opening import open_store

    with open_store(settings) as store:
        if not options.to and not accounts(store, system("check")):
            return 0
    options.name = options.to
    return check_messengers(options, settings)


def _mail(to: str | None, settings: Settings) -> int:
    from data.mail import MailFailed, send

    if not to:
        raise SettingsError("Whom shall the letter reach? Write: app.py check mail anna@example.org")
    name = settings.site.name
    try:
        send(
            settings,
            [to],
            f"{name}: a letter to try the mail server",
            f"{name} can send letters. Nothing is to be done.",
        )
    except MailFailed as error:
        say(f"BAD  {error}")
        return 1
    say(f"ok   {settings.mail.host}:{settings.mail.port} took a letter for {to}.")
    return 0


def _clock(settings: Settings) -> int:
    """The clock of every PBX against ours."""
    from commands.serving import require_pbx

    require_pbx(settings)
    is_bad = False
    for name, ahead_s, tolerance_s, trouble in _clocks(settings):
        if ahead_s is None:
            say(f"-    {name}: {trouble}")
        elif abs(ahead_s) > tolerance_s:
            is_bad = True
            say(f"BAD  {name}: its clock is {ahead_s:+.1f} s from ours. Let both follow NTP.")
        else:
            # Adding nothing makes zero of what is rounded to minus zero.
            say(f"ok   {name}: its clock is {round(ahead_s, 1) + 0.0:+.1f} s from ours.")
    return 1 if is_bad else 0


def _clocks(settings: Settings) -> Iterator[tuple[str, float | None, float, str]]:
    from ingest.sources.clock import clock_ahead_s

    for pbx in settings.pbx:
        try:
            yield pbx.name, clock_ahead_s(pbx), pbx.clock_tolerance_seconds, "it does not tell its time"
        except CallboardError as error:
            yield pbx.name, None, pbx.clock_tolerance_seconds, str(error)
