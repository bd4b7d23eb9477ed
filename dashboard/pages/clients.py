"""The list of clients; assets/pages_clients_list.js fills it from the address."""

from __future__ import annotations

from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from dashboard.components.client_config import client_config
from dashboard.components.shell import page_head
from dashboard.page import Page, Section
from dashboard.text import t
from data.identity.actor import Permission

ROOT = "clients"
COUNT = "clients-count"
TOOLS = "clients-tools"
FILTERS = "clients-filters"
LIST = "clients-list"
CONFIG = "clients-config"
STARTED = "clients-started"


def layout(**_: str) -> html.Div:
    return html.Div(
        [
            page_head(
                t("clients.title"),
                count=html.Span(id=COUNT, **{"aria-live": "polite"}),
                actions=[html.Div(id=TOOLS, className="j-tools")],
            ),
            html.Div(id=FILTERS, className="c-filters no-print", role="search"),
            html.Section(id=LIST, className="c-list", **{"aria-label": t("clients.title")}),
            dcc.Store(id=CONFIG, data=client_config()),
            dcc.Store(id=STARTED),
        ],
        id=ROOT,
        className="j-callpage c-page",
    )


clientside_callback(ClientsideFunction("clients", "startList"), Output(STARTED, "data"), Input(CONFIG, "data"))

PAGE = Page(
    path="/clients",
    title="clients.title",
    layout=layout,
    icon="people",
    section=Section.WORK,
    permission=Permission.SEE_CALLS,
    order=20,
    key="k",
)
