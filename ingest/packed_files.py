"""Files whose bytes are not their words: segments that are packed, archives, workbooks, Parquet. They are written anew.

They are read in pieces over whose ends nothing goes that names a person, a few megabytes each.
"""

from __future__ import annotations

import gzip
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import pyarrow as pa
import pyarrow.parquet as pq

from data.person import Blackener, end_of_words

PACKED = (".gz", ".zip", ".xlsx", ".parquet")
# What a file raises that is not whole, not what its name says, or locked with a password.
UNREADABLE = (gzip.BadGzipFile, EOFError, zlib.error, BadZipFile, pa.ArrowInvalid, RuntimeError)

_PIECE = 8 << 20

Words = Callable[[bytes], bytes]


def pieces(file: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    """The file in pieces of whole lines; of cells or objects, where it has no lines."""
    rest = b""
    while more := file.read(_PIECE):
        piece = rest + more
        end = end_of_words(piece, len(piece))
        if end:
            yield piece[:end]
        rest = piece[end:]
    if rest:
        yield rest


def rewritten(file: Path, blackener: Blackener) -> bool:
    """Take the person out of a packed file; whether he was in it. The file is replaced at one stroke, or stays."""
    draft = file.with_name(f".{file.name}.new")
    try:
        if not _WAYS[file.suffix](file, draft, blackener.blacken):
            return False
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        shutil.copymode(file, draft)
        draft.replace(file)
        return True
    finally:
        draft.unlink(missing_ok=True)


def _gzip(file: Path, draft: Path, clean: Words) -> bool:
    # Read first: packing takes ten times as long, and most segments do not name him.
    with gzip.open(file) as source:
        if all(clean(piece) == piece for piece in pieces(source)):
            return False
    with (
        gzip.open(file) as source,
        draft.open("wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as target,
    ):
        for piece in pieces(source):
            target.write(clean(piece))
    return True


def _zip(file: Path, draft: Path, clean: Words) -> bool:
    is_met = False
    with ZipFile(file) as source, ZipFile(draft, "w", ZIP_DEFLATED) as target:
        for part in source.infolist():
            name = clean(part.filename.encode()).decode()
            is_met |= name != part.filename
            with source.open(part) as words, target.open(name, "w", force_zip64=True) as written:
                for piece in pieces(words):
                    clean_piece = clean(piece)
                    is_met |= clean_piece != piece
                    written.write(clean_piece)
    return is_met


def _parquet(file: Path, draft: Path, clean: Words) -> bool:
    is_met = False
    with pq.ParquetFile(file) as source, pq.ParquetWriter(draft, source.schema_arrow) as target:
        for group in range(source.num_row_groups):
            table = source.read_row_group(group)
            for place, column in enumerate(table.columns):
                if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
                    changed = _clean_column(column, clean)
                    is_met |= changed is not column
                    table = table.set_column(place, table.field(place), changed)
            target.write_table(table)
    return is_met


def _clean_column(column: pa.ChunkedArray, clean: Words) -> pa.ChunkedArray:
    """The column without him; itself where he was not in it. Each different word is looked at once."""
    words = column.unique().drop_null().to_pylist()
    changed = {word: after for word in words if (after := clean(word.encode()).decode()) != word}
    if not changed:
        return column
    return pa.chunked_array(
        [pa.array([changed.get(word, word) for word in column.to_pylist()], type=column.type)], type=column.type
    )


_WAYS = {".gz": _gzip, ".zip": _zip, ".xlsx": _zip, ".parquet": _parquet}
