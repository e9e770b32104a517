"""The screens of registration, under /registration."""

from __future__ import annotations

from flask import Blueprint

from clinic.registration.own_form import in_section, kind_of

blueprint = Blueprint("registration", __name__)
blueprint.record_once(lambda made: made.app.jinja_env.globals.update(own_fields=in_section, own_kind=kind_of))

from clinic.registration.routes import (  # noqa: E402 views register here
    consents,
    documents,
    duplicates,
    editing,
    evidence,
    family,
    finding,
    flags,
    history,
    merging,
    moving,
    offers,
    papers,
    parting,
    people,
    pictures,
    printing,
    record,
    registering,
    restricted,
    scanning,
    still_right,
    unnamed,
)

__all__ = [
    "blueprint",
    "consents",
    "documents",
    "duplicates",
    "editing",
    "evidence",
    "family",
    "finding",
    "flags",
    "history",
    "merging",
    "moving",
    "offers",
    "papers",
    "parting",
    "people",
    "pictures",
    "printing",
    "record",
    "registering",
    "restricted",
    "scanning",
    "still_right",
    "unnamed",
]
