"""Code sets: ICD-10-CM, HCPCS level II, modifiers and places of service; their search and their notes."""

from __future__ import annotations

from clinic.codes.load import ensure_loaded
from clinic.codes.search import children, find, find_many, search
from clinic.codes.systems import HCPCS, ICD10CM, MODIFIER, OWN_PROCEDURES, PLACE, URI, Code

__all__ = [
    "HCPCS",
    "ICD10CM",
    "MODIFIER",
    "OWN_PROCEDURES",
    "PLACE",
    "URI",
    "Code",
    "children",
    "ensure_loaded",
    "find",
    "find_many",
    "search",
]
