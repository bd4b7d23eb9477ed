"""Whether the person on a page can be called from here, for the button that would do it."""

from __future__ import annotations

from dashboard.context import current_settings, current_store
from dashboard.text import t
from data.identity.actor import Actor
from data.services.dialing import refusal


def call_back(actor: Actor, *, without_number: str | None) -> dict[str, str | None]:
    """{"reason"}: why it cannot be done, null where it can. without_number: what to say where there is no number."""
    reason = refusal(current_store(), actor, current_settings())
    return {"reason": t(f"journal.ui.call-back.{reason}") if reason else without_number}
