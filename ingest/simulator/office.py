"""The invented office: who works there, which numbers and queues it has, when it is open.

An office for more calls than fourteen people can take is the same office with more people in each
team, so that waits stay believable at any number of calls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from data.settings import Site
from ingest.simulator.names import invent_people

TRUNK = "PJSIP/trunk"
TOLL_FREE = "78000001122"  # 8-800-000 is given to nobody
RING_GROUP = "610"
IVR = "650"
MENU = "main-menu"  # the sound that the menu plays
PBX_FOLDER = "/var/spool/asterisk/monitor"  # where a PBX of its own would keep recordings
CALLS_PER_EMPLOYEE_A_DAY = 55


@dataclass(frozen=True, slots=True, kw_only=True)
class Employee:
    """Somebody with a phone on the desk."""

    extension: str
    name: str
    department: str
    team: int  # position of the team in Office.teams
    login: str
    diligence: float  # share of rings that are answered
    reaction_s: float  # median time to pick up
    talk_factor: float  # talks longer or shorter than others

    @property
    def device(self) -> str:
        return f"PJSIP/{self.extension}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A waiting line and the team that serves it."""

    name: str
    extension: str
    title: str
    team: int
    rings: int  # how many phones ring at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """An office number, the channel that brings callers to it, and where it leads."""

    number: str
    title: str
    route: str  # ivr, group, direct, or the name of a queue
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Everything that is the same on every day."""

    employees: tuple[Employee, ...]
    departments: tuple[str, ...]  # by team
    queues: tuple[Queue, ...]
    dids: tuple[Did, ...]

    def team(self, team: int) -> list[int]:
        """Positions of the members in `employees`."""
        return [at for at, employee in enumerate(self.employees) if employee.team == team]

    @property
    def group_team(self) -> int:
        """The team that rings when the ring group rings."""
        return RECEPTION


SALES, SUPPORT, DELIVERY, RECEPTION, MANAGEMENT = range(5)
_TEAMS = (
    ("Отдел продаж", 5),
    ("Служба поддержки", 4),
    ("Доставка и монтаж", 2),
    ("Приёмная", 2),
    ("Руководство", 1),
)
_PEOPLE = (  # the office as the demo shows it, by extension from 201
    "Петров Иван", "Смирнова Анна", "Кузнецов Олег", "Волкова Мария", "Зорина Дарья", "Лагутин Павел",
    "Изотова Кира", "Шатров Глеб", "Ясенева Полина", "Уваров Степан", "Малинин Егор", "Орешина Светлана",
    "Берёзкина Ольга", "Рощин Виктор",
)  # fmt: skip
_QUEUES = (
    Queue(name="sales", extension="601", title="Продажи", team=SALES, rings=3),
    Queue(name="support", extension="602", title="Поддержка", team=SUPPORT, rings=1),
    Queue(name="delivery", extension="603", title="Доставка", team=DELIVERY, rings=2),
)
_DIDS = (
    ("0001101", "Сайт", "ivr", 0.30),
    ("0001102", "Яндекс Директ", "sales", 0.17),
    ("0001103", "Наружная реклама", "sales", 0.07),
    ("0001104", "Карты и справочники", "ivr", 0.12),
    ("0001105", "Визитки", "direct", 0.09),
    ("0001106", "Приёмная", "group", 0.10),
)
_CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_LATIN = "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh sch _ y _ e yu ya"


def invent_office(*, seed: int, site: Site | None = None, calls_a_day: float = 0.0) -> Office:
    """The office of this seed, with at least fourteen employees and enough for so many calls a day."""
    rng = np.random.default_rng([seed, 1])
    area = (site or Site()).area_code or "495"
    growth = max(1.0, calls_a_day / (CALLS_PER_EMPLOYEE_A_DAY * sum(size for _, size in _TEAMS)))
    teams = [team for team, (_, size) in enumerate(_TEAMS) for _ in range(math.ceil(size * growth))]
    return Office(
        employees=tuple(_employees(rng, teams)),
        departments=tuple(name for name, _ in _TEAMS),
        queues=_QUEUES,
        dids=(
            *(
                # Nobody's number: local numbers never begin with 0.
                Did(number=f"7{area}{local[len(area) - 3 :]}", title=title, route=route, weight=weight)
                for local, title, route, weight in _DIDS
            ),
            Did(number=TOLL_FREE, title="8-800", route="ivr", weight=0.15),
        ),
    )


def _employees(rng: np.random.Generator, teams: list[int]) -> list[Employee]:
    names = list(dict.fromkeys([*_PEOPLE, *(person.full for person in invent_people(rng, 2 * len(teams)))]))
    first = 201 if len(teams) < 399 else 2001
    return [
        Employee(
            extension=str(first + at),
            name=name,
            department=_TEAMS[team][0],
            team=team,
            login=f"{_latin(name)}{first + at}",
            diligence=float(rng.uniform(0.7, 0.97)),
            reaction_s=float(rng.uniform(3.5, 9.0)),
            talk_factor=float(rng.lognormal(0.0, 0.22)),
        )
        for at, (team, name) in enumerate(zip(teams, names, strict=False))
    ]


def _latin(name: str) -> str:
    """The surname in Latin letters, for a login."""
    letters = dict(zip(_CYRILLIC, _LATIN.split(), strict=True))
    return "".join(letters.get(letter, "") for letter in name.split()[0].lower()).replace("_", "")
