"""One call: its route as a table and on a time axis, recordings, client, comment, why, and what lies below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from dashboard.components.icons import icon
from dashboard.components.route_view import route_picture, route_table
from dashboard.components.states import empty_state
from dashboard.components.words import script_config
from dashboard.context import current_actor, current_settings, current_store, now
from dashboard.journal import current_journal
from dashboard.page import Page, discover
from dashboard.reasons import reasons
from dashboard.route import Party, caller, party, route_lanes, route_lines, shown_result
from dashboard.text import label, language, t
from dashboard.text.formats import date_time, duration, moment
from data.errors import NotFound
from data.identity.actor import Permission
from data.journal import CallDetails, CallFilter, CallRow, Person, Sort
from data.journal.chats import RelatedChat, chats_beside
from data.model import Direction
from data.phone import display
from data.why import why

CONFIG = "call-config"
STARTED = "call-started"
PLAYER = "call-player"
CLIENT = "call-client"
COMMENT = "call-comment"
FACTS = "call-facts"
TASKS = "call-tasks"
TOOLS = "call-tools"
EVENTS = "call-events"

_OTHERS = 12
_STATUS_ICONS = {
    "accepted": "check-circle",
    "no_answer": "telephone-x",
    "lost": "person-exclamation",
    "reached": "telephone-outbound",
    "cancelled": "telephone-minus",
}


def layout(call_id: str, **_: str) -> html.Div:
    """Everything about one call, or why it is not here."""
    try:
        details = current_journal().details(current_actor(), call_id, as_of=now())
    except NotFound:
        return _gone()
    around = _around(details.row)
    row = details.row
    return html.Div(
        [
            _head(row, around),
            html.Div(
                [
                    html.Div([_route(details), _why(details), _events(details)], className="j-call-main"),
                    html.Aside(
                        [
                            html.Div(id=CLIENT),
                            html.Div(id=COMMENT),
                            html.Div(id=TASKS, className="no-print"),
                            html.Div(id=FACTS),
                            _others(row, around),
                            _chats(row),
                        ],
                        className="j-call-side",
                        **{"aria-label": t("journal.call.about")},
                    ),
                ],
                className="j-call-body",
            ),
            dcc.Store(id=CONFIG, data=script_config("journal", "tasks") | {"call": row.call_id}),
            dcc.Store(id=STARTED),
        ],
        className="j-callpage",
    )


def _gone() -> html.Div:
    back = dcc.Link(t("journal.title"), href="/calls", className="button")
    return empty_state(t("journal.call.gone"), t("journal.call.gone.why"), icon_name="search", action=back)


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The client's (or the number's) other calls, newest first, and the neighbours of this one."""

    others: tuple[CallRow, ...]
    before: str | None
    after: str | None


def _around(row: CallRow) -> Around:
    journal, actor = current_journal(), current_actor()
    # Who may not see a number may not look for its calls either.
    if row.account_id is None and (row.number is None or not actor.may(Permission.FULL_NUMBERS)):
        return Around(others=(), before=None, after=None)

    def calls(
        limit: int, *, newest_first: bool = True, from_at: datetime | None = None, until_at: datetime | None = None
    ) -> tuple[CallRow, ...]:
        number = None if row.account_id else row.number
        wanted = CallFilter(account_id=row.account_id, number=number, from_at=from_at, until_at=until_at)
        sort = Sort(descending=newest_first)
        found = journal.page(actor, wanted, as_of=now(), sort=sort, limit=limit + 1).rows
        return tuple(other for other in found if other.call_id != row.call_id)[:limit]

    later = calls(1, newest_first=False, from_at=row.started_at)
    earlier = calls(1, until_at=row.started_at + timedelta(microseconds=1))
    return Around(
        others=calls(_OTHERS),
        before=earlier[0].call_id if earlier else None,
        after=later[0].call_id if later else None,
    )


def _head(row: CallRow, around: Around) -> html.Header:
    kind = t("journal.ui.direction.missed") if row.missed else label(row.direction)
    facts = [kind, date_time(row.started_at, current_settings().site.zone)]
    if row.client and row.number_text:
        facts.insert(0, row.number_text)
    return html.Header(
        [
            html.Div(
                [
                    dcc.Link([icon("chevron-left"), t("journal.title")], href="/calls", className="j-back no-print"),
                    html.Div(
                        [html.H1(_name(row), tabIndex=-1), _badge(row)],
                        className="j-call-title",
                    ),
                    html.P(" · ".join(facts), className="j-call-sub number"),
                ],
                className="j-grow",
            ),
            html.Div(
                [
                    *_neighbours(row, around),
                    html.Div(id=TOOLS, className="j-tools"),
                ],
                className="page-actions no-print",
            ),
        ],
        className="page-head j-call-head",
    )


def _name(row: CallRow) -> str:
    if row.client or row.number_text:
        return row.client or row.number_text or ""
    if row.direction is Direction.INTERNAL:
        return t("journal.ui.internal-call")
    return t("journal.ui.hidden-number")


def _badge(row: CallRow) -> html.Span:
    words = label(row.status)
    if row.reason is not None:
        words = f"{words}: {label(row.reason).lower()}"
    return html.Span([icon(_STATUS_ICONS[row.status]), words], className=f"j-status is-{row.status}")


def _neighbours(row: CallRow, around: Around) -> list[Any]:
    if row.account_id is None and row.number is None:
        return []
    return [
        _neighbour("chevron-left", t("journal.call.previous"), around.before, "previous"),
        _neighbour("chevron-right", t("journal.call.next"), around.after, "next"),
    ]


def _neighbour(mark: str, words: str, call_id: str | None, way: str) -> Any:
    spoken = {"aria-label": words, "data-way": way}
    if call_id is None:
        return html.Button(icon(mark), className="j-icon-button", disabled=True, title=words, **spoken)
    return dcc.Link(icon(mark), href=f"/calls/{call_id}", className="j-icon-button", title=words, id=f"call-{way}")


def _route(details: CallDetails) -> html.Section:
    row = details.row
    clock = _clock()
    lines = route_lines(details)
    if not lines:
        table: Any = html.P(t("journal.route.none"), className="j-hint")
    else:
        table = html.Div(route_table(lines, clock), className="j-route-box")
    lanes = route_lanes(details)
    picture = route_picture(lanes, details.recordings, begin=row.started_at, end=row.ended_at, clock=clock)
    is_drawn = bool(details.recordings) or any(lane.segments for lane in lanes)
    return html.Section(
        [
            html.H2(t("journal.route.title")),
            table,
            *([html.H2(t("journal.route.axis")), picture] if is_drawn else []),
            html.Div(id=PLAYER, className="j-player no-print"),
        ],
        className="j-call-card",
    )


def _why(details: CallDetails) -> html.Section:
    """What decided the status, and below it, folded, how the events led there."""

    def named(key: str | None) -> str:
        return party(details, key).text or t("journal.ui.hidden-number")

    steps = why(
        _told(details),
        [asdict(leg) | {"party": named(leg.party), "result": shown_result(details, leg)} for leg in details.legs],
        [
            asdict(visit)
            | {"queue": details.names.get(visit.queue, visit.queue), "answered_by": named(visit.answered_by)}
            for visit in details.queue_visits
        ],
        [
            asdict(made) | {"from_party": named(made.from_party), "to_party": named(made.to_party)}
            for made in details.transfers
        ],
        language=language(),
    )
    return html.Section(
        [
            html.H2(t("journal.why.title")),
            html.Ul([html.Li(words) for words in reasons(details, current_settings().site, now())], className="j-why"),
            html.Details(
                [
                    html.Summary(t("journal.why.steps")),
                    html.Ol([html.Li(step.text) for step in steps], className="j-why"),
                ],
                className="j-why-steps",
            ),
        ],
        className="j-call-card",
    )


def _told(details: CallDetails) -> dict[str, Any]:
    """The call as data/why.py reads it, with numbers as the actor may see them."""
    row = details.row
    people = [person_text(person) for person in row.people]
    first, called = caller(details), details.called_number
    return {
        "direction": row.direction,
        "outcome": row.outcome,
        "reason": row.reason,
        "line": row.line,
        "external_number": row.number_text,
        "did": display(row.did) if row.did else None,
        "caller_number": party(details, first).text if first else None,
        "called_number": party(details, called).text if called else None,
        "answered_by": people if row.answered_at else [],
        "employees": people,
        "application": row.application and _application(row.application),
        "talk_s": row.talk_s,
        "incomplete": row.incomplete,
        "events": details.events,
    }


def person_text(person: Person) -> str:
    """ "Иванов Пётр (303)", or the number alone."""
    return Party(number=display(person.extension), name=person.name).text


def _application(code: str) -> str:
    words = t(f"journal.ui.application.{code}")
    return code if words.startswith("journal.") else words.lower()


def _events(details: CallDetails) -> Any:
    if not current_actor().may(Permission.SEE_RAW_EVENTS):
        return html.Div(id=EVENTS, hidden=True)
    return html.Section(
        [html.H2(t("journal.events.title")), html.Div(id=EVENTS)],
        className="j-call-card no-print",
    )


def _others(row: CallRow, around: Around) -> Any:
    if not around.others:
        return html.Div(hidden=True)
    everything = f"/calls?client={row.account_id}" if row.account_id else f"/calls?number={row.number}"
    return html.Section(
        [
            html.Div(
                [
                    html.H3(t("journal.call.others" if row.account_id else "journal.call.others_of_number")),
                    dcc.Link(t("journal.call.all"), href=everything, className="j-link"),
                ],
                className="j-section-head",
            ),
            html.Ul([_other(other) for other in around.others], className="j-others"),
        ],
        className="no-print",
    )


def _other(row: CallRow) -> html.Li:
    mark, kind = ("telephone-x", "missed") if row.missed else _DIRECTION_MARKS[row.direction]
    people = row.group or ", ".join(person.name or person.extension for person in row.people)
    return html.Li(
        dcc.Link(
            [
                html.Span(icon(mark, label(row.direction)), className=f"j-way is-{kind}"),
                html.Span(moment(row.started_at, now(), current_settings().site.zone), className="number"),
                html.Span(people, className="j-grow j-cut"),
                html.Span(duration(row.talk_s) if row.talk_s else label(row.status), className="number j-hint"),
            ],
            href=f"/calls/{row.call_id}",
        )
    )


def _chats(row: CallRow) -> Any:
    """The client's chats, the latest first; each opens where there is a page for it."""
    chats = chats_beside(current_store(), current_actor(), row)
    if not chats:
        return html.Div(hidden=True)
    return html.Section(
        [
            html.Div(html.H3(t("journal.call.chats")), className="j-section-head"),
            html.Ul([html.Li(_chat(chat)) for chat in chats], className="j-others"),
        ],
        className="no-print",
    )


def _chat(chat: RelatedChat) -> Any:
    parts = [
        html.Span(icon("chat-dots", t(f"journal.call.messenger.{chat.messenger}")), className="j-way"),
        html.Span(moment(chat.happened_at, now(), current_settings().site.zone), className="number"),
        html.Span(chat.last_text or chat.title or "", className="j-grow j-cut", title=chat.last_text),
        html.Span(t(f"journal.call.chat.{chat.state}"), className="j-hint"),
    ]
    if not _has_page("/chats"):
        return html.Div(parts)
    return dcc.Link(parts, href=f"/chats/{chat.chat_id}")


@cache
def _has_page(path: str) -> bool:
    return any(page.path == path for page in discover())


_DIRECTION_MARKS = {
    Direction.INBOUND: ("arrow-down-left", "inbound"),
    Direction.OUTBOUND: ("arrow-up-right", "outbound"),
    Direction.INTERNAL: ("arrow-left-right", "internal"),
}


def _clock() -> Callable[[datetime], str]:
    zone = current_settings().site.zone
    return lambda at: at.astimezone(zone).strftime("%H:%M:%S")


clientside_callback(ClientsideFunction("journal", "startCall"), Output(STARTED, "data"), Input(CONFIG, "data"))

PAGE = Page(
    path="/calls/<call_id>",
    title="journal.call.title",
    layout=layout,
    permission=Permission.SEE_CALLS,
    parent="/calls",
)
