"""Bringing records in from files: bundles, single resources and NDJSON, also compressed.

What a file says twice, or said in an earlier import, changes nothing; a bundle goes in whole or not at all;
references to records that are not here are kept and reported.
"""

from __future__ import annotations

from clinic.fhir_api.importing.report import ImportReport
from clinic.fhir_api.importing.service import import_files, keep_item
from clinic.fhir_api.importing.sources import Item, items_in

__all__ = ["ImportReport", "Item", "import_files", "items_in", "keep_item"]
