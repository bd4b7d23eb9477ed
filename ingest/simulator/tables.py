"""The sheets of one block as the tables of the schema: calls, and everything that belongs to them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.model import IntervalKind
from ingest.simulator import codes
from ingest.simulator.arrow import Bools, constant, digits, instants, no_events, positions, span, words
from ingest.simulator.call_tables import call_table, leg_table
from ingest.simulator.codes import IVR, OUTSIDE
from ingest.simulator.keys import Keys
from ingest.simulator.office import MENU
from ingest.simulator.sheets import Block, Frame

_TALK = codes.INTERVALS.index(IntervalKind.TALK)


def make_tables(block: Block, keep: Bools, keys: Keys) -> dict[str, pa.Table]:
    """All tables of the calls that are kept."""
    visits, transfers = block.visits.frame(keep), block.transfers.frame(keep)
    return {
        "call": call_table(keys, visits, transfers),
        "leg": leg_table(keys),
        "queue_visit": visit_table(keys, visits),
        "transfer": transfer_table(keys, transfers),
        "call_interval": interval_table(keys, block.intervals.frame(keep)),
        "agent_session": session_table(keys, block.sessions.frame()),
    }


def visit_table(keys: Keys, visits: Frame) -> pa.Table:
    owners = keys.row_of_call[visits.ints("call")]
    enter, leave = visits.micros("enter"), visits.micros("leave")
    return pa.table(
        {
            "call_id": keys.call_ids.take(pa.array(owners)),
            "position": positions(owners),
            "queue": words(keys.queues, visits.ints("queue")),
            "entered_at": instants(enter),
            "left_at": instants(leave),
            "wait_s": span(enter, leave),
            "place_at_entry": pa.array(visits.ints("place").astype(np.int32)),
            "result": words(codes.VISITS, visits.ints("result")),
            "answered_by": words(keys.extensions, visits.ints("party")),
            "events": no_events(len(visits)),
        }
    )


def transfer_table(keys: Keys, transfers: Frame) -> pa.Table:
    owners = keys.row_of_call[transfers.ints("call")]
    return pa.table(
        {
            "call_id": keys.call_ids.take(pa.array(owners)),
            "position": positions(owners),
            "kind": words(codes.KINDS, transfers.ints("kind")),
            "from_party": words(keys.extensions, transfers.ints("from")),
            "to_party": words(keys.extensions, transfers.ints("to")),
            "completed": pa.array(transfers["completed"] == 1),
            "transferred_at": instants(transfers.micros("at")),
            "events": no_events(len(transfers)),
        }
    )


def interval_table(keys: Keys, intervals: Frame) -> pa.Table:
    """What was written down (menus, holds, consultations), and a talk for every answered leg."""
    legs = keys.legs
    rows = np.flatnonzero(legs["talk"] > 0)
    party, caller = legs.ints("party")[rows], legs.ints("caller")[rows]
    direction = keys.calls.ints("direction")[keys.leg_calls[rows]]
    end = legs.micros("end")[rows]
    owners = np.concatenate([keys.row_of_call[intervals.ints("call")], keys.leg_calls[rows]])
    # A consultation's leg talks with the outside party only after the handover.
    begun = np.concatenate([intervals.micros("at"), end - np.rint(legs["talk"][rows] * 1e6).astype(np.int64)])
    order = np.lexsort([begun, owners])
    owners = owners[order]
    # An outbound talk is on the lane of the employee, who is the caller there.
    lane = np.concatenate([intervals.ints("party"), np.where(direction == codes.OUTBOUND, caller, party)])[order]
    other = np.concatenate([intervals.ints("other"), np.where(direction == codes.INTERNAL, caller, OUTSIDE)])[order]
    kind = np.concatenate([intervals.ints("kind"), np.full(len(rows), _TALK)])[order]
    outside = digits(keys.number[owners])
    return pa.table(
        {
            "call_id": keys.call_ids.take(pa.array(owners)),
            "position": positions(owners),
            "kind": words(codes.INTERVALS, kind),
            "party": pc.coalesce(words(keys.extensions, lane), outside),
            "other": pc.if_else(pa.array(other == IVR), MENU, pc.coalesce(words(keys.extensions, other), outside)),
            "started_at": instants(begun[order]),
            "ended_at": instants(np.concatenate([intervals.micros("end"), end])[order]),
            "events": no_events(len(owners)),
        }
    )


def session_table(keys: Keys, sessions: Frame) -> pa.Table:
    who = sessions.ints("party")
    names = [employee.name for employee in keys.office.employees]
    kind = sessions.ints("kind")
    return pa.table(
        {
            "pbx": constant(keys.pbx, len(sessions), pa.string()),
            "queue": words(keys.queues, sessions.ints("queue")),
            "party": words(keys.extensions, who),
            "member_name": words(names, who),
            "kind": words(codes.SESSIONS, kind),
            "reason": words(["Обед"], np.where(kind == 1, 0, -1)),
            "started_at": instants(sessions.micros("at")),
            "ended_at": instants(sessions.micros("end")),
            "events": no_events(len(sessions)),
        }
    )
