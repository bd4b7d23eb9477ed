"""What every table of a block needs: ids, numbers and names in place of codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ingest.simulator.arrow import Bools, digits, joined
from ingest.simulator.numbers import Ints, numbers
from ingest.simulator.office import Office
from ingest.simulator.sheets import Block, Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The calls of one block that are kept, and what their codes stand for."""

    office: Office
    pbx: str
    calls: Frame
    legs: Frame
    leg_calls: Ints  # row in `calls` of each leg
    row_of_call: Ints  # row in `calls` by the number that the sheets use
    number: Ints  # outside number of each call, -1 without
    uniqueids: pa.Array  # of each call's first channel
    call_ids: pa.Array
    first_channel: int  # running number of the block's first channel
    next_channel: int

    @property
    def extensions(self) -> list[str]:
        return [employee.extension for employee in self.office.employees]

    @property
    def queues(self) -> list[str]:
        return [queue.name for queue in self.office.queues]


def make_keys(block: Block, keep: Bools, *, office: Office, pbx: str, first_channel: int) -> Keys:
    """Ids for the calls that are kept; channels are counted on from `first_channel`, one a leg and one a call."""
    calls, legs = block.calls.frame(keep), block.legs.frame(keep)
    row_of_call = np.cumsum(keep) - 1
    leg_calls = row_of_call[legs.ints("call")]
    channels = 1 + np.bincount(leg_calls, minlength=len(calls))
    first = first_channel + np.concatenate([[0], np.cumsum(channels)[:-1]]).astype(np.int64)
    position = calls.ints("number")
    uniqueids = joined(digits((calls.micros("at") // 1_000_000).astype(np.int64)), ".", digits(first))
    return Keys(
        office=office,
        pbx=pbx,
        calls=calls,
        legs=legs,
        leg_calls=leg_calls,
        row_of_call=row_of_call,
        number=np.where(position >= 0, numbers(np.maximum(position, 0)), -1),
        uniqueids=uniqueids,
        call_ids=joined(f"{pbx}-", uniqueids),
        first_channel=first_channel,
        next_channel=first_channel + int(channels.sum()),
    )
