"""Recordings: one for each file, with everybody who can be heard on it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from data.model import Recording
from ingest.assembler.lines import Line, Span
from ingest.assembler.story import Story
from ingest.assembler.times import moment
from ingest.events import FINISHED_FILE, CallEvent, Kind
from ingest.sound_files import stem_of

_SIDE = re.compile(r"[rt]\(([^()]+)\)")


def recordings_of(story: Story, call_id: str) -> tuple[Recording, ...]:
    """All files in the order in which they began; a file stopped and resumed is one."""
    found: list[Recording] = []
    for file, (line, spans) in _files(story).items():
        since = min(span.since for span in spans)
        until = max(min(span.until, story.timeline.ended_at) for span in spans)
        party, heard = _heard(story, line, spans)
        found.append(
            Recording(
                call_id=call_id,
                position=len(found) + 1,
                file=file,
                party=party,
                heard=heard,
                started_at=moment(since),
                ended_at=moment(until),
                events=tuple(sorted({n for span in spans for n in span.sequences})),
            )
        )
    return tuple(found)


def _files(story: Story) -> dict[str, tuple[Line | None, list[Span]]]:
    files: dict[str, tuple[Line | None, list[Span]]] = {}
    finished = {
        stem_of(file): file
        for event in story.timeline.files
        if FINISHED_FILE in event.fields and (file := event.fields.get("Value", ""))
    }
    for event in story.timeline.files:
        line = _line_of(story, event)
        written = event.fields.get("Value", "")
        file = finished.get(stem_of(written), written)
        if not file:
            continue
        known = files.setdefault(file, (line, []))
        known[1].append(_span(story, line, event.at, event.sequence))
        # Of a file that the PBX converts, the sides are put together in it and removed.
        for side in _sides_of(line, file) if stem_of(written) not in finished else ():
            files.setdefault(side, (line, []))[1].append(known[1][-1])
    # Without the class `dialplan` only the CDR names the file, and then without its folder.
    trusted = bool(files) and not _lossy(story)
    stems = {stem_of(PurePosixPath(file).name) for file in files}
    for event in story.timeline.bills:
        file = event.fields.get("RecordingFile") or event.fields.get("recordingfile") or ""
        stem = stem_of(PurePosixPath(file).name)
        if not stem or stem in stems or trusted:
            continue
        stems.add(stem)
        line = story.timeline.lines.get(event.channel.uniqueid) if event.channel else None
        talks = story.conversations
        since = talks[0].since if talks else story.timeline.started_at
        files[file] = (line, [Span(since, story.timeline.ended_at, [event.sequence])])
    return files


def _line_of(story: Story, event: CallEvent) -> Line | None:
    """The recorded line; told by its name alone, it is the one that lived at that moment."""
    if event.channel is None:
        return None
    if event.channel.uniqueid:
        return story.timeline.lines.get(event.channel.uniqueid)
    named = (line for line in story.timeline.lines.values() if line.name == event.channel.name)
    return next((line for line in named if line.began_at <= event.at <= line.gone_at), None)


def _sides_of(line: Line | None, file: str) -> list[str]:
    """Files that MixMonitor was told to write for each side alone: options r(…) and t(…)."""
    if line is None:
        return []
    found = []
    for app in line.apps:
        main, _, options = app.data.partition(",")
        if app.name != "mixmonitor" or not main or not file.endswith(main):
            continue
        folder = file[: len(file) - len(main)]
        names = _SIDE.findall(options.partition(",")[0])
        found += [name if name.startswith("/") else folder + name for name in names]
    return found


def _lossy(story: Story) -> bool:
    return bool(story.timeline.gaps) or any(not line.born_seen for line in story.timeline.lines.values())


def _span(story: Story, line: Line | None, at: float, sequence: int) -> Span:
    until = line.gone_at if line is not None else story.timeline.ended_at
    sequences = [sequence]
    for mark in story.timeline.record_marks:
        same = line is not None and mark.channel is not None and _line_of(story, mark) is line
        if same and mark.kind is Kind.RECORD_STOP and mark.at >= at:
            until = min(until, mark.at)
            sequences.append(mark.sequence)
            break
    return Span(at, max(at, until), sequences)


def _heard(story: Story, line: Line | None, spans: list[Span]) -> tuple[str | None, tuple[str, ...]]:
    """Who is on the file: the recorded party, and everybody who talked with it meanwhile."""
    if line is None:
        return None, ()
    lines = story.timeline.lines
    heard: list[str] = []
    for meeting in story.meetings:
        if not any(meeting.since < span.until and meeting.until > span.since - 1.0 for span in spans):
            continue
        if meeting.has(line.uniqueid):
            chain = (line.uniqueid, meeting.other(line.uniqueid))
        elif line.is_local:
            chain = (meeting.first, meeting.second)
        else:
            continue
        for uniqueid in chain:
            number = story.sides.number(lines[uniqueid])
            if number is not None and number not in heard:
                heard.append(number)
    party = story.sides.number(line) if not line.is_local else None
    inside = next((number for number in heard if story.sides.is_extension(number)), None)
    if party is not None and not story.sides.is_extension(party):
        party = inside or party
    return party or inside, tuple(heard)
