"""The signature below what employees write to clients, as it is set for an account."""

from __future__ import annotations

from data.errors import BadInput

NAME = "{name}"  # where the name of whoever writes comes in
LONGEST_SIGNATURE = 100


def usable_signature(given: object) -> str:
    """What a person set; "" signs nothing. Raises BadInput."""
    text = str(given or "").strip()
    if len(text) > LONGEST_SIGNATURE:
        raise BadInput(f"signature has {len(text)} characters, at most {LONGEST_SIGNATURE} are added to a message.")
    return text


def signed(text: str, signature: str, name: str, *, longest: int) -> str:
    """The text with its signature below; a text that leaves no room for it goes out without."""
    if not signature:
        return text
    whole = f"{text}\n\n{signature.replace(NAME, name)}"
    return whole if len(whole) <= longest else text
