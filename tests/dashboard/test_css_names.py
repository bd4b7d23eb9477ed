"""Style sheets are joined into one: the classes of one page's sheet are nobody else's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ASSETS = Path(__file__).parents[2] / "dashboard/assets"
OWN = {"chats_page.css": "ch-", "pages_clients.css": "c-"}  # sheets of one page, and how their classes begin


def classes(sheet: Path) -> set[str]:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL)
    return set(re.findall(r"\.([a-z][a-z0-9-]*)", text))


@pytest.mark.parametrize("name", sorted(OWN))
def test_no_other_sheet_styles_the_classes_of_a_page(name: str) -> None:
    own = {one for one in classes(ASSETS / name) if one.startswith(OWN[name])}
    others = {one for sheet in ASSETS.glob("*.css") if sheet.name != name for one in classes(sheet)}

    assert own
    assert own & others == set()


def styled_alone(text: str) -> set[str]:
    """Classes that have a rule of their own, outside of @media: those say what an element is."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", text)
    selectors = (one.strip() for group in re.findall(r"([^{}]+)\{", text) for one in group.split(","))
    return {one for one in selectors if re.fullmatch(r"\.[a-z][a-z0-9-]*", one)}


def test_a_class_is_made_in_one_sheet_only() -> None:
    # A box of the list was unseen until the mouse came, and so were the marks of that name on the page of a call.
    made: dict[str, list[str]] = {}
    for sheet in sorted(ASSETS.glob("*.css")):
        for one in styled_alone(sheet.read_text("utf-8")):
            made.setdefault(one, []).append(sheet.name)

    assert {one: sheets for one, sheets in made.items() if len(sheets) > 1} == {}
