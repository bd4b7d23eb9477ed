"""The Erlang formulas against the golden case and against limits known by reasoning."""

from __future__ import annotations

import pytest

from data.errors import UnstableQueue
from data.metrics import erlang


def test_golden_case_of_a_hundred_calls_in_half_an_hour() -> None:
    load = erlang.offered_load_erl(100, 1800, 180)

    assert load == 10
    assert erlang.wait_share(load, 14) == pytest.approx(0.1741319336, abs=1e-10)
    assert erlang.service_level(load, 14, 180, 20) == pytest.approx(0.8883500192, abs=1e-10)
    # Exactly Pw * 180 / 4; the domain's 7.8359377761 differs from its own Pw in the seventh digit.
    assert erlang.mean_wait_s(load, 14, 180) == pytest.approx(0.1741319336 * 45, abs=1e-8)
    assert erlang.mean_wait_s(load, 14, 180) == pytest.approx(7.8359377761, abs=1e-6)


def test_one_line_at_one_erlang_turns_away_every_second_call() -> None:
    assert erlang.blocked_share(1.0, 1) == 0.5


def test_without_load_nobody_waits() -> None:
    assert erlang.wait_share(0.0, 3) == 0
    assert erlang.mean_wait_s(0.0, 3, 180) == 0


def test_large_offices_do_not_overflow() -> None:
    assert 0 < erlang.wait_share(900.0, 1000) < 0.01


@pytest.mark.parametrize("agents", [9, 10])
def test_more_load_than_agents_is_refused_and_told_how_many_it_takes(agents: int) -> None:
    with pytest.raises(UnstableQueue, match="at least 11"):
        erlang.wait_share(10.0, agents)


def test_fewest_agents_reach_the_level_and_one_less_does_not() -> None:
    agents = erlang.agents_needed(10.0, 180, 20, 0.88)

    assert agents == 14
    assert erlang.service_level(10.0, agents - 1, 180, 20) < 0.88


def test_occupancy_is_load_per_agent() -> None:
    assert erlang.occupancy_share(10.0, 14) == pytest.approx(10 / 14)
