"""`erase`: a person leaves everything of ours; without --yes it tells what would go."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime

from commands import Add, say
from data.errors import SettingsError
from data.settings import Settings


def register(add: Add) -> None:
    command = add("erase", erase, "erase a person everywhere: tables, recordings, journal, files; first as a preview")
    whose = command.add_mutually_exclusive_group(required=True)
    whose.add_argument("--number", help="a number of the person, as people write it")
    whose.add_argument("--client", metavar="ID", help="the card of the client, as its address shows it")
    command.add_argument("--reason", default="", help="the letter or day it rests on, for the certificate")
    command.add_argument("--yes", action="store_true", help="do it; it cannot be undone")


def erase(options: argparse.Namespace, settings: Settings) -> int:
    from data.identity.actor import system
    from data.services.erasing import ask_erasure, erasable, erasures, person_of_client, person_of_number
    from data.store.opening import open_store
    from ingest.erasing import erase_asked

    actor, now = system("terminal"), datetime.now(UTC)
    if options.yes and not options.reason:
        raise SettingsError("An erasure needs its reason for the certificate: --reason 'letter of 20 November'")
    with open_store(settings) as store:
        person = (
            person_of_number(store, actor, options.number, settings.site)
            if options.number
            else person_of_client(store, actor, options.client)
        )
        counts = erasable(store, actor, person)
        if not options.yes:
            say(f"{len(person.numbers)} numbers, {len(person.words)} names and addresses; " + _told(counts))
            say("Nothing was changed. With --yes and --reason it is erased, for good.")
            return 0
        made = ask_erasure(store, actor, person, options.reason, now=now)
        erase_asked(settings, store, now=now)
        done = next(one for one in erasures(store, actor) if one.erasure_id == made)
        say(json.dumps(done.certificate or {"error": done.error}, ensure_ascii=False, indent=2))
        return 0 if done.state == "done" else 1


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items() if count) or "nothing else"
