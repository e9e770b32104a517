"""Searching records: FHIR search parameters in, current records out."""

from __future__ import annotations

from clinic.fhir.search.includes import Include, included, read_include
from clinic.fhir.search.query import Scope, SearchQuery
from clinic.fhir.search.run import Found, count, find, find_texts, sort_known
from clinic.fhir.search.terms import NoSuchParam, Term, read_term
from clinic.fhir.search.where import condition

__all__ = [
    "Found",
    "Include",
    "NoSuchParam",
    "Scope",
    "SearchQuery",
    "Term",
    "condition",
    "count",
    "find",
    "find_texts",
    "included",
    "read_include",
    "read_term",
    "sort_known",
]
