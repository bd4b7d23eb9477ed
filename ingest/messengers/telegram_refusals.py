"""What Telegram means when it refuses a method."""

from __future__ import annotations

from data.messaging import SendError
from ingest.messengers.adapter import SendFailed
from ingest.messengers.http import Answer, refusal
from ingest.messengers.reading import key, mapping

_OF_FILES = ("photo", "file", "voice", "video", "sticker")
_OF_NOBODY = ("chat not found", "user not found", "peer_id_invalid")
_AS_WANTED = ("message is not modified", "message to delete not found")


class Upgraded(SendFailed):
    """The group is a supergroup now, with another id: `to`."""

    def __init__(self, detail: str, to: str) -> None:
        super().__init__(SendError.NO_RECIPIENT, detail)
        self.to = to


class AsWanted(SendFailed):
    """There was nothing to do: the message reads so already, or is gone."""


def refused(answer: Answer, says: str) -> SendFailed:
    """The trouble of an answer that is no success. says: its own words, without our keys."""
    told = mapping(answer.json)
    more = mapping(told.get("parameters"))
    detail, words = f"{answer.status} {says}", says.lower()
    if to := key(more.get("migrate_to_chat_id")):
        return Upgraded(detail, to)
    if answer.status == 400 and any(part in words for part in _AS_WANTED):
        return AsWanted(SendError.REFUSED, detail)
    if answer.status == 429:
        after = more.get("retry_after")
        seconds = float(after) if isinstance(after, int) and 0 < after < 100_000 else answer.after_s
        return SendFailed(SendError.RATE_LIMITED, detail, again=True, after_s=seconds)
    if answer.status in (401, 404) and told:
        return SendFailed(SendError.NOT_ALLOWED, detail)
    if answer.status == 409:
        return SendFailed(SendError.NOT_ALLOWED, detail, again=True)
    if answer.status == 403:
        return SendFailed(SendError.BLOCKED, detail)
    if any(part in words for part in _OF_NOBODY):
        return SendFailed(SendError.NO_RECIPIENT, detail)
    if answer.status == 400 and any(part in words for part in _OF_FILES):
        return SendFailed(SendError.MEDIA, detail)
    return refusal(answer, detail)
