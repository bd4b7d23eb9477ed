"""Leads: who called for the first time, and how far the work on each has come (assets/leads_page.js)."""

from __future__ import annotations

from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from dashboard.components.shell import page_head
from dashboard.components.states import loading_state
from dashboard.components.words import script_config
from dashboard.page import Page, Section
from dashboard.text import t
from data.identity.actor import Permission

COUNT = "leads-count"
TOOLS = "leads-tools"
FILTERS = "leads-filters"
TOTALS = "leads-totals"
FORM = "leads-form"
LIST = "leads-list"
CONFIG = "leads-config"
STARTED = "leads-started"


def layout(**_: str) -> html.Div:
    """The places; what fills them reads the address itself."""
    return html.Div(
        [
            page_head(
                t("leads.title"),
                count=html.Span(id=COUNT, **{"aria-live": "polite"}),
                actions=[html.Div(id=TOOLS, className="j-tools")],
            ),
            html.Div(id=FILTERS, className="w-bar no-print", role="search"),
            html.Div(id=TOTALS, className="w-bar"),
            html.Div(id=FORM),
            html.Div(loading_state(), id=LIST),
            dcc.Store(id=CONFIG, data=script_config("journal", "leads")),
            dcc.Store(id=STARTED),
        ],
        className="w-page",
    )


clientside_callback(ClientsideFunction("leads", "start"), Output(STARTED, "data"), Input(CONFIG, "data"))

PAGE = Page(
    path="/leads",
    title="leads.title",
    layout=layout,
    icon="person-plus",
    section=Section.WORK,
    permission=Permission.SEE_CALLS,
    order=30,
    key="l",
)
