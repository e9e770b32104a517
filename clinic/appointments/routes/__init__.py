"""The screens of the calendar."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("appointments", __name__)
