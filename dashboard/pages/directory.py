"""Page "Справочник": who and what the office consists of, and when it is open (assets/pages_directory_*.js)."""

from __future__ import annotations

from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from dashboard.components.shell import page_head
from dashboard.components.states import loading_state
from dashboard.components.words import script_config
from dashboard.page import Page, Section
from dashboard.text import t
from data.identity.actor import Permission

COUNT = "directory-count"
TOOLS = "directory-tools"
TABS = "directory-tabs"
FORM = "directory-form"
LIST = "directory-list"
CONFIG = "directory-config"
STARTED = "directory-started"


def layout(**_: str) -> html.Div:
    """The places; what fills them reads the address itself."""
    return html.Div(
        [
            page_head(
                t("directory.title"),
                count=html.Span(id=COUNT, **{"aria-live": "polite"}),
                actions=[html.Div(id=TOOLS, className="j-tools")],
            ),
            html.P(t("directory.note"), className="muted d-note"),
            html.Div(id=TABS, className="w-bar no-print"),
            html.Div(id=FORM),
            html.Div(loading_state(), id=LIST),
            dcc.Store(id=CONFIG, data=script_config("journal", "directory")),
            dcc.Store(id=STARTED),
        ],
        className="w-page d-page",
    )


clientside_callback(ClientsideFunction("directory", "start"), Output(STARTED, "data"), Input(CONFIG, "data"))

PAGE = Page(
    path="/settings/directory",
    title="directory.title",
    layout=layout,
    icon="building",
    section=Section.SETTINGS,
    permission=Permission.DIRECTORY,
    order=20,
)
