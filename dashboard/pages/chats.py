"""Chats: the list and the open one side by side, one of them on a phone (assets/chats_*.js)."""

from __future__ import annotations

from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from dashboard.components.shell import page_head
from dashboard.components.states import loading_state
from dashboard.components.words import script_config
from dashboard.context import current_actor
from dashboard.page import Page, Section
from dashboard.text import t
from data.identity.actor import Permission

ROOT = "chats-page"
COUNT = "chats-count"
TOOLS = "chats-tools"
LIST = "chats-list"
ROOM = "chats-room"
CONFIG = "chats-config"
STARTED = "chats-started"


def layout(**_: str) -> html.Div:
    """The places; what fills them reads the address itself."""
    config = script_config("journal", "tasks", "chats") | {"user_name": current_actor().name}
    return html.Div(
        [
            page_head(
                t("chats.title"),
                count=html.Span(id=COUNT, **{"aria-live": "polite"}),
                actions=[html.Div(id=TOOLS, className="j-tools")],
            ),
            html.Div(
                [
                    html.Section(
                        loading_state(), id=LIST, className="ch-list", **{"aria-label": t("chats.ui.chats.list")}
                    ),
                    html.Section(id=ROOM, className="ch-place", **{"aria-label": t("chats.ui.chats.chat")}),
                ],
                className="ch-panes card-box",
            ),
            dcc.Store(id=CONFIG, data=config),
            dcc.Store(id=STARTED),
        ],
        id=ROOT,
        className="ch-page",
    )


clientside_callback(ClientsideFunction("chats", "start"), Output(STARTED, "data"), Input(CONFIG, "data"))

PAGES = (
    Page(
        path="/chats",
        title="chats.title",
        layout=layout,
        icon="chat-dots",
        section=Section.WORK,
        permission=Permission.CHAT,
        order=27,
        key="m",
        counted=True,
    ),
    Page(
        path="/chats/<chat_id>",
        title="chats.title",
        layout=layout,
        permission=Permission.CHAT,
        parent="/chats",
    ),
)
