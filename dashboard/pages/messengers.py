"""Settings of messengers: accounts and their state, ready answers, templates (assets/messengers_page.js)."""

from __future__ import annotations

from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from dashboard.components.shell import page_head
from dashboard.components.states import loading_state
from dashboard.components.words import script_config
from dashboard.page import Page, Section
from dashboard.text import t
from data.identity.actor import Permission

LIST = "messengers-list"
CONFIG = "messengers-config"
STARTED = "messengers-started"


def layout(**_: str) -> html.Div:
    """The places; the script reads the accounts itself."""
    return html.Div(
        [
            page_head(t("messengers.title")),
            html.P(t("messengers.explained"), className="muted"),
            html.Div(loading_state(), id=LIST, className="w-page"),
            dcc.Store(id=CONFIG, data=script_config("journal", "messengers", "chats")),
            dcc.Store(id=STARTED),
        ],
        className="w-page",
    )


clientside_callback(ClientsideFunction("messengers", "start"), Output(STARTED, "data"), Input(CONFIG, "data"))

PAGE = Page(
    path="/settings/messengers",
    title="messengers.title",
    layout=layout,
    icon="chat-dots",
    section=Section.SETTINGS,
    permission=Permission.SETTINGS,
    order=65,
)
