"""Invented names of people and firms. Any likeness to a living person or a real firm is chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SURNAMES = _words(
    "Авдеев Березин Вересаев Горюнов Дёмин Ершов Жаров Зимин Изотов Кедров Лагутин Малинин Назаров Овсянников "
    "Пахомов Рощин Сазонов Таманцев Уваров Фомин Харламов Цветков Чижов Шувалов Щукин Юрьев Яхонтов Бортников "
    "Веснин Гладков Долинин Ерофеев Журавин Зорин Ильин Калинов Лужин Мартынов Нестеров Орешин Полянин Ракитин "
    "Северов Тихонов Устюжанин Флоров Хвостов Черемисов Шатров Ясенев"
)
MEN = _words(
    "Александр Алексей Андрей Антон Борис Вадим Виктор Глеб Даниил Денис Егор Иван Игорь Кирилл Максим Михаил "
    "Никита Олег Павел Пётр Роман Сергей Степан Фёдор"
)
WOMEN = _words(
    "Алина Алла Анна Валентина Вера Галина Дарья Екатерина Елена Жанна Зоя Инна Ирина Кира Лариса Любовь Мария "
    "Надежда Наталья Оксана Ольга Полина Светлана Юлия"
)
FATHERS = {
    "Александр": "Александров", "Алексей": "Алексеев", "Андрей": "Андреев", "Борис": "Борисов",
    "Виктор": "Викторов", "Иван": "Иванов", "Михаил": "Михайлов", "Олег": "Олегов", "Павел": "Павлов",
    "Пётр": "Петров", "Роман": "Романов", "Сергей": "Сергеев",
}  # fmt: skip
FIRM_FORMS = ("ООО", "ООО", "ООО", "ООО", "АО", "ИП", "ТСЖ", "ЧОУ")
FIRM_FIRST = _words(
    "Авангард Альтаир Берёзка Вектор Вертикаль Горизонт Гранит Дельта Запад Звезда Зенит Изумруд Каскад Квадрат "
    "Кедр Контур Лазурь Лидер Магнит Маяк Меридиан Мозаика Молот Монолит Новатор Оазис Орбита Парус Пирамида "
    "Полюс Прогресс Радуга Ресурс Родник Рубин Север Сигма Сфера Тайга Технолог Триумф Урал Факел Форт Центр Эталон"
)
FIRM_SECOND = _words(
    "Аренда Быт Вент Групп Дизайн Дом Инвест Климат Комплект Логистик Маркет Мебель Монтаж Отель Пласт Плюс "
    "Проект Ремонт Сервис Склад Снаб Спорт Строй Тепло Торг Транс Фарм Хлеб Центр Электро"
)
POSITIONS = (
    "директор", "главный инженер", "бухгалтер", "снабженец", "секретарь", "менеджер по закупкам", "администратор",
    "прораб", "завхоз",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody invented."""

    surname: str
    name: str
    patronymic: str

    @property
    def short(self) -> str:
        """Surname and name, as the journal shows employees."""
        return f"{self.surname} {self.name}"

    @property
    def full(self) -> str:
        return f"{self.surname} {self.name} {self.patronymic}"


def invent_people(rng: np.random.Generator, count: int) -> list[Person]:
    """People; the gender agrees in all three names."""
    fathers = list(FATHERS.values())
    draws = zip(
        rng.random(count) < 0.5,
        rng.integers(0, len(SURNAMES), count).tolist(),
        rng.integers(0, 1 << 16, count).tolist(),
        rng.integers(0, len(fathers), count).tolist(),
        strict=True,
    )
    return [
        Person(surname=SURNAMES[last] + "а", name=WOMEN[first % len(WOMEN)], patronymic=fathers[father] + "на")
        if is_woman
        else Person(surname=SURNAMES[last], name=MEN[first % len(MEN)], patronymic=fathers[father] + "ич")
        for is_woman, last, first, father in draws
    ]


def invent_firms(rng: np.random.Generator, count: int) -> list[str]:
    """Names of organisations."""
    draws = zip(
        rng.integers(0, len(FIRM_FORMS), count).tolist(),
        rng.integers(0, len(FIRM_FIRST), count).tolist(),
        rng.integers(0, len(FIRM_SECOND), count).tolist(),
        rng.random(count) < 0.8,
        invent_people(rng, count),
        strict=True,
    )
    return [
        f"ИП {owner.surname} {owner.name[0]}. {owner.patronymic[0]}."
        if FIRM_FORMS[form] == "ИП"
        else f"{FIRM_FORMS[form]} «{FIRM_FIRST[first]}{'-' + FIRM_SECOND[second] if is_double else ''}»"
        for form, first, second, is_double, owner in draws
    ]
