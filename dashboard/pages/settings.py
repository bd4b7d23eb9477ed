"""Page "Параметры": what may change while everything runs, and all other settings with where they come from."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from dash import html

from dashboard.components.forms import act, button, form, text_field
from dashboard.components.icons import icon
from dashboard.components.people import plain_table
from dashboard.components.shell import page_head
from dashboard.context import current_actor, current_settings, current_store, given_settings, now
from dashboard.page import Page, Section
from dashboard.text import t
from dashboard.text.formats import moment
from data.identity.actor import Permission
from data.runtime import CHANGEABLE
from data.services.settings import Setting, listed

SAID = ("saved", "reset")
# What a browser can check before it asks: attributes of the field, by the setting.
_FIELDS: dict[str, dict[str, Any]] = {
    "backup.at": {"pattern": "([01][0-9]|2[0-3]):[0-5][0-9]", "required": True},
}
_NUMBER = {"inputMode": "decimal", "pattern": "[0-9]+([.,][0-9]+)?", "required": True}


def layout(said: str = "", **_: str) -> html.Div:
    found = listed(current_store(), current_actor(), given_settings())
    changeable = sorted((one for one in found if one.is_changeable), key=lambda one: CHANGEABLE.index(one.name))
    fields = [_field(one) for one in changeable]
    notice = (
        [html.P([icon("check-circle"), html.Span(t(f"settings.said.{said}"))], className="notice", role="status")]
        if said in SAID
        else []
    )
    return html.Div(
        [
            page_head(t("settings.title")),
            *notice,
            html.P(t("settings.note"), className="muted d-note"),
            html.Section(
                form("/settings/do/save", [*fields, button(t("settings.save"), primary=True)]),
                className="card-box people-card",
            ),
            *_changed([one for one in changeable if one.source == "person"]),
            html.H2(t("settings.others")),
            html.P(t("settings.others.note"), className="muted d-note"),
            *_tables([one for one in found if not one.is_changeable]),
        ],
        className="people",
    )


def _field(one: Setting) -> html.Div:
    hint = f"{t(f'settings.{one.name}.hint')} {t('settings.given', value=_shown(one.given))}"
    return text_field(
        one.name,
        t(f"settings.{one.name}"),
        _shown(one.value),
        hint=hint,
        maxLength=40,
        **_FIELDS.get(one.name, _NUMBER),
    )


def _changed(rows: list[Setting]) -> list[Any]:
    """Who changed what, each with a way back."""
    if not rows:
        return []
    zone = current_settings().site.zone
    lines = [
        [
            t(f"settings.{one.name}"),
            _shown(one.value),
            _shown(one.given),
            one.changed_by,
            moment(one.changed_at, now(), zone) if one.changed_at else "",
            act("/settings/do/reset", t("settings.back"), "arrow-counterclockwise", name=one.name),
        ]
        for one in rows
    ]
    heads = [t(f"settings.column.{name}") for name in ("name", "value", "given", "by", "at", "back")]
    return [html.H2(t("settings.changed")), plain_table(t("settings.changed"), heads, lines)]


def _tables(rows: list[Setting]) -> list[Any]:
    heads = [t(f"settings.column.{name}") for name in ("name", "value", "source")]
    made: list[Any] = []
    for section, group in groupby(sorted(rows, key=_section), key=_section):
        lines = [[html.Code(one.name), _value(one), t(f"settings.source.{one.source}")] for one in group]
        made.append(
            html.Details(
                [html.Summary(section or t("settings.top")), plain_table(section or t("settings.top"), heads, lines)],
                className="s-section",
            )
        )
    return made


def _section(one: Setting) -> str:
    return one.name.rpartition(".")[0]


def _value(one: Setting) -> str:
    if one.is_hidden:
        return t("settings.hidden") if one.value else t("settings.empty")
    return _shown(one.value) or t("settings.empty")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return t("settings.yes") if value else t("settings.no")
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {entry}" for key, entry in value.items())
    return "" if value is None else str(value)


PAGE = Page(
    path="/settings/general",
    title="settings.title",
    layout=layout,
    icon="gear",
    section=Section.SETTINGS,
    permission=Permission.SETTINGS,
    order=70,
)
