"""The states that every page shows alike: loading, empty, failed."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard.components.icons import icon
from dashboard.context import request_id
from dashboard.errors import Trouble
from dashboard.text import t


def loading_state(rows: int = 8) -> html.Div:
    """Skeleton lines; they appear only after a third of a second, so that quick pages do not flicker."""
    return html.Div(
        [html.Div(className="skeleton skeleton-row") for _ in range(rows)],
        className="state-loading",
        role="status",
        **{"aria-label": t("shell.state.loading")},
    )


def empty_state(heading: str, text: str = "", *, icon_name: str = "inbox", action: Any = None) -> html.Div:
    """Nothing to show: why, and what to do about it (action: a button or link)."""
    parts = [icon(icon_name), html.H2(heading)]
    if text:
        parts.append(html.P(text))
    if action is not None:
        parts.append(action)
    return html.Div(parts, className="state")


def error_state(trouble: Trouble, *, is_whole_page: bool = False) -> html.Div:
    """A page or a part of one that failed: words, Retry where that can help, the request id.

    is_whole_page: nothing else is on the page, so the heading is the page's.
    """
    heading = html.H1 if is_whole_page else html.H2
    parts = [
        icon("exclamation-triangle" if trouble.status >= 500 else "shield-lock" if trouble.status == 403 else "search"),
        heading(trouble.heading, tabIndex=-1),
        html.P(trouble.explanation),
    ]
    if trouble.retry:
        retry = [icon("arrow-clockwise"), t("shell.error.retry")]
        parts.append(html.Button(retry, className="button is-primary", **{"data-action": "reload"}))
    else:
        parts.append(dcc.Link(t("shell.error.home"), href="/", className="button"))
    parts.append(html.P([t("shell.error.request"), " ", html.Code(request_id())], className="state-id"))
    return html.Div(parts, className="state is-error", role="alert")
