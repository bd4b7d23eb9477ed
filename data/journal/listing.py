"""One list of the journal: who reads which calls, in which order, as of when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from data.horizon import DayClock, day_clock
from data.identity.actor import Actor, Permission
from data.journal.cursor import Cursor
from data.journal.filter import CallFilter, Sort
from data.settings import Site
from data.status import StatusRules, status_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of starts within which rows are looked for; None: open."""

    from_at: datetime | None = None
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Everything that a statement of the journal depends on, but for limit and offset."""

    actor: Actor
    wanted: CallFilter
    site: Site
    as_of: datetime
    pinned_at: datetime | None = None
    sort: Sort = field(default_factory=Sort)
    after: Cursor | None = None
    window: Window = field(default_factory=Window)
    starts: tuple[datetime, ...] = ()  # only calls that began at one of these; none: whenever

    @property
    def full_numbers(self) -> bool:
        return self.actor.may(Permission.FULL_NUMBERS)

    @property
    def rules(self) -> StatusRules:
        return status_rules(self.site, self.as_of, from_at=self.wanted.from_at)

    @property
    def clock(self) -> DayClock:
        return day_clock(self.site.zone, self.as_of, self.wanted.from_at)

    @property
    def from_at(self) -> datetime | None:
        """The earliest start that can be in the list."""
        return max((at for at in (self.wanted.from_at, self.window.from_at) if at), default=None)

    @property
    def until_at(self) -> datetime | None:
        return min((at for at in (self.wanted.until_at, self.window.until_at) if at), default=None)
