"""My open tasks, as the start page lists them."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.components.icons import icon
from dashboard.context import current_actor, current_settings, current_store, now
from dashboard.text import t
from dashboard.text.formats import moment, number
from data.services.tasks import Task, summary, tasks

LISTED = 6


def my_tasks() -> list[Any]:
    """The most urgent ones, overdue ones marked, and a link to all of them."""
    store, actor, site = current_store(), current_actor(), current_settings().site
    count = summary(store, actor, site, now=now()).open
    found = tasks(store, actor, now=now(), limit=LISTED) if count else ()
    heading = html.H2([t("tasks.mine"), html.A(number(count), href="/tasks", className="chip number")])
    if not found:
        return [heading, html.P(t("tasks.none"), className="muted")]
    return [heading, html.Ul([_row(one) for one in found], className="overview-list")]


def _row(one: Task) -> html.Li:
    is_late = one.is_overdue(now())
    due = moment(one.fields.due_at, now(), current_settings().site.zone) if one.fields.due_at else ""
    words = t("tasks.overdue", when=due) if is_late else due
    return html.Li(
        [
            html.A(
                [icon("exclamation-circle" if is_late else "circle"), one.fields.title],
                href="/tasks?state=overdue" if is_late else "/tasks",
                className=f"overview-who{' is-missed' if is_late else ''}",
            ),
            html.Span(words, className="muted number"),
        ]
    )
