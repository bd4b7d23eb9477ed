"""Names of Russian regions, however they are written, as ISO 3166-2: "г. Казань|Республика Татарстан" is RU-TA."""

from __future__ import annotations

import re
from functools import cache

from data.numbering import REGIONS

# Official and older names whose key is not that of the title in numbering.py.
_ALIASES = {
    "RU-AL": ("Республика Алтай", "Горный Алтай"),
    "RU-BA": ("Башкирия",),
    "RU-CE": ("Чеченская Республика", "Чечня"),
    "RU-CHU": ("Чукотский АО", "Чукотка"),
    "RU-CU": ("Чувашская Республика", "Чувашская Республика - Чувашия"),
    "RU-IN": ("Ингушская Республика",),
    "RU-KAM": ("Камчатская область", "Корякский автономный округ"),
    "RU-KB": ("Кабардино-Балкарская Республика",),
    "RU-KC": ("Карачаево-Черкесская Республика",),
    "RU-KEM": ("Кемеровская область - Кузбасс", "Кузбасс"),
    "RU-KHM": ("Ханты-Мансийский автономный округ - Югра", "Ханты-Мансийский АО", "ХМАО", "Югра"),
    "RU-KL": ("Республика Калмыкия - Хальмг Тангч",),
    "RU-MOW": ("Москва и Московская область",),
    "RU-NEN": ("Ненецкий АО",),
    "RU-PER": ("Пермская область", "Коми-Пермяцкий автономный округ"),
    "RU-SA": ("Республика Саха (Якутия)", "Саха", "Якутия"),
    "RU-SE": ("Республика Северная Осетия - Алания", "Северная Осетия"),
    "RU-SPE": ("Санкт-Петербург и Ленинградская область",),
    "RU-TA": ("Татария",),
    "RU-TY": ("Тува",),
    "RU-UD": ("Удмуртская Республика",),
    "RU-YAN": ("Ямало-Ненецкий АО", "ЯНАО"),
    "RU-YEV": ("Еврейская АО", "Еврейская АОбл"),
    "RU-ZAB": ("Читинская область",),
}
_COUNTRY = frozenset({"российская федерация", "россия", "рф", ""})
_NOISE = frozenset({"г", "гор", "город", "республика", "респ", "субъект"})
_LONGER = {"обл": "область", "кр": "край", "р": "район"}
_PARTS = re.compile(r"[|;,]")
_SIGNS = re.compile(r"[^0-9a-zа-я]+")


def region_of(name: str) -> str | None:
    """The region of a name as numbering plans write it; None: all of Russia, or no name.

    Of several parts the one that is a region counts ("г. Улан-Удэ|Республика Бурятия"); two regions that
    share numbers count as the first ("Москва и Московская область"). A name that ISO 3166-2:RU lacks stays
    as it is, without its places.
    """
    parts = [" ".join(part.split()) for part in _PARTS.split(name)]
    for part in reversed(parts):
        if found := _known().get(_key(part)):
            return found
    rest = [part for part in parts if _key(part) not in _COUNTRY]
    return rest[-1] if rest else None


@cache
def _known() -> dict[str, str]:
    """Key of a name -> ISO 3166-2."""
    names = {code: (region.ru, region.en, *_ALIASES.get(code, ())) for code, region in REGIONS.items()}
    return {_key(name): code for code, written in names.items() for name in (code, *written)}


def _key(name: str) -> str:
    """What equal names have in common: no case, signs, "г." or "республика"."""
    words = _SIGNS.sub(" ", name.lower().replace("ё", "е")).split()
    return " ".join(_LONGER.get(word, word) for word in words if word not in _NOISE)
