"""From an account of the database to the adapter that speaks for it."""

from __future__ import annotations

from collections.abc import Mapping

from data.messaging import Messenger
from data.services.messenger_accounts import MessengerAccount
from data.settings import Settings
from ingest.messengers.adapter import Adapter, MakeAdapter
from ingest.messengers.telegram import Telegram
from ingest.messengers.webhook import Webhook
from ingest.messengers.whatsapp import WhatsApp

ADAPTERS: Mapping[Messenger, MakeAdapter] = {
    Messenger.WHATSAPP: WhatsApp,
    Messenger.TELEGRAM: Telegram,
    Messenger.WEBHOOK: Webhook,
}


def adapter_of(account: MessengerAccount, secrets: Mapping[str, str], settings: Settings) -> Adapter:
    """The adapter of an account; close it after use."""
    return ADAPTERS[account.messenger](account, secrets, settings)
