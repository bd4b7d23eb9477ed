"""The wall board: what goes on now, for a supervisor's screen and, with ?tv=1, for a wall (assets/work_board.js)."""

from __future__ import annotations

from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from dashboard.components.shell import page_head
from dashboard.components.states import loading_state
from dashboard.components.words import script_config
from dashboard.context import current_actor, current_settings, current_store, preferences
from dashboard.page import Page, Section
from dashboard.text import t
from data.identity.actor import Permission
from data.services.membership import refusal

TOOLS = "live-tools"
STALE = "live-stale"
BOARD = "live-board"
CONFIG = "live-config"
STARTED = "live-started"


def layout(**_: str) -> html.Div:
    """The places; what fills them reads the address itself."""
    config = script_config("journal", "live") | {
        "board": preferences("board"),
        "membership": refusal(current_store(), current_actor(), current_settings()),
    }
    return html.Div(
        [
            page_head(t("live.title"), actions=[html.Div(id=TOOLS, className="j-tools")]),
            html.Div(id=STALE, role="alert"),
            html.Div(loading_state(), id=BOARD, className="lb-board"),
            dcc.Store(id=CONFIG, data=config),
            dcc.Store(id=STARTED),
        ],
        className="lb-page",
    )


clientside_callback(ClientsideFunction("board", "start"), Output(STARTED, "data"), Input(CONFIG, "data"))

PAGE = Page(
    path="/live",
    title="live.title",
    layout=layout,
    icon="speedometer2",
    section=Section.WORK,
    permission=Permission.LIVE,
    order=12,
    key="w",
)
