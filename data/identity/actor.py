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
    REPORTS = "reports"
    LIVE = "live"
    SEE_RAW_EVENTS = "see_raw_events"
    FULL_NUMBERS = "full_numbers"
    NOTEBOOKS = "notebooks"
    DIRECTORY = "directory"
    SETTINGS = "settings"
    USERS = "users"


class Scope(StrEnum):
    """Whose calls somebody sees."""

    OWN = "own"
    ALL = "all"


_ALL = frozenset(Permission)

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.MANAGER: frozenset(
        {
            Permission.SEE_CALLS,
            Permission.LISTEN,
            Permission.COMMENT,
            Permission.EDIT_CLIENTS,
            Permission.CHAT,
            Permission.CALL,
            Permission.FULL_NUMBERS,
        }
    ),
    Role.SUPERVISOR: _ALL - {Permission.SETTINGS, Permission.USERS},
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
    scope: Scope = Scope.ALL

    def may(self, permission: Permission) -> bool:
        return permission in PERMISSIONS[self.role]


def system(process: str) -> Actor:
    """The actor of one of our own processes: sees and may do everything."""
    return Actor(user=f"system:{process}", role=Role.ADMINISTRATOR, name=process)
