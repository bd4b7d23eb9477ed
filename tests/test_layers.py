"""Who may import whom (see CONTRIBUTING.md): reads every import and names the wrong arrow."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ("data", "ingest", "dashboard", "commands", "app")

# importer (longest prefix wins) -> what it may import of ours
ALLOWED: dict[str, tuple[str, ...]] = {
    "data.model": (),
    "data.errors": (),
    "data": ("data",),
    "ingest": ("data", "ingest"),
    "dashboard": ("data", "dashboard"),
    "dashboard.figures": ("data", "dashboard.figures", "dashboard.text"),
    "commands": ("data", "ingest", "dashboard", "commands"),
    "app": ("commands", "data"),
}

# library -> the only places that may import it
HOMES: dict[str, tuple[str, ...]] = {
    "asterisk": ("ingest.sources.ami",),
    "duckdb": ("data.store",),
    "pymysql": ("ingest.sources.freepbx",),
    "flask": ("dashboard.factory", "dashboard.context", "dashboard.auth", "dashboard.api"),
    "flask_login": ("dashboard.auth",),
    "cryptography": ("data.identity",),
    "sqlalchemy": ("data.identity",),
    "httpcore": ("data.outbound",),
    "plotly": ("dashboard.figures",),
    "starlette": (
        "dashboard.asgi",
        "dashboard.events",
        "dashboard.recordings",
        "dashboard.hooks",
        "dashboard.hook_desk",
        "dashboard.media",
    ),
}


def modules() -> dict[str, Path]:
    """Every module of ours by its dotted name."""
    found = {"app": ROOT / "app.py"}
    for part in PARTS[:-1]:
        for path in sorted((ROOT / part).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


def imports(name: str, path: Path) -> Iterator[tuple[str, int, bool]]:
    """Dotted names that a module imports, with the line, and whether it happens when it is loaded."""
    tree = ast.parse(path.read_text("utf-8"))
    inside = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or _is_type_checking(node)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno, id(node) not in inside
        elif isinstance(node, ast.ImportFrom):
            package = name if path.name == "__init__.py" else name.rpartition(".")[0]
            up = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
            base = ".".join(part for part in (up if node.level else "", node.module or "") if part)
            for alias in node.names:
                yield f"{base}.{alias.name}", node.lineno, id(node) not in inside


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def within(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


def wrong_arrows(found: dict[str, Path]) -> list[str]:
    wrong = []
    for name, path in found.items():
        rule = max((key for key in ALLOWED if within(name, (key,))), key=len)
        for target, line, _ in imports(name, path):
            top = target.partition(".")[0]
            if top in PARTS and not within(target, (*ALLOWED[rule], name)):
                wrong.append(f"{name}:{line} ─► {target}: {rule} may import only {ALLOWED[rule] or 'nothing of ours'}")
            if top in HOMES and not within(name, HOMES[top]):
                wrong.append(f"{name}:{line} ─► {target}: that library lives in {', '.join(HOMES[top])}")
            if within(name, ("dashboard.pages",)) and target.startswith("dashboard.pages.") and target != name:
                wrong.append(f"{name}:{line} ─► {target}: no page imports a page")
    return wrong


def cycle(found: dict[str, Path]) -> list[str]:
    """One import cycle among our modules, as they are loaded; empty where there is none."""
    edges: dict[str, set[str]] = {}
    for name, path in found.items():
        targets = {target for target, _, at_load in imports(name, path) if at_load}
        own = {t if t in found else t.rpartition(".")[0] for t in targets}
        edges[name] = {t for t in own if t in found and t != name}
    done: set[str] = set()

    def visit(name: str, trail: list[str]) -> list[str]:
        if name in trail:
            return [*trail[trail.index(name) :], name]
        if name in done:
            return []
        for target in sorted(edges[name]):
            if loop := visit(target, [*trail, name]):
                return loop
        done.add(name)
        return []

    return next((loop for name in sorted(edges) if (loop := visit(name, []))), [])


def test_every_import_follows_the_arrows() -> None:
    assert wrong_arrows(modules()) == []


def test_there_is_no_import_cycle() -> None:
    assert cycle(modules()) == []


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    long = {
        name: lines for name, path in modules().items() if (lines := len(path.read_text("utf-8").splitlines())) > 400
    }

    assert long == {}


def test_most_modules_are_under_two_hundred_lines() -> None:
    sizes = [len(path.read_text("utf-8").splitlines()) for path in modules().values()]

    assert sum(size <= 200 for size in sizes) / len(sizes) >= 0.85


@pytest.mark.parametrize(
    ("name", "line", "part"),
    [
        ("data.model", "from data.phone import normalise", "data.model:1"),
        ("data.journal", "import ingest.daemon", "data.journal:1"),
        ("ingest.daemon", "from dashboard import factory", "ingest.daemon:1"),
        ("dashboard.pages.calls", "from dashboard.pages import call", "no page imports a page"),
        ("ingest.daemon", "import duckdb", "data.store"),
    ],
)
def test_a_wrong_arrow_is_named(tmp_path: Path, name: str, line: str, part: str) -> None:
    path = tmp_path / "module.py"
    path.write_text(line + "\n", "utf-8")

    wrong = wrong_arrows({name: path})

    assert len(wrong) == 1
    assert part in wrong[0]


def test_a_cycle_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import data.b\n", "utf-8")
    (tmp_path / "b.py").write_text("from data import a\n", "utf-8")

    loop = cycle({"data.a": tmp_path / "a.py", "data.b": tmp_path / "b.py"})

    assert loop == ["data.a", "data.b", "data.a"]
