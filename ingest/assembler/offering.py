"""Who offered the call to a party: a queue, a ring group, or the one who dialled."""

from __future__ import annotations

from ingest.assembler.lines import Dial
from ingest.assembler.story import Story


def caller_of(story: Story, dial: Dial) -> str | None:
    """Who dialled: the queue, or the first end behind the Local halves."""
    if (queue := queue_of(story, dial)) is not None and queue in story.queue_names:
        return queue
    seen: set[str] = set()
    parent = story.timeline.lines.get(dial.parent or "")
    while parent is not None and parent.is_local and parent.uniqueid not in seen:
        seen.add(parent.uniqueid)
        half = story.timeline.other_half(parent)
        above = next((d for d in half.dials if d.parent), None) if half is not None else None
        if half is not None and above is None:
            for stay in half.stays:
                for end in story.ends:
                    if any(own.bridge == stay.bridge for own in end.stays) and not end.was_dialled:
                        return story.sides.number(end)
        parent = story.timeline.lines.get(above.parent or "") if above is not None else None
    parent = parent or story.caller
    return story.sides.number(parent) if parent is not None else None


def queue_of(story: Story, dial: Dial) -> str | None:
    """The queue or ring group that offered the call, looked for through the Local halves."""
    current: Dial | None = dial
    for _ in range(8):
        if current is None:
            return None
        if current.queue is not None:
            return current.queue
        if (group := group_of(story, current)) is not None:
            return group
        parent = story.timeline.lines.get(current.parent or "")
        half = story.timeline.other_half(parent) if parent is not None and parent.is_local else None
        current = next(iter(half.dials), None) if half is not None else None
    return None


def group_of(story: Story, dial: Dial) -> str | None:
    """The number under which several were dialled at once."""
    if dial.parent is None or not story.sides.is_extension(dial.exten):
        return None
    together = [
        other
        for other in story.timeline.dials_by.get(dial.parent, ())
        if other.exten == dial.exten and abs(other.began_at - dial.began_at) < 1.0
    ]
    targets = {story.timeline.lines[other.target].tail for other in together}
    return dial.exten if len(targets) > 1 and not any(other.queue for other in together) else None
