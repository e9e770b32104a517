"""The screens of registration, under /registration."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("registration", __name__)

from clinic.registration.routes import (  # noqa: E402 views register here
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
)

__all__ = [
    "blueprint",
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
]
