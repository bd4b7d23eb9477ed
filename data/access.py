"""What an actor must be allowed before a service or a list does anything for him."""

from __future__ import annotations

from data.errors import NotAllowed
from data.identity.actor import Actor, Permission


def require(actor: Actor, permission: Permission) -> None:
    """Raises NotAllowed that names the user and the right he lacks."""
    if not actor.may(permission):
        raise NotAllowed(
            f"User {actor.user} ({actor.role}) lacks the right {permission}. An administrator can change the role."
        )
