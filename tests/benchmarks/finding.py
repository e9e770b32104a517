"""The finder by every way of asking: names, misspelt names, birth dates, telephones, numbers, and what nobody has."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from random import Random
from typing import Any

import sqlalchemy as sa
from flask import Flask

from clinic.registration.tables import patient_row
from tests.benchmarks.cases import figure
from tests.benchmarks.data import Bench
from tests.benchmarks.measure import Table, timed
from tests.factories import sign_in

BUDGET = (5.0, 20.0)
TIMES = 150


def finding(table: Table, app: Flask, bench: Bench) -> None:
    """One keystroke of each kind through the whole application, signed in and audited; other people each time."""
    client = app.test_client()
    sign_in(app, client, "receptionist", name="benchfinder")
    people = _some(bench)
    for name, ask in _ways(Random(11)).items():
        turn = itertools.cycle(people)

        def look(ask: Callable[[Any], str] = ask, turn: Any = turn) -> None:
            answer = client.get("/registration/suggest", query_string={"q": ask(next(turn))})
            if answer.status_code != 200:
                raise RuntimeError(f"the finder answered {answer.status_code}")

        figure(table, f"finder: {name}", timed(look, TIMES), budget=BUDGET)


def _some(bench: Bench) -> list[Any]:
    c = patient_row.c
    ids = bench.patients[:: max(1, len(bench.patients) // (TIMES * 2))]
    with bench.state.database.read() as conn:
        wanted = sa.select(c.given, c.family, c.birth_date, c.phones, c.record_number).where(c.id.in_(ids[:300]))
        return list(conn.execute(wanted))


def _ways(random: Random) -> dict[str, Callable[[Any], str]]:
    def slip(word: str) -> str:
        at = random.randrange(1, max(2, len(word) - 1))
        return word[:at] + random.choice("aeiourstn") + word[at + 1 :]

    return {
        "surname begun": lambda one: one.family[:4],
        "both names": lambda one: f"{one.family} {one.given}",
        "both names begun": lambda one: f"{one.given[:3]} {one.family[:4]}",
        "surname misspelt": lambda one: slip(one.family),
        "both names, one misspelt": lambda one: f"{slip(one.given)} {one.family}",
        "surname and year": lambda one: f"{one.family} {one.birth_date[2:4]}",
        "birth date": lambda one: f"{one.birth_date[5:7]}/{one.birth_date[8:]}/{one.birth_date[:4]}",
        "birth month": lambda one: one.birth_date[:7],
        "telephone": lambda one: one.phones.split(" ")[0].removeprefix("+1"),
        "end of a telephone": lambda one: one.phones.split(" ")[0][-4:],
        "record number": lambda one: one.record_number,
        "a number nobody has": lambda _one: f"ZX{random.randrange(10**8)}",
        "a name nobody has": lambda _one: "Zyxwvut Qponmlk",
    }
