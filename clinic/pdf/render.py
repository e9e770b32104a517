"""The one way to print: HTML from a template here, PDF from a worker process."""

from __future__ import annotations

import functools
import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from babel import Locale, UnknownLocaleError
from flask import Response, current_app
from flask_babel import force_locale, get_locale

from clinic.core.days import local
from clinic.pdf import codes
from clinic.pdf.bidi import isolated
from clinic.pdf.columns import columns
from clinic.pdf.fit import fit
from clinic.pdf.layout import lay_out
from clinic.pdf.process import Printer

_KEPT = "clinic_printed"
_MOST_KEPT = 32
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


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


@dataclass
class KeptDocuments:
    """Documents without patient data (blank forms), kept by their exact HTML: the same words need no second print."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _found: OrderedDict[str, bytes] = field(default_factory=OrderedDict)

    def get(self, key: str) -> bytes | None:
        """A document printed before, or None."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
            return self._found.get(key)

    def put(self, key: str, document: bytes) -> None:
        """Keep a document; the one unused for longest goes."""
        with self._lock:
            self._found[key] = document
            while len(self._found) > _MOST_KEPT:
                self._found.popitem(last=False)


def print_pdf(template: str, printed: Printed, *, keep: bool = False, **values: Any) -> bytes:
    """A PDF/UA-1 document from `templates/pdf/TEMPLATE` in the language of the request.

    `language` and `paper` among the values choose others; `keep` is for blank forms only: the same form in
    the same version and language is then printed once. Raises PrintFailed when the document is too large or
    takes too long.
    """
    html = document_html(template, printed, **values)
    if not keep or printed.patient_line:
        return printer().render(html)
    kept: KeptDocuments = current_app.extensions.setdefault(_KEPT, KeptDocuments())
    key = hashlib.sha256(html.encode()).hexdigest()
    document = kept.get(key)
    if document is None:
        document = printer().render(html)
        kept.put(key, document)
    return document


def document_html(template: str, printed: Printed, **values: Any) -> str:
    """The HTML of a document: the template knows nothing of the page frame, the session or the request."""
    practice = current_app.extensions["clinic"].practice
    language = str(values.pop("language", None) or get_locale() or "en").replace("_", "-")
    shown = {
        "printed": printed,
        "printed_at": local(printed.at, practice.zone),
        "practice": practice,
        "paper": values.pop("paper", practice.paper),
        "print_language": language,
        "direction": "rtl" if language[:2] in _RIGHT_TO_LEFT else "ltr",
        "qr": codes.qr,
        "page_code": codes.page_code,
        "short_code": codes.short_code,
        "barcode": codes.barcode,
        "drawing": codes.drawing,
        "fit": fit,
        "iso": isolated,
        "lay_out": lay_out,
        "columns": columns,
        "language_name": language_name,
        **values,
    }
    with force_locale(language.replace("-", "_")):
        return current_app.jinja_env.get_template(f"pdf/{template}").render(shown)


def language_name(code: str) -> str:
    """The name of a language in the language of the page; the code when it is unknown."""
    try:
        return Locale.parse(code, sep="-").get_display_name(get_locale()) or code
    except (UnknownLocaleError, ValueError):
        return code


@functools.cache
def printer() -> Printer:
    """The printer of this process; its workers start when something is printed."""
    return Printer()


def pdf_response(document: bytes, name: str) -> Response:
    """The document to show in the browser, under a file name without patient data."""
    response = Response(document, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response
