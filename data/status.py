"""Status, loss and leads as of a moment: expressions over stored times, so that any day can be asked.

The one home of these rules (DOMAIN.md 1 and 4): the journal, the reports and the exports put these
expressions into their statements. Nothing of it is ever stored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from data.horizon import EndOfDay, Horizon, Hours, day_clock
from data.queries import compose, fragments, read
from data.settings import Site
from data.working_hours import Schedule, schedule_of, working_hours


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRules:
    """The expressions for calls as of a moment, over `call` and `owner` by whatever names.

    A statement that uses them has the relation `owner_sql()` in its `with` list as "owner", joined
    by `join_sql()`, and binds `params()`.
    """

    as_of: datetime
    horizon: Horizon
    call: str = "call"
    owner: str = "owner"

    def params(self) -> dict[str, object]:
        return {"as_of": self.as_of, **self.horizon.params()}

    def owner_sql(self, numbers: str = "true") -> str:
        """Whose numbers were as of the moment; numbers: a condition that leaves only those needed."""
        return owner_of(numbers)

    def join_sql(self) -> str:
        return self._named(read("status/owner_join"))

    @property
    def registered_then(self) -> str:
        """The number had a client when the call began."""
        return self._rule("registered_then")

    @property
    def missed(self) -> str:
        return self._rule("missed")

    @property
    def lost(self) -> str:
        return self._rule("lost")

    @property
    def status(self) -> str:
        """A word of model.Status; null for none of them does not occur."""
        return self._rule("status")

    @property
    def lead(self) -> str:
        return self._rule("lead")

    @property
    def lead_state(self) -> str:
        """registered, lost or unregistered; null: no lead."""
        return self._rule("lead_state")

    def _rule(self, name: str) -> str:
        return self._named(self._composed(name))

    def _composed(self, name: str) -> str:
        rules = fragments("status/rules")
        inner = {"horizon": self.horizon.sql("call.started_at")}
        for word in re.findall(r"\|(\w+)\|", rules[name]):
            inner.setdefault(word, self._composed(word) if word in rules else "")
        return compose(rules[name], inner)

    def _named(self, text: str) -> str:
        return re.sub(r"\bcall\.", f"{self.call}.", re.sub(r"\bowner\.", f"{self.owner}.", text))


def owner_of(numbers: str = "true") -> str:
    """The relation "owner" as of $as_of; numbers: a condition that leaves only those needed."""
    return compose(read("status/owner"), {"numbers": numbers})


def one_of(numbers: str) -> str:
    """The condition for `owner_of` that leaves those of a SELECT with the column `number`."""
    return compose(read("status/one_of"), {"numbers": numbers})


def status_rules(
    site: Site,
    as_of: datetime,
    *,
    from_at: datetime | None = None,
    call: str = "call",
    owner: str = "owner",
    schedule: Schedule | None = None,
) -> StatusRules:
    """The rules of the site as of a moment; from_at: where the calls begin, if that is known."""
    return StatusRules(as_of=as_of, horizon=horizon(site, as_of, from_at, schedule), call=call, owner=owner)


def horizon(site: Site, as_of: datetime, from_at: datetime | None = None, schedule: Schedule | None = None) -> Horizon:
    """The horizon that the settings name: "day", "4h", or "8wh" by the schedule (default: the site's)."""
    if site.horizon == "day":
        return EndOfDay(clock=day_clock(site.zone, as_of, from_at))
    if site.horizon.endswith("wh"):
        hours = int(site.horizon.removesuffix("wh"))
        return working_hours(hours, schedule or schedule_of(site), site.zone, as_of, from_at)
    return Hours(hours=int(site.horizon.removesuffix("h")))
