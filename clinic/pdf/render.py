"""The one way to print: HTML from a template here, PDF from a worker process."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import segno
from flask import Response, current_app, render_template
from flask_babel import get_locale

from clinic.core.days import local
from clinic.pdf.process import Printer

_PRINTER = "clinic_printer"


@dataclass(frozen=True)
class Printed:
    """Who printed what and when: the footer of every page.

    `copy` is empty for a first print, `original` or `copy 2` where that matters; `code` is the opaque id in
    the bar code, never a name or a record number.
    """

    title: str
    by: str
    at: datetime
    version: str = ""
    copy: str = ""
    code: str = ""
    patient_line: str = ""
    """Name, birth date and record number for the head of the pages that are about a patient."""


def print_pdf(template: str, printed: Printed, **values: Any) -> bytes:
    """A PDF/UA-1 document from `templates/pdf/TEMPLATE` in the language of the request.

    Raises PrintFailed when the document is too large or takes too long.
    """
    state = current_app.extensions["clinic"]
    zone = state.practice.zone
    html = render_template(
        f"pdf/{template}",
        printed=printed,
        printed_at=local(printed.at, zone),
        paper=values.pop("paper", state.practice.paper),
        print_language=values.pop("language", str(get_locale() or "en")),
        **values,
    )
    return printer().render(html)


def printer() -> Printer:
    """The printer of this process; its workers start when something is printed."""
    found: Printer | None = current_app.extensions.get(_PRINTER)
    if found is None:
        found = current_app.extensions[_PRINTER] = Printer()
    return found


def pdf_response(document: bytes, name: str) -> Response:
    """The document to show in the browser, under a file name without patient data."""
    response = Response(document, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


def qr(text: str) -> str:
    """A QR code as an SVG data address; for an opaque code only."""
    buffer = io.BytesIO()
    segno.make(text, error="m", micro=False).save(buffer, kind="svg", border=0, xmldecl=False, scale=4)
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode()


def barcode(text: str) -> str:
    """A Code 128 bar code as an SVG data address; for an opaque code only."""
    import zxingcpp

    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    svg = zxingcpp.write_barcode_to_svg(made, scale=2, add_quiet_zones=False)
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def image(data: bytes, mime: str) -> str:
    """A cleaned picture as a data address."""
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"
