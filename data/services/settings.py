"""Settings as an administrator sees and changes them: what holds, where it comes from, and who changed it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, SecretStr

from data.access import require
from data.errors import NotFound
from data.identity.actor import Actor, Permission
from data.metrics.reads import Reads
from data.runtime import CHANGEABLE, changed, in_force, stored_rows, stored_values
from data.services.trail import trail
from data.settings import Settings
from data.store.protocol import Statement, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting as it is. value: what holds; given: what file or environment say. is_hidden: a secret."""

    name: str
    value: Any
    given: Any
    source: str  # person, environment, file, default
    is_changeable: bool
    is_hidden: bool = False
    changed_at: datetime | None = None
    changed_by: str | None = None


def listed(store: Reads, actor: Actor, given: Settings) -> list[Setting]:
    """All settings with where they come from; secrets only whether they are set. Raises NotAllowed."""
    require(actor, Permission.SETTINGS)
    rows = {row["name"]: row for row in stored_rows(store)}
    now = in_force(given, {name: json.loads(row["value"]) for name, row in rows.items()})
    values, present = dict(_leaves(given)), dict(_leaves(now))
    found = []
    for name, value in values.items():
        row = rows.get(name)
        is_hidden = isinstance(value, SecretStr)
        found.append(
            Setting(
                name=name,
                value=bool(value.get_secret_value()) if isinstance(value, SecretStr) else present[name],
                given=None if is_hidden else value,
                source="person" if row else _source(given, name),
                is_changeable=name in CHANGEABLE,
                is_hidden=is_hidden,
                changed_at=row["changed_at"] if row else None,
                changed_by=row["changed_by"] if row else None,
            )
        )
    return found


def change(store: Store, actor: Actor, given: Settings, values: Mapping[str, Any], *, now: datetime) -> Settings:
    """Keep what a person set, all or nothing; what holds then. None: as in the file again.

    Raises NotAllowed, NotFound, BadInput that names the value.
    """
    require(actor, Permission.SETTINGS)
    known = stored_values(store)
    steps: list[Statement] = []
    for name, value in values.items():
        if name not in CHANGEABLE:
            raise NotFound(f"There is no setting {name[:60]!r} that can be changed here.")
        before = known.pop(name, None)
        steps.append(Statement(name="setting_forget", params={"name": name}))
        if value is not None:
            known[name] = value
        steps.append(trail(actor, now, "settings.change", "setting", name, old=before, new=value))
    after = changed(given, known)
    for name, value in values.items():
        if value is not None:
            kept = json.dumps(_value(after, name), ensure_ascii=False)
            params = {"name": name, "value": kept, "changed_at": now, "changed_by": actor.user}
            steps.append(Statement(name="setting_insert", params=params, expect_rows=1))
    store.transact(steps, actor=actor, touches={})
    return after


def _value(settings: Settings, name: str) -> Any:
    section, _, key = name.partition(".")
    return getattr(getattr(settings, section), key)


def _leaves(model: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key in type(model).model_fields:
        value = getattr(model, key)
        if isinstance(value, BaseModel):
            yield from _leaves(value, f"{prefix}{key}.")
        elif isinstance(value, list) and value and isinstance(value[0], BaseModel):
            for one in value:
                yield from _leaves(one, f"{prefix}{key}[{getattr(one, 'name', '')}].")
        else:
            yield prefix + key, value


def _source(given: Settings, name: str) -> str:
    """Where file and environment say it: the environment wins."""
    *sections, key = name.split(".")
    variable = "CALLBOARD_" + "__".join([*sections, key]).upper()
    if variable in os.environ or any(f"CALLBOARD_{part}".upper() in os.environ for part in sections[:1]):
        return "environment"
    holder: Any = given
    for part in sections:
        part, _, which = part.partition("[")
        holder = getattr(holder, part)
        if which:
            holder = next(one for one in holder if one.name == which.rstrip("]"))
    return "file" if key in holder.model_fields_set else "default"
