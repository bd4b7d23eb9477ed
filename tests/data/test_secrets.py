"""Secrets: encrypted in the database of users, opened by a key that lies apart."""

from __future__ import annotations

import io
import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, MultiFernet

import app
from data.errors import BadInput
from data.identity.secret_key import KeyFile, KeyUnusable
from data.identity.secrets import Secrets, SecretUnreadable
from data.settings import Settings

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
VALUE = "EAAG-слово\nс новой строкой"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "var", secrets_key=tmp_path / "etc" / "secrets.key")


@pytest.fixture
def secrets(settings: Settings) -> Secrets:
    return Secrets(settings)


def test_a_secret_comes_back_in_another_process_s_hands_too(settings: Settings, secrets: Secrets) -> None:
    secrets.put("messenger.wa.token", VALUE, by="boris", now=NOW)

    assert Secrets(settings).get("messenger.wa.token") == VALUE
    assert secrets.get("messenger.wa.other") is None


def test_neither_the_data_folder_nor_its_key_file_shows_a_secret(
    settings: Settings, secrets: Secrets, tmp_path: Path
) -> None:
    secrets.put("mail.password", "correct-horse", by="boris", now=NOW)

    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert settings.secret_key_file in files
    assert [file for file in files if b"correct-horse" in file.read_bytes()] == []
    assert "correct-horse" not in f"{secrets!r} {secrets.names()!r}"


def test_the_key_is_its_owner_s_alone_and_a_key_open_to_others_is_refused(settings: Settings, secrets: Secrets) -> None:
    secrets.put("mail.password", VALUE, by="boris", now=NOW)
    assert stat.S_IMODE(settings.secret_key_file.stat().st_mode) == 0o600

    settings.secret_key_file.chmod(0o644)

    with pytest.raises(KeyUnusable, match="chmod 600"):
        secrets.get("mail.password")


def test_names_tell_who_changed_them_and_are_found_by_their_beginning(secrets: Secrets) -> None:
    for name in ("messenger.wa.token", "messenger.wa.app", "messenger_x.token", "mail.password"):
        secrets.put(name, VALUE, by="anna", now=NOW)
    secrets.put("messenger.wa.token", "another", by="boris", now=NOW.replace(hour=10))

    named = secrets.names("messenger.")

    assert [(one.name, one.changed_by, one.changed_at.hour) for one in named] == [
        ("messenger.wa.app", "anna", 9),
        ("messenger.wa.token", "boris", 10),
    ]
    assert secrets.get("messenger.wa.token") == "another"
    assert len(secrets.names()) == 4


def test_a_secret_that_is_removed_is_gone(secrets: Secrets) -> None:
    secrets.put("mail.password", VALUE, by="boris", now=NOW)

    assert secrets.remove("mail.password")
    assert not secrets.remove("mail.password")
    assert secrets.get("mail.password") is None


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("Mail", "x", "small latin letters"),
        ("../mail", "x", "small latin letters"),
        ("mail\n", "x", "small latin letters"),
        ("mail", "", "0 characters"),
        ("mail", "x" * 20_001, "20001 characters"),
    ],
)
def test_a_name_or_value_that_cannot_be_is_refused_without_telling_the_value(
    secrets: Secrets, name: str, value: str, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        secrets.put(name, value, by="boris", now=NOW)


def test_a_key_that_does_not_fit_is_named_with_the_remedy(settings: Settings, secrets: Secrets) -> None:
    secrets.put("mail.password", VALUE, by="boris", now=NOW)
    settings.secret_key_file.write_bytes(Fernet.generate_key())

    with pytest.raises(SecretUnreadable, match=r"secrets\.key does not open the secret mail\.password"):
        secrets.get("mail.password")


def test_no_second_key_is_made_while_the_first_is_missing(settings: Settings, secrets: Secrets) -> None:
    secrets.put("mail.password", VALUE, by="boris", now=NOW)
    aside = settings.secret_key_file.rename(settings.secret_key_file.with_suffix(".aside"))

    with pytest.raises(KeyUnusable, match="Put the former file back"):
        secrets.put("mail.other", VALUE, by="boris", now=NOW)

    aside.rename(settings.secret_key_file)
    assert secrets.get("mail.password") == VALUE


@pytest.mark.parametrize("content", [b"", b"no key\n"])
def test_a_key_file_without_a_key_is_named(settings: Settings, secrets: Secrets, content: bytes) -> None:
    secrets.put("mail.password", VALUE, by="boris", now=NOW)
    settings.secret_key_file.write_bytes(content)

    with pytest.raises(KeyUnusable, match="holds no key"):
        secrets.get("mail.password")


def test_a_secret_passed_off_under_another_name_is_refused(settings: Settings, secrets: Secrets) -> None:
    secrets.put("mail.password", "mine", by="boris", now=NOW)
    secrets.put("messenger.token", "theirs", by="boris", now=NOW)
    with sqlite3.connect(settings.data / "identity.sqlite") as rows:
        rows.execute(
            "update secret set token = (select token from secret where name = 'mail.password') "
            "where name = 'messenger.token'"
        )

    with pytest.raises(SecretUnreadable):
        secrets.get("messenger.token")


def test_after_a_turn_the_new_key_opens_everything_and_the_old_one_nothing(
    settings: Settings, secrets: Secrets
) -> None:
    for name in ("mail.password", "messenger.token"):
        secrets.put(name, VALUE + name, by="boris", now=NOW)
    former = settings.secret_key_file.read_bytes()

    assert secrets.turn_key() == 2

    assert settings.secret_key_file.read_bytes() not in former
    assert len(settings.secret_key_file.read_bytes().split()) == 1
    assert [secrets.get(one.name) for one in secrets.names()] == [VALUE + one.name for one in secrets.names()]
    settings.secret_key_file.write_bytes(former)
    with pytest.raises(SecretUnreadable):
        secrets.get("mail.password")


def test_a_turn_that_is_cut_short_leaves_everything_readable(
    settings: Settings, secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets.put("mail.password", VALUE, by="boris", now=NOW)

    def power_cut(self: Secrets, box: MultiFernet) -> None:
        raise InterruptedError

    with monkeypatch.context() as broken, pytest.raises(InterruptedError):
        broken.setattr(Secrets, "_renew", power_cut)
        secrets.turn_key()

    assert secrets.get("mail.password") == VALUE
    secrets.turn_key()
    assert secrets.get("mail.password") == VALUE


def test_whoever_comes_second_takes_the_key_of_the_first(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.data.mkdir()
    file = KeyFile(settings.secret_key_file, like=settings.data)
    file.make()
    first = settings.secret_key_file.read_bytes()

    monkeypatch.setattr(Path, "exists", lambda self: False)  # as it was when both looked
    file.make()

    assert settings.secret_key_file.read_bytes() == first
    assert [one.name for one in settings.secret_key_file.parent.iterdir()] == ["secrets.key"]


def test_the_command_keeps_lists_and_turns_without_showing_a_value(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CALLBOARD_SECRETS_KEY", str(settings.secret_key_file))
    monkeypatch.setattr("sys.stdin", io.StringIO("correct-horse\n"))
    data = ["--data", str(settings.data)]

    assert app.main(["secret", "set", "mail.password", *data]) == 0
    assert app.main(["secret", "turn", *data]) == 0
    assert app.main(["secret", "list", *data]) == 0

    said = capsys.readouterr()
    assert "mail.password" in said.out
    assert "correct-horse" not in said.out + said.err
    assert Secrets(settings).get("mail.password") == "correct-horse"
    assert app.main(["secret", "remove", "mail.nothing", *data]) == 2
