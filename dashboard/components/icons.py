"""Icons: Bootstrap Icons as masks, so that they take the colour of the text around them."""

from __future__ import annotations

from dash import html


def icon(name: str, label: str | None = None) -> html.I:
    """The icon of that name (list: tools/vendor_assets.py). label: for screen readers where it stands alone."""
    spoken = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    return html.I(className=f"icon icon-{name}", **spoken)
