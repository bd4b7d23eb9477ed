"""The parts of a page that one callback answers, as one component: HTML, and charts in it.

Dash makes a component of every element, each costs the browser about a millisecond, and all are made anew with
every answer. Here the elements are written out as HTML, and assets/report_parts.js changes what is shown into what
is to be shown: focus and scrolling stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, ClassVar

from dash import html
from dash.development.base_component import Component

from dashboard.components.plot import Plot

Part = dict[str, Any]  # {tag, attributes, inner} of HTML, {tag, attributes, parts} where charts are in it, {figure}

_ELEMENTS = html.Div._namespace
_NAMES = {"className": "class", "htmlFor": "for"}
_EMPTY = {"br", "col", "hr", "img", "input"}


class Parts(Component):  # type: ignore[misc]
    """A place for `parts`, which a callback fills with `parts_of(…)`."""

    _namespace = "callboard"
    _type = "Parts"
    _children_props: ClassVar[list[str]] = []
    _base_nodes: ClassVar[list[str]] = []
    _prop_names: ClassVar[list[str]] = ["id", "className", "parts"]
    _valid_wildcard_attributes: ClassVar[list[str]] = []

    def __init__(self, content: Sequence[Component] = (), *, id: str, className: str = "") -> None:
        super().__init__(id=id, className=className, parts=parts_of(content))


def parts_of(content: Sequence[Component]) -> list[Part]:
    """What the browser needs of these. Raises TypeError for components that are neither elements nor charts."""
    return [_part(one) for one in content]


def as_html(content: object) -> str:
    """Elements, texts and numbers as HTML; every text and value escaped. Raises TypeError for any other component."""
    if content is None or isinstance(content, bool):
        return ""
    if isinstance(content, (list, tuple)):
        return "".join(map(as_html, content))
    if not isinstance(content, Component):
        return escape(str(content), quote=False)
    if content._namespace != _ELEMENTS:
        raise TypeError(f"{content._namespace}.{content._type} is no HTML element. Put it outside of the parts.")
    tag = _tag(content)
    opened = "".join([f"<{tag}", *(_attribute(name, value) for name, value in _properties(content)), ">"])
    return opened if tag in _EMPTY else f"{opened}{as_html(_children(content))}</{tag}>"


def _part(content: Component) -> Part:
    if isinstance(content, Plot):
        return {"figure": content.figure}
    part = {"tag": _tag(content), "attributes": dict(_properties(content))}
    children = _children(content)
    if not _has_charts(children):
        return part | {"inner": as_html(children)}
    inside = children if isinstance(children, (list, tuple)) else [children]
    return part | {"parts": parts_of(inside)}


def _has_charts(content: object) -> bool:
    if isinstance(content, (list, tuple)):
        return any(map(_has_charts, content))
    return isinstance(content, Plot) or (isinstance(content, Component) and _has_charts(_children(content)))


def _tag(element: Component) -> str:
    return str(element._type).lower()


def _children(element: Component) -> object:
    return getattr(element, "children", None)


def _properties(element: Component) -> Iterator[tuple[str, object]]:
    """Those that were given, under the names of Dash, in their order."""
    # What it says of its class stands beside these; to ask the element itself for them takes ten times as long.
    for name, value in sorted(vars(element).items()):
        if value is not None and name != "children" and not name.startswith(("_", "available_")):
            yield name, value


def _attribute(name: str, value: Any) -> str:
    if isinstance(value, bool) and not name.startswith(("aria-", "data-")):
        return f" {name.lower()}" if value else ""
    if name == "style":
        raise TypeError("Styles are written in a style sheet. Give the element a class.")
    return f' {_NAMES.get(name, name.lower())}="{escape(str(value))}"'
