"""Where Russian landlines are: area code -> ISO 3166-2 region, and what the regions are called.

The first three digits of a geographic number name the federal subject. Codes of places that
ISO 3166-2 gives to another country than the numbering plan does are left out on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A federal subject and its area codes."""

    ru: str
    en: str
    codes: tuple[str, ...]


def _region(ru: str, en: str, codes: str) -> Region:
    return Region(ru=ru, en=en, codes=tuple(codes.split()))


REGIONS: dict[str, Region] = {
    "RU-AD": _region("Адыгея", "Adygea", "877"),
    "RU-AL": _region("Республика Алтай", "Altai Republic", "388"),
    "RU-ALT": _region("Алтайский край", "Altai Krai", "385"),
    "RU-AMU": _region("Амурская область", "Amur Oblast", "416"),
    "RU-ARK": _region("Архангельская область", "Arkhangelsk Oblast", "818"),
    "RU-AST": _region("Астраханская область", "Astrakhan Oblast", "851"),
    "RU-BA": _region("Башкортостан", "Bashkortostan", "347"),
    "RU-BEL": _region("Белгородская область", "Belgorod Oblast", "472"),
    "RU-BRY": _region("Брянская область", "Bryansk Oblast", "483"),
    "RU-BU": _region("Бурятия", "Buryatia", "301"),
    "RU-CE": _region("Чечня", "Chechnya", "871"),
    "RU-CHE": _region("Челябинская область", "Chelyabinsk Oblast", "351"),
    "RU-CHU": _region("Чукотский автономный округ", "Chukotka", "427"),
    "RU-CU": _region("Чувашия", "Chuvashia", "835"),
    "RU-DA": _region("Дагестан", "Dagestan", "872"),
    "RU-IN": _region("Ингушетия", "Ingushetia", "873"),
    "RU-IRK": _region("Иркутская область", "Irkutsk Oblast", "395"),
    "RU-IVA": _region("Ивановская область", "Ivanovo Oblast", "493"),
    "RU-KAM": _region("Камчатский край", "Kamchatka Krai", "415"),
    "RU-KB": _region("Кабардино-Балкария", "Kabardino-Balkaria", "866"),
    "RU-KC": _region("Карачаево-Черкесия", "Karachay-Cherkessia", "878"),
    "RU-KDA": _region("Краснодарский край", "Krasnodar Krai", "861 862"),
    "RU-KEM": _region("Кемеровская область", "Kemerovo Oblast", "384"),
    "RU-KGD": _region("Калининградская область", "Kaliningrad Oblast", "401"),
    "RU-KGN": _region("Курганская область", "Kurgan Oblast", "352"),
    "RU-KHA": _region("Хабаровский край", "Khabarovsk Krai", "421"),
    "RU-KHM": _region("Ханты-Мансийский автономный округ", "Khanty-Mansi", "346"),
    "RU-KIR": _region("Кировская область", "Kirov Oblast", "833"),
    "RU-KK": _region("Хакасия", "Khakassia", "390"),
    "RU-KL": _region("Калмыкия", "Kalmykia", "847"),
    "RU-KLU": _region("Калужская область", "Kaluga Oblast", "484"),
    "RU-KO": _region("Коми", "Komi", "821"),
    "RU-KOS": _region("Костромская область", "Kostroma Oblast", "494"),
    "RU-KR": _region("Карелия", "Karelia", "814"),
    "RU-KRS": _region("Курская область", "Kursk Oblast", "471"),
    "RU-KYA": _region("Красноярский край", "Krasnoyarsk Krai", "391"),
    "RU-LEN": _region("Ленинградская область", "Leningrad Oblast", "813"),
    "RU-LIP": _region("Липецкая область", "Lipetsk Oblast", "474"),
    "RU-MAG": _region("Магаданская область", "Magadan Oblast", "413"),
    "RU-ME": _region("Марий Эл", "Mari El", "836"),
    "RU-MO": _region("Мордовия", "Mordovia", "834"),
    "RU-MOS": _region("Московская область", "Moscow Oblast", "496 498"),
    "RU-MOW": _region("Москва", "Moscow", "495 499"),
    "RU-MUR": _region("Мурманская область", "Murmansk Oblast", "815"),
    "RU-NGR": _region("Новгородская область", "Novgorod Oblast", "816"),
    "RU-NIZ": _region("Нижегородская область", "Nizhny Novgorod Oblast", "831"),
    "RU-NVS": _region("Новосибирская область", "Novosibirsk Oblast", "383"),
    "RU-OMS": _region("Омская область", "Omsk Oblast", "381"),
    "RU-ORE": _region("Оренбургская область", "Orenburg Oblast", "353"),
    "RU-ORL": _region("Орловская область", "Oryol Oblast", "486"),
    "RU-PER": _region("Пермский край", "Perm Krai", "342"),
    "RU-PNZ": _region("Пензенская область", "Penza Oblast", "841"),
    "RU-PRI": _region("Приморский край", "Primorsky Krai", "423"),
    "RU-PSK": _region("Псковская область", "Pskov Oblast", "811"),
    "RU-ROS": _region("Ростовская область", "Rostov Oblast", "863"),
    "RU-RYA": _region("Рязанская область", "Ryazan Oblast", "491"),
    "RU-SA": _region("Якутия", "Yakutia", "411"),
    "RU-SAK": _region("Сахалинская область", "Sakhalin Oblast", "424"),
    "RU-SAM": _region("Самарская область", "Samara Oblast", "846 848"),
    "RU-SAR": _region("Саратовская область", "Saratov Oblast", "845"),
    "RU-SE": _region("Северная Осетия", "North Ossetia", "867"),
    "RU-SMO": _region("Смоленская область", "Smolensk Oblast", "481"),
    "RU-SPE": _region("Санкт-Петербург", "Saint Petersburg", "812"),
    "RU-STA": _region("Ставропольский край", "Stavropol Krai", "865 879"),
    "RU-SVE": _region("Свердловская область", "Sverdlovsk Oblast", "343"),
    "RU-TA": _region("Татарстан", "Tatarstan", "843 855"),
    "RU-TAM": _region("Тамбовская область", "Tambov Oblast", "475"),
    "RU-TOM": _region("Томская область", "Tomsk Oblast", "382"),
    "RU-TUL": _region("Тульская область", "Tula Oblast", "487"),
    "RU-TVE": _region("Тверская область", "Tver Oblast", "482"),
    "RU-TY": _region("Тыва", "Tuva", "394"),
    "RU-TYU": _region("Тюменская область", "Tyumen Oblast", "345"),
    "RU-UD": _region("Удмуртия", "Udmurtia", "341"),
    "RU-ULY": _region("Ульяновская область", "Ulyanovsk Oblast", "842"),
    "RU-VGG": _region("Волгоградская область", "Volgograd Oblast", "844"),
    "RU-VLA": _region("Владимирская область", "Vladimir Oblast", "492"),
    "RU-VLG": _region("Вологодская область", "Vologda Oblast", "817 820"),
    "RU-VOR": _region("Воронежская область", "Voronezh Oblast", "473"),
    "RU-YAN": _region("Ямало-Ненецкий автономный округ", "Yamalo-Nenets", "349"),
    "RU-YAR": _region("Ярославская область", "Yaroslavl Oblast", "485"),
    "RU-YEV": _region("Еврейская автономная область", "Jewish Autonomous Oblast", "426"),
    "RU-ZAB": _region("Забайкальский край", "Zabaykalsky Krai", "302"),
}

_REGION_OF_CODE = {code: name for name, region in REGIONS.items() for code in region.codes}
# Nenets dials within the code of Arkhangelsk, and is a subject of its own.
_LONGER_CODES = {"81853": "RU-NEN"}
REGIONS["RU-NEN"] = _region("Ненецкий автономный округ", "Nenets", "81853")


def landline_region(number: str) -> str | None:
    """The region of a Russian landline given as E.164 digits; None where the code tells none."""
    national = number[1:]
    return _LONGER_CODES.get(national[:5]) or _REGION_OF_CODE.get(national[:3])


def region_title(region: str, language: str) -> str:
    """What people call a region; a name that the rules gave is its own title."""
    known = REGIONS.get(region)
    if known is None:
        return region
    return known.ru if language == "ru" else known.en
