"""The FHIR names that registration uses."""

from __future__ import annotations

RECORD_NUMBER = "urn:clinic:record-number"
IDENTIFIER_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
MARITAL_STATUS = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"
NULL_FLAVOR = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
ROLE_CODE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
CONTACT_ROLE = "http://terminology.hl7.org/CodeSystem/v2-0131"
LANGUAGES = "urn:ietf:bcp:47"

INTERPRETER = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"
ESTIMATED = "urn:clinic:estimated"
PRONOUNS = "urn:clinic:pronouns"
GENDER_IDENTITY = "urn:clinic:gender-identity"
CONTACT_BY = "urn:clinic:contact-by"
TEXTS = "urn:clinic:texts"
LIVES_WITH_PATIENT = "urn:clinic:lives-with-patient"
GROUP_KIND = "urn:clinic:group"
