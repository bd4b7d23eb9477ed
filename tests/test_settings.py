"""Settings: the example documents every one, and a broken value is named with its remedy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from data.errors import SettingsError
from data.settings import Pbx, RemoteRecordings, Settings, read_settings

EXAMPLE = Path(__file__).parents[1] / "callboard.example.toml"


def names(model: type[BaseModel], prefix: str = "") -> set[str]:
    """Dotted names of all settings."""
    found: set[str] = set()
    for key, field in model.model_fields.items():
        inner: Any = Pbx if key == "pbx" else field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= names(inner, f"{prefix}{key}.")
        else:
            found.add(prefix + key)
    return found


def uncommented(text: str) -> str:
    """The example with its optional settings, which stand behind "# name = value", switched on."""
    return re.sub(r"(?m)^# (\w+ = )", r"\1", text)


def written(values: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Dotted names of the settings of a file; a table that maps free names is one of them."""
    for key, content in values.items():
        if isinstance(content, dict) and key not in ("moved", "hours", "short_days"):
            yield from written(content, f"{prefix}{key}.")
        else:
            yield prefix + key


def test_example_documents_every_setting() -> None:
    values = tomllib.loads(uncommented(EXAMPLE.read_text("utf-8")))
    values["pbx"] = values["pbx"][0]

    assert set(written(values)) == names(Settings)


def test_example_says_the_defaults() -> None:
    values = tomllib.loads(EXAMPLE.read_text("utf-8"))

    (remote,) = values["recordings"].pop("remote")

    assert Settings(**(values | {"pbx": []})) == Settings()
    assert Pbx(**values["pbx"][0]) == Pbx()
    assert RemoteRecordings(**remote) == RemoteRecordings(url=remote["url"])
    assert set(remote) == set(RemoteRecordings.model_fields)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[site]\ntimezone = "Mars/Olympus"', "site.timezone = 'Mars/Olympus'"),
        ("[web]\nport = 99999", "web.port = 99999"),
        ('[web]\ncolour = "red"', "web.colour"),
        ("[web\nport = 1", "no valid TOML"),
        ('[[pbx]]\nextensions = "("', "pbx.0.extensions"),
    ],
)
def test_broken_value_is_named_with_the_remedy(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "callboard.toml"
    file.write_text(text, "utf-8")

    with pytest.raises(SettingsError, match="Correct") as caught:
        read_settings(file)

    assert says in str(caught.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml: no such settings file"):
        read_settings(tmp_path / "nowhere.toml")


def test_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "callboard.toml"
    file.write_text('[web]\nport = 8051\nhost = "0.0.0.0"', "utf-8")
    monkeypatch.setenv("CALLBOARD_WEB__PORT", "8052")

    settings = read_settings(file)

    assert (settings.web.port, settings.web.host) == (8052, "0.0.0.0")


def test_secrets_do_not_show() -> None:
    assert "hush" not in repr(Pbx(secret=SecretStr("hush")))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[site]\nhours = {mon = "9-18"}', "09:00-18:00"),
        ('[site]\nhours = {monday = "09:00-18:00"}', "site.hours"),
        ('[site]\nshort_days = {2026-12-31 = "13:00-09:00"}', "is no stretch of a day"),
        ('[[pbx]]\nrest_url = "pbx.example"', "is no web address"),
        ('[[pbx]]\nrest_url = "file:///etc/passwd"', "is no web address"),
    ],
)
def test_hours_and_addresses_that_cannot_be_are_named(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "callboard.toml"
    file.write_text(text, "utf-8")

    with pytest.raises(SettingsError, match=says):
        read_settings(file)
