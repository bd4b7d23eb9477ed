"""Teams: phones that belong together, and the head who answers for them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from data.errors import BadInput, NotFound
from data.identity.database import app_user, open_identity, team
from data.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """One team. extensions: also of those who never log in. head: a login."""

    team_id: str
    title: str
    head: str | None
    extensions: frozenset[str]


def new_team_id() -> str:
    return secrets.token_hex(8)


class Teams:
    """The teams of one installation."""

    def __init__(self, settings: Settings) -> None:
        self._engine = open_identity(settings)

    def all(self) -> list[Team]:
        """All teams, by title."""
        with self._engine.connect() as connection:
            return [
                Team(
                    team_id=row.team_id,
                    title=row.title,
                    head=row.head,
                    extensions=frozenset(row.extensions.split()),
                )
                for row in connection.execute(select(team).order_by(team.c.title))
            ]

    def save(self, team_id: str, title: str, *, extensions: frozenset[str], head: str | None, is_new: bool) -> None:
        """Make a team, or change the one of that id. Raises BadInput for a title that is taken, NotFound."""
        values = {"title": title, "head": head, "extensions": " ".join(sorted(extensions))}
        try:
            with self._engine.begin() as connection:
                if is_new:
                    connection.execute(insert(team).values(team_id=team_id, **values))
                elif not connection.execute(update(team).where(team.c.team_id == team_id).values(values)).rowcount:
                    raise NotFound(f"There is no team {team_id}; somebody may have removed it.")
        except IntegrityError:
            raise BadInput(f"There is a team {title!r} already. Choose another name.") from None

    def remove(self, team_id: str) -> None:
        """Forget a team; its people stay, and see no more than their own calls of it.

        Its id is never given again, so that where it was named it names nobody.
        """
        with self._engine.begin() as connection:
            connection.execute(update(app_user).where(app_user.c.team_id == team_id).values(team_id=None))
            connection.execute(delete(team).where(team.c.team_id == team_id))
