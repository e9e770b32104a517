"""Between our own values and FHIR, both ways, and from FHIR to the rows that the finder reads."""

from __future__ import annotations

from clinic.registration.mapping.names import display_name, legal_name, preferred_name
from clinic.registration.mapping.patient import details_of, patient_with, record_number

__all__ = ["details_of", "display_name", "legal_name", "patient_with", "preferred_name", "record_number"]
