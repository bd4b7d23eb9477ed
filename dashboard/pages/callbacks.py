"""Missed callers who wait to be called back, who takes care of whom, and until when (assets/work_callbacks.js)."""

from __future__ import annotations

from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from dashboard.components.shell import page_head
from dashboard.components.states import loading_state
from dashboard.components.words import script_config
from dashboard.page import Page, Section
from dashboard.text import t
from data.identity.actor import Permission
from data.services.callbacks import DismissReason

COUNT = "callbacks-count"
FILTERS = "callbacks-filters"
LIST = "callbacks-list"
CONFIG = "callbacks-config"
STARTED = "callbacks-started"


def layout(**_: str) -> html.Div:
    """The places; what fills them reads the address itself."""
    config = script_config("journal", "callbacks") | {"reasons": [reason.value for reason in DismissReason]}
    return html.Div(
        [
            page_head(t("callbacks.title"), count=html.Span(id=COUNT, **{"aria-live": "polite"})),
            html.Div(id=FILTERS, className="w-bar no-print"),
            html.Div(loading_state(), id=LIST),
            dcc.Store(id=CONFIG, data=config),
            dcc.Store(id=STARTED),
        ],
        className="w-page",
    )


clientside_callback(ClientsideFunction("callbacks", "start"), Output(STARTED, "data"), Input(CONFIG, "data"))

PAGE = Page(
    path="/callbacks",
    title="callbacks.title",
    layout=layout,
    icon="telephone-outbound",
    section=Section.WORK,
    permission=Permission.SEE_CALLS,
    order=25,
    key="b",
    counted=True,
)
