"""Logging in and out, and who may ask what: the gate in front of every page, callback and /api.

Sessions live in the database of users; the cookie holds their secret. flask-login carries the user
through a request and is known here only.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

import structlog
from flask import Flask, Request, Response, g, redirect, request
from flask_login import LoginManager, UserMixin, current_user

from dashboard.html import THEMES, render
from dashboard.text import LANGUAGES, set_language, t
from dashboard.text.formats import duration
from data.identity.passwords import PasswordRefused
from data.identity.sessions import Session, Sessions
from data.identity.throttle import Throttle
from data.identity.tokens import Tokens
from data.identity.users import User, Users
from data.services.notes import Notes
from data.settings import Settings

SESSION_COOKIE = "callboard_session"
CSRF_COOKIE = "_csrf_token"  # Dash reads a cookie of this name and sends it back as CSRF_HEADER
CSRF_HEADER = "X-CSRFToken"
LANGUAGE_COOKIE = "callboard_language"
THEME_COOKIE = "callboard_theme"  # assets/head/theme.js keeps it, so that charts come in the right colours at once

PUBLIC = ("/login", "/assets/", "/_dash-component-suites/", "/_favicon.ico", "/healthz", "/readyz")
# Where nobody can be sent to a login page: these answer 401.
MACHINES = ("/api/", "/_dash-", "/_reload-hash", "/recordings/", "/events", "/media/")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Everything about people that the web needs."""

    users: Users
    sessions: Sessions
    tokens: Tokens
    throttle: Throttle

    @classmethod
    def open(cls, settings: Settings) -> Identity:
        return cls(
            users=Users(settings), sessions=Sessions(settings), tokens=Tokens(settings), throttle=Throttle(settings)
        )


class WebUser(UserMixin):  # type: ignore[misc]
    """flask-login's view of who asks: by session, or by token (session None)."""

    def __init__(self, user: User, session: Session | None) -> None:
        self.user = user
        self.session = session

    def get_id(self) -> str:
        return self.user.login


def who(identity: Identity, cookie: str | None, authorization: str | None) -> WebUser | None:
    """Who asks with that cookie or that header; also for endpoints beside Flask."""
    scheme, _, secret = (authorization or "").partition(" ")
    if scheme.lower() == "bearer":
        owner = identity.tokens.find(secret.strip())
        return WebUser(owner, None) if owner and not owner.must_change else None
    session = identity.sessions.find(cookie)
    return WebUser(session.user, session) if session else None


def signed_in() -> WebUser | None:
    """Who asks in the present Flask request."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def install(
    server: Flask,
    settings: Settings,
    identity: Identity,
    notes: Notes,
    *,
    ended: Callable[[str], None],
    clock: Callable[[], datetime],
) -> None:
    """Add login, logout and the change of passwords, each written down in `notes`.

    ended hears the key of every session that ends.
    """
    manager = LoginManager(server)
    manager.session_protection = None  # ours is in the database

    def load(asked: Request) -> WebUser | None:
        return who(identity, asked.cookies.get(SESSION_COOKIE), asked.headers.get("Authorization"))

    manager.request_loader(load)
    desk = _Desk(settings, identity, notes, ended, clock)
    server.add_url_rule("/login", "login", desk.show_login, methods=["GET"])
    server.add_url_rule("/login", "log_in", desk.log_in, methods=["POST"])
    server.add_url_rule("/logout", "log_out", desk.log_out, methods=["POST"])
    server.add_url_rule("/password", "password", desk.show_password, methods=["GET"])
    server.add_url_rule("/password", "change_password", desk.change_password, methods=["POST"])


def refusal(settings: Settings) -> Response | tuple[str, int] | None:
    """What to answer instead, where the present request must not go on: 401, the login page, 403.

    The number 401 or 403 stands for an answer that the error pages format.
    """
    path, asked = request.path, signed_in()
    if request.method not in _SAFE_METHODS and not _is_ours(settings):
        return "csrf", 403
    if path.startswith(PUBLIC):
        return None
    if asked is None:
        if path.startswith(MACHINES) or request.method not in _SAFE_METHODS:
            return "login", 401
        return _to("/login", _here())
    if asked.session is None:
        # A token opens the API, not the pages.
        return None if path.startswith(("/api/", "/recordings/")) else ("login", 401)
    if request.method not in _SAFE_METHODS and not _has_token(asked.session.csrf_token):
        return "csrf", 403
    if asked.user.must_change and path not in ("/password", "/logout"):
        return ("login", 401) if path.startswith(MACHINES) else _to("/password", _here())
    return None


def keep_csrf_cookie(response: Response) -> Response:
    """Give pages of a session the token that their callbacks send back."""
    asked = signed_in()
    if asked and asked.session and request.cookies.get(CSRF_COOKIE) != asked.session.csrf_token:
        _set_cookie(response, CSRF_COOKIE, asked.session.csrf_token)
    return response


def safe_next(target: str | None) -> str:
    """Where to go after the login: a path of ours, else the start page."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\", "/login", "/logout")):
        return "/"
    parts = urlsplit(target)
    hidden = any(character < " " or character == "\\" for character in target)
    return "/" if parts.scheme or parts.netloc or hidden else target


class _Desk:
    """The views of login, logout and password."""

    def __init__(
        self,
        settings: Settings,
        identity: Identity,
        notes: Notes,
        ended: Callable[[str], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._identity = identity
        self._notes = notes
        self._ended = ended
        self._clock = clock

    def show_login(self) -> Response:
        chosen = request.args.get("language", "")
        set_language(chosen)
        if signed_in():
            return _to(safe_next(request.args.get("next")))
        response = self._login_page(next_path=safe_next(request.args.get("next")))
        if chosen in LANGUAGES:
            response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=31_536_000, samesite="Lax", path="/")
        return response

    def log_in(self) -> Response:
        login = request.form.get("login", "").strip().lower()
        password, goal = request.form.get("password", ""), safe_next(request.form.get("next"))
        address = request.remote_addr or "-"
        if not _has_token(request.cookies.get(CSRF_COOKIE)):
            return self._login_page(403, t("shell.login.expired"), goal, login)
        if (wait_s := self._identity.throttle.wait_s(login, address)) > 0:
            log.warning("login refused: too many attempts", user=login, address=address, wait_s=round(wait_s))
            response = self._login_page(429, t("shell.login.wait", time=duration(wait_s + 0.5)), goal, login)
            response.headers["Retry-After"] = str(int(wait_s) + 1)
            return response
        user = self._identity.users.check(login, password)
        if user is None:
            self._identity.throttle.failed(login, address)
            log.warning("login failed", user=login, address=address)
            self._note_failure(login, address)
            return self._login_page(401, t("shell.login.wrong"), goal, login)
        self._identity.throttle.succeeded(login, address)
        log.info("login", user=login, address=address)
        self._note(login, "login", address=address)
        return self._begin(user, goal, address)

    def log_out(self) -> Response:
        asked = signed_in()
        if asked and asked.session:
            self._identity.sessions.close(asked.session.key)
            self._ended(asked.session.key)
            log.info("logout", user=asked.user.login)
            self._note(asked.user.login, "logout", address=request.remote_addr or "-")
        response = _to("/login")
        response.delete_cookie(SESSION_COOKIE, path="/")
        response.delete_cookie(CSRF_COOKIE, path="/")
        return response

    def show_password(self) -> Response:
        return self._password_page()

    def change_password(self) -> Response:
        asked = signed_in()
        if asked is None:
            return _to("/login")
        login, address = asked.user.login, request.remote_addr or "-"
        present, chosen = request.form.get("present", ""), request.form.get("password", "")
        if (wait_s := self._identity.throttle.wait_s(login, address)) > 0:
            return self._password_page(429, t("shell.login.wait", time=duration(wait_s + 0.5)))
        if self._identity.users.check(login, present) is None:
            self._identity.throttle.failed(login, address)
            self._note_failure(login, address)
            return self._password_page(401, t("shell.password.wrong"))
        if chosen != request.form.get("again", ""):
            return self._password_page(422, t("shell.password.differ"))
        if chosen == present:
            return self._password_page(422, t("shell.password.same"))
        try:
            self._identity.users.change_password(login, chosen)
        except PasswordRefused:
            return self._password_page(422, t("shell.password.rule", shortest=8))
        log.info("password changed", user=login)
        self._note(login, "password.change", address=address)
        fresh = self._identity.users.find(login)
        return self._begin(fresh or asked.user, safe_next(request.form.get("next")), address)

    def _note(self, login: str, action: str, **detail: object) -> None:
        self._notes.note(login, self._clock(), action, "user", login, **detail)

    def _note_failure(self, login: str, address: str) -> None:
        """Only of names that exist: people type their password into the first field, too."""
        known = self._identity.users.find(login) is not None
        self._notes.note(
            "system:login", self._clock(), "login.failed", "user", login if known else "", address=address, known=known
        )

    def _begin(self, user: User, goal: str, address: str) -> Response:
        """A new session under a new secret, whatever cookie came along."""
        if old := self._identity.sessions.find(request.cookies.get(SESSION_COOKIE)):
            self._identity.sessions.close(old.key)
            self._ended(old.key)
        opened = self._identity.sessions.open(user, address=address, agent=request.headers.get("User-Agent", ""))
        response = _to(goal)
        _set_cookie(response, SESSION_COOKIE, opened.secret, httponly=True)
        _set_cookie(response, CSRF_COOKIE, opened.session.csrf_token)
        return response

    def _login_page(self, status: int = 200, message: str = "", next_path: str = "/", login: str = "") -> Response:
        token = request.cookies.get(CSRF_COOKIE) or secrets.token_urlsafe(32)
        page = render(
            "login.html",
            site=self._settings.site.name,
            message=message,
            hint=t("shell.login.needed") if next_path != "/" else "",
            csrf_token=token,
            next=next_path,
            login=login,
        )
        response = Response(page, status)
        _set_cookie(response, CSRF_COOKIE, token)
        return response

    def _password_page(self, status: int = 200, message: str = "") -> Response:
        asked = signed_in()
        if asked is None or asked.session is None:
            return _to("/login", "/password")
        page = render(
            "password.html",
            theme=theme(),
            site=self._settings.site.name,
            message=message,
            forced=asked.user.must_change,
            csrf_token=asked.session.csrf_token,
            login=asked.user.login,
            next=safe_next(request.values.get("next")),
        )
        return Response(page, status)


def theme() -> str:
    """The theme that the user chose; "system" by default."""
    chosen = g.get("preferences", {}).get("theme", "system")
    return chosen if chosen in THEMES else "system"


def _is_ours(settings: Settings) -> bool:
    """Whether a page of ours sent this: other sites' requests carry their own origin."""
    fetch_site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if fetch_site is not None:
        return fetch_site in ("same-origin", "none")
    if origin is None:
        return True  # no browser; the token is asked for all the same
    public = settings.web.public_url
    own = {request.host} | ({urlsplit(public).netloc} if public else set())
    return urlsplit(origin).netloc in own


def _has_token(expected: str | None) -> bool:
    given = request.headers.get(CSRF_HEADER) or (request.form.get("csrf_token") if not request.is_json else None)
    return bool(expected and given) and hmac.compare_digest(str(given).encode(), str(expected).encode())


def _set_cookie(response: Response, name: str, value: str, *, httponly: bool = False) -> None:
    response.set_cookie(name, value, httponly=httponly, samesite="Lax", secure=request.is_secure, path="/")


def _here() -> str:
    return request.full_path.rstrip("?")


def _to(path: str, next_path: str = "/") -> Response:
    target = path if next_path == "/" else f"{path}?next={quote(next_path, safe='/')}"
    response = redirect(target, 303)
    return Response(response.get_data(), response.status_code, response.headers)
