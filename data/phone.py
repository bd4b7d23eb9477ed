"""Numbers: normal form and class of whatever a PBX, a person or a file gives (DOMAIN.md 5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from data.model import NumberClass
from data.numbering import landline_region
from data.settings import Site

RULE_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """What is known of one number."""

    raw: str
    number: str | None  # E.164 digits without "+", short ones as dialled; None: hidden
    number_class: NumberClass
    country: str | None  # ISO 3166-1 alpha-2
    region: str | None  # ISO 3166-2, or the name that the rules give; mobiles have none
    rule_version: int = RULE_VERSION


_CLASSES = {
    PhoneNumberType.FIXED_LINE: NumberClass.LANDLINE,
    PhoneNumberType.MOBILE: NumberClass.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberClass.MOBILE_OR_LANDLINE,
    PhoneNumberType.TOLL_FREE: NumberClass.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE: NumberClass.PREMIUM,
    PhoneNumberType.SHARED_COST: NumberClass.PREMIUM,
    PhoneNumberType.VOIP: NumberClass.VOIP,
    PhoneNumberType.PERSONAL_NUMBER: NumberClass.MOBILE_OR_LANDLINE,
    PhoneNumberType.PAGER: NumberClass.MOBILE,
    PhoneNumberType.UAN: NumberClass.LANDLINE,
    PhoneNumberType.VOICEMAIL: NumberClass.LANDLINE,
}
_WITH_REGION = {NumberClass.LANDLINE, NumberClass.MOBILE_OR_LANDLINE}

_HIDDEN = re.compile(
    r"anonym|unknown|private|restrict|unavailable|withheld|blocked|hidden|no ?number|not ?available|nonpub"
    r"|аноним|неизвест|скры|не ?определ|частный|приватн|засекреч|запрещ[её]н|нет номера",
    re.IGNORECASE,
)
_NAME_AND_NUMBER = re.compile(r"^[^<]*<([^>]*)>.*$", re.DOTALL)
_SCHEME = re.compile(r"^(?:sips?|tel):", re.IGNORECASE)
_OFFICE_EXTENSION = re.compile(
    r"\s*(?:;?\s*ext\.?\s*=?|доб(?:авочный)?\.?|внутр?\.?|,+|\bx)\s*\d{1,7}\s*$", re.IGNORECASE
)
_SEPARATORS = re.compile(r"[\s\u00a0\u2009\u202f()\[\]./\\~\u2010-\u2015\u2212-]+")
MASKED = "•"  # stands for a digit that may not be seen
_SHORT_DIGITS = 4  # nobody is called from outside by fewer than five digits


def normalise(raw: str | None, site: Site, *, extensions: str | None = None) -> Number:
    """Normal form and class of `raw` as the site would dial it.

    extensions: pattern of the office's own extensions where `raw` may be one; they come first.
    """
    text = raw or ""
    if site.country == "RU" and extensions is None:
        # The rules below say the same fifteen times slower, and no cache holds all callers of a large office.
        dialled = _SEPARATORS.sub("", text)
        if _russian_mobile().fullmatch(dialled):
            number = f"7{dialled[-10:]}"
            return Number(raw=text, number=number, number_class=NumberClass.MOBILE, country="RU", region=None)
    return _normalise(text, site.country, site.area_code, extensions)


@lru_cache(maxsize=1)
def _russian_mobile() -> re.Pattern[str]:
    """A mobile number of the library's own plan, as people dial it in Russia."""
    plan = PhoneMetadata.metadata_for_region("RU")
    mobile = plan.mobile.national_number_pattern if plan and plan.mobile else "(?!)"
    return re.compile(rf"(?:\+?7|8)(?:{mobile})", re.ASCII)


@lru_cache(maxsize=200_000)
def _normalise(raw: str, country: str, area_code: str, extensions: str | None) -> Number:
    text = _address(raw)
    if not text or _HIDDEN.search(text):
        return Number(raw=raw, number=None, number_class=NumberClass.HIDDEN, country=None, region=None)
    if extensions and re.fullmatch(extensions, text):
        return _plain(raw, text, NumberClass.INTERNAL)
    if "*" in text or "#" in text:
        return _plain(raw, _SEPARATORS.sub("", text), NumberClass.SERVICE_CODE)
    if "@" in text:
        return _plain(raw, text.lower(), NumberClass.VOIP)

    dialled = _SEPARATORS.sub("", _OFFICE_EXTENSION.sub("", text))
    digits = dialled.removeprefix("+")
    if digits.isascii() and digits.isdigit():
        if len(digits) <= _SHORT_DIGITS:
            return _plain(raw, digits, NumberClass.SHORT)
        return _telephone(raw, dialled, country, area_code)
    return _vanity(raw, dialled, country)


def _address(raw: str) -> str:
    """The number within `"Name" <num>` and `sip:num@host;param`; a host stays only beside a name."""
    text = raw.strip()
    named = _NAME_AND_NUMBER.match(text)
    if named:
        text = named.group(1).strip()
    if _SCHEME.match(text):
        text = unquote(_SCHEME.sub("", text))
        text = text.split(";", 1)[0]
    user, at, _ = text.partition("@")
    if at and (not user or re.fullmatch(r"[+\d*#().\s-]+", user) or _HIDDEN.search(user)):
        text = user
    return text.strip()


def _plain(raw: str, number: str, number_class: NumberClass) -> Number:
    return Number(raw=raw, number=number, number_class=number_class, country=None, region=None)


def _telephone(raw: str, dialled: str, country: str, area_code: str) -> Number:
    for candidate in _candidates(dialled, country, area_code):
        known = _known(raw, _parse(candidate, country))
        if known is not None:
            return known
    if phonenumbers.is_possible_short_number_for_region(_local(dialled, country), country):
        return _plain(raw, dialled.removeprefix("+"), NumberClass.SHORT)
    return _plain(raw, _fallback(dialled, country), NumberClass.INVALID)


def _candidates(dialled: str, country: str, area_code: str) -> list[str]:
    """Ways to read the digits, the likeliest first; one of them is valid, or the number is not."""
    digits = dialled.removeprefix("+")
    if dialled.startswith("+"):
        # People write "+8 495 …" for "8 495 …".
        return [dialled, digits] if country == "RU" else [dialled]
    readings = []
    if country == "RU" and digits.startswith("810") and len(digits) > 11:
        readings.append("+" + digits[3:])
    if digits.startswith("00"):
        readings.append("+" + digits[2:])
    if area_code and len(area_code) + len(digits) == 10:
        readings.append(area_code + digits)
    return [*readings, digits, "+" + digits]


def _parse(text: str, country: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None


def _known(raw: str, parsed: PhoneNumber | None) -> Number | None:
    """What the numbering plan says; None: it has no such number."""
    number_class = None if parsed is None else _CLASSES.get(phonenumbers.number_type(parsed))
    if parsed is None or number_class is None:
        return None
    number = phonenumbers.format_number(parsed, PhoneNumberFormat.E164).removeprefix("+")
    country = phonenumbers.region_code_for_number(parsed)
    region = _region(parsed, number, country) if number_class in _WITH_REGION else None
    return Number(raw=raw, number=number, number_class=number_class, country=_iso(country), region=region)


def _iso(country: str | None) -> str | None:
    return None if country == "001" else country  # numbers of no country, as +800


def _region(parsed: PhoneNumber, number: str, country: str | None) -> str | None:
    """The region of a landline; of other countries than Russia the report shows the country."""
    if country != "RU":
        return None
    return landline_region(number) or _named_region(parsed)


def _named_region(parsed: PhoneNumber) -> str | None:
    # The tables of the geocoder take half a second to load, and few numbers need them.
    from phonenumbers import geocoder

    return geocoder.description_for_number(parsed, "ru") or None


def _local(dialled: str, country: str) -> PhoneNumber:
    return PhoneNumber(
        country_code=phonenumbers.country_code_for_region(country),
        national_number=int(dialled.removeprefix("+")),
    )


def _fallback(dialled: str, country: str) -> str:
    """A normal form for what no plan knows, in which 8 and 7 before ten digits are the same."""
    digits = dialled.removeprefix("+")
    if country == "RU" and len(digits) == 11 and digits.startswith("8"):
        return "7" + digits[1:]
    return digits


def _vanity(raw: str, dialled: str, country: str) -> Number:
    """8-800-FLOWERS is a number too; other words are nobody's."""
    known = _known(raw, _parse(dialled, country)) if dialled.isascii() else None
    return known or _plain(raw, dialled.lower(), NumberClass.INVALID)


def classify(number: str) -> Number:
    """Class, country and region of a normal form, where what was dialled is not known any more."""
    if number.isascii() and number.isdigit():
        if len(number) <= _SHORT_DIGITS:
            return _plain(number, number, NumberClass.SHORT)
        return _known(number, _parse("+" + number, "ZZ")) or _plain(number, number, NumberClass.INVALID)
    if "@" in number:
        return _plain(number, number, NumberClass.VOIP)
    return _plain(number, number, NumberClass.SERVICE_CODE if re.search(r"[*#]", number) else NumberClass.INVALID)


def display(number: str) -> str:
    """A normal form as people write it: +7 912 345-67-89; short ones and codes stay as they are."""
    if number.startswith("7") and _russian_mobile().fullmatch(number):
        # The library says the same, at a hundred times the price.
        return f"+7 {number[1:4]} {number[4:7]}-{number[7:9]}-{number[9:]}"
    return _display(number)


@lru_cache(maxsize=10_000)
def _display(number: str) -> str:
    if len(number) > 6 and number.isascii() and number.isdigit():
        parsed = _parse("+" + number, "ZZ")
        if parsed is not None and phonenumbers.is_valid_number(parsed):
            return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)
    return number


def as_dialled(number: str, form: str, site: Site) -> str:
    """A normal form as a dialplan wants it: digits, plus, or national (with the trunk prefix of the own country)."""
    if form == "plus":
        return f"+{number}"
    parsed = _parse("+" + number, "ZZ") if form == "national" else None
    if parsed is None or phonenumbers.region_code_for_number(parsed) != site.country:
        return number
    return re.sub(r"\D", "", phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL))


def mask(number: str) -> str:
    """The number for eyes that may not see it: its country and area, and the last two digits."""
    if len(number) <= _SHORT_DIGITS:
        return number
    shown = 4 if len(number) >= 10 else 0
    return number[:shown] + MASKED * (len(number) - shown - 2) + number[-2:]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberSearch:
    """How to find a number by a part of it: anywhere, or at the beginning."""

    contains: str
    starts: str


def search_pattern(text: str, site: Site) -> NumberSearch | None:
    """What a typed part of a number may match; None: it is no part of a number."""
    dialled = _SEPARATORS.sub("", _address(text))
    digits = dialled.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return None
    starts = digits
    if not dialled.startswith("+"):
        if site.country == "RU" and digits.startswith("810"):
            starts = digits[3:] or digits
        elif digits.startswith("00"):
            starts = digits[2:] or digits
        elif site.country == "RU" and digits.startswith("8"):
            starts = "7" + digits[1:]
    return NumberSearch(contains=digits, starts=starts)
