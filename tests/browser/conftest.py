"""A running application with a small office of the past in it, and real browsers that log in as a role.

Every page made by `page_as` is watched: a request that leaves this machine, an uncaught error of a script,
or a breach of the content policy fails the test that caused it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from data.identity import passwords
from data.identity.actor import Role, system
from data.identity.users import Users
from data.settings import RecordingSettings, Settings, Site
from data.store.opening import open_store
from data.store.protocol import Store
from ingest.simulator.history import simulate_history
from tests.dashboard.serving import running

T = TypeVar("T")

PASSWORD = "demo1234"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CALLS, DAYS, SEED = 600, 20, 7
_LIMIT_MS = 45_000  # a busy machine is slow, and that is no fault of a page
expect.set_options(timeout=_LIMIT_MS)

BUSIEST_EXTENSION = """
    select party.extension
    from call, unnest(call.employees) as party (extension)
    group by party.extension
    order by count(*) desc, party.extension
    limit 1
"""


@dataclass(frozen=True, kw_only=True)
class LiveApp:
    """An application that serves, and its parts."""

    url: str
    settings: Settings
    store: Store


@dataclass(kw_only=True)
class Watch:
    """What pages did that they must not do."""

    url: str
    sins: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        page.on("request", lambda request: self._requested(request.url))
        page.on("pageerror", lambda error: self.sins.append(f"uncaught: {error}"))
        page.on("console", self._said)

    def _requested(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != urlsplit(self.url).netloc:
            self.sins.append(f"request to {url}")

    def _said(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.sins.append(message.text)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser that a starved machine held up for too long is asked once more; what is wrong stays wrong."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=["TimeoutError", "Locator expected"]))


def offices(make: Callable[[Path], AbstractContextManager[T]]) -> tuple[Any, Any]:
    """The fixtures `places` and `place`: one office for all tests of a module, and another for a test asked once more.

    make: an office in a folder. What the first try had changed would stand in the way of the second.
    """

    @pytest.fixture(scope="module")
    def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], T]]:
        made: dict[int, T] = {}
        with ExitStack() as open_ones:

            def of_attempt(count: int) -> T:
                if count not in made:
                    made[count] = open_ones.enter_context(make(tmp_path_factory.mktemp("place")))
                return made[count]

            yield of_attempt

    @pytest.fixture
    def place(places: Callable[[int], T], request: pytest.FixtureRequest) -> T:
        return places(getattr(request.node, "execution_count", 1))

    return places, place


@pytest.fixture(autouse=True)
def quick_passwords() -> Iterator[None]:
    """A tenth of a second for each password would add up; other tests of the process want the real price."""
    with _quick_passwords():
        yield


@contextmanager
def _quick_passwords() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests of this process."""
    path = os.environ.get("CALLBOARD_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(path).exists():
        pytest.skip(f"no Chromium at {path}: install it (apt-get install chromium) or set CALLBOARD_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def live_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveApp]:
    """A web process over a small office, shared by all tests of this process: do not change its calls."""
    with serve_office(tmp_path_factory.mktemp("office")) as app:
        yield app


@pytest.fixture
def own_app(tmp_path: Path) -> Iterator[LiveApp]:
    """The same for one test alone, which may change everything."""
    with serve_office(tmp_path) as app:
        yield app


@pytest.fixture
def page_as(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """`page_as("supervisor", "/calls", app=…, width=390, height=800, color_scheme="dark")`: a logged-in page.

    Role None: nobody has logged in. app: live_app unless given. Further options go to the browser context.
    """
    contexts: list[BrowserContext] = []
    watches: list[Watch] = []

    def open_page(
        role: str | None,
        path: str = "/",
        *,
        app: LiveApp | None = None,
        width: int = 1440,
        height: int = 860,
        **options: Any,
    ) -> Page:
        url = (app or request.getfixturevalue("live_app")).url
        context = chromium.new_context(
            base_url=url, viewport={"width": width, "height": height}, locale="ru-RU", **options
        )
        context.set_default_timeout(_LIMIT_MS)
        contexts.append(context)
        watch = Watch(url=url)
        watches.append(watch)
        context.on("page", watch.follow)
        page = context.new_page()
        page.goto(path)
        if role is not None:
            page.fill("#login", role)
            page.fill("#password", PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: urlsplit(url).path != "/login")
        return page

    yield open_page

    for context in contexts:
        context.close()
    assert [sin for watch in watches for sin in watch.sins] == []


@contextmanager
def serve_office(folder: Path, **options: Any) -> Iterator[LiveApp]:
    """An application over a small office in `folder`, with one user a role, all at its busiest phone.

    options: as of create_app.
    """
    recordings = folder / "recordings"
    recordings.mkdir()
    settings = Settings(
        data=folder / "var", site=Site(name="Ромашка"), recordings=RecordingSettings(roots=[recordings])
    )
    users = Users(settings)
    with open_store(settings) as store:
        simulate_history(
            store,
            calls=CALLS,
            days=DAYS,
            until=datetime.now(UTC),
            seed=SEED,
            site=settings.site,
            recordings_dir=recordings,
        )
        busiest = store.query(BUSIEST_EXTENSION, actor=system("tests"))["extension"][0].as_py()
        with _quick_passwords():
            for role in Role:
                users.ensure(role.value, password=PASSWORD, role=role, name=f"Имя {role.value}", extension=busiest)
        with running(settings, store, **options) as process:
            yield LiveApp(url=process.url, settings=settings, store=store)
