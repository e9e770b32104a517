"""Forms brought in from outside: kept as they came, small faults included.

Real questionnaires write "true" for true and give an expression a name with an underscore; that does not keep
a person from filling them in. A form without its link ids or with an empty narrative is refused like any record.
"""

from __future__ import annotations

from clinic.core.errors import Invalid
from clinic.core.json import Json
from clinic.fhir.issues import Issue
from clinic.fhir.validate import check

_TOLERATED = "value"
"""The issue code of a value of the wrong kind or spelling."""


def sorted_faults(resource: Json) -> tuple[list[Issue], list[Issue]]:
    """(faults that refuse a record, faults that are kept and reported)."""
    errors = [issue for issue in check(resource) if issue.severity == "error"]
    if resource.get("resourceType") != "Questionnaire":
        return errors, []
    small = [issue for issue in errors if issue.code == _TOLERATED]
    return [issue for issue in errors if issue.code != _TOLERATED], small


def require_kept(resource: Json) -> None:
    """Raise Invalid, carrying the issues, for a record that even an import does not take."""
    errors, _small = sorted_faults(resource)
    if errors:
        raise Invalid("%(fault)s", fault=errors[0].diagnostics, field=errors[0].expression, issues=tuple(errors))
