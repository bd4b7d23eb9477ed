"""Finds the few messages in a manager stream that its connection itself needs, without parsing the rest.

The stream goes to the journal whole; here only answers to our actions, FullyBooted and Shutdown
matter. They are looked for by a plain search of the bytes, which costs next to nothing.
"""

from __future__ import annotations

import re

_BLANK_LINE = re.compile(rb"\n\r?\n")
_ANSWER = b"\nResponse: "
OUTCOME = b"\nEvent: OriginateResponse"  # what came of a call that was to be started
_OLD_OUTPUT = re.compile(rb"Response: Follows\r?\n")  # Asterisk 13 and older: its end has a mark of its own
_OLD_END = re.compile(rb"--END COMMAND--\r?\n\r?\n")
_BOOTED = b"\nEvent: FullyBooted"
_SHUTDOWN = b"\nEvent: Shutdown"
_KEEP = max(len(_BOOTED), len(_SHUTDOWN), len(_ANSWER) + 2, len(OUTCOME) + 2)
_LONGEST_ANSWER = 1 << 20


class AnswerFinder:
    """Takes the pieces of a stream in order, from behind its banner on; says what was in them.

    mark: how the first line of the messages begins that are looked for, with the line break before it.
    """

    def __init__(self, mark: bytes = _ANSWER) -> None:
        self._mark = mark
        self.fully_booted = False
        self.shutting_down = False
        self._rest = b"\n\n"  # a message may begin at once

    def feed(self, piece: bytes) -> list[bytes]:
        """The messages looked for, mostly answers to actions, that this piece completes."""
        data = self._rest + piece
        self.fully_booted = self.fully_booted or _BOOTED in data
        self.shutting_down = self.shutting_down or _SHUTDOWN in data
        answers: list[bytes] = []
        read_to = 0
        while (line := data.find(self._mark, read_to)) >= 0:
            read_to = line + 1
            if not data.endswith((b"\n", b"\n\r"), 0, line):
                continue  # text within another message
            end = self._end(data, line + 1)
            if end is None:
                if len(data) - line > _LONGEST_ANSWER:
                    continue
                self._rest = data[max(0, line - 2) :]
                return answers
            answers.append(data[line + 1 : end])
            read_to = end - 3  # its blank line stands before the next message
        self._rest = data[max(read_to, len(data) - _KEEP) :]
        return answers

    @staticmethod
    def _end(data: bytes, start: int) -> int | None:
        pattern = _OLD_END if _OLD_OUTPUT.match(data, start) else _BLANK_LINE
        found = pattern.search(data, start)
        return found.end() if found else None
