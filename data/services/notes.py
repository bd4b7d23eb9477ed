"""The trail of what happens beside the store: logins, and the command line."""

from __future__ import annotations

from datetime import datetime

from data.errors import StoreError
from data.identity.actor import system
from data.identity.waiting_trail import Line, WaitingTrail
from data.services.trail import as_json
from data.settings import Settings
from data.store.protocol import Statement, Store

_AT_ONCE = 200


class Notes:
    """Lines of the trail that need no store.

    Each is kept in the database of users first and handed to the store as soon as that takes it.
    """

    def __init__(self, settings: Settings, store: Store | None = None) -> None:
        """store: None where another process will hand the lines over."""
        self._waiting = WaitingTrail(settings)
        self._store = store

    def note(
        self, actor: str, now: datetime, action: str, subject_kind: str, subject_id: str, **detail: object
    ) -> None:
        """Write one action down. actor: a login, or `system:` and what acted."""
        self._waiting.add(
            Line(
                acted_at=now,
                actor=actor,
                action=action,
                subject_kind=subject_kind,
                subject_id=subject_id,
                detail=as_json(detail),
            )
        )
        self.hand_over()

    def hand_over(self) -> None:
        """Give the store what waits; where it is away, it waits on."""
        if self._store is None:
            return
        try:
            while lines := self._waiting.oldest(_AT_ONCE):
                # Each line once, also where a process ended between the two steps below.
                steps = [
                    Statement(
                        name="audit_insert_once",
                        params={
                            "acted_at": line.acted_at,
                            "actor": line.actor,
                            "action": line.action,
                            "subject_kind": line.subject_kind,
                            "subject_id": line.subject_id,
                            "detail": line.detail,
                        },
                    )
                    for _, line in lines
                ]
                self._store.transact(steps, actor=system("trail"), touches={})
                self._waiting.forget([number for number, _ in lines])
        except StoreError:
            return
