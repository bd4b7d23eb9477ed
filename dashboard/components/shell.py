"""The frame around every page: sidebar, user menu, banners, toasts, and the head of a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from dashboard.components.icons import icon
from dashboard.components.states import loading_state
from dashboard.page import Page, Pages, Section
from dashboard.text import LANGUAGES, label, language, t
from data.identity.actor import Actor
from data.store.protocol import Topic

LOCATION = "shell-location"
CONTENT = "shell-content"
TITLE = "shell-title"
MARKED = "shell-marked"
THEME = "shell-theme"
TOAST = "shell-toast"
SIDE = "shell-side"

# What a browser may hear; the outbox and raw deliveries are between the store and ingest.
TOPICS = tuple(topic for topic in Topic if topic not in (Topic.OUTBOX, Topic.HOOKS))

_THEME_ICONS = {"light": "sun", "dark": "moon-stars", "system": "circle-half"}
_LANGUAGE_NAMES = {"ru": "Русский", "en": "English"}


def notice_id(topic: Topic) -> str:
    """Id of the dcc.Store that receives the hints of a topic."""
    return f"shell-notice-{topic}"


def hears(*topics: Topic) -> dict[str, str]:
    """Attributes of a part whose callbacks take the hints of these topics.

    A hint that goes through Dash costs the browser some 10 ms, and a busy office gives ten a second: so
    only those enter it that a part of the page asks for.
    """
    return {"data-hears": " ".join(topics)}


def page_head(
    title: str, *, count: Any = None, actions: Sequence[Any] = (), back: tuple[str, str] | None = None
) -> html.Header:
    """The head of a page, one line: title, a count beside it, actions at the right.

    back: address and title of the page above this one, for a page that the menu does not name.
    """
    parts: list[Any] = [html.H1(title, tabIndex=-1)]
    if back is not None:
        address, above = back
        way = dcc.Link([icon("chevron-left"), above], href=address, className="j-back no-print")
        parts = [html.Div([way, *parts], className="j-grow")]
    if count is not None:
        parts.append(html.Div(count, className="page-count number"))
    parts.append(html.Div(list(actions), className="page-actions no-print"))
    return html.Header(parts, className="page-head")


def shell(pages: Pages, actor: Actor, *, site: str, theme: str, csrf_token: str) -> html.Div:
    """The whole frame, as `actor` sees it; the page itself arrives in CONTENT."""
    return html.Div(
        [
            html.A(t("shell.skip"), href=f"#{CONTENT}", className="skip-link"),
            _top_bar(site),
            _sidebar(pages, actor, site=site, theme=theme, csrf_token=csrf_token),
            html.Div(className="side-veil", **{"data-action": "close-side"}),
            html.Div(
                [
                    html.Div(id="shell-banners", className="banners no-print", **{"aria-live": "polite"}),
                    html.Main(loading_state(), id=CONTENT, className="page", tabIndex=-1),
                ],
                className="main",
            ),
            html.Div(id="shell-cards", className="cards no-print", role="region", **{"aria-label": t("live.cards")}),
            html.Div(id="shell-toasts", className="toasts no-print", role="status", **{"aria-live": "polite"}),
            *_channels(),
        ],
        className="shell",
        **{"data-site": site},
    )


def _top_bar(site: str) -> html.Header:
    """The bar of phones: opens the sidebar."""
    opener = html.Button(
        icon("list"),
        className="button is-icon is-quiet",
        **{"data-action": "open-side", "aria-label": t("shell.menu.open"), "aria-controls": SIDE},
    )
    return html.Header([opener, html.Span(site, className="top-site")], className="top-bar no-print")


def _sidebar(pages: Pages, actor: Actor, *, site: str, theme: str, csrf_token: str) -> html.Aside:
    return html.Aside(
        [
            html.Div(
                [
                    dcc.Link(
                        [html.Span(className="brand-mark"), html.Span(site, className="side-word")],
                        href=home.path if (home := pages.home(actor)) else "/",
                        className="brand",
                        title=site,
                    ),
                    html.Button(
                        icon("layout-sidebar"),
                        className="button is-icon is-quiet side-fold",
                        title=t("shell.menu.fold"),
                        **{"data-action": "fold", "aria-label": t("shell.menu.fold")},
                    ),
                ],
                className="side-head",
            ),
            html.Nav(
                [block for section in Section if (block := _section(pages, actor, section)) is not None],
                className="side-nav",
                **{"aria-label": t("shell.menu.main")},
            ),
            _bell(),
            _link_state(),
            _user_menu(actor, theme=theme, csrf_token=csrf_token),
        ],
        id=SIDE,
        className="side no-print",
    )


def _section(pages: Pages, actor: Actor, section: Section) -> html.Div | None:
    listed = pages.menu(actor, section)
    if not listed:
        return None
    parts: list[Any] = []
    if section is not Section.WORK:
        parts.append(html.H2(t(f"shell.section.{section}"), className="side-heading"))
    group: str | None = None
    for page in listed:
        if page.group and page.group != group:
            parts.append(html.H3(t(page.group), className="side-group"))
        group = page.group
        parts.append(_entry(page))
    return html.Div(parts, className="side-section")


def _entry(page: Page) -> html.Div:
    words = t(page.title)
    count = [html.Span(className="bell-count number", hidden=True, **{"data-count": page.path})] if page.counted else []
    link = dcc.Link(
        [icon(page.icon), html.Span(words, className="side-word"), *count],
        href=page.path,
        className="side-link",
        title=f"{words} (g {page.key})" if page.key else words,
    )
    return html.Div(link, **({"data-go": page.key} if page.key else {}))


def _bell() -> html.Div:
    """My tasks that are due: the number and the reminders come from assets/33_bell.js."""
    return html.Div(
        dcc.Link(
            [
                icon("bell"),
                html.Span(t("shell.menu.tasks"), className="side-word"),
                html.Span(className="bell-count number", hidden=True),
            ],
            href="/tasks",
            id="shell-bell",
            className="side-bell",
        ),
    )


def _link_state() -> html.Div:
    """Whether hints arrive: the dot at the foot of the sidebar; words by assets/30_shell.js."""
    return html.Div(
        [html.Span(className="dot"), html.Span(t("shell.live.connecting"), className="side-word")],
        id="shell-live",
        className="side-live",
    )


def _user_menu(actor: Actor, *, theme: str, csrf_token: str) -> html.Details:
    return html.Details(
        [
            html.Summary(
                [
                    html.Span(_initials(actor.name or actor.user), className="avatar", **{"aria-hidden": "true"}),
                    html.Span(
                        [
                            html.Span(actor.name or actor.user, className="user-name"),
                            html.Span(label(actor.role), className="user-role"),
                        ],
                        className="side-word",
                    ),
                    icon("chevron-up"),
                ],
                title=actor.name or actor.user,
                **{"aria-label": t("shell.menu.user", name=actor.name or actor.user)},
            ),
            html.Div(
                [
                    _choice(
                        "theme",
                        t("shell.menu.theme"),
                        [(name, [icon(_THEME_ICONS[name])], t(f"shell.theme.{name}")) for name in _THEME_ICONS],
                        theme,
                    ),
                    _choice(
                        "language",
                        t("shell.menu.language"),
                        [(code, _LANGUAGE_NAMES[code], _LANGUAGE_NAMES[code]) for code in LANGUAGES],
                        language(),
                    ),
                    html.Div(id="shell-seats", className="menu-seats"),
                    html.A(
                        [icon("shield-lock"), t("shell.menu.password")], href="/password?next=/", className="menu-item"
                    ),
                    html.Form(
                        [
                            dcc.Input(type="hidden", name="csrf_token", value=csrf_token),
                            html.Button(
                                [icon("box-arrow-right"), t("shell.menu.logout")], type="submit", className="menu-item"
                            ),
                        ],
                        action="/logout",
                        method="POST",
                    ),
                ],
                className="user-sheet",
            ),
        ],
        className="user-menu",
    )


def _choice(name: str, heading: str, options: list[tuple[str, Any, str]], chosen: str) -> html.Div:
    buttons = [
        html.Button(
            shown,
            type="button",
            title=words,
            **{
                "data-action": "prefer",
                "data-name": name,
                "data-value": value,
                "aria-label": words,
                "aria-pressed": str(value == chosen).lower(),
            },
        )
        for value, shown, words in options
    ]
    return html.Div(
        [
            html.Span(heading, className="menu-heading"),
            html.Div(buttons, className="segmented", role="group", **{"aria-label": heading}),
        ],
        className="menu-choice",
    )


def _channels() -> list[Any]:
    """What callbacks listen to and write: address, title, theme, hints, toasts."""
    return [
        dcc.Location(id=LOCATION, refresh="callback-nav"),
        dcc.Store(id=TITLE),
        dcc.Store(id=MARKED),
        dcc.Store(id=THEME),
        dcc.Store(id=TOAST),
        *[dcc.Store(id=notice_id(topic)) for topic in TOPICS],
    ]


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split()[:2]).upper()
