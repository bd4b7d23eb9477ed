"""One answer for many who ask: made once, but never from before what they were told of."""

from __future__ import annotations

from itertools import count
from typing import Any, cast

from dashboard.kept import changed, once
from data.store.protocol import Store


class Away:
    """A store that nobody asks."""


def asked(store: Away, made: Any, **options: Any) -> int:
    return cast(int, once(cast(Store, store), "board", lambda: next(made), may_age_s=60.0, **options))


def test_those_who_ask_at_the_same_time_get_one_answer() -> None:
    store, made = Away(), count(1)

    assert [asked(store, made) for _ in range(3)] == [1, 1, 1]
    assert asked(Away(), count(7)) == 7


def test_an_answer_from_before_a_change_is_given_to_nobody_who_was_told_of_it() -> None:
    store, made = Away(), count(1)
    asked(store, made)

    changed(cast(Store, store))

    assert [asked(store, made), asked(store, made)] == [2, 2]


def test_a_change_while_an_answer_is_made_makes_it_old_at_once() -> None:
    store, made = Away(), count(1)

    def slowly() -> int:
        changed(cast(Store, store))
        return next(made)

    once(cast(Store, store), "board", slowly, may_age_s=60.0)

    assert asked(store, made) == 2


def test_what_may_lag_is_kept_for_its_time_and_made_anew_after_it() -> None:
    store, made = Away(), count(1)
    asked(store, made, may_lag=True)
    changed(cast(Store, store))

    assert asked(store, made, may_lag=True) == 1
    assert once(cast(Store, store), "board", lambda: next(made), may_age_s=-1.0, may_lag=True) == 2
