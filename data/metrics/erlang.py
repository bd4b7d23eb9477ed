"""The Erlang formulas: how many calls wait, how long, and how many agents that takes.

Source: A. K. Erlang's formulas for M/M/n (delay, everybody is patient) and M/M/n/n (loss).
"""

from __future__ import annotations

import math

from data.errors import UnstableQueue


def offered_load_erl(calls: float, interval_s: float, handling_s: float) -> float:
    """Erlangs that `calls` per `interval_s` offer when each takes `handling_s` on average."""
    return calls * handling_s / interval_s


def blocked_share(load_erl: float, lines: int) -> float:
    """Share of calls that find all `lines` taken and are turned away (Erlang B).

    The recurrence keeps every step below one, where powers and factorials overflow at 170 lines.
    """
    blocked = 1.0
    for line in range(1, lines + 1):
        blocked = load_erl * blocked / (line + load_erl * blocked)
    return blocked


def wait_share(load_erl: float, agents: int) -> float:
    """Share of calls that must wait when `agents` face `load_erl` erlangs (Erlang C).

    Raises UnstableQueue unless the load is below `agents`.
    """
    if load_erl >= agents:
        raise UnstableQueue(
            f"{load_erl:g} erlangs need more than {agents} agents: the queue would grow without end. "
            f"Use at least {math.floor(load_erl) + 1}."
        )
    blocked = blocked_share(load_erl, agents)
    return blocked / (1 - load_erl / agents * (1 - blocked))


def service_level(load_erl: float, agents: int, handling_s: float, target_s: float) -> float:
    """Share of calls answered within `target_s` seconds."""
    return 1 - wait_share(load_erl, agents) * math.exp(-(agents - load_erl) * target_s / handling_s)


def mean_wait_s(load_erl: float, agents: int, handling_s: float) -> float:
    """Mean wait of all calls, those answered at once included."""
    return wait_share(load_erl, agents) * handling_s / (agents - load_erl)


def occupancy_share(load_erl: float, agents: int) -> float:
    """Share of their time that agents spend on calls."""
    return load_erl / agents


def agents_needed(load_erl: float, handling_s: float, target_s: float, level_share: float) -> int:
    """The fewest agents that answer `level_share` of the calls within `target_s` seconds.

    level_share: below 1, for no number of agents answers every call at once.
    """
    agents = math.floor(load_erl) + 1
    while service_level(load_erl, agents, handling_s, target_s) < level_share:
        agents += 1
    return agents
