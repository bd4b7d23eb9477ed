"""The numbers of a call: what was dialled, which office number, which outside number."""

from __future__ import annotations

from data.model import Direction
from ingest.assembler.story import Story


def called_number_of(story: Story) -> str | None:
    """What the caller dialled, as it was dialled."""
    caller = story.caller
    if caller is None:
        return None
    if story.origin is not None:
        if story.direction is Direction.INBOUND and (did := did_of(story)) is not None:
            return did
        return caller.exten if _is_number(caller.exten) else _first_target(story)
    if story.direction is Direction.OUTBOUND and story.customer is not caller:
        return external_number_of(story)
    return _first_target(story)


def _first_target(story: Story) -> str | None:
    for line in sorted(story.ends, key=lambda line: (line.began_at, line.position)):
        if line is not story.caller and line.was_dialled:
            return story.sides.number(line)
    return story.blind_number


def _is_number(exten: str) -> bool:
    return bool(exten) and any(sign.isdigit() for sign in exten) and not any(sign.isspace() for sign in exten)


def did_of(story: Story) -> str | None:
    """The office number that was called."""
    caller = story.caller
    if story.direction is not Direction.INBOUND or caller is None:
        return None
    if caller.dnid and _is_number(caller.dnid):
        return caller.dnid
    if caller.born_seen and _is_number(caller.exten):
        return caller.exten
    for event in story.timeline.office_numbers:
        if _is_number(event.fields.get("Value", "")):
            return event.fields["Value"]
    for event in story.timeline.bills:
        noted = event.fields.get("DID") or event.fields.get("did") or ""
        if _is_number(noted):
            return noted
    return None


def external_number_of(story: Story) -> str | None:
    customer = story.customer
    if story.direction is Direction.INTERNAL:
        return None
    if customer is not None and story.sides.is_outside(customer):
        return story.sides.number(customer)
    return story.blind_number if story.direction is Direction.OUTBOUND else None
