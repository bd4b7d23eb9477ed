"""Pages that need no Dash: login, new password, errors; and the frame around Dash itself."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dashboard.static import Assets
from dashboard.text import LANGUAGES, language, t
from dashboard.text.catalogue import words_for_scripts

ASSETS = Assets()
THEMES = ("system", "light", "dark")


def render(template: str, *, theme: str = "system", **values: object) -> str:
    """The HTML of a template in the language of the request; values are escaped."""
    return (
        _templates()
        .get_template(template)
        .render(t=t, language=language(), languages=LANGUAGES, theme=theme, assets=ASSETS, **values)
    )


def script_words() -> Markup:
    """The words that scripts show, as JSON that may stand inside a <script> element."""
    return Markup(json.dumps(words_for_scripts(language()), ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S704


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
