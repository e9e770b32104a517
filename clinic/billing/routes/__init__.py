"""The billing screens."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("billing", __name__)

from clinic.billing.routes import fees, lists, printing, sheets  # noqa: E402 they add their views to the blueprint

__all__ = ["blueprint", "fees", "lists", "printing", "sheets"]
