"""What a browser needs for a full calendar: 2,000 visits in 50 columns, drawn, against a small page of the same house."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import waitress

from clinic import LANGUAGES, create_app
from clinic.access.users import NewUser, create_user
from clinic.appointments.rules.booking import Booking
from clinic.appointments.service.booking import record
from clinic.cli.demo.practice import make_places, make_practice
from clinic.cli.state import transact
from clinic.core.clock import FixedClock
from clinic.core.days import to_utc
from clinic.db.engine import Database
from clinic.fhir.practice import save_practice
from clinic.fhir.store import Store
from clinic.management.mapping import Provider
from clinic.management.rules import DAYS, Stretch
from clinic.management.service import save_provider, save_week
from clinic.registration.rules.details import PatientDetails
from clinic.registration.service.patients import register_patient
from clinic.tables import load_tables, metadata
from clinic.web.state import state_of
from clinic.web.warm import warm
from config import Settings
from tests.benchmarks.cases import figure
from tests.benchmarks.measure import Table, middle
from tests.e2e.browsing import chromium
from tests.factories import PASSWORD

NOW = datetime(2027, 3, 9, 15, 24, tzinfo=UTC)
DAY = date(2027, 3, 16)
COLUMNS, EACH = 50, 40
TIMES = 12
BUDGET = (1000, 1500)
_PAINTED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"


def drawing(table: Table, folder: Path) -> None:
    """From the click to the painted page, the server's time included."""
    load_tables()
    database = Database(f"sqlite:///{folder / 'drawing.sqlite3'}")
    metadata.create_all(database.engine)
    app = create_app(Settings(data_dir=folder, worker=False), clock=FixedClock(NOW), database=database)
    transact(state_of(app), _fill)
    warm(app, LANGUAGES)
    server: Any = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)

    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        _measure(table, f"http://127.0.0.1:{server.effective_port}")
    finally:
        server.close()
        database.dispose()


def _fill(store: Store) -> None:
    practice = make_practice(store)
    made = make_places(store)
    save_practice(store.conn, practice)
    create_user(store.conn, NewUser("draw", "Dora Draw", "manager", PASSWORD), store.now)
    patients = [
        register_patient(store, PatientDetails(f"Given{number}", f"Family{number}", "1980-01-02", "female"))["id"]
        for number in range(40)
    ]
    kind = next(iter(made.types.values()))
    for column in range(COLUMNS):
        person = save_provider(store, Provider(f"Given{column}", f"Provider{column:02}", "Dr", site=made.sites[0]))
        save_week(store, person["id"], tuple(Stretch(day, time(7), time(17)) for day in DAYS))
        begin = to_utc(datetime.combine(DAY, time(7)), practice.zone)
        for number in range(EACH):
            start = begin + timedelta(minutes=15 * number)
            record(store, Booking(patients[number], person["id"], kind, start, minutes=15))


def _measure(table: Table, address: str) -> None:
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{address}/access/sign-in")
        page.fill("[name=username]", "draw")
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/visits/**")

        def shown(path: str) -> list[float]:
            found = []
            for _ in range(TIMES + 2):
                page.goto(address + path)
                found.append(float(page.evaluate(_PAINTED)))
            return found[2:]

        bare = figure(table, "baseline: a small page, painted", shown("/appointments/feeds"))
        full = shown(f"/appointments/day?day={DAY}")
        drawn = page.locator(".ev[data-id]").count()
        ratio = middle(full) / bare
        name = f"the browser draws {drawn} visits"
        figure(table, name, full, budget=BUDGET, ratio=ratio, limit="of the small page")
        table.gate("every visit of a full calendar is drawn", drawn == COLUMNS * EACH, f"{drawn} drawn")
