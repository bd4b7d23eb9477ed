"""Where a restart begins to read the journal of one PBX; kept on disk beside it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import structlog

from ingest.segments import replace_file

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """resume_from: the earliest message that anything unfinished rests on.

    stored_to: everything that follows from the messages before this one is in the store.
    """

    resume_from: int = 0
    stored_to: int = 0


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
            return Checkpoint(**orjson.loads(self._path.read_bytes()))
        except FileNotFoundError:
            return Checkpoint()
        except (orjson.JSONDecodeError, TypeError) as error:
            log.warning("checkpoint cannot be read, the whole journal is read again", reason=str(error))
            return Checkpoint()
