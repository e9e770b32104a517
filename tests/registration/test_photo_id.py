"""A photo ID on file that has ended: the licence's last day, or that of a scanned identity paper."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.queries.photo_id import EndedId, ended_id
from clinic.registration.queries.whole import whole_patient
from clinic.registration.rules.details import Number
from clinic.registration.rules.documents import Described
from clinic.registration.service.documents import add_document, retire_document
from clinic.web.papers import Part, clean_paper
from tests.registration.factories import a_patient
from tests.registration.test_routes import write
from tests.web.test_papers import photo

LICENCE = Number("licence", "NY 4417781")


def scanned(store: Store, patient_id: str, ends: str, kind: str = "identity") -> str:
    """An identity paper that was scanned, with its last day."""
    return str(add_document(store, patient_id, Described(kind, "", "", ends), clean_paper([Part(photo())]))["id"])


def holding(store: Store, ends: str) -> Json:
    """Somebody whose licence holds until then."""
    patient = a_patient(store, "Mafe", "Garcia", numbers=(LICENCE,))
    numbers = [
        {**one, "period": {"end": ends}} if one.get("value") == LICENCE.value else one for one in patient["identifier"]
    ]
    return store.update({**patient, "identifier": numbers})


def found(store: Store, patient_id: str) -> EndedId | None:
    whole = whole_patient(store, patient_id)
    return ended_id(store, whole.patient, whole.row["paper"])


def test_a_paper_that_ended_is_said_until_a_newer_one_is_scanned(any_store: Store) -> None:
    patient = a_patient(any_store, "Mafe", "Garcia")["id"]
    other = a_patient(any_store, "Bruno", "Keller")["id"]
    assert found(any_store, patient) is None
    scanned(any_store, patient, "2026-02-28")
    scanned(any_store, patient, "2027-02-28")
    scanned(any_store, patient, "2030-01-01", kind="referral")
    assert found(any_store, patient) == EndedId("2027-02-28", year="2027")
    assert found(any_store, other) is None
    new = scanned(any_store, patient, "2027-03-09")
    assert found(any_store, patient) is None
    retire_document(any_store, patient, new, "of somebody else")
    assert found(any_store, patient) == EndedId("2027-02-28", year="2027")


@pytest.mark.parametrize(
    ("licence", "paper", "said"),
    [
        ("2027-02-28", "", EndedId("2027-02-28", "7781")),
        ("2027-02-28", "2027-02-28", EndedId("2027-02-28", "7781", "2027")),
        ("2026-02-28", "2027-02-28", EndedId("2027-02-28", "", "2027")),
        ("2032-02-28", "2027-02-28", None),
        ("2027-02-28", "2032-02-28", None),
        ("2027-03-09", "", None),
    ],
)
def test_what_holds_longest_counts(any_store: Store, licence: str, paper: str, said: EndedId | None) -> None:
    patient = holding(any_store, licence)["id"]
    if paper:
        scanned(any_store, patient, paper)
    assert found(any_store, patient) == said


def test_the_tile_says_what_ended_and_offers_to_scan(app: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    def typed(store: Store) -> str:
        patient = str(a_patient(store, "Mafe", "Garcia", numbers=(LICENCE,))["id"])
        scanned(store, patient, "2027-02-28")
        return patient

    patient = write(app, typed)
    page = client_of("receptionist").get(f"/registration/{patient}").get_data(as_text=True)
    assert "Photo ID ended 28 Feb 2027" in page
    assert "Licence ending 7781, scanned 2027" in page
    assert f"/registration/scan?patient={patient}" in page

    def bare(store: Store) -> str:
        other = str(a_patient(store, "Bruno", "Keller")["id"])
        scanned(store, other, "2027-02-28")
        return other

    page = client_of("receptionist").get(f"/registration/{write(app, bare)}").get_data(as_text=True)
    assert "Photo ID ended 28 Feb 2027" in page
    assert "Scanned 2027" in page
