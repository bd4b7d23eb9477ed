"""The route of a call for the eye: a table with lines where it changed hands, and lanes on a time axis."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dash import html

from dashboard.components.icons import icon
from dashboard.route import HandOver, Lane, Party, QueueStay, RouteLeg, RouteLine, Segment, SegmentKind
from dashboard.text import label, t
from dashboard.text.formats import NO_DURATION, duration
from data.journal import RecordingFile
from data.model import LegResult, LegRole, TransferKind

_TICK_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_MOST_TICKS = 9
_LAST_TICK = 97.0  # per cent: half of its words would stand beyond the end
_HAND_OVER_ICONS = {
    TransferKind.PARK: "pin-angle",
    TransferKind.UNPARK: "arrow-return-left",
    TransferKind.FORWARD: "telephone-forward",
    TransferKind.PICKUP: "hand-index-thumb",
}
_COLUMNS = ("start", "caller", "called", "end", "result", "talk")


def route_table(lines: list[RouteLine], clock: Any) -> html.Table:
    """The rows and lines of the route. clock: a moment as local time of day."""
    head = html.Thead(html.Tr([html.Th(t(f"journal.route.{name}"), scope="col") for name in _COLUMNS]))
    return html.Table([head, html.Tbody([_table_row(line, clock) for line in lines])], className="j-route")


def _table_row(line: RouteLine, clock: Any) -> html.Tr:
    if isinstance(line, RouteLeg):
        cells = [
            html.Td(clock(line.started_at), className="number"),
            html.Td(_who(line.caller)),
            html.Td(_who(line.called)),
            html.Td(clock(line.ended_at), className="number"),
            html.Td(_result(line), className="j-result-cell"),
            html.Td(duration(line.talk_s) if line.talk_s else NO_DURATION, className="number j-talk-cell"),
        ]
        return html.Tr(cells, className="is-consultation" if line.role is LegRole.CONSULTATION else "")
    moment = line.happened_at
    words = _hand_over(line) if isinstance(line, HandOver) else _queue(line)
    mark = _HAND_OVER_ICONS.get(line.kind, "arrow-left-right") if isinstance(line, HandOver) else "people"
    return html.Tr(
        [
            html.Td(clock(moment), className="number"),
            html.Td([icon(mark), html.Span(words)], colSpan=len(_COLUMNS) - 1),
        ],
        className="j-route-line",
    )


def _who(who: Party) -> Any:
    if who.is_pbx:
        return html.Span(t("journal.route.pbx"))
    if who.name and who.name != who.number:
        place = "j-party-number" if who.is_extension else "j-party-number is-below"
        return [html.Span(who.name), html.Span(who.number, className=place)]
    if who.number:
        return html.Span(who.number, className="j-party-alone number")
    return html.Span(t("journal.ui.hidden-number"))


def _result(line: RouteLeg) -> list[Any]:
    mark = "check-circle" if line.result is LegResult.ANSWERED else "telephone-x"
    if line.result in (LegResult.ELSEWHERE, LegResult.CANCELLED):
        mark = "telephone-minus"
    words: list[Any] = [icon(mark), html.Span(label(line.result))]
    if line.role is LegRole.CONSULTATION:
        words.append(html.Span(label(line.role), className="j-party-number"))
    if line.result is not LegResult.ANSWERED and line.ring_s:
        words.append(html.Span(t("journal.route.rang", time=duration(line.ring_s)), className="j-party-number"))
    return words


def _hand_over(line: HandOver) -> str:
    key = f"journal.route.{line.kind}" + ("" if line.completed else ".failed")
    unknown = t("journal.ui.hidden-number")
    return t(key, by=line.by.text or unknown, to=line.to.text or unknown)


def _queue(line: QueueStay) -> str:
    words = t("journal.route.queue", queue=line.queue, time=duration(line.wait_s))
    result = t(f"journal.route.queue.{line.result}")
    place = t("journal.route.queue.place", place=line.place) if line.place and line.place > 1 else ""
    return ", ".join(part for part in (words, place, result) if part)


def route_picture(
    lanes: list[Lane], recordings: tuple[RecordingFile, ...], *, begin: datetime, end: datetime, clock: Any
) -> html.Figure:
    """The lanes between `begin` and `end`; scripts move a line through it and play what is clicked."""
    axis = _Axis(begin, end)
    rows = [_lane(lane, axis, clock) for lane in lanes]
    if recordings:
        rows.append(_recordings(recordings, axis))
    kinds = sorted({segment.kind for lane in lanes for segment in lane.segments})
    legend = [html.Span([html.I(className=f"j-key is-{kind}"), t(f"journal.segment.{kind}")]) for kind in kinds]
    return html.Figure(
        [
            html.Div(rows, className="j-lanes"),
            html.Div(
                [_tick(share, text) for share, text in axis.ticks()],
                className="j-axis number",
                **{"aria-hidden": "true"},
            ),
            html.Figcaption(legend, className="j-legend"),
        ],
        className="j-picture",
        **{
            "aria-label": t("journal.route.picture"),
            "data-begin": str(int(begin.timestamp() * 1000)),
            "data-end": str(int(end.timestamp() * 1000)),
        },
    )


def _tick(share: float, text: str) -> html.Span:
    place = {"left": f"{share:.3f}%"} if share < _LAST_TICK else {"right": "0"}
    return html.Span(text, style=place, className="" if share < _LAST_TICK else "is-last")


def _lane(lane: Lane, axis: _Axis, clock: Any) -> html.Div:
    name = lane.party.name or lane.party.number or t("journal.ui.hidden-number")
    return html.Div(
        [
            html.Div(
                [icon(_mark(lane)), html.Span(name)],
                className="j-lane-name",
                title=lane.party.text,
            ),
            html.Div([_segment(segment, axis, clock) for segment in lane.segments], className="j-lane-track"),
        ],
        className="j-lane",
    )


def _mark(lane: Lane) -> str:
    if lane.is_client:
        return "telephone"
    return "people" if any(segment.kind is SegmentKind.QUEUE for segment in lane.segments) else "person"


def _segment(segment: Segment, axis: _Axis, clock: Any) -> html.Button:
    seconds = (segment.ended_at - segment.started_at).total_seconds()
    words = [t(f"journal.segment.{segment.kind}"), duration(seconds), clock(segment.started_at)]
    if segment.other is not None:
        words.insert(1, segment.other.name or segment.other.number or "")
    return html.Button(
        className=f"j-segment is-{segment.kind}",
        type="button",
        style=axis.place(segment.started_at, segment.ended_at),
        title=", ".join(word for word in words if word),
        **{"aria-label": ", ".join(words), "data-at": str(int(segment.started_at.timestamp() * 1000))},
    )


def _recordings(recordings: tuple[RecordingFile, ...], axis: _Axis) -> html.Div:
    bars = []
    for file in recordings:
        ended = file.ended_at or file.started_at + timedelta(seconds=file.sound_s or 1.0)
        bars.append(
            html.Button(
                className=f"j-segment is-recording is-{file.state}",
                type="button",
                style=axis.place(file.started_at, ended),
                title=t("journal.route.listen"),
                **{
                    "aria-label": t("journal.route.listen"),
                    "data-at": str(int(file.started_at.timestamp() * 1000)),
                },
            )
        )
    name = html.Div([icon("mic"), html.Span(t("journal.route.recordings"))], className="j-lane-name")
    return html.Div([name, html.Div(bars, className="j-lane-track")], className="j-lane is-recordings")


class _Axis:
    """Where moments stand between the two ends of the picture, in per cent."""

    def __init__(self, begin: datetime, end: datetime) -> None:
        self._begin = begin
        self._seconds = max((end - begin).total_seconds(), 1.0)

    def share(self, moment: datetime) -> float:
        passed = (moment - self._begin).total_seconds() / self._seconds
        return 100 * min(max(passed, 0.0), 1.0)

    def place(self, begin: datetime, end: datetime) -> dict[str, str]:
        left, right = self.share(begin), self.share(end)
        return {"left": f"{left:.3f}%", "width": f"{max(right - left, 0.35):.3f}%"}

    def ticks(self) -> list[tuple[float, str]]:
        """Round times since the beginning, at most nine."""
        step = next((step for step in _TICK_S if self._seconds / step < _MOST_TICKS), _TICK_S[-1])
        return [(100 * second / self._seconds, duration(second)) for second in range(0, int(self._seconds) + 1, step)]
