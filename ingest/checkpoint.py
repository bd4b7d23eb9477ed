"""Where a restart begins to read the journal of one PBX; kept on disk beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import structlog

from data.model import AgentSession
from ingest.assembler import Member
from ingest.segments import replace_file

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """resume_from: the earliest message that anything unfinished rests on.

    stored_to: everything that follows from the messages before this one is in the store.
    members: who was present or paused in a queue then; it may have begun months before.
    """

    resume_from: int = 0
    stored_to: int = 0
    members: tuple[Member, ...] = ()


class CheckpointFile:
    """The checkpoint of one PBX on disk. Losing it costs time only: the whole journal is read again."""

    def __init__(self, journal: Path) -> None:
        self._path = journal / "checkpoint.json"
        self.value = self._read()

    def move(self, checkpoint: Checkpoint) -> None:
        """Replace it, so that a kill leaves either the old or the new one."""
        if checkpoint != self.value:
            replace_file(self._path, orjson.dumps(asdict(checkpoint)))
            self.value = checkpoint

    def _read(self) -> Checkpoint:
        try:
            kept = orjson.loads(self._path.read_bytes())
            members = tuple(_member(**one) for one in kept.pop("members", ()))
            return Checkpoint(**kept, members=members)
        except FileNotFoundError:
            return Checkpoint()
        except (orjson.JSONDecodeError, TypeError, ValueError, KeyError, AttributeError) as error:
            log.warning("checkpoint cannot be read, the whole journal is read again", reason=str(error))
            return Checkpoint()


def _member(*, interface: str, session: Mapping[str, Any]) -> Member:
    typed = {"started_at": datetime.fromisoformat(session["started_at"]), "events": tuple(session["events"])}
    return Member(interface=interface, session=AgentSession(**{**session, **typed}))
