"""The screens of registration, under /registration."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("registration", __name__)

from clinic.registration.routes import editing, finding, pictures, record, registering, restricted  # noqa: E402 views register here

__all__ = ["blueprint", "editing", "finding", "pictures", "record", "registering", "restricted"]
