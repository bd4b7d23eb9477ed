"""The facts of one call from its records: what they can know, and no more (docs/sources.md).

Records do not tell when a phone began to ring, which number an outside caller dialled, nor who
hung up; "answered" in them means the PBX, so only a record between the customer and a person
counts as a conversation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from data.model import (
    Call,
    CallFacts,
    Direction,
    Leg,
    LegResult,
    LegRole,
    Outcome,
    QueueVisit,
    Recording,
    Transfer,
    TransferKind,
)
from ingest.assembler.meetings import union_s
from ingest.assembler.office import Office
from ingest.assembler.times import moment
from ingest.imports.cdr_reasons import leg_result, reason_of
from ingest.imports.cdr_story import HIDDEN, CdrStory, device_of, is_local, targets_of
from ingest.sources.cdr import CdrLine

RULE_VERSION = 1
SOURCE = "cdr"
_NAME = re.compile(r'^\s*"?(.*?)"?\s*<[^<>]*>\s*$')
_NEXT_S = 1.5  # times are whole seconds: what follows within this follows at once


def facts_of(lines: Sequence[CdrLine], office: Office, *, pbx: str) -> CallFacts:
    """The call that these records tell of."""
    story = CdrStory(lines, office)
    call_id = f"{pbx}-{_root(story)}"
    legs = _legs(story, call_id)
    visits = _visits(story, call_id)
    recordings = _recordings(story, call_id)
    return CallFacts(
        call=_call(story, pbx, call_id, legs, visits),
        legs=legs,
        queue_visits=visits,
        transfers=_transfers(story, call_id),
        recordings=recordings,
        aliases=tuple(
            f"{pbx}-{name}" for name in dict.fromkeys(line.linkedid for line in story.lines) if name
            and name != _root(story)
        ),
    )  # fmt: skip


def _root(story: CdrStory) -> str:
    """The unique id of the first channel."""
    first = story.first
    return first.linkedid or first.uniqueid or f"{int(first.started_at)}-{first.channel.replace('/', '-')}"


def _call(story: CdrStory, pbx: str, call_id: str, legs: tuple[Leg, ...], visits: tuple[QueueVisit, ...]) -> Call:
    first, direction = story.first, story.direction
    spans = [_span(line) for line, _ in story.talks] + [_span(line) for line in story.rooms]
    answered_at = min((since for since, _ in spans), default=None)
    started_at, ended_at = first.started_at, max(line.ended_at for line in story.lines)
    outside = next((channel for channel in _ends(story) if story.is_outside(channel)), None)
    external = _external(story)
    answered_by = _answered_by(story, external)
    inside = (leg for leg in legs if leg.ringing_at is not None and not story.is_outside(leg.channel or ""))
    rang = tuple(dict.fromkeys(leg.party for leg in inside if leg.party))
    rings = [leg.ringing_at.timestamp() for leg in legs if leg.ringing_at is not None]
    tried = [leg.started_at.timestamp() for leg in legs]
    wait_from = visits[0].entered_at.timestamp() if visits else min(rings or tried, default=None)
    if wait_from is None and story.rooms:
        wait_from = started_at
    did = first.did or (first.dst if direction is Direction.INBOUND and len(first.dst) >= 6 else "")
    caller_number = story.number(story.caller)
    inside_caller = caller_number if direction is not Direction.INBOUND and caller_number else None
    talked = [story.number(channel) for _, channel in story.talks if not story.is_outside(channel)]
    employees = [number for number in ([inside_caller, *talked] if inside_caller else talked) if number]
    return Call(
        call_id=call_id,
        pbx=pbx,
        direction=direction,
        outcome=_outcome(direction, answered_at is not None),
        reason=None if answered_at is not None else reason_of(story, legs, visits),
        external_number=external,
        did=did or None if direction is Direction.INBOUND else None,
        line=device_of(outside) if outside is not None and direction is not Direction.INTERNAL else None,
        caller_number=caller_number,
        caller_name=_name(first.clid),
        called_number=_called(story, external, did),
        answered_by=answered_by,
        rang=rang,
        employees=tuple(dict.fromkeys(employees)) or rang,
        application=None if rings or answered_at is not None else _application(story, visits),
        queues=tuple(dict.fromkeys(visit.queue for visit in visits)),
        ring_group=_ring_group(story),
        started_at=moment(started_at),
        answered_at=moment(answered_at) if answered_at is not None else None,
        ended_at=moment(ended_at),
        wait_s=None if wait_from is None else max(0.0, (answered_at or ended_at) - wait_from),
        talk_s=union_s(spans),
        hold_s=0.0,
        duration_s=ended_at - started_at,
        dial_status=legs[-1].dial_status if legs else None,
        hangup_cause=None,
        incomplete=False,
        conference=_room(story.rooms[0]) if story.rooms else None,
        channels=tuple(dict.fromkeys(name for line in story.lines for name in (line.linkedid, line.uniqueid) if name)),
        rule_version=RULE_VERSION,
    )


def _outcome(direction: Direction, answered: bool) -> Outcome:
    if direction is Direction.OUTBOUND:
        return Outcome.REACHED if answered else Outcome.NOT_REACHED
    if answered:
        return Outcome.ANSWERED
    return Outcome.MISSED if direction is Direction.INBOUND else Outcome.UNANSWERED


def _span(line: CdrLine) -> tuple[float, float]:
    """From the answer to the end; who picked up at the same moment as somebody else has no answer's time."""
    return line.ended_at if line.answered_at is None else line.answered_at, line.ended_at


def _ends(story: CdrStory) -> list[str]:
    return list(dict.fromkeys(name for line in story.lines for name in (line.channel, line.peer) if name))


def _external(story: CdrStory) -> str | None:
    if story.direction is Direction.INTERNAL:
        return None
    if story.direction is Direction.INBOUND:
        return story.number(story.caller)
    for line in story.attempts:
        if (story.is_outside(line.peer) if line.peer else story.dialled(line)) and (
            number := story.called_outside(line)
        ):
            return number
    return story.first.dst or None


def _answered_by(story: CdrStory, external: str | None) -> tuple[str, ...]:
    if story.direction is Direction.OUTBOUND:
        return (external,) if story.talks and external else ()
    numbers = [story.number(channel) for _, channel in story.talks] + [_room(line) for line in story.rooms]
    return tuple(dict.fromkeys(number for number in numbers if number))


def _called(story: CdrStory, external: str | None, did: str) -> str | None:
    if story.direction is Direction.OUTBOUND:
        return external
    if story.direction is Direction.INBOUND:
        return did or None
    tried = next((party for line in story.attempts if (party := story.party_of(line))), None)
    return tried or story.first.dst or None


def _name(clid: str) -> str | None:
    found = _NAME.match(clid)
    name = found[1].strip('" ') if found is not None else ""
    return name if name and name.lower() not in HIDDEN else None


def _room(line: CdrLine) -> str:
    return line.data.partition(",")[0] or line.dst


def _ring_group(story: CdrStory) -> str | None:
    together = (line for line in story.lines if line.app.lower() == "dial" and len(targets_of(line.data)) > 1)
    return next((line.dst for line in together if story.is_extension(line.dst)), None)


def _application(story: CdrStory, visits: Sequence[QueueVisit]) -> str | None:
    apps = {line.app.lower() for line in story.lines}
    if apps & {"voicemail", "minivmrecord"}:
        return "voicemail"
    if visits:
        return "queue"
    if apps & {"background", "waitexten", "read", "backgrounddetect"}:
        return "ivr"
    return "announcement" if "playback" in apps else None


def _legs(story: CdrStory, call_id: str) -> tuple[Leg, ...]:
    """One per channel that was dialled; after a Local half has gone a second record goes on with it."""
    by_channel: dict[str, list[CdrLine]] = {}
    for line in story.attempts:
        by_channel.setdefault(line.peer or f"{line.channel} {line.place}", []).append(line)
    talks = {id(line) for line, _ in story.talks}
    legs: list[Leg] = []
    for parts in by_channel.values():
        first, last = parts[0], parts[-1]
        answered = next((line for line in parts if line.is_answered), None)
        won = answered is not None and any(id(line) in talks for line in parts)
        consulted = answered is not None and not won
        result = LegResult.ANSWERED if answered is not None else leg_result(first, story)
        silent = result in (LegResult.BUSY, LegResult.UNREACHABLE, LegResult.FAILED) or _took_over(story, first)
        rang = bool(first.peer) and not silent
        answered_at = _span(answered)[0] if answered is not None else None
        above = story.offered_by(first)
        legs.append(Leg(
            call_id=call_id,
            position=len(legs) + 1,
            role=LegRole.CONSULTATION if consulted or _is_consultation(story, first) else LegRole.PARTY,
            channel=first.peer or None,
            caller=story.number(story.behind(first.channel)),
            party=story.party_of(first),
            device=device_of(first.peer) if first.peer else None,
            queue=_queue_name(above) if above.app.lower() == "queue" else _ring_group_of(above, story),
            result=result,
            dial_status=first.disposition,
            hangup_cause=None,
            started_at=moment(first.started_at),
            ringing_at=moment(first.started_at) if rang else None,
            answered_at=moment(answered_at) if answered_at is not None else None,
            ended_at=moment(max(last.ended_at, first.ended_at)),
            ring_s=(answered_at if answered_at is not None else first.ended_at) - first.started_at if rang else 0.0,
            talk_s=union_s(_span(line) for line in parts if id(line) in talks),
            hold_s=0.0,
        ))  # fmt: skip
    return tuple(legs)


def _took_over(story: CdrStory, line: CdrLine) -> bool:
    """Whether this phone picked up or retrieved what was meant for another: its record goes on with the same dial."""
    return line.answered_at == line.started_at and any(
        before.channel == line.channel
        and before.peer not in ("", line.peer)
        and before.data == line.data
        and before.ended_at <= line.started_at
        for before in story.lines
        if not is_local(before.peer)
    )


def _is_consultation(story: CdrStory, line: CdrLine) -> bool:
    """An employee who is no caller dials somebody: to hand the customer over."""
    dialler = story.behind(line.channel)
    return dialler != story.caller and not story.is_outside(dialler)


def _ring_group_of(line: CdrLine, story: CdrStory) -> str | None:
    several = line.app.lower() == "dial" and len(targets_of(line.data)) > 1
    return line.dst if several and story.is_extension(line.dst) else None


def _queue_name(line: CdrLine) -> str:
    return line.data.partition(",")[0] or line.dst


def _visits(story: CdrStory, call_id: str) -> tuple[QueueVisit, ...]:
    stays: list[list[CdrLine]] = []
    for line in story.lines:
        if line.app.lower() != "queue" or line.channel != story.caller:
            continue
        same = stays and _queue_name(stays[-1][0]) == _queue_name(line)
        if same and line.started_at <= max(part.ended_at for part in stays[-1]) + _NEXT_S:
            stays[-1].append(line)
        else:
            stays.append([line])
    return tuple(_visit(story, call_id, number, lines) for number, lines in enumerate(stays, 1))


def _visit(story: CdrStory, call_id: str, position: int, lines: Sequence[CdrLine]) -> QueueVisit:
    queue = _queue_name(lines[0])
    entered_at, left_at = lines[0].started_at, max(line.ended_at for line in lines)
    for talk, channel in story.talks:
        above = story.offered_by(talk)
        if above in lines or (above.app.lower() == "queue" and _queue_name(above) == queue):
            left_at = max(entered_at, _span(talk)[0])
            result, by = "answered", story.number(channel)
            break
    else:
        result, by = _unanswered(story, lines, left_at), None
    return QueueVisit(
        call_id=call_id,
        position=position,
        queue=queue,
        entered_at=moment(entered_at),
        left_at=moment(left_at),
        wait_s=left_at - entered_at,
        place_at_entry=None,
        result=result,
        answered_by=by,
    )


def _unanswered(story: CdrStory, lines: Sequence[CdrLine], left_at: float) -> str:
    went_on = any(
        line.channel == story.caller and line.started_at >= left_at - _NEXT_S and line not in lines
        for line in story.lines
    )
    limit = lines[0].data.split(",")[4:5]
    waited = left_at - lines[0].started_at
    timed_out = bool(limit) and limit[0].isdecimal() and waited >= int(limit[0]) - 1
    return "timeout" if went_on or timed_out else "abandoned"


def _transfers(story: CdrStory, call_id: str) -> tuple[Transfer, ...]:
    """Hand-overs that records show: the customer's next conversation begins as the last one ends."""
    made: list[Transfer] = []

    def add(kind: TransferKind, giver: str | None, taker: str | None, completed: bool, at: float) -> None:
        made.append(Transfer(
            call_id=call_id, position=len(made) + 1, kind=kind, from_party=giver, to_party=taker,
            completed=completed, transferred_at=moment(at),
        ))  # fmt: skip

    steps = [line for line in story.attempts if line.peer and line.channel == story.caller]
    if story.direction is not Direction.INBOUND:
        return ()
    for before, after in pairwise(steps):
        giver, taker = story.number(before.peer), story.number(after.peer)
        if (parked := _parked_between(story, before, after)) is not None:
            slot = parked.data.rpartition(":")[2] or None
            add(TransferKind.PARK, giver, slot, True, parked.started_at)
            if before.peer != after.peer and taker != giver:
                add(TransferKind.UNPARK, slot, taker, after.is_answered, after.started_at)
        elif before.peer == after.peer or abs(after.started_at - before.ended_at) > _NEXT_S:
            continue
        elif before.is_answered and _consulted(story, before.peer, after.peer):
            add(TransferKind.ATTENDED, giver, taker, after.is_answered, before.ended_at)
        elif before.is_answered and before.data != after.data:
            add(TransferKind.BLIND, giver, taker, after.is_answered, before.ended_at)
        elif not before.is_answered and _took_over(story, after):
            add(TransferKind.PICKUP, giver, taker, True, after.started_at)
    return tuple(made)


def _consulted(story: CdrStory, giver: str, taker: str) -> bool:
    asked = [line for line in story.attempts if line.peer == taker]
    return any(story.number(line.channel) == story.number(giver) and line.channel != story.caller for line in asked)


def _parked_between(story: CdrStory, before: CdrLine, after: CdrLine) -> CdrLine | None:
    parkings = (line for line in story.lines if line.app.lower() == "park" and line.channel == before.channel)
    return next(
        (line for line in parkings if before.ended_at - _NEXT_S <= line.started_at <= after.started_at + _NEXT_S), None
    )


def _recordings(story: CdrStory, call_id: str) -> tuple[Recording, ...]:
    by_file: dict[str, CdrLine] = {}
    for line in story.lines:
        if line.recording:
            by_file.setdefault(line.recording, line)
    made: list[Recording] = []
    for file, line in by_file.items():
        ends = [story.number(line.peer) if line.peer else None, story.number(story.behind(line.channel))]
        heard = tuple(dict.fromkeys(number for number in ends if number))
        made.append(Recording(
            call_id=call_id, position=len(made) + 1, file=file, party=heard[0] if heard else None, heard=heard,
            started_at=moment(_span(line)[0]), ended_at=moment(line.ended_at),
        ))  # fmt: skip
    return tuple(made)
