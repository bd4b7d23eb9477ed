"""A page: what the menu, the router and the rights need to know about one screen.

A module of `dashboard/pages/` that defines `PAGE = Page(...)` (or `PAGES = (Page(...), …)`) is found by
`discover()`; nothing else has to be registered.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl

from data.identity.actor import Actor, Permission

Layout = Callable[..., Any]

# Component packages too heavy for pages that do not use them.
BUNDLES_ON_DEMAND = ("dash_ag_grid",)


class Section(StrEnum):
    """Blocks of the sidebar, in their order; the words are `shell.section.<name>`."""

    WORK = "work"  # the daily work; has no heading
    ANALYTICS = "analytics"
    SETTINGS = "settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One screen.

    path: "/calls", or with named parts "/calls/<call_id>", which arrive as keyword arguments of `layout`,
    as do the values of the query string (the last one where a name repeats).
    title: key of the words; also the name in the menu and of the browser's tab.
    section: None keeps the page out of the menu. group: key of a sub-heading in the section.
    permission: None lets in everybody who has logged in.
    parent: path of the menu entry that is marked while this page is open.
    key: the letter that opens it after "g", on every page.
    bundles: of BUNDLES_ON_DEMAND, those that the page needs: they are fetched together with it, not after it.
    counted: its menu entry has a place for a number (`data-count` with the path), which a script fills.
    """

    path: str
    title: str
    layout: Layout
    icon: str = "circle"
    section: Section | None = None
    group: str | None = None
    permission: Permission | None = None
    order: int = 100
    parent: str | None = None
    key: str | None = None
    bundles: tuple[str, ...] = ()
    counted: bool = False

    def open_to(self, actor: Actor) -> bool:
        return self.permission is None or actor.may(self.permission)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A page found for an address, with the values of its named parts."""

    page: Page
    parts: Mapping[str, str]


class Pages:
    """All pages: finds one by address and lists those of the menu."""

    def __init__(self, pages: Iterable[Page]) -> None:
        self._pages = tuple(pages)
        paths = [page.path for page in self._pages]
        twice = {path for path in paths if paths.count(path) > 1}
        if twice:
            raise ValueError(f"Two pages have the path {', '.join(sorted(twice))}. Rename one in dashboard/pages/.")

    def __iter__(self) -> Any:
        return iter(self._pages)

    def match(self, path: str) -> Match | None:
        """The page at `path`; one without named parts wins."""
        found = [
            Match(page=page, parts=parts) for page in self._pages if (parts := _parts(page.path, path)) is not None
        ]
        return min(found, key=lambda match: len(match.parts), default=None)

    def home(self, actor: Actor) -> Page | None:
        """Where "/" leads: the page there, else the first of the menu that is open to `actor`."""
        if start := self.match("/"):
            return start.page
        return next((page for section in Section for page in self.menu(actor, section)), None)

    def menu(self, actor: Actor, section: Section) -> tuple[Page, ...]:
        """The pages of `section` that are open to `actor`, in their order."""
        listed = [page for page in self._pages if page.section is section and page.open_to(actor)]
        return tuple(sorted(listed, key=lambda page: (page.order, page.path)))


def discover() -> Pages:
    """All pages of `dashboard/pages/`."""
    import dashboard.pages

    found: list[Page] = []
    for module in sorted(pkgutil.iter_modules(dashboard.pages.__path__), key=lambda module: module.name):
        loaded = importlib.import_module(f"dashboard.pages.{module.name}")
        found += getattr(loaded, "PAGES", ())
        if isinstance(page := getattr(loaded, "PAGE", None), Page):
            found.append(page)
    return Pages(found)


def query_values(search: str | None) -> dict[str, str]:
    """The values of "?a=1&b=2"; the last one where a name repeats."""
    return dict(parse_qsl((search or "").removeprefix("?"), keep_blank_values=False))


def _parts(pattern: str, path: str) -> dict[str, str] | None:
    wanted, given = pattern.strip("/").split("/"), path.strip("/").split("/")
    if len(wanted) != len(given):
        return None
    parts: dict[str, str] = {}
    for want, have in zip(wanted, given, strict=True):
        if want.startswith("<") and have:
            parts[want.strip("<>")] = have
        elif want != have:
            return None
    return parts
