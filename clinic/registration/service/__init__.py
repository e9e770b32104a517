"""What the desk can do with a person's record."""

from __future__ import annotations

from clinic.registration.service.own import writers as _fields
from clinic.registration.service.patients import (
    amend_patient,
    change_patient,
    load_details,
    register_patient,
)
from clinic.registration.service.relating import writers as _beside
from clinic.registration.service.writing import writers as _own

writers = {**_own, **_beside, **_fields}

__all__ = ["amend_patient", "change_patient", "load_details", "register_patient", "writers"]
