"""The HTTP face of the record store: FHIR R4 under /fhir, tokens at /oauth/token."""

from __future__ import annotations

from flask import Flask

from clinic.fhir_api import oauth, routes
from clinic.fhir_api.errors import unforeseen
from clinic.web.errors import answer_under


def install(app: Flask) -> None:
    """Add the interface to the application."""
    app.register_blueprint(oauth.blueprint)
    app.register_blueprint(routes.blueprint, url_prefix="/fhir")
    answer_under(app, "/fhir", unforeseen)


__all__ = ["install"]
