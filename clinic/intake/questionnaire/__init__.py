"""FHIR Questionnaires as pages to be answered: pure, without database, web or clock."""

from clinic.intake.questionnaire.enabling import Settled, begin, settle
from clinic.intake.questionnaire.entry import Fault, Read, read_page
from clinic.intake.questionnaire.load import read_form
from clinic.intake.questionnaire.model import (
    Answers,
    Form,
    Instance,
    Item,
    Notice,
    Option,
    Signature,
    Text,
    Value,
)
from clinic.intake.questionnaire.pages import Entry, Page, pages
from clinic.intake.questionnaire.response import from_response, to_response
from clinic.intake.questionnaire.validate import text_hash, validate_all, validate_page

__all__ = [
    "Answers", "Entry", "Fault", "Form", "Instance", "Item", "Notice", "Option", "Page", "Read", "Settled",
    "Signature", "Text", "Value", "begin", "from_response", "pages", "read_form", "read_page", "settle",
    "text_hash", "to_response", "validate_all", "validate_page",
]  # fmt: skip
