"""Figures: what they draw from a small frame, in both themes, and that they cope with nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from plotly.graph_objects import Figure as CheckedFigure

from dashboard.figures.curves import survival_figure
from dashboard.figures.profile import heat_figure, profile_figure
from dashboard.figures.ranking import ranking_figure
from dashboard.figures.shares import donut_figure, largest
from dashboard.figures.theme import _COLOURS, Series, Theme, colour, has_values
from dashboard.figures.timeline import Shape, level_figure, share_figure, timeline_figure
from dashboard.text import speaking
from data.metrics.periods import Step
from data.metrics.survival import survival_curve

TOKENS = Path(__file__).parents[2] / "dashboard/assets/10_tokens.css"
ACCEPTED = Series(column="accepted", name="Принятые", colour="answered", links="link")
MISSED = Series(column="missed", name="Пропущенные", colour="missed")


def days(count: int, first: str = "2026-11-02") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "day": pd.date_range(first, periods=count),
            "accepted": range(10, 10 + count),
            "missed": [1] * count,
            "link": [f"/calls?{n}" for n in range(count)],
        }
    )


def test_per_cent_of_an_axis_is_written_as_the_language_does() -> None:
    parts = days(3).assign(total=lambda df: df["accepted"] + df["missed"])
    total = Series(column="total", name="", colour="lost")

    for language, top in (("ru", "100 %"), ("en", "100%")):
        with speaking(language):
            figure = share_figure(parts, [ACCEPTED, MISSED], total, step=Step.DAY)

        assert figure["layout"]["yaxis"]["ticktext"][-1].replace("\u00a0", " ") == top


EMPTY: dict[str, Any] = {
    "timeline": lambda theme: timeline_figure(days(0), [[ACCEPTED]], step=Step.DAY, theme=theme),
    "zeros": lambda theme: timeline_figure(days(3).assign(accepted=0), [[ACCEPTED]], step=Step.DAY, theme=theme),
    "shares": lambda theme: share_figure(days(0), [ACCEPTED], MISSED, step=Step.DAY, theme=theme),
    "level": lambda theme: level_figure(days(3).assign(accepted=None), [ACCEPTED], step=Step.DAY, theme=theme),
    "donut": lambda theme: donut_figure(days(0), names="link", values="accepted", theme=theme),
    "profile": lambda theme: profile_figure(days(0), [[ACCEPTED]], names="link", theme=theme),
    "heat": lambda theme: heat_figure(pd.DataFrame(index=["Пн"], columns=["9"], data=[[0.0]]), theme=theme),
    "ranking": lambda theme: ranking_figure(days(0), [ACCEPTED], names="link", theme=theme),
    "survival": lambda theme: survival_figure({}, ticks={60.0: "1 мин"}, title="", theme=theme),
}


@pytest.mark.parametrize("theme", list(Theme))
@pytest.mark.parametrize("name", list(EMPTY))
def test_a_figure_of_nothing_says_so_in_words(name: str, theme: Theme) -> None:
    figure = EMPTY[name](theme)

    assert not has_values(figure)
    assert [note["text"] for note in figure["layout"]["annotations"]] == ["За этот период таких звонков нет"]
    assert not figure["layout"]["shapes"]


HOLES = days(8).assign(title=list("abcdefgh"), accepted=[0.5, float("nan")] * 4)
HOLES["link"] = HOLES["link"].where(HOLES["accepted"] > 0, None)
GAP = pd.DataFrame({"started_at": [pd.Timestamp("2026-11-03")], "ended_at": [pd.Timestamp("2026-11-04")]})
CURVE = survival_curve(pd.Series([60.0, 120.0, 600.0]), pd.Series([True, True, False]))
DRAWN: dict[str, Any] = {
    "bars": lambda **look: timeline_figure(HOLES, [[ACCEPTED]], step=Step.DAY, previous=[MISSED], gaps=GAP, **look),
    "lines": lambda **look: timeline_figure(HOLES, [[ACCEPTED]], step=Step.DAY, shape=Shape.LINES, **look),
    "shares": lambda **look: share_figure(HOLES, [ACCEPTED], MISSED, step=Step.DAY, gaps=GAP, **look),
    "level": lambda **look: level_figure(HOLES, [ACCEPTED], step=Step.DAY, goal=0.8, title="s", gaps=GAP, **look),
    "donut": lambda **look: donut_figure(HOLES, names="title", values="missed", links="link", **look),
    "profile": lambda **look: profile_figure(HOLES, [[ACCEPTED]], names="title", line=("missed", "Обычно"), **look),
    "heat": lambda **look: heat_figure(HOLES[["accepted"]], links=HOLES[["link"]], **look),
    "ranking": lambda **look: ranking_figure(HOLES, [ACCEPTED, MISSED], names="title", **look),
    "survival": lambda **look: survival_figure({"Сейчас": CURVE}, ticks={60.0: "1 мин"}, title="После", **look),
}


@pytest.mark.parametrize("theme", list(Theme))
@pytest.mark.parametrize("name", list(DRAWN))
def test_a_figure_is_of_plain_values_in_words_that_the_library_knows(name: str, theme: Theme) -> None:
    figure = DRAWN[name](theme=theme)

    assert has_values(figure)
    CheckedFigure(figure)  # raises for a name or value that it does not know
    json.dumps(figure, allow_nan=False)


def test_stacks_stand_side_by_side_and_each_bar_knows_its_calls() -> None:
    figure = timeline_figure(days(3), [[ACCEPTED], [MISSED]], step=Step.DAY)

    accepted, missed = figure["data"]
    assert accepted["y"] == [10, 11, 12]
    assert accepted["customdata"] == ["/calls?0", "/calls?1", "/calls?2"]
    assert accepted["offsetgroup"] != missed["offsetgroup"]
    assert figure["layout"]["barmode"] == "stack"
    assert accepted["marker"]["color"] == "#0072b2"
    assert figure["layout"]["template"]["layout"]["yaxis"]["rangemode"] == "tozero"


def test_lines_instead_of_bars() -> None:
    figure = timeline_figure(days(3), [[ACCEPTED, MISSED]], step=Step.DAY, shape=Shape.LINES)

    assert [trace["type"] for trace in figure["data"]] == ["scatter", "scatter"]


def test_up_to_twelve_bars_carry_their_numbers() -> None:
    few = timeline_figure(days(12), [[ACCEPTED]], step=Step.DAY)
    many = timeline_figure(days(13), [[ACCEPTED]], step=Step.DAY)

    assert "texttemplate" in few["data"][0]
    assert "texttemplate" not in many["data"][0]


def test_ticks_are_days_in_the_language_of_the_request() -> None:
    russian = timeline_figure(days(3), [[ACCEPTED]], step=Step.DAY)
    with speaking("en"):
        english = timeline_figure(days(3), [[ACCEPTED]], step=Step.DAY)

    assert russian["layout"]["xaxis"]["ticktext"] == ["2 ноя", "3 ноя", "4 ноя"]
    assert english["layout"]["xaxis"]["ticktext"] == ["2 Nov", "3 Nov", "4 Nov"]
    assert russian["layout"]["separators"] == ",\u00a0"
    assert english["layout"]["separators"] == ".,"


@pytest.mark.parametrize("count", [1, 7, 30, 92, 366])
def test_never_more_than_ten_ticks(count: int) -> None:
    figure = timeline_figure(days(count), [[ACCEPTED]], step=Step.DAY)

    assert 1 <= len(figure["layout"]["xaxis"]["ticktext"]) <= 10


def test_few_calls_have_a_tick_for_each_and_many_as_the_library_finds() -> None:
    few, many = days(3).assign(accepted=[0, 1, 3]), days(3)

    assert timeline_figure(few, [[ACCEPTED], [MISSED]], step=Step.DAY)["layout"]["yaxis"]["dtick"] == 1
    assert "dtick" not in timeline_figure(many, [[ACCEPTED], [MISSED]], step=Step.DAY)["layout"]["yaxis"]


def test_weekends_are_shaded() -> None:
    figure = timeline_figure(days(8), [[ACCEPTED]], step=Step.DAY)

    (weekend,) = figure["layout"]["shapes"]
    assert (weekend["x0"], weekend["x1"]) == ("2026-11-06T12:00:00", "2026-11-08T12:00:00")


def test_days_in_which_nobody_listened_are_shaded_and_named() -> None:
    gaps = pd.DataFrame(
        {
            "started_at": [pd.Timestamp("2026-11-03 23:00"), pd.Timestamp("2026-11-05 10:00")],
            "ended_at": [pd.Timestamp("2026-11-04 01:00"), pd.Timestamp("2026-11-05 10:01")],
        }
    )

    figure = timeline_figure(days(4), [[ACCEPTED]], step=Step.DAY, gaps=gaps)

    (shade,) = figure["layout"]["shapes"]
    assert (shade["x0"], shade["x1"]) == ("2026-11-02T12:00:00", "2026-11-05T12:00:00")
    assert figure["data"][-1]["name"] == "Нет связи с АТС"


def test_the_period_before_is_a_thin_dotted_line() -> None:
    before = Series(column="missed", name="Раньше", colour="missed")

    figure = timeline_figure(days(3), [[ACCEPTED]], step=Step.DAY, previous=[before])

    thin = figure["data"][-1]
    assert (thin["name"], thin["line"]["dash"], thin["line"]["width"]) == ("Раньше", "dot", 1)


def test_shares_add_up_to_one_and_a_day_without_calls_has_none() -> None:
    frame = pd.DataFrame(
        {
            "day": pd.date_range("2026-11-02", periods=2),
            "accepted": [3, 0],
            "missed": [1, 0],
            "all": [4, 0],
            "link": ["", ""],
        }
    )
    total = Series(column="all", name="Всего", colour="lost")

    figure = share_figure(frame, [ACCEPTED, MISSED], total, step=Step.DAY)

    assert [trace["y"] for trace in figure["data"]] == [[0.75, None], [0.25, None], [4, 0]]
    assert figure["data"][2]["yaxis"] == "y2"


def test_a_level_breaks_where_there_is_no_value() -> None:
    figure = level_figure(days(3).assign(accepted=[0.5, float("nan"), 0.0]), [ACCEPTED], step=Step.DAY, goal=0.8)

    assert figure["data"][0]["y"] == [0.5, None, 0.0]
    assert "connectgaps" not in figure["data"][0]
    assert figure["layout"]["shapes"][0]["y0"] == 0.8


def test_a_donut_shows_six_parts_the_others_and_the_total() -> None:
    frame = pd.DataFrame({"name": list("abcdefgh"), "calls": [1, 2, 3, 4, 5, 6, 7, 0], "link": list("abcdefgh")})
    frame = pd.concat([frame, pd.DataFrame({"name": ["i"], "calls": [1200], "link": ["i"]})])

    parts = largest(frame, names="name", values="calls", links="link")
    figure = donut_figure(frame, names="name", values="calls", links="link")

    assert parts["name"].to_list() == ["i", "g", "f", "e", "d", "c", "Прочие"]
    assert parts["calls"].to_list() == [1200, 7, 6, 5, 4, 3, 3]
    assert figure["layout"]["annotations"][0]["text"] == "<b>1\u00a0228</b>"
    assert figure["data"][0]["text"][0] == "97,7\u00a0%", "as the language writes it"


def test_names_below_a_profile_find_room_on_a_phone() -> None:
    hours = pd.DataFrame({"title": [f"{hour}:00" for hour in range(24)], "accepted": range(24)})

    axis = profile_figure(hours, [[ACCEPTED]], names="title")["layout"]["xaxis"]

    assert axis["tickvals"] == ["0:00", "3:00", "6:00", "9:00", "12:00", "15:00", "18:00", "21:00"]
    assert axis["autotickangles"][0] == 0 and "tickangle" not in axis


def test_a_heat_map_leads_from_each_cell() -> None:
    values = pd.DataFrame([[1.0, 2.0]], index=["Пн"], columns=["9:00", "10:00"])

    figure = heat_figure(values, links=pd.DataFrame([["a", "b"]]))

    assert figure["data"][0]["customdata"] == [["a", "b"]]
    assert figure["data"][0]["x"] == ["9:00", "10:00"]


def test_a_profile_with_a_line_over_its_stacks() -> None:
    figure = profile_figure(days(2), [[ACCEPTED]], names="link", line=("missed", "Обычно"))

    assert [trace["type"] for trace in figure["data"]] == ["bar", "scatter"]


def test_a_ranking_grows_with_its_rows_and_stops() -> None:
    frame = days(40).assign(name=[str(n) for n in range(40)])

    figure = ranking_figure(frame, [ACCEPTED], names="name", most=25)

    assert len(figure["data"][0]["y"]) == 25
    ten = ranking_figure(frame.head(10), [ACCEPTED], names="name")
    assert figure["layout"]["height"] > ten["layout"]["height"]


def test_the_survival_curve_has_its_band_and_a_logarithmic_axis() -> None:
    curve = survival_curve(pd.Series([60.0, 120.0, 600.0]), pd.Series([True, True, False]))

    figure = survival_figure({"Сейчас": curve}, ticks={60.0: "1 мин"}, title="После")

    assert [trace.get("name") for trace in figure["data"]] == [None, None, "Сейчас"]
    assert figure["data"][2]["y"] == pytest.approx([2 / 3, 1 / 3])
    assert figure["layout"]["xaxis"]["type"] == "log"


def test_a_long_survival_curve_is_thinned_and_keeps_its_shape() -> None:
    waits = pd.Series([1.5**0.5 * n for n in range(1, 20_001)])
    curve = survival_curve(waits, waits > 0)

    figure = survival_figure({"now": curve}, ticks={60.0: "1m"}, title="")

    line = figure["data"][2]
    assert 100 < len(line["x"]) <= 601
    assert (line["x"][0], line["x"][-1]) == (curve["after_s"].iloc[1], curve["after_s"].iloc[-1])
    shown = pd.Series(line["y"], index=line["x"])
    expected = curve.set_index("after_s")["waiting_share"]
    assert (shown == expected[shown.index]).all()


def test_colours_are_those_of_the_style_sheet() -> None:
    tokens = dict(re.findall(r"--cb-([\w-]+): light-dark\((#\w+, #\w+)\)", TOKENS.read_text("utf-8")))

    for name in ("answered", "missed", "lost", "cancelled", "reached"):
        assert tokens[name] == f"{colour(name, Theme.LIGHT)}, {colour(name, Theme.DARK)}"
    for name, token in {"text": "text", "muted": "text-muted", "line": "line", "card": "card"}.items():
        assert tokens[token] == ", ".join(_COLOURS[name])
