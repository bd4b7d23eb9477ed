"""Who is behind a member's name in the queue log: an extension, as the PBX or the directory told it before."""

from __future__ import annotations

import re
from collections.abc import Mapping

from data.identity.actor import Actor
from data.queries import read
from data.store.protocol import Store
from ingest.assembler.office import Office
from ingest.assembler.sessions import party_of
from ingest.assembler.sides import extension_pattern


class Members:
    """Names of members with their extensions."""

    def __init__(self, known: Mapping[str, str], office: Office) -> None:
        self._known = {name.casefold(): party for name, party in known.items()}
        self._extensions = extension_pattern(office.extensions)

    def extension(self, member: str) -> str | None:
        """The extension of a member; None where nobody told it."""
        if (known := self._known.get(member.casefold())) is not None:
            return known
        party = party_of(member, member) if "/" in member else member
        if self._extensions.fullmatch(party):
            return party
        number = _LAST_NUMBER.search(member)
        return number[1] if number is not None and self._extensions.fullmatch(number[1]) else None

    def party(self, member: str) -> str:
        """The extension, else the name as the log has it."""
        return self.extension(member) or member


_LAST_NUMBER = re.compile(r"[(<\[]\s*(\d+)\s*[)>\]]\s*$")  # "Ivan Petrov (201)"


def known_members(store: Store, pbx: str, office: Office, *, actor: Actor) -> Members:
    """Names that live events, or people, have told."""
    rows = store.query(read("imports/members"), {"pbx": pbx}, actor=actor).to_pylist()
    return Members({row["name"]: row["extension"] for row in rows}, office)
