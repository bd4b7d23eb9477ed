"""What browsers call themselves, as people know them: "Firefox 144, Windows"."""

from __future__ import annotations

import re

# The first that fits names it: every one of them also claims to be some that stand below.
_BROWSERS = (
    ("Яндекс Браузер", r"YaBrowser/(\d+)"),
    ("Edge", r"Edg(?:A|iOS)?/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Samsung Internet", r"SamsungBrowser/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:Chrome|HeadlessChrome|CriOS)/(\d+)"),
    ("Safari", r"Version/(\d+).* Safari/"),
)
_SYSTEMS = (
    ("Windows", r"Windows NT"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("ChromeOS", r"CrOS"),
    ("macOS", r"Mac OS X"),
    ("Linux", r"Linux|X11"),
)


def agent_words(agent: str) -> str:
    """Browser and system; what it says of itself where that is none we know."""
    browser = next((f"{name} {found[1]}" for name, sign in _BROWSERS if (found := re.search(sign, agent))), None)
    if browser is None:
        return agent
    system = next((name for name, sign in _SYSTEMS if re.search(sign, agent)), None)
    return f"{browser}, {system}" if system else browser
