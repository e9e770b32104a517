"""Bringing records in from files: bundles, single resources and NDJSON, also compressed.

What a file says twice, or said in an earlier import, changes nothing; a bundle goes in whole or not at all;
references to records that are not here are kept and reported.
"""

from __future__ import annotations

from clinic.fhir_api.importing.report import ImportReport
from clinic.fhir_api.importing.service import import_files

__all__ = ["ImportReport", "import_files"]
