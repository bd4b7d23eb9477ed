"""How far a file has been imported, so that the same command goes on where it was stopped.

One small file per imported file, kept by the content of its first line: a log that has grown,
was rotated to another name or packed is known again.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from data.errors import ImportFailed


@dataclass(slots=True)
class FileState:
    """How far one file has been read."""

    file: Path  # where this is kept
    offset: int = 0  # everything before it was read …
    number: int = 0  # … and so many lines are judged
    held: list[int] = field(default_factory=list)  # … but these rows, by offset, are of calls not yet written
    bad_rows: int = 0

    @classmethod
    def load(cls, folder: Path, *, kind: str, pbx: str, fingerprint: str) -> FileState:
        """Where the last import of that file stopped; the beginning for a new one. Raises ImportFailed."""
        file = folder / f"{kind}-{pbx}-{fingerprint}.json"
        try:
            values = orjson.loads(file.read_bytes())
            return cls(
                file, int(values["offset"]), int(values["number"]), list(values["held"]), int(values["bad_rows"])
            )
        except FileNotFoundError:
            return cls(file)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ImportFailed(f"{file}: {error}. Remove it to import the file from its beginning.") from error

    def save(self) -> None:
        """Keep it; whole or not at all."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        values = {name: value for name, value in asdict(self).items() if name != "file"}
        written = self.file.with_suffix(".new")
        written.write_bytes(orjson.dumps(values))
        written.replace(self.file)
