"""The tree of errors: one class per thing that a caller would treat differently.

A message says what happened, to which value, and the next step; `app.py` prints it as one line.
"""

from __future__ import annotations


class CallboardError(Exception):
    """Something a person can act on; its text is the whole message."""


class SettingsError(CallboardError):
    """A settings value is missing or broken."""


class StoreError(CallboardError):
    """The store refused or failed."""


class StoreUnavailable(StoreError):
    """Nobody serves the store at that address, or the link to it was lost. Try again later."""


class StoreLocked(StoreError):
    """Another process owns this database; the message names it."""


class DatabaseUnusable(StoreError):
    """The file is no database of ours, is damaged, or comes from a newer version."""


class NotAllowed(StoreError):
    """The token or the actor may not do that."""


class QueryRejected(StoreError):
    """The statement is wrong, or is not one read-only SELECT."""


class QueryTooLong(StoreError):
    """The statement passed its time limit or its result limit."""


class QueryWithdrawn(StoreError):
    """Nobody waits for the answer any more; the statement was stopped."""


class Conflict(StoreError):
    """Somebody else changed the row meanwhile; nothing was written."""


class DiskFull(StoreError):
    """There is no room for the write; nothing of it is stored. Try again once there is."""


class NotFound(CallboardError):
    """There is no such call, client, recording …"""


class PbxError(CallboardError):
    """The PBX cannot be used as it is."""


class PbxUnreachable(PbxError):
    """No connection: unknown host, refused, timed out, or not a manager interface."""


class PbxLoginRefused(PbxError):
    """The manager interface answered, and refused the user or the secret."""


class JournalError(CallboardError):
    """The journal of raw events cannot be written or read."""


class ImportFailed(CallboardError):
    """A file or source of call history cannot be read at all."""


class RecordingMissing(CallboardError):
    """A recording is listed, but its file is not there."""


class StorageAway(CallboardError):
    """The web server where a recording lies did not answer, or not as it should."""


class PortBusy(CallboardError):
    """Another program listens on the port."""


class UnknownName(CallboardError):
    """No metric, dimension, report or parameter has this name; the message lists those there are."""


class UnstableQueue(CallboardError):
    """More work arrives than the agents can do: the queue has no steady state."""


class BadCursor(CallboardError):
    """The place in a list is none, or belongs to another list. Begin again without it."""


class BadInput(CallboardError):
    """What a person typed cannot be kept as it is; the message says what would do."""


class NumberTaken(Conflict):
    """The number is another client's; moving it is a step of its own."""
