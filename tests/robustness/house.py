"""A practice in the middle of its day: one of everything that an address may name, and a browser for every role."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.routing import Rule

from clinic.access.permissions import STAFF, permissions_of
from clinic.access.users import NewUser, create_user
from clinic.appointments.rules.booking import Booking
from clinic.appointments.service.booking import book
from clinic.billing import service as billing
from clinic.cash import service as cash
from clinic.cli.demo.practice import make_places, make_practice
from clinic.cli.state import transact
from clinic.communication.rules import Call
from clinic.communication.service import log_call
from clinic.core.actor import Actor
from clinic.core.clock import FixedClock
from clinic.core.json import Json
from clinic.db.engine import Database
from clinic.fhir.store import Store
from clinic.fhir.tables import resource, resource_version, slot_claim, unique_claim
from clinic.insurance.rules import Policy
from clinic.insurance.service import add_coverage
from clinic.intake.service.answers import keep_page, sit_down
from clinic.intake.service.packets import HandOver, hand_over, on_device, take_back
from clinic.registration.rules.consents import Signing
from clinic.registration.rules.details import PatientDetails
from clinic.registration.rules.documents import Described
from clinic.registration.rules.family import Bond, Facts
from clinic.registration.rules.flags import Flag
from clinic.registration.rules.own import OwnField
from clinic.registration.service.consents import sign
from clinic.registration.service.documents import add_document
from clinic.registration.service.duplicates import compare_anew
from clinic.registration.service.evidence import confirm_values
from clinic.registration.service.family import relate_person
from clinic.registration.service.flags import set_flag
from clinic.registration.service.household import live_together
from clinic.registration.service.merging import MergeOrder, merge_patients
from clinic.registration.service.own import save_field
from clinic.registration.service.patients import register_patient
from clinic.registration.service.photos import current_photo, put_photo
from clinic.visits.service import arrive
from clinic.web.papers import Part, clean_paper
from clinic.web.state import State, state_of
from tests import factories
from tests.billing.factories import a_sheet, few_codes
from tests.conftest import NOW, make_test_app
from tests.intake.factories import LIBRARY, Tablet, install_library
from tests.registration.licences import jpeg
from tests.transfer.factories import a_csv, a_row, an_import

A_PICTURE = jpeg(Image.new("RGB", (200, 260), "white"))
OTHER = "0190a000-0000-7000-8000-000000000000"
"""The id of nothing."""


@dataclass
class House:
    """The application, what is in it, and who looks at it."""

    app: Flask
    ids: dict[str, str] = field(default_factory=dict)
    clients: dict[str, FlaskClient] = field(default_factory=dict)
    forms: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """Address of a form -> its fields and their values, as the pages show them."""
    kept: sqlite3.Connection | None = None

    @property
    def state(self) -> State:
        return state_of(self.app)

    def write(self, fn: Callable[[Store], Any]) -> Any:
        return transact(self.state, fn)

    def address(self, rule: Rule) -> str:
        """The address of something that is there."""
        values: dict[str, Any] = {}
        for name in rule.arguments:
            items = getattr(rule._converters[name], "items", None)
            values[name] = min(items) if items else self.ids.get(name, "1")
        if rule.rule.startswith("/management/<any"):
            values = {"name": "rooms", "id_": self.ids["room"]} if "id_" in values else {"name": "rooms"}
        return self.app.url_map.bind("localhost").build(rule.endpoint, values, method=min(rule.methods or {"GET"}))

    def who_may(self, rule: Rule) -> FlaskClient:
        """A browser of somebody who has the right of this address."""
        wanted = getattr(self.app.view_functions[rule.endpoint], "permission", "")
        if wanted == "intake.answer":
            return self.clients["device"]
        role = next((role for role in reversed(STAFF) if wanted in permissions_of(role)), "stranger")
        return self.clients[role]

    def keep(self) -> None:
        """Remember how everything is now."""
        self.kept = sqlite3.connect(":memory:", check_same_thread=False)
        with self.state.database.engine.connect() as conn:
            conn.connection.driver_connection.backup(self.kept)

    def put_back(self) -> None:
        """Make everything as it was when it was kept; everybody is still signed in."""
        assert self.kept is not None
        with self.state.database.engine.connect() as conn:
            self.kept.backup(conn.connection.driver_connection)

    def rows(self) -> list[int]:
        """How many rows hold what must not be written by halves."""
        tables = (resource, resource_version, unique_claim, slot_claim)
        counts = [sa.select(sa.func.count()).select_from(table).scalar_subquery() for table in tables]
        with self.state.database.read() as conn:
            return list(conn.execute(sa.select(*counts)).one())


class Forms(HTMLParser):
    """The posting forms of a page with their fields."""

    def __init__(self, own: str) -> None:
        super().__init__()
        self.own = own
        self.found: dict[str, dict[str, list[str]]] = {}
        self._now: dict[str, list[str]] | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            post = given.get("method", "get").lower() == "post"
            self._now = self.found.setdefault((given.get("action") or self.own).split("?")[0], {}) if post else None
            return
        if self._now is None:
            return
        if tag == "select":
            self._select = given.get("name", "")
        if tag == "option" and self._select and "selected" in given:
            self._now.setdefault(self._select, []).append(given.get("value", ""))
        if tag in ("input", "select", "textarea", "button") and given.get("name"):
            values = self._now.setdefault(given["name"], [])
            off = given.get("type") in ("checkbox", "radio") and "checked" not in given
            if tag == "input" and given.get("type") != "file" and not off:
                values.append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._now = None
        if tag == "select":
            self._select = ""


def make_house(template: Path, folder: Path) -> House:
    """The whole practice on SQLite, with every form of every page read."""
    path = folder / "clinic.sqlite3"
    path.write_bytes(template.read_bytes())
    app = make_test_app(Database(f"sqlite:///{path}"), FixedClock(NOW), folder)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    house = House(app)
    _practice(house)
    _people(house)
    _day(house)
    _read_forms(house)
    house.keep()
    return house


def _practice(house: House) -> None:
    house.state.setting.practice = house.write(make_practice)
    made = house.write(make_places)
    house.write(install_library)
    house.write(few_codes)
    house.ids |= {"provider_id": made.providers[0], "provider": made.providers[0]}
    house.ids["visit_type"] = made.types["Annual visit"]
    rooms: list[Json] = house.write(lambda store: store.search("Location"))
    house.ids["room"] = next(one["id"] for one in rooms if one["physicalType"]["coding"][0]["code"] == "ro")
    house.ids["form_id"] = house.ids["questionnaire_id"] = LIBRARY[1]
    fees: list[Json] = house.write(lambda store: store.search("ChargeItemDefinition"))
    house.ids["fee_id"] = fees[0]["id"]


def _people(house: House) -> None:
    for role in (*STAFF, "other"):
        new = NewUser(role, role.title(), "receptionist" if role == "other" else role, factories.PASSWORD)
        house.ids[role] = house.state.database.run_write(lambda conn, new=new: create_user(conn, new, NOW))
    for role in STAFF:
        client = house.clients[role] = house.app.test_client()
        token = factories.token_in(client.get("/access/sign-in").text)
        data = {"username": role, "password": factories.PASSWORD, "csrf_token": token}
        assert client.post("/access/sign-in", data=data).status_code == 303
    house.clients["stranger"] = house.app.test_client()
    house.ids["user_id"] = house.ids["other"]
    tablet = Tablet(house.app)
    house.clients["device"], house.ids["device_id"] = tablet.client, tablet.id
    house.ids |= {"kind": "sb", "side": "front", "status": "retired", "version": "1", "position": "0"}
    house.ids |= {"token": "x" * 43, "job_id": OTHER, "client_id": OTHER, "filename": "css/theme.css"}


def _day(house: House) -> None:
    ids = house.ids
    owner = Actor(
        ids["administrator"], "Administrator", role="administrator", permissions=permissions_of("administrator")
    )

    def a_person(store: Store, given: str) -> str:
        details = PatientDetails(given, "García Ochoa", "1979-08-14", "female", mobile="+12125550142")
        return str(register_patient(store, details)["id"])

    def fill(store: Store) -> None:
        store.actor = owner
        ids["patient_id"] = ids["patient"] = a_person(store, "Mafe")
        ids["provenance_id"], ids["field"] = confirm_values(store, ids["patient_id"], ["mobile"])[0], "mobile"
        second = ids["second"] = a_person(store, "Bruno")
        third = MergeOrder(ids["patient_id"], a_person(store, "Fernanda"))
        paper = add_document(store, ids["patient_id"], Described("letter"), clean_paper([Part(A_PICTURE)]))
        ids["document_id"], ids["number"] = paper["id"], "1"
        put_photo(store, ids["patient_id"], A_PICTURE, "image/jpeg")
        ids["binary_id"] = current_photo(store, ids["patient_id"])
        ids["survivor_id"], ids["merge_id"] = ids["patient_id"], merge_patients(store, third)["id"]
        ids["one_id"], ids["other_id"] = ids["patient_id"], second
        compare_anew(store, [second])
        policy = Policy("Meridian PPO", member_id="MRD4471902", copay_cents=3000)
        bond = Bond("FRND", emergency=True)
        ids["person_id"] = relate_person(store, ids["patient_id"], Facts("Rosa", "Ochoa"), bond)["id"]
        live_together(store, ids["patient_id"], second)
        ids["field_id"] = save_field(store, OwnField("car", "text", {"en": "Car"}))["id"]
        ids["since"] = "1"
        ids["coverage_id"] = add_coverage(store, ids["patient_id"], policy)["id"]
        booked = Booking(ids["patient_id"], ids["provider"], ids["visit_type"], NOW + timedelta(minutes=31))
        ids["appointment_id"] = book(store, booked)["id"]
        arrived = book(store, Booking(second, ids["provider"], ids["visit_type"], NOW + timedelta(minutes=156)))
        ids["encounter_id"] = arrive(store, arrived["id"])["id"]
        billing.save_sheet(store, ids["encounter_id"], a_sheet(), version=0)
        ids["flag_id"] = set_flag(store, ids["patient_id"], Flag("vip"))["id"]
        signing = Signing("treatment", "en", "paper", NOW.date())
        ids["consent_id"] = sign(store, ids["patient_id"], signing)["id"]
        ids["code"] = "treatment"
        ids["till_id"] = cash.open_till(store, 20000)["id"]
        ids["payment_id"] = cash.take_payment(store, second, cents=3000, tender="cash")["id"]
        ids["call_id"] = log_call(store, Call(second, reason="other", outcome="call-back", due=NOW))["id"]

    house.write(fill)
    house.write(_answers(house))
    ids |= {"run_id": an_import(house.state, a_csv(a_row("OC-1001", "Nora", "Vance"))).id, "number": "2"}


def _answers(house: House) -> Callable[[Store], None]:
    ids = house.ids

    def hand(store: Store) -> None:
        first = hand_over(store, HandOver(ids["second"], LIBRARY[1:2], device_id=ids["device_id"])).packet
        sitting = keep_page(store, sit_down(store, first, 0))
        ids["response_id"] = sitting.packet.forms[0].response
        take_back(store, first.id)
        ids["packet_id"] = hand_over(store, HandOver(ids["second"], LIBRARY, device_id=ids["device_id"])).packet.id
        found = on_device(store, ids["device_id"])
        assert found is not None

    return hand


def is_document(house: House, rule: Rule) -> bool:
    """Whether an address gives no page: paper, a picture, a file, or the interface for programs."""
    paper = getattr(house.app.view_functions[rule.endpoint], "permission", "") == "print.read"
    return paper or rule.rule.startswith(("/fhir", "/static")) or rule.endpoint.endswith("csv")


def _read_forms(house: House) -> None:
    """Walk every page that somebody may open, and note its forms."""
    for rule in house.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or is_document(house, rule):
            continue
        address = house.address(rule)
        extra = {"patient": house.ids["patient"], "start": "2027-03-10T15:00:00Z", "provider": house.ids["provider"]}
        query = extra if "book" in address or "walk-in" in address else {}
        answer = house.who_may(rule).get(address, query_string=query)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            page = Forms(address)
            page.feed(answer.text)
            for action, fields in page.found.items():
                house.forms.setdefault(action, {}).update(fields)
