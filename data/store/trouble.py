"""What the database's own errors mean for a person: which of ours they are, and the next step."""

from __future__ import annotations

import duckdb

from data.errors import Conflict, DiskFull, QueryRejected, QueryTooLong, StoreError, StoreUnavailable

_REJECTED = (
    duckdb.ParserException,
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ConversionException,
    duckdb.InvalidInputException,
    duckdb.OutOfRangeException,
    duckdb.ConstraintException,
    duckdb.PermissionException,
    duckdb.TypeMismatchException,
    duckdb.NotImplementedException,
    duckdb.SyntaxException,
)
_FULL = ("No space left", "ENOSPC", "Disk quota", "File too large", "disk is full")


def explain(error: Exception) -> StoreError:
    """The error of ours that says the same."""
    text = str(error)
    if isinstance(error, StoreError):
        return error
    if any(word in text for word in _FULL):
        return DiskFull(
            f"The disk of the database is full; nothing of this write was stored ({text.splitlines()[0]}). "
            "Free some space; the write is tried again."
        )
    if isinstance(error, duckdb.FatalException | duckdb.InternalException):
        return StoreUnavailable(
            f"The database stopped: {text.splitlines()[0]} It must start again; if it stays so, restore a backup."
        )
    if isinstance(error, duckdb.ConnectionException):
        return StoreUnavailable("The store is stopping. Try again later.")
    if isinstance(error, duckdb.InterruptException):
        return QueryTooLong("The statement was stopped. Ask for a shorter period, or for fewer rows.")
    if isinstance(error, duckdb.OutOfMemoryException):
        return QueryTooLong(f"The statement needs too much memory ({text.splitlines()[0]}). Ask for a shorter period.")
    if isinstance(error, duckdb.TransactionException) and "onflict" in text:
        return Conflict(f"Another change came first: {text}. Read again, then repeat.")
    if isinstance(error, _REJECTED):
        return QueryRejected(text)
    return StoreError(f"The database failed: {text}")
