"""The extensions of the specification that this engine understands, and reading them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clinic.core.json import Json

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"

TRANSLATION = CORE + "translation"
ITEM_CONTROL = CORE + "questionnaire-itemControl"
HIDDEN = CORE + "questionnaire-hidden"
UNIT = CORE + "questionnaire-unit"
UNIT_OPTION = CORE + "questionnaire-unitOption"
OPTION_PREFIX = CORE + "questionnaire-optionPrefix"
OPTION_EXCLUSIVE = CORE + "questionnaire-optionExclusive"
MIN_OCCURS = CORE + "questionnaire-minOccurs"
MAX_OCCURS = CORE + "questionnaire-maxOccurs"
SIGNATURE_REQUIRED = CORE + "questionnaire-signatureRequired"
DISPLAY_CATEGORY = CORE + "questionnaire-displayCategory"
CONSTRAINT = CORE + "questionnaire-constraint"
ORDINAL = CORE + "ordinalValue"
ITEM_WEIGHT = CORE + "itemWeight"
MIN_VALUE = CORE + "minValue"
MAX_VALUE = CORE + "maxValue"
MIN_LENGTH = CORE + "minLength"
DECIMAL_PLACES = CORE + "maxDecimalPlaces"
REGEX = CORE + "regex"
MIME_TYPE = CORE + "mimeType"
MAX_SIZE = CORE + "maxSize"
ENTRY_FORMAT = CORE + "entryFormat"
VARIABLE = CORE + "variable"
SLIDER_STEP = CORE + "questionnaire-sliderStepValue"
SIGNATURE = CORE + "questionnaireresponse-signature"
ENABLED = SDC + "sdc-questionnaire-enableWhenExpression"
CALCULATED = SDC + "sdc-questionnaire-calculatedExpression"
INITIAL = SDC + "sdc-questionnaire-initialExpression"
FIELD = "urn:clinic:field"
CONSENT = "urn:clinic:consent"
TEXT_HASH = "urn:clinic:signed-text-sha256"

UNDERSTOOD = frozenset({
    TRANSLATION, ITEM_CONTROL, HIDDEN, UNIT, UNIT_OPTION, OPTION_PREFIX, OPTION_EXCLUSIVE, MIN_OCCURS,
    MAX_OCCURS, SIGNATURE_REQUIRED, DISPLAY_CATEGORY, CONSTRAINT, ORDINAL, ITEM_WEIGHT, MIN_VALUE, MAX_VALUE,
    MIN_LENGTH, DECIMAL_PLACES, REGEX, MIME_TYPE, MAX_SIZE, ENTRY_FORMAT, VARIABLE, SLIDER_STEP, ENABLED,
    CALCULATED, INITIAL, FIELD, CONSENT,
})  # fmt: skip

WITHOUT_EFFECT = frozenset({
    CORE + "structuredefinition-standards-status", CORE + "structuredefinition-fmm",
    CORE + "artifact-versionAlgorithm", CORE + "rendering-markdown", CORE + "rendering-xhtml",
    SDC + "sdc-questionnaire-performerType", SDC + "sdc-questionnaire-observationLinkPeriod",
})  # fmt: skip
"""Known, and right to leave aside while a form is filled in (the plain text is always there)."""


def every(holder: Any, url: str) -> Iterator[Json]:
    """Each extension with this url."""
    extensions = holder.get("extension") if isinstance(holder, dict) else None
    for extension in extensions if isinstance(extensions, list) else ():
        if isinstance(extension, dict) and extension.get("url") == url:
            yield extension


def value_of(extension: Json) -> Any:
    """The one value[x] of an extension, or None."""
    return next((value for key, value in extension.items() if key.startswith("value")), None)


def first(holder: Any, url: str) -> Any:
    """The value of the first extension with this url, or None."""
    return next((value_of(extension) for extension in every(holder, url)), None)


def code_of(value: Any) -> str:
    """The code in a CodeableConcept, a Coding or a plain code."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return ""
    if "coding" in value:
        return next((code_of(coding) for coding in value["coding"] if code_of(coding)), "")
    code = value.get("code")
    return code if isinstance(code, str) else ""


def fhirpath(value: Any) -> str:
    """The text of an Expression when it is FHIRPath, else nothing."""
    if not isinstance(value, dict) or value.get("language", "text/fhirpath") != "text/fhirpath":
        return ""
    expression = value.get("expression")
    return expression if isinstance(expression, str) else ""
