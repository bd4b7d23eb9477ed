"""Brings the catalogues in line with the code: `python -m tools.text` (what `make text` runs).

New keys are added to the file of their area in every language, without words, and named. Ends with 1 where
words are missing. Keys that are put together at run time are not seen: add those by hand.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from dashboard.errors import KINDS  # noqa: E402
from dashboard.page import Section, discover  # noqa: E402
from dashboard.text import LANGUAGES, key_of  # noqa: E402
from dashboard.text.catalogue import FOLDER, LABELLED, area_of, read_file  # noqa: E402

_WRITES_THE_TRAIL = re.compile(r"^from (data\.services\.trail|commands) import .*\b(trail|note)\b", re.MULTILINE)
_ACTION = re.compile(r"[a-z_]+(\.[a-z_]+)+")

Key = str | tuple[str, str]  # a pair: words with plural forms
Keywords = dict[str, tuple[int, ...] | None]


def main() -> int:
    """Update all catalogues; the exit status."""
    wanted = keys_in_code()
    missing: list[str] = []
    for language in LANGUAGES:
        for area in sorted({area_of(name_of(key)) for key in wanted}):
            missing += _update(language, area, [key for key in wanted if area_of(name_of(key)) == area])
    for line in missing:
        print(line)  # noqa: T201
    return 1 if missing else 0


def keys_in_code() -> list[Key]:
    """Every key that code, templates, scripts, pages and the closed sets use."""
    found: set[Key] = {key_of(member) for values in LABELLED for member in values}
    found.update(f"shell.section.{section}" for section in Section if section is not Section.WORK)
    found.update(f"shell.error.{kind}.{part}" for kind in KINDS for part in ("heading", "text"))
    for page in discover():
        found.update(key for key in (page.title, page.group) if key)
    found.update(_extracted())
    found.update(f"audit.action.{action}" for action in actions_in_code())
    found.update(f"audit.detail.{name}" for name in details_in_code())
    return sorted(found, key=name_of)


def actions_in_code() -> list[str]:
    """Everything that is written into the trail: the dotted texts of modules that write it."""
    found = {"client.import", "login", "logout", "login.failed", "password.change"}  # elsewhere: SQL, dashboard/auth.py
    for node in _nodes_of_the_trail():
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _ACTION.fullmatch(node.value):
            found.add(node.value)
    return sorted(found)


def details_in_code() -> list[str]:
    """The names of details that are written into the trail as keywords."""
    calls = (node for node in _nodes_of_the_trail() if isinstance(node, ast.Call))
    written = (call for call in calls if isinstance(call.func, ast.Name) and call.func.id in ("trail", "note"))
    return sorted({keyword.arg for call in written for keyword in call.keywords if keyword.arg})


def _nodes_of_the_trail() -> Iterator[ast.AST]:
    for part in ("data", "dashboard", "commands", "ingest"):
        for file in (ROOT / part).rglob("*.py"):
            code = file.read_text("utf-8")
            if _WRITES_THE_TRAIL.search(code):
                yield from ast.walk(ast.parse(code))


def name_of(key: Key) -> str:
    return key if isinstance(key, str) else key[0]


def words_missing(language: str, keys: list[Key]) -> list[str]:
    """The keys that have no words in `language`, or not all plural forms."""
    known = {
        message.id: message.string for file in (FOLDER / language).glob("*.po") for message in read_file(file, language)
    }
    return [name_of(key) for key in keys if not _complete(known.get(key))]


def _update(language: str, area: str, keys: list[Key]) -> list[str]:
    file = FOLDER / language / f"{area}.po"
    catalog = read_file(file, language) if file.exists() else Catalog(locale=language)
    fresh = [key for key in keys if key not in catalog]
    for key in fresh:
        catalog.add(key)
    if fresh:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as target:
            write_po(target, catalog, sort_output=True, omit_header=False, width=0)
    return [
        f"{file.relative_to(ROOT)}: {name_of(key)} has no words" for key in keys if not _complete(catalog[key].string)
    ]


def _complete(words: object) -> bool:
    return all(words) if isinstance(words, tuple | list) else bool(words)


def _extracted() -> Iterator[Key]:
    for file in sorted((ROOT / "dashboard").rglob("*.py")):
        yield from _called_in(ast.parse(file.read_text("utf-8")))
    yield from _found_by([("templates/**.html", "jinja2")], {"t": None})
    yield from _found_by([("assets/*.js", "javascript")], {"callboard.t": None})


def _called_in(tree: ast.AST) -> Iterator[Key]:
    """Keys of calls of t and tn. Babel's own reader joins both branches of `t("a" if found else "b")` to one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("t", "tn") and node.args:
            for key in _texts_of(node.args[0]):
                if _is_key(key):
                    yield key if node.func.id == "t" else (key, key)


def _texts_of(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from _texts_of(node.body)
        yield from _texts_of(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def _found_by(methods: list[tuple[str, str]], keywords: Keywords) -> Iterator[Key]:
    for _, _, message, _, _ in extract_from_dir(
        ROOT / "dashboard", method_map=methods, options_map={}, keywords=keywords, comment_tags=()
    ):
        if isinstance(message, str) and _is_key(message):
            yield message
        elif isinstance(message, tuple) and _is_key(message[0]):
            yield message[0], message[1]


def _is_key(text: str) -> bool:
    # One that ends with "_" or "." is the beginning of a key that is put together at run time.
    first, dot, rest = text.partition(".")
    return bool(dot and rest) and not text.endswith(("_", ".")) and first.replace("_", "").isalpha() and " " not in text


if __name__ == "__main__":
    sys.exit(main())
