"""A person is found in every form of file that the product writes or takes in."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape, quoteattr

import pytest

from data.person import Blackener, Person
from data.settings import Site
from data.spellings import encoded_anyhow, needles

WORDS = ['ООО "Ромашка & Ко"', "Сидорова Варвара", "O'Neil <sales>", "varvara@example.org", "@varvara_s", 'ИП "Ё/Ж"']
NUMBER = "79161112233"


def _csv(word: str) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(["2026", word, "x"])
    return text.getvalue().encode()


FORMS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "capitals": lambda word: word.upper().encode(),
    "csv": _csv,
    "xml": lambda word: escape(word).encode(),
    "attribute": lambda word: quoteattr(word + "\"'").encode(),
    "html": lambda word: html.escape(word).encode(),
    "json": lambda word: json.dumps({"name": word}, ensure_ascii=False).encode(),
    "json-ascii": lambda word: json.dumps({"name": word}).encode(),
    "address": lambda word: f"/calls?q={quote_plus(word)}&page=2".encode(),
    "path": lambda word: quote(word, safe="").lower().encode(),
    "cp1251": lambda word: word.encode("cp1251"),
    "utf-16": lambda word: f"имя;{word};1".encode("utf-16"),
    "utf-16-be": lambda word: f"имя;{word};1".encode("utf-16-be"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_crossed_out_in_every_form_and_the_length_stays(form: str, word: str) -> None:
    content = FORMS[form](word)

    clean = Blackener(Person(numbers={}, words=(word,)), Site()).blacken(b"before\n" + content + b"\nafter")

    assert len(clean) == len(content) + 13
    assert clean.startswith(b"before\n")
    assert clean.endswith(b"\nafter")
    assert content not in clean
    left = clean.removeprefix(b"before\n").removesuffix(b"\nafter")
    for letters in ("Варвара", "Ромашка", "РОМАШКА", "arvara", "Neil"):
        assert not any(part in left.lower() for part in (letters.lower().encode(), letters.encode("cp1251").lower())), (
            letters
        )


@pytest.mark.parametrize("word", WORDS)
def test_what_is_looked_for_first_stands_in_every_spelling(word: str) -> None:
    assert [one for one in encoded_anyhow(word) if not any(needle in one.lower() for needle in needles(word))] == []


@pytest.mark.parametrize(
    "text",
    [
        b"q=8%20916%20111-22-33&page=2",
        b"q=%2B7%20%28916%29%20111-22-33",
        b"q=%D1%82%D0%B5%D0%BB%2079161112233",
        b"q=8+916+111+22+33",
        json.dumps({"text": "номер\u00a08\u00a0916\u00a0111-22-33"}).encode(),
        "тел. 8 (916) 111-22-33".encode("utf-16"),
        "тел. +79161112233;".encode("utf-16-be"),
        "тел. 8\u00a0916\u00a0111\u00a022\u00a033".encode("cp1251"),
    ],
)
def test_a_number_is_crossed_out_in_every_form(text: bytes) -> None:
    clean = Blackener(Person(numbers={NUMBER: "x1"}), Site()).blacken(text)

    assert len(clean) == len(text)
    assert b"33" not in clean.replace(b"\x00", b"")
    assert b"111" not in clean.replace(b"\x00", b"")


@pytest.mark.parametrize("text", ["1916111223344".encode("utf-16"), b"q=%2B19161112233", b"%D1%8291611122334"])
def test_other_numbers_stay_in_every_form(text: bytes) -> None:
    assert Blackener(Person(numbers={NUMBER: "x1"}), Site()).blacken(text) == text
