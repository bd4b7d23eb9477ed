"""How values, actors, tables and errors travel between the store and its clients.

Values are JSON with a tag where JSON has no such type; tables are Arrow streams behind a JSON
head; an error carries the name of its class, so that it is the same class on the other side.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.ipc

import data.errors
from data.errors import QueryRejected, StoreError
from data.identity.actor import Actor, Role, Scope

_TAG = "$"
_ENCODERS: tuple[tuple[type, str, Callable[[Any], object]], ...] = (
    (datetime, "datetime", datetime.isoformat),  # before date: every datetime is one
    (date, "date", date.isoformat),
    (time, "time", time.isoformat),
    (timedelta, "seconds", timedelta.total_seconds),
    (UUID, "uuid", str),
    (Decimal, "decimal", str),
    (bytes, "bytes", lambda value: base64.b64encode(value).decode()),
)
_DECODERS: dict[str, Callable[[Any], object]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "seconds": lambda value: timedelta(seconds=value),
    "uuid": UUID,
    "decimal": Decimal,
    "bytes": base64.b64decode,
    "map": lambda pairs: {unpack_value(key): unpack_value(value) for key, value in pairs},
}


def plain(value: object) -> object:
    """The same value in the types that DuckDB binds: enumerations as text, sets and tuples as lists."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, frozenset | set):
        return sorted(plain(item) for item in value)  # type: ignore[type-var]
    return value


def bound(params: Mapping[str, object] | None) -> dict[str, object]:
    """Parameters as DuckDB takes them."""
    return {name: plain(value) for name, value in (params or {}).items()}


def pack_value(value: object) -> object:
    """As JSON can carry it. Raises QueryRejected for a type that no parameter can have."""
    value = plain(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list):
        return [pack_value(item) for item in value]
    if isinstance(value, Mapping):
        return {_TAG: "map", "value": [[pack_value(key), pack_value(item)] for key, item in value.items()]}
    for kind, tag, encode in _ENCODERS:
        if isinstance(value, kind):
            return {_TAG: tag, "value": encode(value)}
    raise QueryRejected(f"A parameter cannot be of type {type(value).__name__}: {value!r}.")


def unpack_value(value: Any) -> Any:
    if isinstance(value, list):
        return [unpack_value(item) for item in value]
    if isinstance(value, dict):
        return _DECODERS[value[_TAG]](value["value"])
    return value


def pack_params(params: Mapping[str, object] | None) -> dict[str, object]:
    return {name: pack_value(value) for name, value in (params or {}).items()}


def unpack_params(params: Mapping[str, object]) -> dict[str, object]:
    return {name: unpack_value(value) for name, value in params.items()}


def pack_actor(actor: Actor) -> dict[str, object]:
    return {
        "user": actor.user,
        "role": actor.role.value,
        "name": actor.name,
        "employee_id": actor.employee_id,
        "extensions": sorted(actor.extensions),
        "group": sorted(actor.group),
        "listed": sorted(actor.listed),
        "scope": actor.scope.value,
        "listens": actor.listens.value,
        "listens_to": sorted(actor.listens_to),
    }


def unpack_actor(values: Mapping[str, Any]) -> Actor:
    return Actor(
        user=values["user"],
        role=Role(values["role"]),
        name=values["name"],
        employee_id=values["employee_id"],
        extensions=frozenset(values["extensions"]),
        # Tokens that were issued before these existed lack them.
        group=frozenset(values.get("group", ())),
        listed=frozenset(values.get("listed", ())),
        scope=Scope(values["scope"]),
        listens=Scope(values.get("listens", Scope.ALL)),
        listens_to=frozenset(values.get("listens_to", values.get("listed", ()))),  # one list served both
    )


def pack_tables(head: Mapping[str, object], tables: Sequence[pa.Table] = ()) -> bytes:
    """A JSON head and Arrow tables in one message."""
    parts = [json.dumps(head).encode(), *(_stream(table) for table in tables)]
    return b"".join(struct.pack("<Q", len(part)) + part for part in parts)


def unpack_tables(message: bytes) -> tuple[dict[str, Any], list[pa.Table]]:
    """Raises QueryRejected for a message that is cut or is none of ours."""
    parts, position, view = [], 0, memoryview(message)
    try:
        while position < len(view):
            (length,) = struct.unpack_from("<Q", view, position)
            position += 8 + length
            if position > len(view):
                raise ValueError("cut")
            parts.append(view[position - length : position])
        return json.loads(bytes(parts[0])), [pa.ipc.open_stream(_aligned(part)).read_all() for part in parts[1:]]
    except (ValueError, struct.error, IndexError, pa.ArrowException) as error:
        raise QueryRejected(f"The message to the store is broken: {error}.") from None


def pack_error(error: Exception) -> bytes:
    name = type(error).__name__ if isinstance(error, data.errors.CallboardError) else StoreError.__name__
    return json.dumps({"error": name, "message": str(error)}).encode()


def unpack_error(details: bytes) -> data.errors.CallboardError | None:
    """The error that the other side raised; None where the bytes tell nothing."""
    try:
        values = json.loads(details)
        return getattr(data.errors, values["error"])(values["message"])
    except (ValueError, KeyError, AttributeError, TypeError):
        return None


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def _aligned(part: memoryview) -> pa.Buffer:
    # Where a part begins within the message is chance, but Arrow wants its numbers at even addresses.
    buffer = pa.allocate_buffer(len(part))
    memoryview(buffer).cast("B")[:] = part
    return buffer
