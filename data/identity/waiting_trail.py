"""Lines of the trail on their way to the store: kept here first, so that a login needs no store to be written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from data.identity.database import open_identity, waiting_trail
from data.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One action: who did what to whom. detail: JSON."""

    acted_at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    detail: str | None


class WaitingTrail:
    """The lines of one installation that the store has not taken yet."""

    def __init__(self, settings: Settings) -> None:
        self._engine = open_identity(settings)

    def add(self, line: Line) -> None:
        row = {
            "acted_at": line.acted_at.isoformat(),
            "actor": line.actor,
            "action": line.action,
            "subject_kind": line.subject_kind,
            "subject_id": line.subject_id,
            "detail": line.detail,
        }
        with self._engine.begin() as connection:
            connection.execute(insert(waiting_trail).values(row))

    def oldest(self, most: int) -> Sequence[tuple[int, Line]]:
        """At most so many lines, the oldest first, each with what `forget` calls it."""
        with self._engine.connect() as connection:
            return [
                (
                    row.id,
                    Line(
                        acted_at=datetime.fromisoformat(row.acted_at),
                        actor=row.actor,
                        action=row.action,
                        subject_kind=row.subject_kind,
                        subject_id=row.subject_id,
                        detail=row.detail,
                    ),
                )
                for row in connection.execute(select(waiting_trail).order_by(waiting_trail.c.id).limit(most))
            ]

    def forget(self, ids: Sequence[int]) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(waiting_trail).where(waiting_trail.c.id.in_(ids)))
