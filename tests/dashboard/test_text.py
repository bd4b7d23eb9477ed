"""Words and formats in both languages."""

from __future__ import annotations

import ast
from datetime import UTC, date, datetime, timedelta
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from dashboard.text import LANGUAGES, label, speaking, t, tn
from dashboard.text import catalogue as catalogues
from dashboard.text.catalogue import FOLDER, area_of, read_catalogue, read_file
from dashboard.text.formats import ago, date_time, duration, moment, number, phone, share, short_day
from data.model import Status
from tools.text import _called_in, keys_in_code, words_missing

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 22, 12, 3, tzinfo=UTC)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_of_the_code_has_words(language: str) -> None:
    assert words_missing(language, keys_in_code()) == []


def test_both_branches_of_a_condition_are_keys() -> None:
    tree = ast.parse('t("area.one" if found else "area.two"); tn("area.many", 3); t(f"area.{name}"); other("area.x")')

    assert list(_called_in(tree)) == ["area.one", "area.two", ("area.many", "area.many")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_stands_in_the_file_of_its_area_only(language: str) -> None:
    astray = [
        f"{file.name}: {message.id}"
        for file in (FOLDER / language).glob("*.po")
        for message in read_file(file, language)
        if message.id and area_of(message.id if isinstance(message.id, str) else message.id[0]) != file.stem
    ]

    assert astray == []


def test_both_languages_have_the_same_keys_and_the_same_names_to_fill_in() -> None:
    russian, english = (_names(language) for language in LANGUAGES)

    assert russian == english


def test_words_follow_the_language_of_the_request() -> None:
    with speaking("ru"):
        russian = (t("shell.login.enter"), label(Status.LOST))
    with speaking("en"):
        english = (t("shell.login.enter"), label(Status.LOST))

    assert russian == ("Войти", "Потерян")
    assert english == ("Log in", "Lost")


def test_values_are_filled_in() -> None:
    with speaking("ru"):
        assert t("shell.login.wait", time="0:08") == "Слишком много попыток. Повторите через 0:08."


def test_plural_forms_are_chosen_by_the_rules_of_the_language(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {}\\n"\n\n'
    rules = {
        "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
        "en": "nplurals=2; plural=(n != 1);",
    }
    forms = {"ru": ("звонок", "звонка", "звонков"), "en": ("call", "calls")}
    for language in LANGUAGES:
        lines = [f'msgstr[{place}] "{{count}} {word}"' for place, word in enumerate(forms[language])]
        entry = 'msgid "test.calls"\nmsgid_plural "test.calls"\n' + "\n".join(lines) + "\n"
        (tmp_path / language).mkdir()
        (tmp_path / language / "test.po").write_text(head.format(rules[language]) + entry, "utf-8")
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    read_catalogue.cache_clear()

    with speaking("ru"):
        russian = [tn("test.calls", count) for count in (1, 2, 5, 11, 21, 112, 2_486_116)]
    with speaking("en"):
        english = [tn("test.calls", count) for count in (1, 2, 0)]
    read_catalogue.cache_clear()

    assert russian == [
        "1 звонок",
        "2 звонка",
        "5 звонков",
        "11 звонков",
        "21 звонок",
        "112 звонков",
        "2\u00a0486\u00a0116 звонков",
    ]
    assert english == ["1 call", "2 calls", "0 calls"]


@pytest.mark.parametrize(
    ("language", "value", "digits", "text"),
    [
        ("ru", 1_234_567.8, 1, "1\u00a0234\u00a0567,8"),
        ("ru", 1_234, 0, "1\u00a0234"),
        ("ru", 0, 0, "0"),
        ("ru", -5.25, 2, "-5,25"),
        ("ru", None, 0, "–"),
        ("en", 1_234_567.8, 1, "1,234,567.8"),
    ],
)
def test_numbers_are_grouped(language: str, value: float | None, digits: int, text: str) -> None:
    with speaking(language):
        assert number(value, digits) == text


@pytest.mark.parametrize(
    ("language", "value", "text"),
    [("ru", 0.437, "44\u00a0%"), ("ru", 0.0, "0\u00a0%"), ("ru", None, "–"), ("en", 0.437, "44%")],
)
def test_a_share_is_a_percentage_and_no_data_is_a_dash(language: str, value: float | None, text: str) -> None:
    with speaking(language):
        assert share(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (9.4, "0:09"),
        (59.6, "1:00"),
        (135.4, "2:15"),
        (3_725, "1:02:05"),
        (90_000, "25:00:00"),
        (None, "--:--"),
    ],
)
def test_durations_have_hours_only_when_they_last_hours(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def test_moments_are_shown_in_the_time_zone_of_the_site() -> None:
    with speaking("ru"):
        assert date_time(NOW, MOSCOW) == "22 ноября 2026, 15:03"
    with speaking("en"):
        assert date_time(NOW, MOSCOW) == "22 November 2026, 15:03"


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 11, 22, 8, 3, tzinfo=UTC), "Сегодня, 11:03"),
        (datetime(2026, 11, 21, 20, 59, tzinfo=UTC), "Вчера, 23:59"),
        (datetime(2026, 11, 21, 21, 0, tzinfo=UTC), "Сегодня, 00:00"),
        (datetime(2026, 9, 6, 9, 0, tzinfo=UTC), "6 сен, 12:00"),
        (datetime(2025, 5, 1, 9, 0, tzinfo=UTC), "1 мая 2025, 12:00"),
    ],
)
def test_recent_days_have_names(at: datetime, text: str) -> None:
    with speaking("ru"):
        assert moment(at, NOW, MOSCOW) == text


def test_short_months_have_three_letters_and_come_after_the_day() -> None:
    days = [date(2026, month, 6) for month in range(1, 13)]

    with speaking("ru"):
        russian = [short_day(day) for day in days]
    with speaking("en"):
        english = short_day(days[8])

    assert russian[8] == "6 сен"
    assert all(len(text) == len("6 сен") for text in russian)
    assert english == "6 Sep"


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=20), "только что"),
        (timedelta(minutes=1), "1 минуту назад"),
        (timedelta(minutes=5, seconds=10), "5 минут назад"),
        (timedelta(hours=22), "22 часа назад"),
        (timedelta(days=3), "3 дня назад"),
    ],
)
def test_time_that_has_passed_is_told_in_words(passed: timedelta, text: str) -> None:
    with speaking("ru"):
        assert ago(NOW - passed, NOW) == text


@pytest.mark.parametrize(
    ("digits", "text"),
    [
        ("79123456789", "+7 912 345-67-89"),
        ("78001234567", "+7 800 123-45-67"),
        ("375291234567", "+375 29 123-45-67"),
        ("201", "201"),
        ("*8201", "*8201"),
        ("", ""),
        (None, ""),
    ],
)
def test_phones_are_written_as_people_read_them(digits: str | None, text: str) -> None:
    assert phone(digits) == text


def _names(language: str) -> dict[str, set[str]]:
    """Per key the {names} that its words ask for."""
    found = {}
    for file in (FOLDER / language).glob("*.po"):
        for message in read_file(file, language):
            if message.id:
                key = message.id if isinstance(message.id, str) else message.id[0]
                forms = [message.string] if isinstance(message.string, str) else list(message.string or [""])
                found[key] = {name for _, name, _, _ in Formatter().parse(forms[-1]) if name}
    return found
