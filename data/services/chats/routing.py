"""Who gets a chat that waits in the queue: by a word of the client, as his responsible, or because he has least to do.

Pure: what is set and how much everybody has goes in, an employee comes out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from data.errors import BadInput

MOST_RULES = 50
MOST_PEOPLE = 200
MOST_CHATS = 1000
LONGEST_WORDS = 500

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What an employee has in work. taken_at: when he last got a chat; is_away: a PBX knows that he is not at work."""

    employee_id: str
    name: str
    chats: int
    taken_at: datetime | None = None
    is_away: bool = False

    def with_one_more(self, now: datetime) -> Load:
        return replace(self, chats=self.chats + 1, taken_at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRule:
    """Clients who write one of these words go to one of these employees."""

    words: tuple[str, ...]
    employee_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """What is set. employee_ids: who shares everything else; most_chats: nobody is given more, 0: no limit."""

    by_word: tuple[WordRule, ...] = ()
    by_client: bool = False
    employee_ids: tuple[str, ...] = ()
    most_chats: int = 0

    @property
    def is_on(self) -> bool:
        return bool(self.by_word or self.by_client or self.employee_ids)

    @property
    def people(self) -> frozenset[str]:
        """Everybody named."""
        return frozenset(self.employee_ids).union(*(rule.employee_ids for rule in self.by_word))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """word: of the client, by which it was chosen."""

    employee: Load
    word: str | None = None


def chosen(routing: Routing, text: str, responsible_id: str | None, loads: Mapping[str, Load]) -> Choice | None:
    """Who gets the chat now; None: it stays in the queue. loads: of everybody who works here, by his id."""
    loads = {employee_id: load for employee_id, load in loads.items() if not load.is_away}
    said = _plain(text)
    for rule in routing.by_word:
        word = next((word for word in rule.words if _plain(word).rstrip() in said), None)
        if word is not None and (found := _least(rule.employee_ids, routing.most_chats, loads)):
            return Choice(employee=found, word=word)
    if routing.by_client and responsible_id is not None and responsible_id in loads:
        return Choice(employee=loads[responsible_id])
    found = _least(routing.employee_ids, routing.most_chats, loads)
    return Choice(employee=found) if found else None


def usable_routing(given: Mapping[str, Any], known: Collection[str] | None = None) -> dict[str, Any]:
    """What a person set, checked. known: ids of those who work here. Raises BadInput."""
    most = given.get("most_chats", 0)
    if not isinstance(most, int) or isinstance(most, bool) or not 0 <= most <= MOST_CHATS:
        raise BadInput(f"most_chats is {str(most)[:40]!r}; write a whole number up to {MOST_CHATS}, 0 for no limit.")
    rules = given.get("by_word") or []
    if not isinstance(rules, list) or len(rules) > MOST_RULES or not all(isinstance(rule, Mapping) for rule in rules):
        raise BadInput(f"by_word must be a list of up to {MOST_RULES} rules, each with words and employee_ids.")
    return {
        "by_word": [_usable_rule(rule, known) for rule in rules],
        "by_client": bool(given.get("by_client", False)),
        "employee_ids": usable_people(given.get("employee_ids"), known),
        "most_chats": most,
    }


def usable_people(given: object, known: Collection[str] | None = None) -> list[str]:
    """Ids of employees, each once. Raises BadInput."""
    if not isinstance(given or [], list) or len(given or []) > MOST_PEOPLE:  # type: ignore[arg-type]
        raise BadInput(f"employee_ids must be a list of up to {MOST_PEOPLE} ids of employees.")
    found: list[str] = []
    for one in given or []:  # type: ignore[attr-defined]
        try:
            employee_id = str(UUID(str(one)))
        except ValueError:
            raise BadInput(f"{str(one)[:40]!r} is no id of an employee.") from None
        if known is not None and employee_id not in known:
            raise BadInput(f"There is no employee {employee_id}, or he works here no more. Choose another.")
        found.append(employee_id)
    return list(dict.fromkeys(found))


def routing_of(given: Mapping[str, Any]) -> Routing:
    """The routing of an account, out of its settings."""
    return Routing(
        by_word=tuple(
            WordRule(words=words_of(rule["words"]), employee_ids=tuple(rule["employee_ids"]))
            for rule in given.get("by_word") or ()
        ),
        by_client=bool(given.get("by_client", False)),
        employee_ids=tuple(given.get("employee_ids") or ()),
        most_chats=int(given.get("most_chats", 0)),
    )


def words_of(text: str) -> tuple[str, ...]:
    """Words and phrases as a person lists them, with commas between."""
    return tuple(word for part in text.split(",") if _plain(word := part.strip()).strip())


def _usable_rule(rule: Mapping[str, Any], known: Collection[str] | None) -> dict[str, Any]:
    words = str(rule.get("words") or "").strip()
    if len(words) > LONGEST_WORDS or not words_of(words):
        raise BadInput(f"words is {words[:40]!r}; write words with commas between, up to {LONGEST_WORDS} characters.")
    people = usable_people(rule.get("employee_ids"), known)
    if not people:
        raise BadInput(f"employee_ids of the words {words[:40]!r} is empty. Choose who gets these chats.")
    return {"words": words, "employee_ids": people}


def _least(employee_ids: Sequence[str], most: int, loads: Mapping[str, Load]) -> Load | None:
    """Who has the fewest chats, and of those whose last one is the longest ago."""
    here = [loads[one] for one in employee_ids if one in loads and (not most or loads[one].chats < most)]
    return min(here, key=lambda load: (load.chats, load.taken_at or _LONG_AGO, load.name), default=None)


def _plain(text: str) -> str:
    """Words with one blank before each, so that a word is found where one begins with it: "возврат" in "возврата"."""
    folded = text.casefold().replace("ё", "е")
    return "".join(f" {word}" for word in "".join(one if one.isalnum() else " " for one in folded).split()) + " "
