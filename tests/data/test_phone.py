"""Numbers: every form that people and machines write comes out as one."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType, number_type, parse

from data.model import NumberClass
from data.numbering import REGIONS, region_title
from data.phone import classify, display, mask, normalise, search_pattern
from data.settings import Site

MOSCOW = Site(country="RU", area_code="495")
OMSK = Site(country="RU", area_code="3812")
EXTENSIONS = r"\d{3}"


@pytest.mark.parametrize(
    ("raw", "number", "number_class", "country", "region"),
    [
        ("79123456789", "79123456789", "mobile", "RU", None),
        ("89123456789", "79123456789", "mobile", "RU", None),
        ("+79123456789", "79123456789", "mobile", "RU", None),
        ("9123456789", "79123456789", "mobile", "RU", None),
        ("8 (912) 345-67-89", "79123456789", "mobile", "RU", None),
        ("2345678", "74952345678", "landline", "RU", "RU-MOW"),
        ("88121234567", "78121234567", "landline", "RU", "RU-SPE"),
        ("8-800-555-35-35", "78005553535", "toll_free", "RU", None),
        ("88095553535", "78095553535", "premium", "RU", None),
        ("+77012345678", "77012345678", "mobile", "KZ", None),
        ("87012345678", "77012345678", "mobile", "KZ", None),
        ("810375291234567", "375291234567", "mobile", "BY", None),
        ("8~10 375 29 123-45-67", "375291234567", "mobile", "BY", None),
        ("8-10-1-212-555-01-00", "12125550100", "mobile_or_landline", "US", None),
        ("0049301234567", "49301234567", "landline", "DE", None),
        ("00375291234567", "375291234567", "mobile", "BY", None),
        ("375291234567", "375291234567", "mobile", "BY", None),
        ("+49 30 1234567", "49301234567", "landline", "DE", None),
        ("+1 212 555 0100", "12125550100", "mobile_or_landline", "US", None),
        ("sip:+74951234567@pbx.local;user=phone", "74951234567", "landline", "RU", "RU-MOW"),
        ("sips:%2B79123456789@10.0.0.1", "79123456789", "mobile", "RU", None),
        ("tel:+7-495-123-45-67;ext=5", "74951234567", "landline", "RU", "RU-MOW"),
        ('"Иванов Пётр" <89123456789>', "79123456789", "mobile", "RU", None),
        ("8 (495) 123-45-67 доб. 12", "74951234567", "landline", "RU", "RU-MOW"),
        ("+7 495 123-45-67,,123", "74951234567", "landline", "RU", "RU-MOW"),
        ("8-800-FLOWERS", "78003569377", "toll_free", "RU", None),
        ("sip:ivan@example.com", "ivan@example.com", "voip", None, None),
        ("*100#", "*100#", "service_code", None, None),
        ("*21*89123456789#", "*21*89123456789#", "service_code", None, None),
        ("##002#", "##002#", "service_code", None, None),
        ("112", "112", "short", None, None),
        ("02", "02", "short", None, None),
        ("060", "060", "short", None, None),
        ("1234567890", "1234567890", "invalid", None, None),
        ("83333333333", "73333333333", "invalid", None, None),
        ("12345678901234567", "12345678901234567", "invalid", None, None),
    ],
)
def test_each_form_has_its_normal_form_and_class(
    raw: str, number: str, number_class: str, country: str | None, region: str | None
) -> None:
    found = normalise(raw, MOSCOW)

    assert (found.number, found.number_class, found.country, found.region) == (number, number_class, country, region)
    assert found.raw == raw


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "  ",
        "anonymous",
        "Anonymous",
        "<unknown>",
        '"Anonymous" <anonymous>',
        "sip:anonymous@anonymous.invalid",
        "Private",
        "Restricted",
        "unavailable",
        "Withheld",
        "Номер скрыт",
        "Скрытый номер",
        "неизвестный",
        "Аноним",
        "не определён",
    ],
)
def test_hidden_callers_have_no_number(raw: str | None) -> None:
    found = normalise(raw, MOSCOW)

    assert (found.number, found.number_class) == (None, NumberClass.HIDDEN)


def test_name_that_sounds_hidden_does_not_hide_a_number() -> None:
    assert normalise('"Private Bank" <+74951234567>', MOSCOW).number == "74951234567"


def test_extensions_of_the_office_come_before_every_other_rule() -> None:
    assert normalise("112", MOSCOW, extensions=EXTENSIONS).number_class is NumberClass.INTERNAL
    assert normalise("112", MOSCOW).number_class is NumberClass.SHORT


def test_local_number_has_as_many_digits_as_the_area_code_leaves() -> None:
    assert normalise("123456", OMSK).number == "73812123456"
    assert normalise("1234567", OMSK).number_class is NumberClass.INVALID


@given(st.from_regex(r"(\+7|7|8) ?\(?9[0-9]{2}\)? ?[0-9]{3}-?[0-9]{2}-?[0-9]{2}", fullmatch=True))
@example("79300009236")  # nobody has it yet
@example("89300004236")
@example("+7 (912) 345-67-89")
def test_a_russian_mobile_is_told_as_quickly_as_the_plan_would_tell_it_slowly(raw: str) -> None:
    slowly = normalise(raw, MOSCOW, extensions="none")

    assert normalise(raw, MOSCOW) == slowly


@given(st.text(max_size=40))
def test_any_text_has_a_class(raw: str) -> None:
    found = normalise(raw, MOSCOW)

    assert (found.number is None) == (found.number_class is NumberClass.HIDDEN)


russian = st.sampled_from(["912", "495", "812", "343", "800", "701"]).flatmap(
    lambda code: st.from_regex(r"[2-9][0-9]{6}", fullmatch=True).map(lambda rest: code + rest)
)


@settings(max_examples=60)
@given(russian)
def test_ten_digits_are_one_number_however_they_are_written(digits: str) -> None:
    code, rest = digits[:3], digits[3:]
    forms = [
        digits,
        "7" + digits,
        "8" + digits,
        "+7" + digits,
        f"8 ({code}) {rest[:3]}-{rest[3:5]}-{rest[5:]}",
        f"sip:+7{digits}@pbx",
        f'"Кто-то" <8{digits}>',
        f"007{digits}",
        f"8107{digits}",
    ]

    assert {normalise(form, MOSCOW).number for form in forms} == {"7" + digits}


@settings(max_examples=60)
@given(russian)
def test_normal_form_tells_as_much_as_what_was_dialled(digits: str) -> None:
    dialled, normal = normalise("8" + digits, MOSCOW), classify("7" + digits)

    assert (normal.number, normal.number_class, normal.country, normal.region) == (
        dialled.number,
        dialled.number_class,
        dialled.country,
        dialled.region,
    )


def test_every_area_code_of_ours_is_one_of_the_numbering_plan() -> None:
    for region in REGIONS.values():
        for code in region.codes:
            assert number_type(parse(f"+7{code}2345678"[:12])) == PhoneNumberType.FIXED_LINE, code
            assert normalise(f"+7{code}2345678"[:12], MOSCOW).region in REGIONS


def test_no_area_code_names_two_regions() -> None:
    codes = [code for region in REGIONS.values() for code in region.codes]

    assert len(codes) == len(set(codes))


def test_region_is_called_by_its_name_in_the_readers_language() -> None:
    assert (region_title("RU-SPE", "ru"), region_title("RU-SPE", "en")) == ("Санкт-Петербург", "Saint Petersburg")
    assert region_title("Где-то", "ru") == "Где-то"


@pytest.mark.parametrize(
    ("number", "shown", "masked"),
    [
        ("79123456789", "+7 912 345-67-89", "7912•••••89"),
        ("375291234567", "+375 29 123-45-67", "3752••••••67"),
        ("112", "112", "112"),
        ("*100#", "*100#", "•••0#"),
        ("73333333333", "73333333333", "7333•••••33"),
    ],
)
def test_number_is_shown_as_people_write_it_and_masked_where_it_may_not_be_seen(
    number: str, shown: str, masked: str
) -> None:
    assert (display(number), mask(number)) == (shown, masked)


@pytest.mark.parametrize(
    ("text", "contains", "starts"),
    [
        ("345-67", "34567", "34567"),
        ("8 (912) 34", "891234", "791234"),
        ("+7912", "7912", "7912"),
        ("810 375", "810375", "375"),
        ("00375", "00375", "375"),
        ("0", "0", "0"),
    ],
)
def test_part_of_a_number_is_looked_for_in_every_way_it_may_be_meant(text: str, contains: str, starts: str) -> None:
    found = search_pattern(text, MOSCOW)

    assert found is not None
    assert (found.contains, found.starts) == (contains, starts)


@pytest.mark.parametrize("text", ["", "Иванов", "ООО 12", "*100#"])
def test_words_are_no_part_of_a_number(text: str) -> None:
    assert search_pattern(text, MOSCOW) is None
