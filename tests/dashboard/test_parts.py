"""Content that stands still goes to the browser as HTML: the same elements, nothing of it taken for markup."""

from __future__ import annotations

import pandas as pd
import pytest
from dash import dcc, html

from dashboard.components.icons import icon
from dashboard.components.parts import Parts, as_html, parts_of
from dashboard.components.plot import Plot
from dashboard.figures.ranking import ranking_figure
from dashboard.figures.theme import Figure

HOSTILE = """<script>alert("1")</script>&'"""


def test_elements_keep_their_names_attributes_and_order() -> None:
    row = html.Tr([html.Th("Иванов", scope="row"), html.Td(html.A(7, href="/calls?a=1&b=2"), colSpan=2)])

    assert as_html(row) == (
        '<tr><th scope="row">Иванов</th><td colspan="2"><a href="/calls?a=1&amp;b=2">7</a></td></tr>'
    )


def test_texts_and_values_are_never_taken_for_markup() -> None:
    written = as_html(html.P([HOSTILE, html.B("b", title=HOSTILE)]))

    assert written == (
        """<p>&lt;script&gt;alert("1")&lt;/script&gt;&amp;'"""
        '<b title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#x27;">b</b></p>'
    )


def test_a_claim_stands_or_is_absent_but_aria_is_spelt_out() -> None:
    button = html.Button("x", disabled=True, hidden=False, **{"aria-pressed": "false"})

    assert as_html(button) == '<button aria-pressed="false" disabled>x</button>'
    assert as_html(html.Option("x", selected=None)) == "<option>x</option>"


def test_empty_elements_are_not_closed_and_nothing_is_nothing() -> None:
    assert as_html([html.Br(), None, icon("x"), html.Label("n", htmlFor="n")]) == (
        '<br><i aria-hidden="true" class="icon icon-x"></i><label for="n">n</label>'
    )


def test_a_part_is_html_with_its_own_attributes_outside() -> None:
    part = html.Div([html.B(1), " из ", html.B(2)], className="kpi", **{"aria-label": "x"})

    assert parts_of([part]) == [
        {"tag": "div", "attributes": {"className": "kpi", "aria-label": "x"}, "inner": "<b>1</b> из <b>2</b>"}
    ]


def test_around_a_chart_only_what_holds_it_is_taken_apart() -> None:
    figure = bar_figure()

    parts = parts_of([html.Div([html.H2("Звонки"), html.Div(Plot(figure), role="img")])])

    heading, box = parts[0]["parts"]
    assert heading == {"tag": "h2", "attributes": {}, "inner": "Звонки"}
    assert box == {"tag": "div", "attributes": {"role": "img"}, "parts": [{"figure": figure}]}


def test_what_is_neither_element_nor_chart_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="Store"):
        Parts([html.Div(dcc.Store(id="x"))], id="body")


def bar_figure() -> Figure:
    return ranking_figure(pd.DataFrame({"who": ["a"], "calls": [1]}), [], names="who")
