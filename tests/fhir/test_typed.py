"""The typed reader gives attributes and Python dates, and says when a type has no model."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from clinic.core.errors import Missing
from clinic.fhir.typed import typed
from tests.fhir.samples import a_sample


def test_a_stored_patient_is_read_with_attributes_and_dates() -> None:
    patient = typed(a_sample("Patient"))
    assert patient.name[0].family == "Example"
    assert patient.birthDate == date(1988, 2, 29)


def test_decimals_stay_decimals() -> None:
    assert typed(a_sample("Observation")).valueQuantity.value == Decimal("70.50")


@pytest.mark.parametrize("kind", ["MedicinalProduct", "Evidence", "../os", "None"])
def test_a_type_without_a_model_is_named(kind: str) -> None:
    with pytest.raises(Missing, match="There is no typed form of"):
        typed({"resourceType": kind})
