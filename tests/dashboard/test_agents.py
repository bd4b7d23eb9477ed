"""Browsers by the names that people know."""

from __future__ import annotations

import pytest

from dashboard.agents import agent_words

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64) {_WEBKIT} HeadlessChrome/156.0.0.0 Safari/537.36", "Chrome 156, Linux"),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge 140, Windows",
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0) {_WEBKIT} Chrome/138.0 YaBrowser/25.8 Safari/537.36",
            "Яндекс Браузер 25, Windows",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox 144, macOS"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605 Version/18.5 Mobile Safari/604.1",
            "Safari 18, iPhone",
        ),
        (f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} Chrome/140.0 Mobile Safari/537.36", "Chrome 140, Android"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)
def test_a_browser_is_named_as_people_know_it(agent: str, words: str) -> None:
    assert agent_words(agent) == words
