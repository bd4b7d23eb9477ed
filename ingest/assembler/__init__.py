"""From the messages of one PBX to the facts of its calls: pure, no I/O, no clock."""

from ingest.assembler.assembler import Assembler
from ingest.assembler.batch import Batch
from ingest.assembler.office import Office
from ingest.assembler.sessions import Member

__all__ = ["Assembler", "Batch", "Member", "Office"]
