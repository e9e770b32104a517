"""Who is on file in a made-up practice: names as often as they are in life, living in households.

Names: 70 of 100 from the United States census of 1990 with their frequencies (names.tsv.gz), 15 with two Spanish
surnames, 15 from the demo's other languages with their marks. A third of the people joins the household of the one
before: same street, mostly the same surname and telephone; of them 15 in 1,000 are twins and 10 in 1,000 carry a
child's first name. 92 of 100 have a telephone (one of their own for half of a household), 95 an address, half an
e-mail address; one birth date in 100 is a 1 January. Women over 22 have a birth surname on file in one of five.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random

from clinic.cli.demo.names import PEOPLE, STREETS

FILE = Path(__file__).with_name("names.tsv.gz")
_FIRST, _DAYS = date(1930, 1, 1), 34_000
_SPANISH = """
García Martínez Rodríguez Hernández López González Pérez Sánchez Ramírez Torres Flores Rivera Gómez Díaz Reyes Morales
Cruz Ortiz Gutiérrez Chávez Castillo Jiménez Vargas Romero Muñoz Peña Ibáñez Núñez Mendoza Aguilar Castro Ramos Vega
Ruiz Álvarez Fernández Herrera Medina Guerrero Salazar Soto Contreras Rojas Delgado Guzmán Cabrera Figueroa Espinoza
Ríos Acosta Cervantes Valdez Miranda Juárez Campos Navarro Molina Ávila Santos Estrada Sandoval Maldonado Ochoa Leal
Quispe Mamani Benítez Solís Cárdenas Ibarra Escobar Lara Zúñiga Prat Pacheco Bravo Montes Correa Tapia Arroyo
"""
_SPANISH_WOMEN = """
María Lucía Beatriz Marisol Inés Ximena Rosa Begoña Carmen Ana Isabel Sofía Valentina Camila Gabriela Daniela Elena
Patricia Teresa Silvia Mónica Adriana Verónica Leticia Yolanda Guadalupe Juana Josefina Alejandra Fernanda Mariana
Paola Karla Rocío Pilar Consuelo Esperanza Dolores Mercedes Graciela
"""
_SPANISH_MEN = """
José Joaquín Andrés Íker Ramón Ángel Mateo Raúl Juan Carlos Luis Miguel Jesús Francisco Antonio Manuel Pedro Jorge
Fernando Ricardo Roberto Eduardo Alejandro Javier Sergio Arturo Enrique Rafael Alberto Héctor Óscar Daniel Diego Pablo
Emilio Gerardo Guillermo Ignacio Salvador Tomás
"""


@dataclass(frozen=True)
class Someone:
    """One person, as they would say it at the desk."""

    given: str
    family: str
    born: date
    sex: str
    maiden: str = ""
    phone: str = ""
    email: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = "Harbor"


@dataclass(frozen=True)
class Names:
    """The names of names.tsv.gz with their running weights."""

    words: dict[str, list[str]]
    weights: dict[str, list[int]]

    def one(self, random: Random, kind: str) -> str:
        """A surname (s), a woman's (f) or a man's (m) first name, as often as in life."""
        return random.choices(self.words[kind], cum_weights=self.weights[kind])[0]


@cache
def names() -> Names:
    """Read the file once."""
    words: dict[str, list[str]] = {"s": [], "f": [], "m": []}
    counts: dict[str, list[int]] = {"s": [], "f": [], "m": []}
    with gzip.open(FILE, "rt", encoding="utf-8") as file:
        for line in file:
            kind, word, *rest = line.rstrip("\n").split("\t")
            if kind in words:
                words[kind].append(word)
                counts[kind].append(int(rest[0]))
    return Names(words, {kind: list(accumulate(each)) for kind, each in counts.items()})


def people(random: Random, size: int) -> Iterator[Someone]:
    """So many people, household by household."""
    last: Someone | None = None
    for _ in range(size):
        last = _joins(random, last) if last and random.random() < 0.34 else _newcomer(random)
        yield last


def _newcomer(random: Random) -> Someone:
    sex = random.choice(("female", "male"))
    given, family = _name(random, sex)
    some = Someone(
        given,
        family,
        _born(random),
        sex,
        phone=_phone(random) if random.random() < 0.92 else "",
        **_home(random),  # type: ignore[arg-type]
    )
    return _with_mail(random, _with_maiden(random, some))


def _joins(random: Random, one: Someone) -> Someone:
    """Somebody of the same house: partner, child, sister, brother, twin or the one who is named after a parent."""
    sex = random.choice(("female", "male"))
    given, family = _name(random, sex)
    born, chance = _born(random), random.random()
    if chance < 0.015:
        born = one.born
    elif chance < 0.025:
        older = one.born - timedelta(days=random.randrange(7000, 14000))
        given, sex, born = one.given, one.sex, older
    some = replace(one, given=given, sex=sex, born=born, maiden="", email="")
    if random.random() > 0.8:
        some = replace(some, family=family)
    if random.random() > 0.5:
        some = replace(some, phone=_phone(random))
    return _with_mail(random, _with_maiden(random, some))


def _name(random: Random, sex: str) -> tuple[str, str]:
    chance = random.random()
    if chance < 0.7:
        return names().one(random, sex[0]), names().one(random, "s")
    if chance < 0.85:
        given = random.choice((_SPANISH_WOMEN if sex == "female" else _SPANISH_MEN).split())
        return given, " ".join(random.choices(_SPANISH.split(), k=2))
    women, men, families = PEOPLE[random.choice([one for one in PEOPLE if one not in ("en", "es")])]
    return random.choice(women if sex == "female" else men), random.choice(families)


def _born(random: Random) -> date:
    born = _FIRST + timedelta(days=random.randrange(_DAYS))
    return born.replace(month=1, day=1) if random.random() < 0.01 else born


def _phone(random: Random) -> str:
    return f"+1{random.choice(('212', '315', '518', '607', '716', '914'))}{random.randrange(2_000_000, 9_999_999)}"


def _home(random: Random) -> dict[str, str]:
    if random.random() > 0.95:
        return {}
    place = random.randrange(400)
    street = STREETS[place % len(STREETS)]
    return {"street": f"{random.randrange(1, 400)} {street}", "postal_code": f"{10_000 + place}"}


def moved(random: Random, one: Someone) -> Someone:
    """The same person in another house."""
    return replace(one, **{"street": "", "postal_code": "", **_home(random)})


def renumbered(random: Random, one: Someone) -> Someone:
    """The same person with another telephone."""
    return replace(one, phone=_phone(random))


def surname(random: Random) -> str:
    """Somebody's surname."""
    return _name(random, "female")[1]


def _with_maiden(random: Random, one: Someone) -> Someone:
    grown = one.sex == "female" and one.born.year < 2004
    return replace(one, maiden=surname(random)) if grown and random.random() < 0.2 else one


def _with_mail(random: Random, one: Someone) -> Someone:
    return replace(one, email=f"p{random.randrange(10**9)}@example.org") if random.random() < 0.5 else one
