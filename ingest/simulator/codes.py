"""The numbers that stand for words while a history is simulated; `words()` gives the words back."""

from __future__ import annotations

from data.model import Direction, IntervalKind, LegResult, LegRole, Outcome, Reason, TransferKind

OUTSIDE = -1  # a party that is the outside number
NOBODY = -2
IVR = -3  # a menu

HIDDEN = -1  # a number that is not shown
NO_NUMBER = -2  # internal

DIRECTIONS = tuple(Direction)
OUTCOMES = tuple(Outcome)
REASONS = tuple(Reason)
ROLES = tuple(LegRole)
RESULTS = tuple(LegResult)
KINDS = tuple(TransferKind)
INTERVALS = tuple(IntervalKind)
APPLICATIONS = ("ivr", "queue", "announcement")
VISITS = ("answered", "abandoned", "timeout", "key", "empty", "transferred", "lost")
DIAL_STATUSES = ("ANSWER", "NOANSWER", "BUSY", "CANCEL", "CONGESTION")
SESSIONS = ("login", "pause")

INBOUND, OUTBOUND, INTERNAL = (DIRECTIONS.index(each) for each in Direction)
ANSWERED, MISSED, REACHED, NOT_REACHED, UNANSWERED = (OUTCOMES.index(each) for each in Outcome)
ANSWER, NOANSWER, BUSY, CANCEL, CONGESTION = range(5)
NONE = -1
