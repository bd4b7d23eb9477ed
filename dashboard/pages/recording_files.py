"""Page "Файлы записей": recordings without a file, and files without a recording, with a file of each list."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard.components.icons import icon
from dashboard.components.people import plain_table
from dashboard.components.shell import page_head
from dashboard.components.states import empty_state
from dashboard.context import current_actor, current_settings, current_store
from dashboard.page import Page, Section
from dashboard.text import t
from dashboard.text.formats import date_time, number
from data.identity.actor import Permission
from data.services.recording_lists import FileList, ListedFile, ListSize, list_size, listed_files, may_see

ROWS = 100
_PATH = "/settings/recordings"
_FARTHEST = 100_000
_STEP = 1024


def layout(**query: str) -> html.Div:
    """One of the two lists, a hundred lines at a time."""
    store, actor = current_store(), current_actor()
    offered = [which for which in FileList if may_see(actor, which)]
    chosen = next((which for which in offered if which == query.get("list")), FileList.MISSING)
    sizes = {which: list_size(store, actor, which) for which in offered}
    last = max(1, -(-sizes[chosen].files // ROWS))
    page = min(_page(query.get("page", "")), last)
    found = listed_files(store, actor, chosen, limit=ROWS, offset=(page - 1) * ROWS)
    return html.Div(
        [
            page_head(t("recordings.title"), actions=_exports(chosen) if actor.may(Permission.EXPORT) else []),
            html.Nav(
                [_tab(which, sizes[which], is_open=which is chosen) for which in offered],
                className="segmented recording-lists no-print",
                **{"aria-label": t("recordings.lists")},
            ),
            html.P(_note(chosen, sizes[chosen]), className="muted"),
            _table(chosen, found)
            if found
            else empty_state(
                t(f"recordings.{chosen}.none"), t(f"recordings.{chosen}.none_why"), icon_name="file-earmark-music"
            ),
            *_pager(chosen, page, last),
        ],
        className="people",
    )


def size_words(size: int | None) -> str:
    """1536 as "1,5 KB"; None as a dash."""
    if size is None:
        return number(None)
    units = ("recordings.unit.b", "recordings.unit.kb", "recordings.unit.mb", "recordings.unit.gb")
    value, step = float(size), 0
    while value >= _STEP and step < len(units) - 1:
        value, step = value / _STEP, step + 1
    return t(units[step], size=number(value, 1 if step else 0))


def _tab(which: FileList, size: ListSize, *, is_open: bool) -> html.A:
    words = [t(f"recordings.{which}"), html.Span(number(size.files), className="muted")]
    current = {"aria-current": "page"} if is_open else {}
    return html.A(words, href=f"{_PATH}?list={which}", **current)


def _note(which: FileList, size: ListSize) -> list[Any]:
    words = [t(f"recordings.{which}.note")]
    if size.bytes:
        words.append(t("recordings.together", size=size_words(size.bytes)))
    if size.seen_at is not None:
        words.append(t("recordings.seen", at=date_time(size.seen_at, current_settings().site.zone)))
    if which is FileList.ORPHANS and current_settings().recordings.remote:
        names = ", ".join(storage.name for storage in current_settings().recordings.remote)
        words.append(t("recordings.orphans.remote", names=names))
    return [" ".join(words)]


def _table(which: FileList, files: tuple[ListedFile, ...]) -> html.Div:
    zone = current_settings().site.zone
    if which is FileList.ORPHANS:
        heads = [t("recordings.file"), t("recordings.changed"), t("recordings.size"), t("recordings.found")]
        return plain_table(
            t(f"recordings.{which}"),
            heads,
            [
                [
                    html.Span(one.name, className="recording-path"),
                    date_time(one.at, zone),
                    size_words(one.bytes),
                    date_time(one.found_at, zone) if one.found_at is not None else number(None),
                ]
                for one in files
            ],
        )
    heads = [t("recordings.call"), t("recordings.file"), t("recordings.why"), t("recordings.size")]
    return plain_table(
        t(f"recordings.{which}"),
        heads,
        [
            [
                dcc.Link(date_time(one.at, zone), href=f"/calls/{one.call_id}", className="recording-call"),
                html.Span(one.name, className="recording-path"),
                t("recordings.was_there") if one.was_there else t("recordings.never_came"),
                size_words(one.bytes),
            ]
            for one in files
        ],
    )


def _exports(which: FileList) -> list[Any]:
    return [
        html.A(
            [icon("download"), form.upper()],
            href=f"/api/recording-files/{which}.{form}",
            className="button",
            **{"aria-label": t("recordings.export", form=form.upper())},
        )
        for form in ("csv", "xlsx")
    ]


def _pager(which: FileList, page: int, last: int) -> list[Any]:
    if last == 1:
        return []
    parts: list[Any] = [html.Span(t("recordings.page", page=number(page), pages=number(last)), className="muted")]
    if page > 1:
        parts.insert(
            0, dcc.Link(t("recordings.newer"), href=f"{_PATH}?list={which}&page={page - 1}", className="button")
        )
    if page < last:
        parts.append(dcc.Link(t("recordings.older"), href=f"{_PATH}?list={which}&page={page + 1}", className="button"))
    return [html.Nav(parts, className="people-heading no-print", **{"aria-label": t("recordings.pages")})]


def _page(text: str) -> int:
    return max(1, min(int(text), _FARTHEST)) if text.isascii() and text.isdigit() and 0 < len(text) < 7 else 1


PAGE = Page(
    path=_PATH,
    title="recordings.title",
    layout=layout,
    icon="file-earmark-music",
    section=Section.SETTINGS,
    permission=Permission.DOWNLOAD,
    order=60,
)
