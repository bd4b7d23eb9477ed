"""One client: the card beside the feed of everything that happened with him."""

from __future__ import annotations

from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from dashboard.components.client_config import client_config
from dashboard.components.icons import icon
from dashboard.context import current_actor, current_store
from dashboard.page import Page
from dashboard.text import t
from data.identity.actor import Permission
from data.services.clients import ClientKind, get_client

CONFIG = "client-config"
STARTED = "client-started"
NAME = "client-name"
ABOUT = "client-about"
TOOLS = "client-tools"
NOTE = "client-note"
CARD = "client-card"
FEED = "client-feed"


def layout(account_id: str, **_: str) -> html.Div:
    """The places of the card. Raises NotFound."""
    client = get_client(current_store(), current_actor(), account_id)
    person = client.fields.kind is ClientKind.PERSON
    return html.Div(
        [
            html.Header(
                [
                    html.Div(
                        [
                            dcc.Link(
                                [icon("chevron-left"), t("clients.title")], href="/clients", className="j-back no-print"
                            ),
                            html.Div(
                                [
                                    icon("person" if person else "building"),
                                    html.H1(client.fields.name, id=NAME, tabIndex=-1),
                                ],
                                className="j-call-title",
                            ),
                            html.P(id=ABOUT, className="j-call-sub"),
                        ],
                        className="j-grow",
                    ),
                    html.Div(html.Div(id=TOOLS, className="j-tools"), className="page-actions no-print"),
                ],
                className="page-head j-call-head",
            ),
            html.Div(id=NOTE),
            html.Div(
                [
                    html.H2(t("clients.card"), className="visually-hidden"),
                    html.Aside(id=CARD, className="j-call-side c-card", **{"aria-label": t("clients.card")}),
                    html.Section(id=FEED, className="j-call-main c-feed", **{"aria-label": t("clients.feed")}),
                ],
                className="j-call-body c-body",
            ),
            dcc.Store(id=CONFIG, data=client_config(account_id=client.account_id)),
            dcc.Store(id=STARTED),
        ],
        className="j-callpage c-page",
    )


clientside_callback(ClientsideFunction("clients", "startCard"), Output(STARTED, "data"), Input(CONFIG, "data"))

PAGE = Page(
    path="/clients/<account_id>",
    title="clients.card",
    layout=layout,
    permission=Permission.SEE_CALLS,
    parent="/clients",
)
