"""From a record, or from its row, to what is compared of a person."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from clinic.core.json import Json
from clinic.registration.mapping.patient import merged_into
from clinic.registration.rules.blocking import blocks
from clinic.registration.rules.faces import Face

Row = dict[str, Any] | sa.RowMapping


def face_of_row(row: Row) -> Face:
    """What is compared of somebody on file; `row` is one of `patient_row`, or made as one of these."""
    face = Face(
        given=row["given"],
        family=row["family"],
        other_names=tuple(filter(None, row["others"].split("|"))),
        birth_date=row["birth_date"],
        estimated=bool(row["birth_estimated"]),
        sex=row["sex"],
        phones=tuple(row["phones"].split()),
        email=row["email"],
        street=row["street"],
        postal_code=row["postal_code"],
        numbers=tuple(row["numbers"].split()),
    )
    # folded once when the row was made
    face.__dict__["given_words"] = tuple(row["given_words"].split())
    face.__dict__["family_words"] = tuple(row["family_words"].split())
    return face


def project_blocks(patient: Json, row: Row) -> set[tuple[str, str]]:
    """The keys under which likely duplicates meet; none for a record that another one has replaced."""
    return set() if merged_into(patient) else blocks(face_of_row(row))
