"""As what a file goes out, how large it may be, and under which name."""

from __future__ import annotations

import re

from data.errors import BadInput
from data.messaging import Capabilities, MessageKind

_LONGEST_NAME = 120


def kind_of(capabilities: Capabilities, media_type: str, size_bytes: int) -> MessageKind:
    """As what a file is sent. Raises BadInput for one that the messenger takes in no way."""
    kind = {
        "image/jpeg": MessageKind.IMAGE,
        "image/png": MessageKind.IMAGE,
        "video/mp4": MessageKind.VIDEO,
        "video/3gpp": MessageKind.VIDEO,
        "audio/ogg": MessageKind.AUDIO,
        "audio/mpeg": MessageKind.AUDIO,
        "audio/mp4": MessageKind.AUDIO,
        "audio/aac": MessageKind.AUDIO,
        "audio/amr": MessageKind.AUDIO,
    }.get(media_type, MessageKind.DOCUMENT)
    if size_bytes > largest(capabilities, kind) and kind is not MessageKind.DOCUMENT:
        kind = MessageKind.DOCUMENT  # larger ones go as a file
    if size_bytes == 0:
        raise BadInput("The file is empty. Choose another.")
    if kind not in capabilities.kinds:
        raise BadInput(f"The messenger takes no {kind.value}. Send a text.")
    if size_bytes > largest(capabilities, kind):
        most = largest(capabilities, kind) // (1024 * 1024)
        raise BadInput(f"The file has {size_bytes} bytes, the messenger takes at most {most} MB. Send a smaller one.")
    return kind


def largest(capabilities: Capabilities, kind: MessageKind | None = None) -> int:
    """How many bytes a file may have; of any kind where none is named."""
    sizes = capabilities.largest_bytes
    return sizes.get(kind, 0) if kind is not None else max(sizes.values(), default=0)


def file_name(given: str) -> str:
    """A name that is safe to be shown and saved: no folders, no control characters, not too long."""
    last = re.split(r"[\\/]", given)[-1]
    kept = "".join(sign for sign in last if sign.isprintable()).strip().lstrip(".")
    if len(kept) > _LONGEST_NAME:
        stem, dot, end = kept.rpartition(".")
        kept = f"{stem[: _LONGEST_NAME - len(end) - 1]}.{end}" if dot and len(end) < 10 else kept[:_LONGEST_NAME]
    return kept or "file"
