"""The HTTP face of the record store: FHIR R4 under /fhir, tokens at /oauth/token."""

from __future__ import annotations

from flask import Flask

from clinic.fhir_api import oauth, routes


def install(app: Flask) -> None:
    """Add the interface to the application."""
    app.register_blueprint(oauth.blueprint)
    app.register_blueprint(routes.blueprint, url_prefix="/fhir")


__all__ = ["install"]
