"""MikoPBX tells recordings by events of its own: one finished file per leg, whatever was written meanwhile."""

from __future__ import annotations

from tests.ingest.play import Script, assemble

CALL = """
     0.0  new   trunk  number=79161112233 exten=74951234567
     1.0  dial  trunk 201
     1.5  ring  201
     4.0  end   trunk 201 ANSWER
     4.0  up    201
     4.1  talk  trunk 201
    {events}
    30.0  part  trunk 201
    30.1  gone  201 trunk
"""
FOLDER = "/storage/usbdisk1/mikopbx/astspool/monitor/2026/11/22/15"


def played(*events: str) -> list[tuple[str, str | None, tuple[str, ...]]]:
    script = Script()
    text = CALL.format(events="\n".join(events))
    # The name of the channel is known once it is made: the script numbers them.
    messages = script.messages(text.replace("RECCHAN", "PJSIP/201-00000001"))
    return [(one.file, one.party, one.heard) for one in assemble(messages).one.recordings]


def test_an_event_of_the_call_worker_without_a_channel_belongs_to_the_channel_that_it_names() -> None:
    found = played(f"4.2 UserEvent - userEvent=StartRecording recordingfile={FOLDER}/a.webm recchan=RECCHAN")

    assert found == [(f"{FOLDER}/a.webm", "201", ("201", "79161112233"))]


def test_the_file_that_is_written_and_the_one_it_is_converted_to_are_one_recording() -> None:
    found = played(
        f"4.2 app 201 MixMonitor data={FOLDER}/a.wav,abr({FOLDER}/a_in.wav)t({FOLDER}/a_out.wav)",
        f"4.2 file 201 value={FOLDER}/a.wav",
        f"4.3 UserEvent 201 userEvent=StartRecording recordingfile={FOLDER}/a.webm recchan=RECCHAN",
    )

    assert [file for file, _, _ in found] == [f"{FOLDER}/a.webm"]


def test_each_leg_keeps_a_recording_of_its_own() -> None:
    found = played(
        f"4.2 UserEvent - userEvent=StartRecording recordingfile={FOLDER}/a.webm recchan=RECCHAN",
        f"9.0 UserEvent - userEvent=StartRecording recordingfile={FOLDER}/b.webm recchan=PJSIP/trunk-00000000",
    )

    assert [(file, heard) for file, _, heard in found] == [
        (f"{FOLDER}/a.webm", ("201", "79161112233")),
        (f"{FOLDER}/b.webm", ("79161112233", "201")),
    ]


def test_a_recording_that_is_stopped_ends_then() -> None:
    script = Script()
    text = CALL.format(
        events=f"4.2 UserEvent - userEvent=StartRecording recordingfile={FOLDER}/a.webm recchan=PJSIP/201-00000001\n"
        "14.2 UserEvent - userEvent=StopRecording recchan=PJSIP/201-00000001"
    )

    (recording,) = assemble(script.messages(text)).one.recordings

    assert recording.ended_at is not None
    assert (recording.ended_at - recording.started_at).total_seconds() == 10.0


def test_an_event_about_a_channel_that_nobody_knows_is_left_out() -> None:
    assert played(f"4.2 UserEvent - userEvent=StartRecording recordingfile={FOLDER}/a.webm recchan=PJSIP/999-1") == []
    assert played("4.2 UserEvent - userEvent=StartRecording recchan=RECCHAN") == []
    assert played(f"4.2 UserEvent - userEvent=SomethingElse recordingfile={FOLDER}/a.webm recchan=RECCHAN") == []
