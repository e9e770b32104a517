"""A patient, a paired tablet, forms in hand: what tests of intake start from."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from clinic.core.actor import SYSTEM, Actor
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.intake.service import devices, packets
from clinic.intake.service.forms import install_library
from clinic.registration.rules.details import Address, PatientDetails, Relative
from clinic.registration.service.patients import register_patient
from clinic.web.state import state_of

BORN = "1972-04-17"
LIBRARY = ("intake-contact-check", "intake-new-patient", "intake-privacy", "intake-consent")


def write(app: Flask, fn: Callable[[Store], Any]) -> Any:
    state = state_of(app)
    with state.database.write() as conn:
        return fn(Store(conn, state.setting, actor=SYSTEM, now=state.clock.now()))


def a_patient(store: Store, **change: Any) -> Json:
    values: dict[str, Any] = {
        "given": "Ana",
        "family": "Soler",
        "birth_date": BORN,
        "sex": "female",
        "mobile": "+12025550142",
        "email": "ana@example.org",
        "address": Address("1420 Alder Court", "Apt 6", "Riverton", "WI", "54021"),
        "emergency": Relative("Luis", "Soler", "SIB", "+12025550177"),
    }
    return register_patient(store, PatientDetails(**(values | change)))


def a_tablet(store: Store, name: str = "Tablet 2") -> str:
    device_id, code = devices.add_device(store, name)
    assert devices.pair(store, code) == (device_id, name)
    return device_id


def as_tablet(store: Store, device_id: str) -> Store:
    """The same transaction, asked by a tablet."""
    actor = Actor(device_id, "Tablet 2", kind="device", role="device", permissions=frozenset({"intake.answer"}))
    return Store(store.conn, store.setting, actor=actor, now=store.now)


def handed(store: Store, *forms: str, device_id: str = "", **order: Any) -> packets.Handed:
    install_library(store)
    patient = order.pop("patient", None) or a_patient(store)
    return packets.hand_over(store, packets.HandOver(patient["id"], forms or LIBRARY, device_id=device_id, **order))


def field(page: str, name: str) -> str:
    """The value of a hidden field of a page."""
    tag = re.search(rf'<input[^>]*name="{re.escape(name)}"[^>]*>', page)
    assert tag, f"no field {name}"
    found = re.search(r'value="([^"]*)"', tag[0])
    return found[1] if found else ""


def shown(page: str) -> list[str]:
    return re.findall(r'name="shown" value="([^"]+)"', page)


class Tablet:
    """A tablet in a test: paired, with the pages it was shown."""

    def __init__(self, app: Flask, name: str = "Tablet 2") -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.id, code = write(app, lambda store: devices.add_device(store, name))
        self.get("/intake/tablet")
        answer = self.post("/intake/tablet/pair", code=code)
        assert answer.status_code == 303
        self.page = ""

    def get(self, path: str) -> str:
        answer = self.client.get(path, follow_redirects=True)
        self.status, self.path = answer.status_code, answer.request.full_path.rstrip("?")
        self.page = answer.get_data(as_text=True)
        return self.page

    def post(self, path: str, **data: Any) -> Any:
        data.setdefault("csrf_token", field(self.page, "csrf_token"))
        answer = self.client.post(path, data=data)
        self.status, self.page = answer.status_code, answer.get_data(as_text=True) or self.page
        return answer

    def follow(self, answer: Any) -> str:
        return self.get(answer.headers["Location"])

    def give(self, *forms: str, **order: Any) -> str:
        """Hand forms to this tablet; gives the packet's id."""
        found = write(self.app, lambda store: handed(store, *forms, device_id=self.id, **order))
        return found.packet.id

    def sit_down(self, language: str = "en") -> str:
        """Choose the language and give the right birth date."""
        self.get("/intake/tablet")
        self.follow(self.post("/intake/tablet/welcome", language=language))
        year, month, day = BORN.split("-")
        return self.follow(self.post("/intake/tablet/birth-date", y=year, m=month, d=day))

    def send(self, do: str = "next", **answers: Any) -> Any:
        """Send the question page that is shown."""
        position = field(self.page, "position")
        hidden = {name: field(self.page, name) for name in ("at", "position", "here")}
        signs = {"signs": field(self.page, "signs")} if 'name="signs"' in self.page else {}
        data = {**hidden, **signs, "shown": shown(self.page), "do": do, **answers}
        return self.post(f"/intake/tablet/form/{position}", **data)


def every(app: Flask, type_: str) -> list[Json]:
    """Every record of a type."""
    found: list[Json] = write(app, lambda store: store.search(type_, [], limit=50))
    return found


def found(app: Flask, type_: str) -> list[Json]:
    """Every record of a type; of Provenance those with a signature."""
    return [one for one in every(app, type_) if type_ != "Provenance" or "signature" in one]
