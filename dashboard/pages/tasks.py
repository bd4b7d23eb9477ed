"""Tasks: mine, those I gave to others, and, for supervisors, everybody's (assets/tasks_page.js)."""

from __future__ import annotations

from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from dashboard.components.shell import page_head
from dashboard.components.states import loading_state
from dashboard.components.words import script_config
from dashboard.context import current_actor
from dashboard.page import Page, Section
from dashboard.text import t
from data.identity.actor import Permission
from data.services.tasks import may_see_all

COUNT = "tasks-count"
TOOLS = "tasks-tools"
FILTERS = "tasks-filters"
FORM = "tasks-form"
LIST = "tasks-list"
CONFIG = "tasks-config"
STARTED = "tasks-started"


def layout(**_: str) -> html.Div:
    """The places; what fills them reads the address itself."""
    return html.Div(
        [
            page_head(
                t("tasks.title"),
                count=html.Span(id=COUNT, **{"aria-live": "polite"}),
                actions=[html.Div(id=TOOLS, className="j-tools")],
            ),
            html.Div(id=FILTERS, className="w-bar no-print"),
            html.Div(id=FORM),
            html.Div(loading_state(), id=LIST),
            dcc.Store(id=CONFIG, data=script_config("journal", "tasks") | {"all": may_see_all(current_actor())}),
            dcc.Store(id=STARTED),
        ],
        className="w-page",
    )


clientside_callback(ClientsideFunction("tasks", "start"), Output(STARTED, "data"), Input(CONFIG, "data"))

PAGE = Page(
    path="/tasks",
    title="tasks.title",
    layout=layout,
    icon="check2",
    section=Section.WORK,
    permission=Permission.SEE_CALLS,
    order=40,
    key="t",
)
