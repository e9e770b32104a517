"""The screens of signing in and of one's own account, under /access."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("access", __name__)

from clinic.access.routes import account, lock, set_up, sign_in  # noqa: E402 the views register themselves here

__all__ = ["account", "blueprint", "lock", "set_up", "sign_in"]
