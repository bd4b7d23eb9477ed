"""Hand-overs: blind, attended and blonde transfers, parking, forwards by a phone, pickups."""

from __future__ import annotations

from data.model import Transfer, TransferKind
from ingest.assembler.consulting import across, consulted, dialled_by, given_back
from ingest.assembler.handing import Made, behind, line_of, number_of, partner_before, taken_over
from ingest.assembler.parking import forwards, is_parking, park, pickup, taken_unannounced, unpark
from ingest.assembler.story import Story
from ingest.assembler.times import moment
from ingest.events import CallEvent, Kind


def transfers_of(story: Story, call_id: str) -> tuple[Transfer, ...]:
    """All hand-overs in order."""
    made: list[Made] = []
    events = story.timeline.transfers
    for event in events:
        if event.kind is Kind.TRANSFER_BLIND:
            if not is_parking(event, events):
                made.append(_blind(story, event))
        elif event.kind is Kind.TRANSFER_ATTENDED:
            made.append(_attended(story, event))
        elif event.kind is Kind.PARK:
            made.append(park(story, event, events))
        elif event.kind is Kind.UNPARK:
            made.append(unpark(story, event))
        elif event.kind is Kind.PICKUP:
            made.append(pickup(story, event))
    made += forwards(story)
    made += given_back(story, made)
    made += taken_unannounced(story)
    made.sort(key=lambda item: (item.at, item.sequences))
    return tuple(
        Transfer(
            call_id=call_id,
            position=index,
            kind=item.kind,
            from_party=item.source,
            to_party=item.target,
            completed=item.completed,
            transferred_at=moment(item.at),
            events=tuple(sorted(set(item.sequences))),
        )
        for index, item in enumerate(made, 1)
    )


def _blind(story: Story, event: CallEvent) -> Made:
    giver = behind(story, line_of(story, event))
    moved = behind(story, line_of(story, event, "other"))
    if moved is None:
        name = event.fields.get("TransfereeName", "")
        moved = next((line for line in story.ends if line.name == name), None) or story.customer
    return Made(
        TransferKind.BLIND,
        number_of(story, giver),
        event.fields.get("Extension") or None,
        taken_over(story, moved, event.at, giver),
        event.at,
        [event.sequence],
    )


def _attended(story: Story, event: CallEvent) -> Made:
    lines = story.timeline.lines
    giver = behind(story, line_of(story, event))
    moved = behind(story, line_of(story, event, "other")) or partner_before(story, giver, event.at)
    second = lines.get(event.more[0].uniqueid) if event.more else None
    target = behind(story, lines.get(event.more[1].uniqueid)) if len(event.more) > 1 else None
    if target is giver or target is moved:
        target = None
    asked = consulted(story, giver, second, moved, event.at)
    attended = asked is not None
    if target is None or target.is_local:
        target = asked or dialled_by(story, second, event) or across(story, giver, moved) or target
    exten = second.exten if second is not None else event.fields.get("SecondTransfererExten", "")
    number = number_of(story, target) if target is not None and not target.is_local else None
    if number is None and target is not None:
        number = target.exten or number_of(story, target)
    if not attended and exten and story.sides.is_extension(exten) and second is not None and not second.was_dialled:
        number = exten  # it still rings, perhaps at several phones
    completed = attended or taken_over(story, moved, event.at, giver)
    kind = TransferKind.ATTENDED if attended else TransferKind.BLONDE
    return Made(kind, number_of(story, giver), number or exten or None, completed, event.at, [event.sequence])
