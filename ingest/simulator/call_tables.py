"""Calls and their legs as tables of the schema."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.simulator import codes
from ingest.simulator.arrow import (
    constant,
    digits,
    first_seen,
    instants,
    joined,
    lists,
    no_events,
    positions,
    seconds,
    span,
    words,
)
from ingest.simulator.codes import OUTSIDE
from ingest.simulator.keys import Keys
from ingest.simulator.numbers import Ints
from ingest.simulator.office import RING_GROUP, TRUNK
from ingest.simulator.ringing import GROUP
from ingest.simulator.sheets import Frame

RULE_VERSION = 1
SOURCE = "simulator"


def call_table(keys: Keys, visits: Frame, transfers: Frame) -> pa.Table:
    calls, count = keys.calls, len(keys.calls)
    direction = calls.ints("direction")
    caller, called = words(keys.extensions, calls.ints("caller")), words(keys.extensions, calls.ints("called"))
    number, did = digits(keys.number), words([did.number for did in keys.office.dids], calls.ints("did"))
    is_inbound = pa.array(direction == codes.INBOUND)
    is_internal = pa.array(direction == codes.INTERNAL)
    queue = words(keys.queues, calls.ints("queue"))
    at, end = calls.micros("at"), calls.micros("end")
    return pa.table(
        {
            "call_id": keys.call_ids,
            "pbx": constant(keys.pbx, count, pa.string()),
            "direction": words(codes.DIRECTIONS, direction),
            "outcome": words(codes.OUTCOMES, calls.ints("outcome")),
            "reason": words(codes.REASONS, calls.ints("reason")),
            "external_number": number,
            "external_number_raw": number,
            "did": did,
            "line": pc.if_else(is_internal, None, TRUNK),
            "caller_number": pc.if_else(is_inbound, number, caller),
            "called_number": pc.if_else(is_inbound, did, pc.if_else(is_internal, called, number)),
            **_people(keys),
            "application": words(codes.APPLICATIONS, calls.ints("application")),
            "queues": _visited(keys, visits),
            "queue": queue,
            "ring_group": pc.if_else(pa.array(calls["group"] == 1), RING_GROUP, None),
            "started_at": instants(at),
            "answered_at": instants(calls.micros("answer")),
            "ended_at": instants(end),
            "wait_s": seconds(calls["wait"]),
            "talk_s": seconds(calls["talk"]),
            "hold_s": seconds(calls["hold"]),
            "duration_s": span(at, end),
            "dial_status": words(codes.DIAL_STATUSES, calls.ints("status")),
            "hangup_cause": pa.array(calls.ints("cause").astype(np.int32)),
            "transfer_count": _counts(keys, transfers.ints("call")),
            "recording_count": _counts(keys, keys.legs.ints("call")[~np.isnan(keys.legs["answer"])]),
            "incomplete": constant(False, count, pa.bool_()),
            "channels": lists(keys.uniqueids, np.arange(count), count),
            "rule_version": constant(RULE_VERSION, count, pa.int32()),
            "source": constant(SOURCE, count, pa.string()),
            "events": no_events(count),
        }
    )


def _people(keys: Keys) -> dict[str, pa.Array]:
    """Who answered, who rang, and whom the journal names."""
    legs, owners, count = keys.legs, keys.leg_calls, len(keys.calls)
    party, caller = legs.ints("party"), legs.ints("caller")
    direction = keys.calls.ints("direction")[owners]
    answered, rang = ~np.isnan(legs["answer"]), ~np.isnan(legs["ring"])
    talked_rows = answered & first_seen(owners, np.where(answered, party, -9))
    rang_rows = rang & (party >= 0) & first_seen(owners, np.where(rang, party, -9))
    party_names = pc.coalesce(words(keys.extensions, party), digits(keys.number[owners]))
    has_talked = np.bincount(owners[answered], minlength=count) > 0
    is_inbound, is_outbound = direction == codes.INBOUND, direction == codes.OUTBOUND
    # Whoever called stands first, then whoever talked; of an inbound call that nobody took, who rang.
    callers = np.flatnonzero(~is_inbound)
    called = np.flatnonzero(
        np.where(is_inbound, np.where(has_talked[owners], talked_rows, rang_rows), talked_rows & ~is_outbound)
    )
    named = np.concatenate([caller[callers], party[called]])
    named_for = np.concatenate([owners[callers], owners[called]])
    order = np.argsort(named_for, kind="stable")
    return {
        "answered_by": lists(party_names.filter(pa.array(talked_rows)), owners[talked_rows], count),
        "rang": lists(party_names.filter(pa.array(rang_rows)), owners[rang_rows], count),
        "employees": lists(words(keys.extensions, named[order]), named_for[order], count),
    }


def _visited(keys: Keys, visits: Frame) -> pa.Array:
    owners = keys.row_of_call[visits.ints("call")]
    return lists(words(keys.queues, visits.ints("queue")), owners, len(keys.calls))


def _counts(keys: Keys, call: Ints) -> pa.Array:
    return pa.array(np.bincount(keys.row_of_call[call], minlength=len(keys.calls)).astype(np.int32))


def leg_table(keys: Keys) -> pa.Table:
    legs, owners, count = keys.legs, keys.leg_calls, len(keys.legs)
    outside = digits(keys.number[owners])
    extension = words(keys.extensions, legs.ints("party"))
    queue = legs.ints("queue")
    device = pc.if_else(pa.array(legs.ints("party") == OUTSIDE), TRUNK, joined("PJSIP/", extension))
    ring, answer, end = legs.micros("ring"), legs.micros("answer"), legs.micros("end")
    return pa.table(
        {
            "call_id": keys.call_ids.take(pa.array(owners)),
            "position": positions(owners),
            "role": words(codes.ROLES, legs.ints("role")),
            "channel": joined(device, "-", _serials(keys, count)),
            "caller": pc.coalesce(words(keys.extensions, legs.ints("caller")), outside),
            "party": pc.coalesce(extension, outside),
            "device": device,
            "queue": pc.if_else(
                pa.array(queue == GROUP), RING_GROUP, words(keys.queues, np.where(queue == GROUP, -1, queue))
            ),
            "result": words(codes.RESULTS, legs.ints("result")),
            "dial_status": words(codes.DIAL_STATUSES, legs.ints("status")),
            "hangup_cause": pa.array(legs.ints("cause").astype(np.int32)),
            "started_at": instants(legs.micros("at")),
            "ringing_at": instants(ring),
            "answered_at": instants(answer),
            "ended_at": instants(end),
            "ring_s": span(ring, np.where(np.isnan(legs["answer"]), end, answer)),
            "talk_s": seconds(legs["talk"]),
            "hold_s": seconds(legs["hold"]),
            "events": no_events(count),
        }
    )


def _serials(keys: Keys, count: int) -> pa.Array:
    first = keys.first_channel
    return pa.array([f"{serial & 0xFFFFFFFF:08x}" for serial in range(first, first + count)], pa.string())
