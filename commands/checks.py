"""`check-pbx`, `check-messengers`: connect, and tell what is missing."""

from __future__ import annotations

import argparse

from commands import Add, say
from commands.serving import require_pbx
from data.errors import PbxError, SettingsError
from data.settings import Settings


def register(add: Add) -> None:
    command = add("check-pbx", check_pbx, "connect to the PBXs of the settings and tell what is missing")
    command.add_argument("name", nargs="?", help="one PBX of the settings (all)")
    command = add("check-messengers", check_messengers, "ask the accounts of messengers who they are")
    command.add_argument("name", nargs="?", help="one account (all)")


def check_pbx(options: argparse.Namespace, settings: Settings) -> int:
    from ingest.records import zone_of
    from ingest.sources.check_pbx import check, lines_of
    from ingest.sources.check_recordings import check_recordings
    from ingest.sources.check_records import check_records
    from ingest.sources.check_rest import check_rest

    require_pbx(settings)
    chosen = [pbx for pbx in settings.pbx if options.name in (None, pbx.name)]
    if not chosen:
        known = ", ".join(pbx.name for pbx in settings.pbx)
        raise SettingsError(f"No PBX is called {options.name!r} in the settings. There are: {known}.")
    usable = True
    if told := check_recordings(settings.recordings):
        say("\n".join(lines_of(told)))
    for pbx in chosen:
        if told := check_rest(pbx):
            say("\n".join([f"{pbx.name}: {pbx.rest_url}, REST", *lines_of(told)]))
        records = tuple(check_records(pbx, zone_of(pbx, settings)))
        try:
            report = check(pbx, records=records)
        except PbxError as error:
            say(f"{pbx.name}: {error}")
            if records:
                say("\n".join(lines_of(records)))
            usable = False
            continue
        say(report.text())
        usable = usable and report.usable
    return 0 if usable else 1


def check_messengers(options: argparse.Namespace, settings: Settings) -> int:
    from data.identity.actor import system
    from data.identity.secrets import Secrets
    from data.services.messenger_accounts import accounts, secrets_of
    from data.store.opening import open_store
    from ingest.messengers.adapter import SendFailed
    from ingest.messengers.making import adapter_of

    with open_store(settings) as store:
        known = accounts(store, system("check"))
    chosen = [one for one in known if options.name in (None, one.account)]
    if not known:
        raise SettingsError("There is no account of a messenger yet. Add one on the page of messengers.")
    if not chosen:
        names = ", ".join(one.account for one in known)
        raise SettingsError(f"No account of a messenger is called {options.name!r}. There are: {names}.")
    works = True
    for account in chosen:
        adapter = adapter_of(account, secrets_of(Secrets(settings), account.account), settings)
        try:
            say(f"ok   {account.account} ({account.messenger}): {adapter.check()}")
        except SendFailed as trouble:
            works = False
            say(f"BAD  {account.account} ({account.messenger}): {trouble}")
        finally:
            adapter.close()
    return 0 if works else 1
