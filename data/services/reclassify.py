"""Known numbers described anew: by the rules of this version, and by the numbering plan that was loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from data.access import require
from data.identity.actor import Actor, Permission
from data.model import NumberClass
from data.phone import RULE_VERSION, Number, classify, normalise
from data.queries import read
from data.settings import Site
from data.store.protocol import Statement, Store, Topic

Progress = Callable[[float], object]  # hears the share that is done, 0..1

_BATCH = 5_000
_PLANNED = frozenset({NumberClass.MOBILE, NumberClass.LANDLINE, NumberClass.MOBILE_OR_LANDLINE})
_KEPT = ("number_class", "country", "region", "operator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reclassified:
    """numbers: looked at. changed: described otherwise now."""

    numbers: int
    changed: int


def reclassify(
    store: Store,
    actor: Actor,
    site: Site,
    *,
    progress: Progress = lambda share: None,
    goes_on: Callable[[], bool] = lambda: True,
    batch: int = _BATCH,
) -> Reclassified:
    """Describe every known number anew, batch by batch; what is done stays done when `goes_on` says no."""
    require(actor, Permission.SETTINGS)
    total = int(store.query(read("numbers/count"), actor=actor)["numbers"][0].as_py())
    seen = changed = 0
    after = ""
    while goes_on():
        rows = store.query(read("numbers/batch"), {"after": after, "limit": batch}, actor=actor).to_pylist()
        if not rows:
            break
        fresh = [(row, described) for row in rows if (described := _described(row, site)) != _now(row)]
        if fresh:
            store.transact([_step(fresh)], actor=actor, touches={Topic.CALLS: (), Topic.CLIENTS: ()})
        seen, changed, after = seen + len(rows), changed + len(fresh), rows[-1]["number"]
        progress(min(1.0, seen / max(1, total)))
    return Reclassified(numbers=seen, changed=changed)


def _described(row: dict[str, Any], site: Site) -> tuple[object, ...]:
    """The values of _KEPT and the version, as they should be."""
    known = _ruled(row, site)
    planned = row["is_planned"] and known.country == "RU" and known.number_class in _PLANNED
    region = (row["plan_region"] if planned else None) or known.region
    operator = row["plan_operator"] if planned else None
    return (known.number_class.value, known.country, region, operator, RULE_VERSION)


def _ruled(row: dict[str, Any], site: Site) -> Number:
    """What the rules say: of what was dialled, as long as it still leads to the same number."""
    dialled = normalise(row["raw"], site)
    return dialled if dialled.number == row["number"] else classify(row["number"])


def _now(row: dict[str, Any]) -> tuple[object, ...]:
    return (*(row[name] for name in _KEPT), row["rule_version"])


def _step(fresh: list[tuple[dict[str, Any], tuple[object, ...]]]) -> Statement:
    numbers = [row["number"] for row, _ in fresh]
    classes, countries, regions, operators, _ = zip(*(described for _, described in fresh), strict=True)
    params = {
        "numbers": numbers,
        "classes": list(classes),
        "countries": list(countries),
        "regions": list(regions),
        "operators": list(operators),
        "rule_version": RULE_VERSION,
    }
    return Statement(name="number_reclassify", params=params, expect_rows=len(fresh))
