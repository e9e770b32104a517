"""A practice of any size, made quickly: records are projected as the store does it, but written in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.appointments.mapping.appointment import new_appointment
from clinic.appointments.mapping.kinds import with_use
from clinic.appointments.rules.booking import Place
from clinic.appointments.rules.resources import Need
from clinic.appointments.rules.spans import Span
from clinic.cli.demo.practice import Made, make_places, make_practice
from clinic.core.actor import SYSTEM
from clinic.core.days import instant_text, local, to_utc
from clinic.core.json import Json, dumps
from clinic.db.engine import Database
from clinic.fhir.claims import claim_cells
from clinic.fhir.index import rows_of
from clinic.fhir.registry import Registry
from clinic.fhir.store import Store
from clinic.fhir.tables import number_series, resource, resource_version
from clinic.management.mapping import Provider, VisitType
from clinic.management.rules import DAYS, Stretch
from clinic.management.service import save_provider, save_visit_type, save_week
from clinic.web.state import State
from tests.benchmarks.people import Someone
from tests.benchmarks.people import people as people_of

PROVIDERS = 20
FULL_DAY = 640
NEW = 2000
"""People who live among those on file and are kept out of it."""
_FLUSH = 2000


@dataclass
class Bench:
    """What was made."""

    state: State
    made: Made
    providers: tuple[str, ...]
    patients: list[str]
    appointments: list[str]
    full_day: date
    people: list[Someone]
    """The patients as people, in the same order."""
    strangers: list[Someone]
    """People of the same town and households who are not on file."""
    needing: str = ""
    """A visit type that needs one of two devices for its middle five minutes."""


def build(state: State, size: int, appointments: int, say: Any) -> Bench:
    """A practice with so many patients and appointments; one day has 640 visits of 20 providers."""
    random = Random(7)
    with state.database.write() as conn:
        store = Store(conn, state.setting, actor=SYSTEM, now=state.clock.now())
        state.setting.practice = make_practice(store)
        made = make_places(store)
        providers = tuple(_provider(store, made, number) for number in range(PROVIDERS))
        needing = _needing(store)
    everybody = list(people_of(random, size + NEW))
    out = set(random.sample(range(len(everybody)), NEW))
    strangers = [one for at, one in enumerate(everybody) if at in out]
    known = [one for at, one in enumerate(everybody) if at not in out]
    people = [_patient(one, number) for number, one in enumerate(known)]
    say(f"{size} patients")
    _write(state, people)
    today = local(state.clock.now(), state.practice.zone).date()
    full_day = today + timedelta(days=7)
    visits = list(_visits(state, random, (made, providers, people), appointments, full_day))
    say(f"{len(visits)} appointments")
    _write(state, visits)
    with state.database.write() as conn:
        conn.execute(sa.insert(number_series), [{"series": "record-number", "last": size}])
        _claim_full_day(conn, visits, full_day, state.practice.zone)
    _settle(state.database)
    ids = [one["id"] for one in people], [one["id"] for one in visits]
    return Bench(state, made, providers, *ids, full_day, known, strangers, needing)


def _provider(store: Store, made: Made, number: int) -> str:
    person = save_provider(store, Provider(f"Given{number}", f"Provider{number:02}", "Dr", site=made.sites[0]))
    from datetime import time

    save_week(store, person["id"], tuple(Stretch(day, time(8), time(16)) for day in DAYS))
    return str(person["id"])


def _needing(store: Store) -> str:
    owner = {"reference": f"Organization/{store.practice.organization_id}"}
    for number in (1, 2):
        name = [{"name": f"ECG {number}", "type": "other"}]
        device = {"resourceType": "Device", "status": "active", "owner": owner, "deviceName": name}
        store.create(with_use(device, sort="ecg", capacity=1, margins=(0, 5)))
    needs = (Need("device", kind="ecg", offset=5, minutes=5),)
    return str(save_visit_type(store, VisitType("ECG", 15, needs=needs))["id"])


def _patient(one: Someone, number: int) -> Json:
    system = "http://terminology.hl7.org/CodeSystem/v2-0203"
    telecom = [{"system": "phone", "value": one.phone, "use": "mobile"}] if one.phone else []
    telecom += [{"system": "email", "value": one.email}] if one.email else []
    names: list[Json] = [{"use": "official", "family": one.family, "given": one.given.split()}]
    names += [{"use": "maiden", "family": one.maiden}] if one.maiden else []
    made: Json = {
        "resourceType": "Patient",
        "id": f"bench-p{number:07}",
        "meta": {"versionId": "1", "lastUpdated": "2027-01-01T00:00:00Z"},
        "identifier": [
            {"type": {"coding": [{"system": system, "code": "MR"}]}, "system": "urn:clinic:record-number",
             "value": f"HS-{number:07}"}
        ],
        "active": True,
        "name": names,
        "gender": one.sex,
        "birthDate": one.born.isoformat(),
    }  # fmt: skip
    if telecom:
        made["telecom"] = telecom
    if one.street:
        made["address"] = [{"line": [one.street], "city": one.city, "postalCode": one.postal_code}]
    return made


def _visits(state: State, random: Random, who: Any, size: int, full_day: date) -> Iterator[Json]:
    made, providers, people = who
    zone = state.practice.zone
    for number in range(min(FULL_DAY, size)):
        minutes = (number // PROVIDERS) * 15
        start = to_utc(datetime(full_day.year, full_day.month, full_day.day, 8) + timedelta(minutes=minutes), zone)
        yield _visit(state, random.choice(people), (providers[number % PROVIDERS], made), start, number)
    for number in range(FULL_DAY, size):
        day = full_day + timedelta(days=random.choice((-1, 1)) * random.randrange(8, 400))
        wall = datetime(day.year, day.month, day.day, 8) + timedelta(minutes=15 * random.randrange(32))
        yield _visit(state, random.choice(people), (random.choice(providers), made), to_utc(wall, zone), number)


def _visit(state: State, patient: Json, where: Any, start: datetime, number: int) -> Json:
    provider, made = where
    name = patient["name"][0]
    place = Place(
        span=Span(start, start + timedelta(minutes=15)), status="booked", patient_id=patient["id"],
        patient_name=f"{name['given'][0]} {name['family']}", birth_date=patient["birthDate"], provider_id=provider,
        provider_name="Dr", type_id=made.types["Results"], type_name="Results", site_id=made.sites[0], site_name="Main",
    )  # fmt: skip
    visit = new_appointment(place, created=state.clock.now(), zone=state.practice.zone)
    meta = {"versionId": "1", "lastUpdated": instant_text(state.clock.now())}
    return {**visit, "id": f"bench-a{number:07}", "meta": meta}


def _write(state: State, records: Iterable[Json]) -> None:
    batch: dict[sa.Table, list[dict[str, Any]]] = {}
    count = 0
    for record in records:
        _rows(state, record, batch)
        count += 1
        if count % _FLUSH == 0:
            _flush(state.database, batch)
    _flush(state.database, batch)


def _rows(state: State, record: Json, batch: dict[sa.Table, list[dict[str, Any]]]) -> None:
    registry: Registry = state.setting.registry
    key = {"type": record["resourceType"], "id": record["id"], "version": 1, "json": dumps(record), "deleted": False}
    now = state.clock.now()
    batch.setdefault(resource, []).append({**key, "updated": now})
    batch.setdefault(resource_version, []).append({**key, "author": "bench", "at": now, "reason": ""})
    for table, rows in rows_of(record, registry).items():
        names = [column.name for column in table.columns]
        batch.setdefault(table, []).extend(dict(zip(names, row, strict=True)) for row in rows)
    for model in registry.models_of(record["resourceType"]):
        batch.setdefault(model.table, []).extend(model.project(record))


def _flush(database: Database, batch: dict[sa.Table, list[dict[str, Any]]]) -> None:
    with database.write() as conn:
        for table, rows in batch.items():
            if rows:
                conn.execute(sa.insert(table), rows)
    batch.clear()


def _claim_full_day(conn: Connection, visits: list[Json], day: date, zone: str) -> None:
    from clinic.core.days import read_instant

    for visit in visits[:FULL_DAY]:
        provider = next(
            part["actor"]["reference"] for part in visit["participant"] if "Practitioner" in part["actor"]["reference"]
        )
        claim_cells(conn, [provider], (read_instant(visit["start"]), read_instant(visit["end"])), visit["id"])


def _settle(database: Database) -> None:
    with database.engine.connect() as conn:
        conn.execution_options(isolation_level="AUTOCOMMIT")
        if database.is_sqlite:
            conn.exec_driver_sql("ANALYZE")
            return
        conn.exec_driver_sql("SET statement_timeout = 0")
        conn.exec_driver_sql("VACUUM ANALYZE")
        conn.exec_driver_sql("RESET statement_timeout")
