"""Static files: what is served, how it is kept, and that all of it is ours."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import httpx
import pytest

from dashboard.auth import CSRF_COOKIE
from dashboard.html import ASSETS
from dashboard.static import ASK_AGAIN, FOREVER, Assets, Library, StaticFile
from tests.dashboard.fakes import FakeStore
from tests.dashboard.house import OPTIONS, PASSWORD, build_house
from tests.dashboard.serving import running

ROOT = Path(__file__).parents[2]
FIRST_VISIT_BYTES = 1_000_000


def library_of(folder: Path, bundles: dict[str, bytes] | None = None) -> Library:
    known = {path: StaticFile(body, "text/javascript") for path, body in (bundles or {}).items()}
    return Library(Assets(folder), known.get)


def test_all_sheets_and_scripts_are_joined_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name, text in {"20_b.css": "b{}", "10_a.css": "a{}", "journal_x.css": "x{}", "30_s.js": "s()"}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "p.css").write_text("p{}")
    assets = Assets(tmp_path)

    joined = assets.find("all.css")

    assert joined is not None
    assert joined.body == b"a{}\nb{}\nx{}"


def test_an_address_with_the_version_is_kept_for_a_year_and_one_without_is_asked_for_again(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("one")
    library = library_of(tmp_path)
    version = Assets(tmp_path).url("a.js").partition("?")[2]

    kept = library.answer("/assets/a.js", version, accepted="", known="")
    asked = library.answer("/assets/a.js", "", accepted="", known="")
    stale = library.answer("/assets/a.js", "v=000000000000", accepted="", known="")

    assert kept is not None
    assert asked is not None
    assert stale is not None
    assert kept.headers["Cache-Control"] == FOREVER
    assert asked.headers["Cache-Control"] == stale.headers["Cache-Control"] == ASK_AGAIN


def test_a_file_that_the_browser_has_is_not_sent_again(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("one")
    library = library_of(tmp_path)
    first = library.answer("/assets/a.js", "", accepted="", known="")
    assert first is not None

    again = library.answer("/assets/a.js", "", accepted="", known=first.headers["ETag"])

    assert again is not None
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("identity", None), ("", None)],
)
def test_texts_are_compressed_as_the_browser_allows(tmp_path: Path, accepted: str, encoding: str | None) -> None:
    text = b"const word = 'word';\n" * 200
    (tmp_path / "a.js").write_bytes(text)
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}

    answer = library_of(tmp_path).answer("/assets/a.js", "", accepted=accepted, known="")

    assert answer is not None
    assert answer.headers.get("Content-Encoding") == encoding
    assert unpack[encoding](answer.body) == text


@pytest.mark.parametrize("path", ["../secret.txt", "..%2fsecret.txt", "/etc/passwd", "plain", "", "none.js", "a\0.js"])
def test_nothing_outside_the_folder_is_served(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "assets"
    (folder / "plain").mkdir(parents=True)

    assert library_of(folder).answer(f"/assets/{path}", "", accepted="", known="") is None


def test_a_font_in_a_sheet_has_its_version_so_that_it_is_kept(tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "inter.woff2").write_bytes(b"font")
    (tmp_path / "a.css").write_text('@font-face { src: url("fonts/inter.woff2") }')
    assets = Assets(tmp_path)

    sheet = assets.find("a.css")

    assert sheet is not None
    assert sheet.body.decode().count(assets.url("fonts/inter.woff2").removeprefix("/assets/")) == 1


def test_a_bundle_of_dash_is_kept_only_where_its_name_has_a_version(tmp_path: Path) -> None:
    named = "/_dash-component-suites/dash/dcc/dash_core_components.v4_4_1m1795379956.js"
    bare = "/_dash-component-suites/dash/dcc/async-graph.js"
    library = library_of(tmp_path, {named: b"one", bare: b"two"})

    kept = library.answer(named, "", accepted="", known="")
    asked = library.answer(bare, "", accepted="", known="")

    assert kept is not None
    assert asked is not None
    assert kept.headers["Cache-Control"] == FOREVER
    assert asked.headers["Cache-Control"] == ASK_AGAIN


def test_plotly_is_the_cartesian_build_of_the_version_that_python_has() -> None:
    import plotly.offline

    served = ASSETS.find("vendor/plotly-cartesian.min.js")

    assert served is not None
    wanted = plotly.offline.get_plotlyjs_version()
    assert f"plotly.js (cartesian - minified) v{wanted}".encode() in served.body[:200]


def test_what_is_packed_beforehand_is_what_it_says() -> None:
    for packed in ASSETS.folder.rglob("*.br"):
        assert brotli.decompress(packed.read_bytes()) == packed.with_suffix("").read_bytes()


def test_style_sheets_and_scripts_name_no_foreign_address() -> None:
    for name in ("all.css", "all.js", "plain/plain.css", "head/theme.js", "locale/ru.js"):
        file = ASSETS.find(name)
        assert file is not None
        foreign = re.findall(rb"(?:url\(|import |src=|fetch\()\s*[\"']?(?:https?:)?//[^\s\"')]+", file.body)
        assert foreign == [], name


def test_every_icon_that_code_names_has_a_picture() -> None:
    sheet = ASSETS.find("20_icons.css")
    assert sheet is not None
    drawn = set(re.findall(r"\.icon-([a-z0-9-]+)\{", sheet.body.decode()))
    sources = [
        *(ROOT / "dashboard").rglob("*.py"),
        *(ROOT / "dashboard" / "assets").glob("*.js"),
        *(ROOT / "dashboard" / "templates").glob("*.html"),
    ]
    named = {
        name
        for file in sources
        for name in re.findall(
            r"""(?:\bicon\(["']|\bicon=["']|\bicon_name=["']|icon icon-)([a-z][a-z0-9-]+)\b""", file.read_text("utf-8")
        )
    }

    assert named - drawn == set()


def test_colours_are_written_in_the_tokens_only() -> None:
    own = [file for file in ASSETS.folder.glob("*.css") if not file.name.startswith(("00_", "10_", "20_"))]
    named = {
        f"{file.name}: {colour}"
        for file in own
        for colour in re.findall(r"#[0-9a-fA-F]{3,8}\b", file.read_text("utf-8"))
        if colour.lower() not in ("#fff", "#ffffff")  # paper
    }

    assert named == set()


def test_every_token_that_sheets_use_is_defined() -> None:
    sheet = ASSETS.find("all.css")
    assert sheet is not None
    text = sheet.body.decode()
    defined = set(re.findall(r"(--cb-[a-z0-9-]+)\s*:", text))

    assert set(re.findall(r"var\((--cb-[a-z0-9-]+)", text)) - defined == set()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "behind"),
    [
        *[
            (text, surface)
            for text in ("text", "text-muted", "accent")
            for surface in ("page", "side", "card", "raised", "hover")
        ],
        *[("text-faint", surface) for surface in ("page", "side", "card")],
        *[(f"{status}-text", f"{status}-soft") for status in ("answered", "missed", "lost", "cancelled", "reached")],
        *[(f"{status}-text", "card") for status in ("answered", "missed", "lost", "cancelled", "reached")],
        ("alarm", "alarm-soft"),
        ("alarm", "card"),
        ("accent", "selected"),
        ("on-accent", "fill"),
        ("on-accent", "fill-hover"),
    ],
)
def test_words_can_be_read_on_what_lies_behind_them(theme: str, text: str, behind: str) -> None:
    assert _contrast(_colour(text, theme), _colour(behind, theme)) >= 4.5


def test_the_first_visit_stays_below_one_megabyte(tmp_path: Path) -> None:
    settings = build_house(tmp_path).settings
    with running(settings, FakeStore(), **OPTIONS) as process, httpx.Client(base_url=process.url) as browser:
        browser.headers["Accept-Encoding"] = "br"
        browser.get("/login")
        form = {"login": "supervisor", "password": PASSWORD, "csrf_token": browser.cookies[CSRF_COOKIE]}
        browser.post("/login", data=form)
        page = browser.get("/calls").text
        addresses = re.findall(r'(?:src|href)="(/[^"]+)"', page)

        sizes = {}
        for address in dict.fromkeys(addresses):
            with browser.stream("GET", address) as answer:
                assert answer.status_code == 200, address
                sizes[address] = sum(len(chunk) for chunk in answer.iter_raw())

    assert sum(sizes.values()) < FIRST_VISIT_BYTES


def _colour(token: str, theme: str) -> tuple[float, float, float]:
    text = (ASSETS.folder / "10_tokens.css").read_text("utf-8")
    found = re.search(rf"--cb-{token}: (?:light-dark\((#\w+), (#\w+)\)|(#\w+));", text)
    assert found, token
    colour = found[3] or (found[1] if theme == "light" else found[2])
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def _contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """Contrast of two colours by WCAG 2.2."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: tuple[float, float, float]) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
