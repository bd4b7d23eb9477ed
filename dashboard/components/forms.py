"""Plain HTML forms inside our pages: they need no script, and each carries the token of its session."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from dash import dcc, html

from dashboard.components.icons import icon
from dashboard.context import csrf_token


def form(action: str, parts: Sequence[Any], *, class_name: str = "form") -> html.Form:
    """A form that is sent to `action`."""
    token = dcc.Input(type="hidden", name="csrf_token", value=csrf_token())
    return html.Form([token, *parts], action=action, method="POST", className=class_name)


def text_field(name: str, label: str, value: str = "", *, hint: str = "", **attributes: Any) -> html.Div:
    """A line to type in. attributes: of the input, for instance required, pattern, maxLength."""
    return _labelled(
        name,
        label,
        dcc.Input(id=_id(name), name=name, value=value, type="text", className="field", debounce=True, **attributes),
        hint,
    )


def choice(name: str, label: str, options: Mapping[str, str], chosen: str = "", *, hint: str = "") -> html.Div:
    """One of `options` (value: words)."""
    listed = [
        html.Option(words, value=value, selected="selected" if value == chosen else None)
        for value, words in options.items()
    ]
    return _labelled(name, label, html.Select(listed, id=_id(name), name=name, className="field"), hint)


def several(name: str, label: str, options: Mapping[str, str], chosen: Collection[str], *, hint: str = "") -> html.Div:
    """Any number of `options` (value: words)."""
    listed = [
        html.Option(words, value=value, selected="selected" if value in chosen else None)
        for value, words in options.items()
    ]
    rows = str(min(max(len(listed), 2), 6))
    field = html.Select(listed, id=_id(name), name=name, multiple=True, className="field field-several", size=rows)
    return _labelled(name, label, field, hint)


def button(words: str, icon_name: str | None = None, *, primary: bool = False) -> html.Button:
    return html.Button(
        [*([icon(icon_name)] if icon_name else []), words],
        type="submit",
        className="button is-primary" if primary else "button",
    )


def act(action: str, words: str, icon_name: str | None = None, **values: str) -> html.Form:
    """One button that sends `values` to `action`."""
    hidden = [dcc.Input(type="hidden", name=name, value=value) for name, value in values.items()]
    return form(action, [*hidden, button(words, icon_name)], class_name="form-act")


def _labelled(name: str, label: str, control: Any, hint: str) -> html.Div:
    parts = [html.Label(label, htmlFor=_id(name)), control]
    if hint:
        parts.append(html.P(hint, className="muted form-hint"))
    return html.Div(parts, className="form-field")


def _id(name: str) -> str:
    return f"form-{name}"
