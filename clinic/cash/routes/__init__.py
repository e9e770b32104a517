"""The screens of the till."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("cash", __name__)

from clinic.cash.routes import closing, payments  # noqa: E402 they add their views to the blueprint

__all__ = ["blueprint", "closing", "payments"]
