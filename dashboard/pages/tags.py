"""Tags: the vocabulary of the office, renamed, recoloured and cleared away for everybody (assets/tags_page.js)."""

from __future__ import annotations

from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from dashboard.components.shell import page_head
from dashboard.components.states import loading_state
from dashboard.components.words import script_config
from dashboard.page import Page, Section
from dashboard.text import t
from data.identity.actor import Permission
from data.services.tags import LONGEST_TITLE, TagColour

COUNT = "tags-count"
FORM = "tags-form"
LIST = "tags-list"
CONFIG = "tags-config"
STARTED = "tags-started"


def layout(**_: str) -> html.Div:
    """The places; the script reads the vocabulary itself."""
    given = {"colours": [colour.value for colour in TagColour], "longest": LONGEST_TITLE}
    return html.Div(
        [
            page_head(t("tags.title"), count=html.Span(id=COUNT, **{"aria-live": "polite"})),
            html.P(t("tags.explained"), className="muted"),
            html.Div(id=FORM, className="w-bar no-print"),
            html.Div(loading_state(), id=LIST),
            dcc.Store(id=CONFIG, data=script_config("journal", "tags") | given),
            dcc.Store(id=STARTED),
        ],
        className="w-page",
    )


clientside_callback(ClientsideFunction("tags", "start"), Output(STARTED, "data"), Input(CONFIG, "data"))

PAGE = Page(
    path="/settings/tags",
    title="tags.title",
    layout=layout,
    icon="bookmark",
    section=Section.SETTINGS,
    permission=Permission.TAGS,
    order=60,
)
