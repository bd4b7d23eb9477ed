"""Builds the Flask and Dash application: pages, callbacks, /api, gate, words, errors, headers."""

from __future__ import annotations

import importlib
import json
import math
import pkgutil
import re
import secrets
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote

import structlog
from dash import ClientsideFunction, Dash, Input, Output, _callback, html, no_update, set_props
from dash.exceptions import PreventUpdate
from flask import Blueprint, Flask, Response, g, redirect, request
from flask_compress import Compress
from markupsafe import Markup
from werkzeug.exceptions import HTTPException, MethodNotAllowed

import dashboard.api
from dashboard import auth
from dashboard.auth import Identity
from dashboard.components.shell import CONTENT, LOCATION, MARKED, TITLE, TOAST, page_head, shell
from dashboard.components.states import error_state
from dashboard.context import Context, acting, current_actor, enter, utc_now
from dashboard.errors import Trouble, as_json, as_page, trouble_of
from dashboard.headers import content_policy
from dashboard.html import ASSETS, render, script_words
from dashboard.limits import RateLimit
from dashboard.page import BUNDLES_ON_DEMAND, Pages, discover, query_values
from dashboard.static import SUITES, StaticFile, media_type_of
from dashboard.text import language, set_language, t
from data.disk import DiskGuard, Write
from data.errors import CallboardError
from data.identity.actor import system
from data.runtime import RunTime
from data.services.notes import Notes
from data.settings import Settings
from data.store.protocol import Store

log = structlog.get_logger()

REQUEST_ID = "X-Request-ID"
_MAX_UPLOAD_BYTES = 50 * 1024 * 1024
# Dash brings its former data table to every page; nobody uses it.
_OLD_TABLE = re.compile(r'<script src="[^"]*/dash_table/[^"]*"></script>\s*')
# By the global that each makes.
_SCRIPTS_ON_DEMAND = {"Plotly": "vendor/plotly-cartesian.min.js"}
_ZIPPED = ["text/html", "text/css", "text/csv", "text/javascript", "application/json", "image/svg+xml"]


def create_app(
    settings: Settings,
    store: Store,
    identity: Identity,
    *,
    clock: Callable[[], Any] = utc_now,
    session_ended: Callable[[str], None] = lambda key: None,
    pages: Pages | None = None,
    blueprints: Sequence[Blueprint] | None = None,
    runtime: RunTime | None = None,
    guard: DiskGuard | None = None,
) -> Flask:
    """The application that asgi.py serves.

    runtime, guard: the settings in force and the disk, where the server watches them too.

    session_ended hears the key of every session that ends. pages, blueprints: all there are, unless given.
    """
    server = Flask("callboard", static_folder=None)
    server.config.update(
        MAX_CONTENT_LENGTH=_MAX_UPLOAD_BYTES,
        COMPRESS_MIMETYPES=_ZIPPED,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_STREAMS=False,
        PROPAGATE_EXCEPTIONS=False,
    )
    runtime = runtime or RunTime(settings, store)
    guard = guard or DiskGuard(settings.data, lambda: runtime.now().disk)
    site = _Site(settings, store, identity, pages or discover(), clock, runtime, guard)
    # Before Dash adds its own hooks: nothing of it runs for those who may not ask.
    server.before_request(site.begin)
    server.after_request(site.finish)
    server.register_error_handler(Exception, site.fail)
    server.extensions["callboard_users"] = identity.users
    server.extensions["callboard_ended"] = session_ended
    auth.install(server, settings, identity, Notes(settings, store), ended=session_ended, clock=clock)
    server.extensions["callboard_runtime"] = runtime
    server.extensions["callboard_guard"] = guard
    for blueprint in _blueprints() if blueprints is None else blueprints:
        server.register_blueprint(blueprint)
    _add_dash(server, site)
    Compress(server)
    return server


def bundle(server: Flask, path: str) -> StaticFile | None:
    """The file that Dash serves under `path` (component bundles); None where it has none."""
    response = server.test_client().get(path)
    if response.status_code != 200:
        return None
    return StaticFile(response.get_data(), media_type_of(path))


def first_files(server: Flask) -> list[str]:
    """Addresses of everything static that the first page loads."""
    app = server.extensions["callboard"]
    with server.test_request_context("/"):
        bundles = re.findall(r'src="([^"]+)"', app._generate_scripts_html())
    return [ASSETS.url("all.css"), ASSETS.url("all.js"), *bundles]


class _Site:
    """What happens around each request."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        identity: Identity,
        pages: Pages,
        clock: Callable[[], Any],
        runtime: RunTime,
        guard: DiskGuard,
    ) -> None:
        self.runtime = runtime
        self.guard = guard
        self.settings = settings
        self.store = store
        self.identity = identity
        self.pages = pages
        self.clock = clock
        self.limit = RateLimit(settings.web.api_requests_per_minute)

    def begin(self) -> Any:
        """Who asks, in which language; refuse what must not go on."""
        g.request_id = request.headers.get(REQUEST_ID) or secrets.token_hex(8)
        structlog.contextvars.bind_contextvars(request_id=g.request_id)
        asked = auth.signed_in()
        g.preferences = self.identity.users.preferences(asked.user.login) if asked else {}
        set_language(self.settings.site.language)
        set_language(g.preferences.get("language") or request.cookies.get(auth.LANGUAGE_COOKIE, ""))
        enter(self._context(asked))
        if (wait_s := self._too_often(asked)) > 0:
            response = self._answer(trouble_of(429))
            response.headers["Retry-After"] = str(math.ceil(wait_s))
            return response
        refused = auth.refusal(self.settings)
        if isinstance(refused, tuple):
            kind, status = refused
            return self._answer(Trouble(status=status, kind=kind))
        if refused is None and _is_for_dash():
            return self._page_refusal()
        if refused is None and _puts_a_file_on_disk():
            self.guard.require(Write.EXPORTS)
        return refused

    def finish(self, response: Response) -> Response:
        response.headers[REQUEST_ID] = g.get("request_id", "-")
        if response.mimetype == "text/html":
            response.headers["Content-Security-Policy"] = content_policy(g.get("nonce"))
            auth.keep_csrf_cookie(response)
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        structlog.contextvars.unbind_contextvars("request_id")
        return response

    def fail(self, error: Exception) -> Any:
        """Any exception that nothing else caught: logged once, told in words."""
        if isinstance(error, PreventUpdate):
            return "", 204
        trouble = trouble_of(error.code or 500) if isinstance(error, HTTPException) else trouble_of(error)
        if trouble.status >= 500:
            log.error(
                "request failed", path=request.path, exc_info=not isinstance(error, CallboardError), why=str(error)
            )
        answer = self._answer(trouble)
        if isinstance(error, HTTPException) and error.response is not None:
            return error.response
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return answer

    def fail_callback(self, error: Exception) -> Any:
        """An exception inside a callback: the old content stays, a toast says what happened."""
        trouble = trouble_of(error)
        if trouble.status >= 500:
            log.error("callback failed", exc_info=not isinstance(error, CallboardError), why=str(error))
        text = f"{trouble.heading}. {trouble.explanation}"
        set_props(TOAST, {"data": {"text": text, "kind": "bad", "request_id": g.get("request_id", "-")}})
        return no_update

    def layout(self) -> Any:
        """The frame, as the present user sees it."""
        asked = auth.signed_in()
        return shell(
            self.pages,
            current_actor(),
            site=self.settings.site.name,
            theme=auth.theme(),
            csrf_token=asked.session.csrf_token if asked and asked.session else "",
        )

    def show(self, path: str | None, search: str | None) -> tuple[Any, str, str]:
        """The page at an address, its title, and the menu entry to mark."""
        match = self.pages.match(unquote(path or "/"))
        if match is None:
            return error_state(trouble_of(404), is_whole_page=True), t("shell.error.not_found.heading"), ""
        page = match.page
        if not page.open_to(current_actor()):
            return error_state(trouble_of(403), is_whole_page=True), t("shell.error.forbidden.heading"), ""
        try:
            content = page.layout(**query_values(search) | dict(match.parts))
        except Exception as error:
            trouble = trouble_of(error)
            if trouble.status >= 500:
                log.error("page failed", path=path, exc_info=not isinstance(error, CallboardError), why=str(error))
            content = html.Div([page_head(t(page.title)), error_state(trouble)])
        return content, t(page.title), page.parent or page.path

    def index(self, **parts: str) -> str:
        """The HTML around Dash, with a nonce on every script."""
        g.nonce = secrets.token_urlsafe(16)
        match = self.pages.match(request.path)
        title = f"{t(match.page.title)} · " if match else ""
        scripts = {name: ASSETS.url(file) for name, file in _SCRIPTS_ON_DEMAND.items()}
        dash_scripts, later = _without_later(parts["scripts"], match.page.bundles if match else ())
        return render(
            "index.html",
            theme=auth.theme(),
            title=title + self.settings.site.name,
            scripts=_scripts(),
            css=Markup(parts["css"]),  # noqa: S704
            config=Markup(parts["config"]),  # noqa: S704
            dash_scripts=_with_nonce(dash_scripts, g.nonce),
            bundles=Markup(json.dumps({"packages": later, "scripts": scripts})),  # noqa: S704
            renderer=_with_nonce(parts["renderer"], g.nonce),
            words=script_words(),
        )

    def _too_often(self, asked: auth.WebUser | None) -> float:
        """Seconds that a script must wait; 0 for browsers, which wait for people."""
        if asked is not None and asked.session is None:
            return self.limit.wait_s(f"user {asked.user.login}")
        if asked is None and "Authorization" in request.headers:
            return self.limit.wait_s(f"address {request.remote_addr}")  # somebody tries keys
        return 0.0

    def _context(self, asked: auth.WebUser | None) -> Context:
        return Context(
            settings=self.runtime.now(),
            given=self.settings,
            room=self.guard.room,
            store=self.store,
            actor=asked.user.actor if asked else None,
            request_id=g.request_id,
            clock=self.clock,
            preferences=g.preferences,
            theme=request.cookies.get(auth.THEME_COOKIE, "light"),
            csrf_token=asked.session.csrf_token if asked and asked.session else "",
        )

    def _page_refusal(self) -> Any:
        """What to answer where Dash would serve its page at an address that is none, or not this user's."""
        match = self.pages.match(request.path)
        if match is None and request.path == "/" and (home := self.pages.home(current_actor())):
            return redirect(home.path, 303)
        if match is None:
            return self._answer(trouble_of(404))
        if not match.page.open_to(current_actor()):
            return self._answer(trouble_of(403))
        return None

    def _answer(self, trouble: Trouble) -> Response:
        if request.path.startswith(auth.MACHINES):
            body: str | bytes = as_json(trouble, request_id=g.request_id)
            return Response(body, trouble.status, mimetype="application/json")
        body = as_page(trouble, site=self.settings.site.name, request_id=g.request_id, theme=auth.theme())
        return Response(body, trouble.status, mimetype="text/html")


def _is_for_dash() -> bool:
    """Whether the request falls to Dash's rules for "/" and for every address that nobody else serves."""
    return request.url_rule is not None and request.url_rule.rule in ("/", "/<path:path>")


def _puts_a_file_on_disk() -> bool:
    """Whether the answer, or what was sent, lies on our disk for a while: a Parquet file, a file of an import."""
    return request.path.endswith(".parquet") or (request.method == "POST" and request.path == "/api/clients/imports")


class _Dash(Dash):  # type: ignore[misc]
    """Dash with our HTML around it."""

    site: _Site

    def interpolate_index(self, **parts: str) -> str:
        return self.site.index(**parts)


def _add_dash(server: Flask, site: _Site) -> None:
    app = _Dash(
        "callboard",
        server=server,
        include_assets_files=False,  # html.py lists them, with their versions
        assets_folder=str(ASSETS.folder),
        assets_url_path="/_dash-assets",
        suppress_callback_exceptions=True,  # the layout of a page arrives when it is opened
        update_title=None,
        compress=False,
        enable_mcp=False,
        add_log_handler=False,
        on_error=site.fail_callback,
    )
    app.site = site
    server.extensions["callboard"] = app
    app.layout = site.layout
    _take_callbacks(app)
    app.callback(
        Output(CONTENT, "children"),
        Output(TITLE, "data"),
        Output(MARKED, "data"),
        Input(LOCATION, "pathname"),
        Input(LOCATION, "search"),
    )(site.show)
    for name, source in (("title", TITLE), ("mark", MARKED), ("toast", TOAST)):
        app.clientside_callback(ClientsideFunction("shell", name), Input(source, "data"))
    context = Context(settings=site.settings, store=site.store, actor=system("web"), clock=site.clock)
    # Dash asks for the layout once while it sets itself up.
    with server.test_request_context("/"), acting(context, site.settings.site.language):
        app._setup_server()


def _take_callbacks(app: Dash) -> None:
    """Give `app` the callbacks of all page modules.

    Dash moves what `dash.callback` collected into the first application of the process; a second one
    (tests, notebooks) would have none. So they are kept here and put back.
    """
    _module_callbacks.update(_callback.GLOBAL_CALLBACK_MAP)
    known = {entry["output"] for entry in _module_callback_list}
    _module_callback_list.extend(entry for entry in _callback.GLOBAL_CALLBACK_LIST if entry["output"] not in known)
    _module_scripts.extend(script for script in _callback.GLOBAL_INLINE_SCRIPTS if script not in _module_scripts)
    _callback.GLOBAL_CALLBACK_MAP.update(_module_callbacks)
    _callback.GLOBAL_CALLBACK_LIST[:] = [dict(entry) for entry in _module_callback_list]
    _callback.GLOBAL_INLINE_SCRIPTS[:] = list(_module_scripts)


_module_callbacks: dict[str, Any] = {}
_module_callback_list: list[dict[str, Any]] = []
_module_scripts: list[str] = []


def _blueprints() -> list[Blueprint]:
    """The Blueprint `API` of every module of dashboard/api/."""
    found = []
    for module in sorted(pkgutil.iter_modules(dashboard.api.__path__), key=lambda module: module.name):
        loaded = importlib.import_module(f"dashboard.api.{module.name}")
        if isinstance(blueprint := getattr(loaded, "API", None), Blueprint):
            found.append(blueprint)
    return found


def _scripts() -> list[str]:
    """Our scripts; the date picker takes its language from what is loaded, so Russian only for Russian."""
    russian = ["vendor/date-fns-ru.min.js", "locale/ru.js"] if language() == "ru" else []
    return [ASSETS.url(name) for name in (*russian, "all.js")]


def _without_later(tags: str, wanted: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """The script tags of Dash without what is fetched on demand unless `wanted`; and where to fetch that."""
    tags, later = _OLD_TABLE.sub("", tags), {}
    for name in BUNDLES_ON_DEMAND:
        if found := re.search(rf'<script src="([^"]*{SUITES}{name}/[^"]*)"></script>\s*', tags):
            later[name] = found[1]
            tags = tags if name in wanted else tags.replace(found[0], "")
    return tags, later


def _with_nonce(tags: str, nonce: str) -> Markup:
    return Markup(tags.replace("<script", f'<script nonce="{nonce}"'))  # noqa: S704
