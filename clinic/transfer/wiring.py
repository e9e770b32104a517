"""What this slice gives to the application."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from clinic.transfer.routes import blueprint
from clinic.web.slice import Slice

slice_ = Slice(
    "transfer",
    blueprint=blueprint,
    actions=(
        (_l("Imports"), "transfer.imports", "upload", "patients.import"),
        (_l("Import a file"), "transfer.new_import", "plus", "patients.import"),
    ),
)
