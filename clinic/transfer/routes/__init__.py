"""The screens of bringing people in and giving a record away, under /transfer."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("transfer", __name__)

from clinic.transfer.routes import giving, imports, matching, steps, uploading  # noqa: E402 the views register themselves here

__all__ = ["blueprint", "giving", "imports", "matching", "steps", "uploading"]
