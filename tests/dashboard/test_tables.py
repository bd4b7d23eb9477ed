"""Tables of reports: as many rows as a browser draws at once, and a way to all of them."""

from __future__ import annotations

import pandas as pd

from dashboard.components.table import Column, Table, table_view
from dashboard.text import speaking

PEOPLE = Table(
    title="Сотрудники",
    columns=[Column(key="title", title="Сотрудник")],
    frame=pd.DataFrame({"title": [f"Сотрудник {number:02}" for number in range(30)]}),
    order="-title",
)


def drawn(table: Table, most: int | None) -> str:
    with speaking("ru"):
        return str(table_view(table, most=most))


def test_a_long_table_beside_charts_shows_its_first_rows_in_order_and_leads_to_all() -> None:
    text = drawn(PEOPLE, 25)

    assert "Сотрудник 29" in text
    assert "Сотрудник 04" not in text
    assert "Первые 25 из 30. Показать все" in text
    assert "view=table" in text


def test_a_table_by_itself_and_a_short_one_show_every_row() -> None:
    for text in (drawn(PEOPLE, None), drawn(PEOPLE, 30)):
        assert "Сотрудник 00" in text
        assert "Показать все" not in text
