"""Every figure of DESIGN.md section 11."""

from __future__ import annotations

import base64
import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from clinic.access import clients
from clinic.appointments.queries.free import Search, next_free
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import Booking
from clinic.appointments.service.booking import book
from clinic.appointments.tables import appointment_row
from clinic.billing.rules.sheet import ChargeLine, Diagnosis, Sheet
from clinic.billing.service.sheets import save_sheet
from clinic.cash.service import open_till, take_payment
from clinic.cli.state import transact
from clinic.codes.load import ensure_loaded
from clinic.codes.search import search as search_codes
from clinic.codes.systems import ICD10CM, OWN_PROCEDURES
from clinic.core.actor import SYSTEM
from clinic.core.days import day_bounds, to_utc
from clinic.core.errors import ClinicError
from clinic.core.json import dumps
from clinic.fhir import store as store_module
from clinic.fhir.index import rows_of
from clinic.fhir.store import Store
from clinic.fhir.tables import resource, resource_version
from clinic.fhir.validate import require_valid
from clinic.registration.rules.details import PatientDetails
from clinic.registration.service.patients import register_patient
from clinic.visits import service as visits
from clinic.web.state import State
from tests.benchmarks.bare import CLIENTS, bare_claims, rate
from tests.benchmarks.data import Bench
from tests.benchmarks.measure import Figure, Table, high, middle, statements, timed
from tests.factories import sign_in

MOST_STATEMENTS = 6


def figure(table: Table, name: str, found: list[float], **rest: Any) -> float:
    """Add a figure from its times; gives the median."""
    made = Figure(name, middle(found), high(found), **rest)
    if made.budget is not None:
        made.ok = made.p50 <= made.budget[0] and made.p99 <= made.budget[1]
    table.add(made)
    return made.p50


def empty_route(table: Table) -> float:
    """The baseline of pages: a Flask application with one empty route."""
    bare = Flask("bare")
    bare.add_url_rule("/", "index", lambda: "ok")
    client = bare.test_client()
    return figure(table, "baseline: empty Flask route", timed(lambda: client.get("/").data, 300))


def pages(table: Table, app: Flask, bench: Bench, empty: float) -> None:
    """What people wait for: each page through the whole application, signed in and audited."""
    client = app.test_client()
    sign_in(app, client, "receptionist", name="benchdesk")
    names = itertools.cycle(["garc", "garcia", "nov", "nowak", "kim", "haddad le", "ogh", "carver", "mull", "eze ch"])
    patient, appointment = bench.patients[len(bench.patients) // 2], bench.appointments[3]
    day = f"/appointments/day?day={bench.full_day.isoformat()}"
    asked: list[tuple[str, Callable[[], str], tuple[float, float], int]] = [
        ("patient finder, per keystroke", lambda: f"/registration/suggest?q={next(names)}", (5, 20), 200),
        ("open a patient", lambda: f"/registration/{patient}", (10, 30), 60),
        ("check-in page", lambda: f"/visits/appointments/{appointment}/check-in", (10, 30), 60),
        ("day view, 20 providers, 640 visits", lambda: day, (15, 40), 25),
        ("today's board", lambda: "/visits/today", (15, 40), 40),
    ]
    for name, address, budget, times in asked:
        found = timed(lambda address=address: _get(client, address()), times)  # type: ignore[misc]
        ratio, limit = empty / middle(found), {"patient finder, per keystroke": ">= 0.4", "open a patient": ">= 0.25"}
        kept = {"ratio": ratio, "limit": f"of empty {limit[name]}"} if name in limit else {}
        figure(table, name, found, budget=budget, **kept)
        _get(client, address())  # may read the practice's settings and the rail's counts, as is done every few seconds
        with statements(bench.state.database.engine) as sent:
            _get(client, address())
        reads = [text for text in sent if "audit_" not in text]
        note = f"{len(reads)} reads, {len(sent) - len(reads)} of the audit trail"
        table.gate(f"at most {MOST_STATEMENTS} statements: {name}", len(reads) <= MOST_STATEMENTS, note)
    _bare_day(table, bench)


def _get(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")


def _bare_day(table: Table, bench: Bench) -> None:
    start, end = day_bounds(bench.full_day, bench.state.practice.zone)
    c = appointment_row.c
    wanted = sa.select(appointment_row).where(c.start >= start, c.start < end).order_by(c.start)

    def run() -> None:
        with bench.state.database.read() as conn:
            conn.execute(wanted).all()

    bare = figure(table, "baseline: bare query of that day", timed(run, 40))
    day = next(one for one in table.figures if one.name.startswith("day view"))
    table.add(replace(day, name="  day view to its bare query", ratio=day.p50 / bare, limit="<= 8", budget=None))


def desk(table: Table, bench: Bench) -> None:
    """What the desk writes: register, book, visit, payment; and the next free times."""
    state, count = bench.state, itertools.count()

    def register() -> None:
        number = next(count)
        details = PatientDetails(f"Bench{number}", "Newcomer", "1990-04-03", "female", mobile="+12125550199")
        transact(state, lambda store: register_patient(store, details))

    figure(table, "register (check, index, audit, commit)", timed(register, 120), budget=(12, 35))

    def free(type_id: str = "") -> None:
        with state.database.read() as conn:
            store = Store(conn, state.setting, actor=SYSTEM, now=state.clock.now())
            earliest = to_utc(datetime.combine(bench.full_day, datetime.min.time()), state.practice.zone)
            search = Search(15, earliest, bench.providers, limit=10, type_id=type_id)
            if len(next_free(store, calendar_setup(store), search)) != search.limit:
                raise RuntimeError("there were no ten free times")

    figure(table, "next free times, ten over 20 providers", timed(free, 80), budget=(8, 20))
    needing = timed(lambda: free(bench.needing), 80)
    figure(table, "  of a visit that needs one of two devices", needing, budget=(8, 20))
    times = iter(_free_starts(bench))

    def one_booking() -> None:
        provider, start = next(times)
        booking = Booking(bench.patients[next(count) % 900], provider, bench.made.types["Results"], start, anyway=True)
        transact(state, lambda store: book(store, booking))

    figure(table, "book", timed(one_booking, 120), budget=(10, 35))
    _visit_and_money(table, bench, count)


def _free_starts(bench: Bench) -> Any:
    """Times of days far ahead, at which nobody is booked."""
    for offset in range(500, 700):
        day = bench.full_day + timedelta(days=offset)
        for minute in range(0, 8 * 60, 15):
            for provider in bench.providers:
                wall = datetime(day.year, day.month, day.day, 8) + timedelta(minutes=minute)
                yield provider, to_utc(wall, bench.state.practice.zone)


def _visit_and_money(table: Table, bench: Bench, count: Any) -> None:
    state = bench.state
    transact(state, lambda store: ensure_loaded(store.conn))
    encounter = transact(
        state,
        lambda store: visits.walk_in(
            store, bench.patients[0], provider_id=bench.providers[0], visit_type=bench.made.types["Results"]
        ),
    )
    codes = ("E11.65", "I10", "Z79.4", "E53.8")

    def code_visit() -> None:
        lines = tuple(
            ChargeLine("V-EST-15", OWN_PROCEDURES, "Visit", pointers=(1,), fee=9000 + next(count)) for _ in range(5)
        )
        transact(
            state,
            lambda store: save_sheet(store, encounter["id"], Sheet(tuple(map(Diagnosis, codes)), lines), version=None),
        )

    figure(table, "visit with 4 diagnoses and 5 lines saved", timed(code_visit, 60), budget=(12, 35))
    transact(state, lambda store: open_till(store, 10_000))

    def pay() -> None:
        transact(state, lambda store: take_payment(store, bench.patients[next(count) % 500], cents=2500, tender="card"))

    figure(table, "take a payment", timed(pay, 80), budget=(10, 30))
    words = itertools.cycle(["dia", "diabetes", "knee pain l", "e11", "e11.6", "hyperten", "fracture rad", "heart att"])
    day = state.clock.now().date()

    def find_code() -> None:
        with state.database.read() as conn:
            search_codes(conn, ICD10CM, next(words), day, 20)

    figure(table, "code search, per keystroke", timed(find_code, 200, warm=10), budget=(4, 15))


def interface(table: Table, app: Flask, bench: Bench) -> None:
    """FHIR over HTTP beside static JSON of the same size, and a write beside the bare rows."""
    state, client = bench.state, app.test_client()
    client_id, secret = transact(
        state, lambda store: clients.add_client(store.conn, "bench", ["system/*.cruds"], now=store.now)
    )
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    token = client.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {basic}"}
    ).get_json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    for name, address, budget, limit in (
        ("FHIR read", f"/fhir/Patient/{bench.patients[7]}", (5, 15), 2),
        ("FHIR search of 20", "/fhir/Patient?family=garcia&_count=20", (15, 40), 3),
    ):
        body = client.get(address, headers=headers).data
        static = Flask("static")
        static.add_url_rule("/x", "x", lambda body=body: (body, 200, {"Content-Type": "application/fhir+json"}))
        base = middle(timed(lambda static=static: static.test_client().get("/x").data, 100))  # type: ignore[misc]
        found = timed(lambda address=address: client.get(address, headers=headers).data, 100)  # type: ignore[misc]
        figure(table, name, found, budget=budget, ratio=middle(found) / base, limit=f"of static <= {limit}")
    _create(table, state)


def _create(table: Table, state: State) -> None:
    patient = {"resourceType": "Patient", "name": [{"family": "Bench", "given": ["Create"]}], "birthDate": "1980-02-03"}
    made = timed(lambda: transact(state, lambda store: store.create(dict(patient))), 120)
    count = itertools.count()

    def bare() -> None:
        record = {
            **patient,
            "id": f"bare{next(count)}",
            "meta": {"versionId": "1", "lastUpdated": "2027-01-01T00:00:00Z"},
        }
        text = dumps(record)
        key = {"type": "Patient", "id": record["id"], "version": 1, "json": text, "deleted": False}
        with state.database.write() as conn:
            conn.execute(sa.insert(resource), [{**key, "updated": state.clock.now()}])
            conn.execute(sa.insert(resource_version), [{**key, "author": "x", "at": state.clock.now(), "reason": ""}])
            for part, rows in rows_of(record, state.setting.registry).items():
                names = [column.name for column in part.columns]
                conn.execute(sa.insert(part), [dict(zip(names, row, strict=True)) for row in rows])
            for model in state.setting.registry.models_of("Patient"):
                if rows := model.project(record):
                    conn.execute(sa.insert(model.table), rows)

    base = timed(bare, 120)
    limit = 4 if state.database.is_sqlite else 3
    figure(
        table, "FHIR create (service to commit)", made, budget=(12, 35), ratio=middle(made) / middle(base),
        limit=f"of bare rows <= {limit}",
    )  # fmt: skip
    check = middle(timed(lambda: require_valid({**patient, "id": "x"}), 100))
    register = next(one for one in table.figures if one.name.startswith("register"))
    table.add(Figure("  validation within register", check, check, ratio=check / register.p50, limit="<= 0.30"))


def gates(table: Table, bench: Bench) -> None:
    """What must never be otherwise, whatever it costs."""
    state = bench.state
    provider, start = next(iter(_free_starts(bench)))
    booked = timedelta(days=300)
    results: list[str] = []
    barrier = threading.Barrier(CLIENTS)

    def rush(number: int) -> None:
        booking = Booking(bench.patients[number], provider, bench.made.types["Results"], start + booked, anyway=True)
        barrier.wait()
        try:
            transact(state, lambda store: book(store, booking))
            results.append("won")
        except ClinicError:
            results.append("lost")

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(rush, range(CLIENTS)))
    table.gate("exactly one winner of 50 on one time", results.count("won") == 1, f"{results.count('won')} won")
    _many_bookings(table, bench)
    _validations(table, bench)


def _many_bookings(table: Table, bench: Bench) -> None:
    """Fifty clients at once, each a thread of one process, book times that nobody else wants.

    The baseline is the floor that no application gets under: the driver itself (no SQLAlchemy, no pool, no
    retry), each of the same fifty threads with a connection of its own, writing the claim rows of these same
    bookings (same actors and cells, some years later) with one INSERT ... ON CONFLICT DO NOTHING and one
    commit for each booking. SQLite's clients take one plain lock, since it has one writer. Both sides run once
    before they are timed.
    """
    state = bench.state
    starts = itertools.islice(_free_starts(bench), 6000, 6000 + 500)
    bookings = [
        Booking(bench.patients[number % 900], provider, bench.made.types["Results"], start, anyway=True)
        for number, (provider, start) in enumerate(starts)
    ]
    took: list[float] = []

    def ours(booking: Booking) -> None:
        begin = time.perf_counter()
        transact(state, lambda store: book(store, booking))
        took.append((time.perf_counter() - begin) * 1000)

    rate(ours, bookings[:100])
    took.clear()
    per_second = rate(ours, bookings[100:])
    bare = bare_claims(state.database, bookings)
    ratio = per_second / bare
    sqlite = state.database.is_sqlite
    table.add(
        Figure(
            "bookings/s, distinct times, 50 clients", per_second, bare, ratio=ratio, note=" (per second, bare)",
            limit="of bare claims" if sqlite else "of bare claims >= 0.33", ok=sqlite or ratio >= 0.33,
        )
    )  # fmt: skip
    table.add(Figure("  each of them, in milliseconds", middle(took), high(took)))


def _validations(table: Table, bench: Bench) -> None:
    state, seen = bench.state, []
    real = store_module.require_valid

    def counted(record: Any) -> None:
        seen.append(record["resourceType"])
        real(record)

    store_module.require_valid = counted
    try:
        booking = Booking(bench.patients[5], *next(_free_starts(bench))[:1], bench.made.types["Results"],
                          next(itertools.islice(_free_starts(bench), 3000, None))[1], anyway=True)  # fmt: skip
        transact(state, lambda store: book(store, booking))
        written = list(seen)
        with state.database.read() as conn:
            Store(conn, state.setting, actor=SYSTEM, now=state.clock.now()).search("Patient", [("family", "garcia")])
    finally:
        store_module.require_valid = real
    table.gate(
        "one validation for each written record, none on a read", seen == written == ["Appointment"], ", ".join(seen)
    )
