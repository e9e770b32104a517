"""The management screens, under /management."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("management", __name__)

from clinic.management.routes import (  # noqa: E402 the views register themselves here
    audit,
    clients,
    consents,
    flags,
    home,
    hours,
    intake_forms,
    opened,
    own_fields,
    practice,
    things,
    users,
)

__all__ = [
    "audit",
    "blueprint",
    "clients",
    "consents",
    "flags",
    "home",
    "hours",
    "intake_forms",
    "opened",
    "own_fields",
    "practice",
    "things",
    "users",
]
