"""The actor: on whose behalf a query, a service or a measure runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a user is in the office (DOMAIN.md 7)."""

    MANAGER = "manager"
    SUPERVISOR = "supervisor"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """Everything that can be allowed; the one list of permission names."""

    SEE_CALLS = "see_calls"
    LISTEN = "listen"
    DOWNLOAD = "download"
    EXPORT = "export"
    COMMENT = "comment"
    TAGS = "tags"  # rename and remove tags for everybody; to hang them needs COMMENT
    EDIT_CLIENTS = "edit_clients"
    CHAT = "chat"
    CALL = "call"
    PAUSE = "pause"  # oneself, in one's queues, and log in and out
    QUEUES = "queues"  # the same for others
    REPORTS = "reports"
    LIVE = "live"
    SEE_RAW_EVENTS = "see_raw_events"
    FULL_NUMBERS = "full_numbers"
    NOTEBOOKS = "notebooks"
    DIRECTORY = "directory"
    SETTINGS = "settings"
    USERS = "users"
    AUDIT = "audit"  # read the trail of what people did
    PRIVACY = "privacy"  # how long things are kept, what is kept on purpose, erasure of a person


class Scope(StrEnum):
    """Whose calls somebody sees, or hears."""

    OWN = "own"
    GROUP = "group"  # and those of his team
    LISTED = "listed"  # and those of named phones and teams
    ALL = "all"


_ALL = frozenset(Permission)
_ADMINISTRATORS = frozenset({Permission.SETTINGS, Permission.USERS, Permission.AUDIT, Permission.PRIVACY})

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.MANAGER: frozenset(
        {
            Permission.SEE_CALLS,
            Permission.LISTEN,
            Permission.COMMENT,
            Permission.EDIT_CLIENTS,
            Permission.CHAT,
            Permission.CALL,
            Permission.PAUSE,
            Permission.FULL_NUMBERS,
        }
    ),
    Role.SUPERVISOR: _ALL - _ADMINISTRATORS,
    Role.ANALYST: frozenset({Permission.SEE_CALLS, Permission.REPORTS, Permission.EXPORT, Permission.NOTEBOOKS}),
    Role.ADMINISTRATOR: _ALL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One user, or one of our own processes, with what it may do."""

    user: str  # login name, or "system:ingest" and the like
    role: Role
    name: str = ""  # as shown beside a comment
    employee_id: str | None = None
    extensions: frozenset[str] = field(default=frozenset())  # of the employee: "my calls"
    group: frozenset[str] = field(default=frozenset())  # extensions of his team
    scope: Scope = Scope.ALL  # whose calls he sees
    listed: frozenset[str] = field(default=frozenset())  # extensions named for seeing, and those of teams named so
    listens: Scope = Scope.ALL  # whose he hears, of those that he sees
    listens_to: frozenset[str] = field(default=frozenset())  # named for listening, which is granted apart

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    @property
    def permissions(self) -> frozenset[Permission]:
        return PERMISSIONS[self.role]

    @property
    def sees_all(self) -> bool:
        return self.scope is Scope.ALL

    @property
    def hears_all(self) -> bool:
        return self.sees_all and self.listens is Scope.ALL

    @property
    def seen(self) -> frozenset[str]:
        """The extensions whose calls he sees, where he does not see all."""
        return self._within(self.scope, self.listed)

    @property
    def heard(self) -> frozenset[str]:
        """The extensions whose calls he hears, where he does not hear all; never more than he sees."""
        if self.sees_all:
            return self._within(self.listens, self.listens_to)
        return self.seen if self.listens is Scope.ALL else self.seen & self._within(self.listens, self.listens_to)

    def _within(self, scope: Scope, listed: frozenset[str]) -> frozenset[str]:
        more = {Scope.GROUP: self.group, Scope.LISTED: listed}.get(scope, frozenset())
        return self.extensions | more


def system(process: str) -> Actor:
    """The actor of one of our own processes: sees and may do everything."""
    return Actor(user=f"system:{process}", role=Role.ADMINISTRATOR, name=process)
