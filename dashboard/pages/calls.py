"""The call journal: filters, the list, and the panel of the selected call."""

from __future__ import annotations

from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from dashboard.components.grid import journal_grid
from dashboard.components.shell import page_head
from dashboard.components.words import script_config
from dashboard.page import Page, Section
from dashboard.text import t
from data.identity.actor import Permission

JOURNAL = "journal"
GRID = "journal-grid"
COUNT = "journal-count"
RUNNING = "journal-running"
TOOLS = "journal-tools"
FILTERS = "journal-filters"
LIST = "journal-list"
NOTE = "journal-note"
CHIP = "journal-chip"
MANY = "journal-many"
PANEL = "journal-panel"
CONFIG = "journal-config"
STARTED = "journal-started"


def layout(**_: str) -> html.Div:
    """The places; what fills them reads the address itself (assets/journal_page.js)."""
    return html.Div(
        [
            page_head(
                t("journal.title"),
                count=[html.Span(id=COUNT, **{"aria-live": "polite"}), html.Span(id=RUNNING, hidden=True)],
                actions=[html.Div(id=TOOLS, className="j-tools")],
            ),
            html.Div(id=FILTERS, className="j-filter-bar no-print", role="search"),
            html.Div(
                [_calls(), html.Aside(id=PANEL, className="j-panel", **_spoken("journal.panel"))], className="j-body"
            ),
            dcc.Store(id=CONFIG, data=script_config("journal", "tasks")),
            dcc.Store(id=STARTED),
        ],
        id=JOURNAL,
        className="j-page",
    )


def _calls() -> html.Section:
    return html.Section(
        [
            html.Div(id=CHIP, className="j-chip-place", hidden=True, role="status"),
            html.Div(id=MANY, className="j-many no-print", hidden=True),
            journal_grid(GRID),
            html.Div(id=NOTE, className="j-note-place", hidden=True),
        ],
        id=LIST,
        className="j-list",
        **_spoken("journal.list"),
    )


def _spoken(key: str) -> dict[str, str]:
    return {"aria-label": t(key)}


clientside_callback(ClientsideFunction("journal", "startPage"), Output(STARTED, "data"), Input(CONFIG, "data"))

PAGE = Page(
    path="/calls",
    title="journal.title",
    layout=layout,
    icon="telephone",
    section=Section.WORK,
    permission=Permission.SEE_CALLS,
    order=10,
)
