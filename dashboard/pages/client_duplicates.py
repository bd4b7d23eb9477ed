"""Cards that may be one client: looked at, merged, or told apart."""

from __future__ import annotations

from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from dashboard.components.client_config import client_config
from dashboard.components.shell import page_head
from dashboard.page import Page
from dashboard.text import t
from data.identity.actor import Permission

CONFIG = "duplicates-config"
STARTED = "duplicates-started"
LIST = "duplicates-list"


def layout(**_: str) -> html.Div:
    return html.Div(
        [
            page_head(t("clients.duplicates"), back=("/clients", t("clients.title"))),
            html.P(t("clients.duplicates.hint"), className="j-hint"),
            html.Section(id=LIST, className="c-pairs", **{"aria-label": t("clients.duplicates")}),
            dcc.Store(id=CONFIG, data=client_config()),
            dcc.Store(id=STARTED),
        ],
        className="j-callpage c-page",
    )


clientside_callback(ClientsideFunction("clients", "startDuplicates"), Output(STARTED, "data"), Input(CONFIG, "data"))

PAGE = Page(
    path="/clients/duplicates",
    title="clients.duplicates",
    layout=layout,
    permission=Permission.EDIT_CLIENTS,
    parent="/clients",
)
