"""Clients from a file: upload, columns, preview, progress, and what could not be taken."""

from __future__ import annotations

from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from dashboard.components.client_config import client_config
from dashboard.components.shell import page_head
from dashboard.page import Page
from dashboard.text import t
from data.identity.actor import Permission

CONFIG = "import-config"
STARTED = "import-started"
STEPS = "import-steps"


def layout(**_: str) -> html.Div:
    return html.Div(
        [
            page_head(t("clients.import"), back=("/clients", t("clients.title"))),
            html.Section(id=STEPS, className="c-import", **{"aria-label": t("clients.import")}),
            dcc.Store(id=CONFIG, data=client_config()),
            dcc.Store(id=STARTED),
        ],
        className="j-callpage c-page",
    )


clientside_callback(ClientsideFunction("clients", "startImport"), Output(STARTED, "data"), Input(CONFIG, "data"))

PAGE = Page(
    path="/clients/import",
    title="clients.import",
    layout=layout,
    permission=Permission.EDIT_CLIENTS,
    parent="/clients",
)
